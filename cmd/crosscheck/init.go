package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"crosscheck/engine/durable"
	"crosscheck/engine/job"
	"crosscheck/engine/profile"
	"crosscheck/engine/report"

	"github.com/spf13/cobra"
)

// draft is the command `init`: from nothing but files to a job that runs.
func (a *app) draft() *cobra.Command {
	var output, name string
	var encoding []string
	var force bool
	c := &cobra.Command{
		Use:   "init NAME=PATH NAME=PATH...",
		Short: "Look at files and write a job file for them",
		Long: "init reads the levels once and writes a job file that runs as it is: the key that repeats least and that the levels\n" +
			"share, columns of other names that hold the same, the encoding of CSV files, and which columns are about persons.\n" +
			"Comments say why, with figures; no value of a record is written or shown.\n\n" +
			"Exit codes: 0 written; 2 usage, or no key was found; 3 input; 5 could not write; 70 internal error; 130 interrupted.",
		Example: "  crosscheck init city=city.parquet district=district.parquet 'street=street/*.csv'\n" +
			"  crosscheck init a=a.csv b=b.csv -o - | less",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name the levels as NAME=PATH NAME=PATH")
			}
			return nil
		},
		RunE: a.runs(func(ctx context.Context, args []string) error {
			return a.writeDraft(ctx, args, output, name, encoding, force)
		}),
	}
	c.Flags().StringVarP(&output, "output", "o", "job.yaml", "the job file to write, - for standard output")
	c.Flags().StringVar(&name, "job", "", "what the job is called (default the folder's name)")
	c.Flags().BoolVar(&force, "force", false, "replace a file that is there")
	flagEncoding(c, &encoding)
	a.flagQuiet(c)
	return c
}

// writeDraft runs `init`.
func (a *app) writeDraft(ctx context.Context, args []string, output, name string, encoding []string, force bool) (err error) {
	files, err := levelsOf(args)
	if err != nil {
		return err
	}
	if _, err := os.Stat(output); err == nil && output != "-" && !force {
		return usagef("%s is there already; name another file with -o, or say --force", output)
	}
	if err := setEncodings(files, encoding); err != nil {
		return err
	}
	for i := range files {
		if files[i].Encoding == "" {
			files[i].Encoding = files[i].Likely()
		}
	}
	levels, err := job.Open(files)
	defer func() { err = errors.Join(err, job.Close(levels)) }()
	if err != nil {
		return err
	}
	var sources []profile.Level
	for _, l := range levels {
		sources = append(sources, profile.Level{Name: l.Name, Source: l.Source})
	}
	found, err := profile.Look(ctx, sources)
	if err != nil {
		return err
	}
	if len(found.Keys) == 0 || !found.Keys[0].Good() {
		return usagef("no key was found: %s", noKey(found))
	}
	d := jobDraft{found: found, files: files, name: name, output: output}
	text, err := d.text()
	if err != nil {
		return err
	}
	if output == "-" {
		if _, err := a.out.Write([]byte(text)); err != nil {
			return a.out.failed()
		}
		return nil
	}
	if err := writeNew(output, text, force); err != nil {
		return err
	}
	if _, err := fmt.Fprint(a.out, d.shown(a.outStyle)); err != nil {
		return a.out.failed()
	}
	return nil
}

// writeNew writes a file, wholly or not at all; one that is there is replaced only by force, and keeps its mode. What is no file, as /dev/stdout is, is written to.
func writeNew(path, text string, force bool) error {
	if info, err := os.Stat(path); err == nil && force {
		if !info.Mode().IsRegular() {
			err = os.WriteFile(path, []byte(text), 0)
		} else if file, failed := filepath.EvalSymlinks(path); failed != nil {
			err = failed
		} else { // a link stays one
			err = durable.WriteFile(file, []byte(text), info.Mode().Perm())
		}
		if err != nil {
			return &report.WriteError{Path: path, Err: durable.Cause(err)}
		}
		return nil
	}
	f, err := durable.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already; name another file with -o, or say --force", path)
	}
	if err == nil {
		_, err = f.Write([]byte(text))
		if err = errors.Join(err, f.Close()); err != nil {
			_ = durable.Remove(path) // so that nothing is left
		}
	}
	if err != nil {
		return &report.WriteError{Path: path, Err: durable.Cause(err)}
	}
	return nil
}

// noKey says what was looked at in vain.
func noKey(p *profile.Profile) string {
	const hint = "; name the key with 'crosscheck diff --key'"
	if len(p.Keys) == 0 {
		return "no column that could be a key is, by its name or by what it holds, on all of " + listed(p.Levels) + hint
	}
	for l, columns := range p.Columns {
		if len(columns) > 0 && columns[0].Rows == 0 {
			return p.Levels[l] + " holds no rows" + hint
		}
	}
	best := p.Keys[0]
	return fmt.Sprintf("of what all levels have, %s comes nearest, but %s%s", listed(best.Columns), why(best), hint)
}

// why gives the figures of a candidate for the key.
func why(c profile.Candidate) string {
	s := fmt.Sprintf("%s of the rows do not repeat it, and the levels share %s", share(c.Unique), share(c.Overlap))
	if c.Nulls > 0 {
		s += fmt.Sprintf("; %s lack it", share(c.Nulls))
	}
	return s
}

// share gives a share as "99.98 %".
func share(x float64) string { return percentOf(int64(x*1e6+0.5), 1e6) }
