package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"crosscheck/engine/audit"
	"crosscheck/engine/job"

	"github.com/spf13/cobra"
)

// tiers are the words that --tier takes.
var tiers = []string{"restricted", "internal", "public"}

// auditFilter says which entries `audit show` shows; empty parts let all pass.
type auditFilter struct {
	who, tier, what string
	since, until    string // days, UTC, both included
}

// auditShow is the command `audit show`.
func (a *app) auditShow() *cobra.Command {
	var file string
	var filter auditFilter
	c := &cobra.Command{
		Use:   "show -c job.yaml",
		Short: "List the entries of the trail",
		Long: "show lists what was done with the data of a job, oldest first; times are UTC. Filters that are given together must all\n" +
			"hold. If the trail is broken it says so and lists what can be read.\n\n" + auditExits,
		Example: "  crosscheck audit show -c job.yaml --who li.ming --since 2026-11-01\n  crosscheck audit show -c job.yaml --what publish --format json",
		Args:    flagsAlone,
		RunE: a.runs(func(context.Context, []string) error {
			keep, err := filter.keeps()
			if err != nil {
				return err
			}
			return a.showTrail(file, keep)
		}),
	}
	flagConfig(c, &file)
	c.Flags().StringVar(&filter.who, "who", "", "of this user, also behind sudo")
	c.Flags().StringVar(&filter.tier, "tier", "", "about this tier: "+strings.Join(tiers, ", "))
	c.Flags().StringVar(&filter.what, "what", "", "of this kind: "+strings.Join(audit.Whats(), ", "))
	c.Flags().StringVar(&filter.since, "since", "", "from this day (UTC) on, as 2026-11-23")
	c.Flags().StringVar(&filter.until, "until", "", "up to and including this day (UTC)")
	mustComplete(c, "tier", tiers...)
	mustComplete(c, "what", audit.Whats()...)
	a.flagFormat(c)
	return c
}

// keeps gives the filter as a function. Errors are those of usage.
func (f *auditFilter) keeps() (func(*audit.Entry) bool, error) {
	for _, w := range []struct {
		flag, word string
		words      []string
	}{{"tier", f.tier, tiers}, {"what", f.what, audit.Whats()}} {
		if w.word != "" && !slices.Contains(w.words, w.word) {
			return nil, usagef("unknown --%s %q; it can be %s", w.flag, w.word, strings.Join(w.words, ", "))
		}
	}
	since, err := day("since", f.since, time.Time{})
	if err != nil {
		return nil, err
	}
	until, err := day("until", f.until, time.Unix(1<<40, 0))
	if err != nil {
		return nil, err
	}
	until = until.AddDate(0, 0, 1)
	return func(e *audit.Entry) bool {
		return (f.who == "" || e.Who.User == f.who || e.Who.SudoUser == f.who) &&
			(f.tier == "" || slices.Contains(e.Tiers, f.tier)) &&
			(f.what == "" || string(e.What) == f.what) &&
			!e.Time.Before(since) && e.Time.Before(until)
	}, nil
}

// day reads the day of a flag.
func day(flag, text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	t, err := time.Parse(job.DateLayout, text)
	if err != nil {
		return t, usagef("--%s %q is no date; write it as 2026-11-23", flag, text)
	}
	return t, nil
}

// showDocument is the document of `audit show --format json`.
type showDocument struct {
	Command    string        `json:"command"`
	ExitCode   int           `json:"exit_code"`
	Reports    string        `json:"reports"`
	Fault      *audit.Fault  `json:"fault"`      // what `audit verify` finds, or null
	Unreadable int           `json:"unreadable"` // lines
	Entries    []audit.Entry `json:"entries"`
}

// showTrail runs `audit show`.
func (a *app) showTrail(file string, keep func(*audit.Entry) bool) error {
	j, err := job.Load(file, a.env)
	if err != nil {
		return err
	}
	check, err := audit.Verify(j.Reports.Dir)
	if err != nil {
		return err
	}
	entries, unreadable, err := audit.Read(j.Reports.Dir)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e audit.Entry) bool { return !keep(&e) })
	doc := showDocument{Command: "audit show", Reports: j.Reports.Dir, Fault: check.Fault, Unreadable: unreadable, Entries: append([]audit.Entry{}, entries...)}
	var verdict error
	if check.Fault != nil {
		doc.ExitCode, verdict = exitDiffers, errDiffers
		broken := audit.BrokenError{Reports: j.Reports.Dir, Fault: *check.Fault}
		a.warn([]string{broken.Error() + "; what is listed may not be true"})
	}
	if unreadable > 0 {
		a.warn([]string{"lines that cannot be read are left out: " + strconv.Itoa(unreadable)})
	}
	switch {
	case a.format == "json":
		err = a.printJSON(doc)
	case len(entries) == 0:
		_, err = fmt.Fprintln(a.out, "no entries")
	default:
		_, err = io.WriteString(a.out, entriesText(entries, a.outStyle))
	}
	if err != nil {
		return a.out.failed()
	}
	return verdict
}

// entriesText gives entries as a table.
func entriesText(entries []audit.Entry, s style) string {
	t := s.table("rlllll", "entry", "time (UTC)", "who", "what", "night", "tiers: about") // what can be long comes last
	for i := range entries {
		e := &entries[i]
		t.AppendRow(row(strconv.FormatInt(e.Seq, 10), e.Time.Format(time.DateTime), printable(e.Who.String()), printable(string(e.What)),
			printable(nightsOf(e)), printable(about(e))))
	}
	return rendered(t) + "\n"
}

// nightsOf gives the night that an entry is about, or the first and the last one.
func nightsOf(e *audit.Entry) string {
	switch n := len(e.Nights); n {
	case 0:
		return e.RunDate
	case 1:
		return e.Nights[0]
	default:
		return fmt.Sprintf("%s – %s (%d)", e.Nights[0], e.Nights[n-1], n)
	}
}

// about says in a few words what an entry has beside the columns of the table.
func about(e *audit.Entry) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	switch {
	case e.What == audit.Lookup && e.Outcome == "", e.What == audit.Purge && e.Outcome != "":
		add("%s", plural(e.Rows, "row"))
	case len(e.Files) > 0 || e.Rows > 0:
		add("%s in %s", plural(e.Rows, "row"), plural(int64(len(e.Files)), "file"))
	}
	if e.Record != "" {
		add("of the record %s", e.Record)
	}
	if e.What == audit.KeyUse {
		add("pseudonyms under the key %s", e.KeyID)
	}
	switch {
	case e.ExitCode == 0 && e.Outcome != "":
		add("%s", e.Outcome)
	case e.Class == e.Outcome && e.Outcome != "":
		add("%s, exit code %d", e.Outcome, e.ExitCode)
	case e.Outcome != "":
		add("%s (%s), exit code %d", e.Outcome, e.Class, e.ExitCode)
	}
	if e.Ends > 0 {
		add("ends entry %d", e.Ends)
	}
	if e.Undoes > 0 {
		add("undoes entry %d", e.Undoes)
	}
	if e.What == audit.ConfigChange {
		for _, c := range e.Config {
			add("%s is now %.12s…", c.File, c.SHA256)
		}
	}
	if e.Torn != nil {
		add("%s of a torn line %s, %s:%d", plural(e.Torn.Bytes, "byte"), e.Torn.Done, e.Torn.File, e.Torn.Line)
	}
	if e.Break != nil {
		add("%s", e.Break)
	}
	if e.Why != "" {
		add("“%s”", e.Why)
	}
	text := strings.Join(parts, "; ")
	if len(e.Tiers) > 0 {
		text = strings.Join(e.Tiers, ", ") + ": " + text
	}
	return text
}

// printable takes from a text what a terminal could obey.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}
