package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"crosscheck/engine/guard"
	"crosscheck/engine/job"
	"crosscheck/engine/privacy"
	"crosscheck/engine/privacy/secret"
	"crosscheck/engine/report"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// lookupTiers are the words that lookup --tier takes.
var lookupTiers = []string{string(privacy.Internal), string(privacy.Restricted)}

// lookup is the command `lookup`: what the nights say of one record.
func (a *app) lookup() *cobra.Command {
	var file, tier, identity string
	var opt job.LookupOptions
	c := &cobra.Command{
		Use:   "lookup -c job.yaml --reason TEXT",
		Short: "Explain one record, by a key on standard input",
		Long: "lookup reads one key on standard input, hidden on a terminal, and shows what the last night found about that record: which\n" +
			"levels hold it, what each of them has, which one stands alone, where the rows are. A key of several columns is one part a\n" +
			"line, in the order of the job. A record of which there is no finding matched, or no level holds it.\n\n" +
			"Values are masked as in the internal tier unless --tier restricted is given. Each call leaves an entry in the audit trail,\n" +
			"with the reason and never with the key, before it shows anything; a user may look up lookups_per_hour records (privacy in\n" +
			"the job, 60 by default). Give no key on the command line: other users and the shell's history would see it.\n\n" +
			"Exit codes: 0 looked up, whether or not there are findings; 2 usage, configuration, broken trail or too many lookups;\n" +
			"3 a report cannot be read; 5 the trail cannot be written, nothing shown; 70 internal error; 130 interrupted.",
		Example: "  crosscheck lookup -c job.yaml --reason 'complaint 4711'\n" +
			"  crosscheck lookup -c job.yaml --reason 'complaint 4711' --history --tier restricted --format json < key.txt",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 { // which may be keys: not told
				return errors.New("lookup takes no arguments: the key is read on standard input, where neither other users nor the shell's history see it")
			}
			return nil
		},
		RunE: a.runs(func(ctx context.Context, _ []string) error {
			opt.Tier = privacy.Tier(tier)
			switch {
			case strings.TrimSpace(opt.Why) == "":
				return usagef("--reason is empty: say why you look this record up")
			case !slices.Contains(lookupTiers, tier):
				return usagef("unknown --tier %q; it can be %s: public holds counts alone", tier, strings.Join(lookupTiers, " or "))
			case opt.History && opt.Date != "":
				return usagef("--history looks at all nights and --date at one: give one of them")
			}
			if opt.Date != "" {
				if _, err := a.runDate(opt.Date); err != nil {
					return err
				}
			}
			return a.explain(ctx, file, identity, opt)
		}),
	}
	flagConfig(c, &file)
	flagIdentity(c, &identity)
	c.Flags().StringVar(&opt.Why, "reason", "", "why, for the audit trail, without a key or a value of a record (required)")
	if err := c.MarkFlagRequired("reason"); err != nil {
		panic(err) // the flag does not exist: a mistake in this package
	}
	c.Flags().StringVar(&opt.Date, "date", "", "the night, as 2026-11-23 (default the last one)")
	c.Flags().BoolVar(&opt.History, "history", false, "all nights")
	c.Flags().StringVar(&tier, "tier", string(privacy.Internal), "how values are shown: internal (masked) or restricted (in full)")
	mustComplete(c, "tier", lookupTiers...)
	mustComplete(c, "reason")
	a.flagFormat(c)
	return c
}

// explain runs `lookup`.
func (a *app) explain(ctx context.Context, file, identity string, opt job.LookupOptions) error {
	j, err := job.Load(file, a.env)
	if err != nil {
		return err
	}
	if opt.With, err = identityFile(identity); err != nil {
		return err
	}
	var columns []string
	for _, f := range j.Key {
		columns = append(columns, f.Name)
	}
	if opt.Key, err = a.readKey(ctx, columns); err != nil {
		return err
	}
	x, err := job.Lookup(ctx, j, opt)
	if err != nil {
		return err
	}
	if a.format == "json" {
		err = a.printJSON(lookupJSON(j.Reports.Dir, x))
	} else {
		_, err = io.WriteString(a.out, lookupText(j.Name, x, a.outStyle))
	}
	if err != nil {
		return a.out.failed()
	}
	return nil
}

// keyBytes is the length of the longest key with its line ends.
const keyBytes = 64 << 10

// readKey reads the parts of a key, one a line. Neither what it shows nor an error holds any of it.
func (a *app) readKey(ctx context.Context, columns []string) (none secret.Value[[]string], err error) {
	if a.in == nil {
		return none, usagef("there is no standard input to read the key from")
	}
	if term.IsTerminal(int(a.in.Fd())) {
		return a.askKey(ctx, columns)
	}
	text, err := io.ReadAll(io.LimitReader(a.in, keyBytes+1))
	if err != nil {
		return none, &report.ReadError{Path: "standard input", Err: err}
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if len(text) > keyBytes || !utf8.Valid(text) {
		return none, usagef("what is on standard input is no key: give one key in UTF-8 and nothing else")
	}
	lines := strings.Split(strings.TrimRight(string(text), "\r\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	switch {
	case strings.TrimSpace(string(text)) == "":
		return none, usagef("standard input is empty: give the key there, as in 'crosscheck lookup … < key.txt'")
	case len(lines) != len(columns) && len(columns) == 1:
		return none, usagef("standard input has %d lines; give one key", len(lines))
	case len(lines) != len(columns):
		return none, usagef("standard input has %s; give one a key column: %s", plural(int64(len(lines)), "line"), strings.Join(columns, ", "))
	}
	return secret.New(lines), nil
}

// askKey asks for the parts of a key on the terminal, which does not show what is typed.
func (a *app) askKey(ctx context.Context, columns []string) (none secret.Value[[]string], err error) {
	fd := int(a.in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return none, &report.ReadError{Path: "the terminal", Err: err}
	}
	type answer struct {
		text []byte
		err  error
	}
	var parts []string
	for _, c := range columns {
		fmt.Fprintf(a.err, "%s (not shown): ", printable(c))
		typed := make(chan answer, 1)
		go func() {
			var got answer
			got.err = guard.Do(func() (err error) {
				got.text, err = term.ReadPassword(fd)
				return err
			})
			typed <- got
		}()
		select {
		case <-ctx.Done():
			_ = term.Restore(fd, before) // the reader may be stuck in the terminal for good
			fmt.Fprintln(a.err)
			return none, context.Cause(ctx)
		case got := <-typed:
			fmt.Fprintln(a.err)
			if got.err != nil && got.err != io.EOF {
				return none, &report.ReadError{Path: "the terminal", Err: got.err}
			}
			parts = append(parts, string(got.text))
			clear(got.text)
		}
	}
	return secret.New(parts), nil
}
