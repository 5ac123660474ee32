package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"crosscheck/bench/synth"
	"crosscheck/engine/durable"
	"crosscheck/engine/report"

	"github.com/spf13/cobra"
)

// generate is the command `generate`: synthetic levels with known faults.
func (a *app) generate() *cobra.Command {
	var o synth.Options
	c := &cobra.Command{
		Use:   "generate --records N --out D",
		Short: "Write synthetic levels of any size with known faults",
		Long: "generate writes one file a level and a ledger of every fault it planted, in constant memory. The same options give\n" +
			"the same rows. No value is a person's: resident IDs begin with 99.\n\n" +
			"Exit codes: 0 written; 2 usage; 5 could not write; 70 internal error; 130 interrupted.",
		Example: "  crosscheck generate --records 1000000 --out data\n" +
			"  crosscheck generate --records 5000 --out data --levels city,street --mismatch 0.15 --seed 7 --format csv",
		Args: flagsAlone,
		RunE: a.runs(func(ctx context.Context, _ []string) error {
			m, err := a.synthesize(ctx, o)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprint(a.out, generated(m, a.outStyle)); err != nil {
				return a.out.failed()
			}
			return nil
		}),
	}
	c.Flags().Int64Var(&o.Records, "records", 0, "distinct records (required)")
	c.Flags().StringVar(&o.Dir, "out", "", "the folder of the files, made if missing (required)")
	c.Flags().StringSliceVar(&o.Levels, "levels", []string{"city", "district", "street"}, "names of 2 to 16 levels, which become file names")
	c.Flags().Float64Var(&o.Mismatch, "mismatch", synth.DefaultMismatch, "share of the records that get a fault, 0 to 1")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "another seed gives other records and faults")
	c.Flags().StringVar(&o.Format, "format", synth.Parquet, "parquet or csv")
	for _, err := range []error{c.MarkFlagRequired("records"), c.MarkFlagRequired("out"), c.MarkFlagDirname("out")} {
		if err != nil {
			panic(err) // the flag does not exist: a mistake in this package
		}
	}
	mustComplete(c, "format", synth.Parquet, synth.CSV)
	a.flagQuiet(c)
	return c
}

// synthesize writes synthetic levels with the progress shown; where that fails it leaves nothing. A Mismatch of 0 means none.
func (a *app) synthesize(ctx context.Context, o synth.Options) (*synth.Manifest, error) {
	if o.Mismatch < 0 {
		return nil, usagef("--mismatch %v: give a share of 0 to 1", o.Mismatch)
	}
	if o.Mismatch == 0 {
		o.Mismatch = -1 // 0 is the default there
	}
	unmake, err := makeFolder(o.Dir, 0o777)
	if err != nil {
		return nil, err
	}
	p := a.startProgress()
	defer p.end()
	o.Progress = func(done, total int64) { p.count("generating", "rows", done, total) }
	m, err := synth.Generate(ctx, o)
	if err == nil {
		return m, nil
	}
	unmake()
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.Is(err, context.Canceled):
		return nil, err
	case errors.As(err, &path), errors.As(err, &link):
		return nil, &report.WriteError{Path: o.Dir, Err: durable.Cause(err)}
	}
	return nil, &usageError{err: err, command: "crosscheck generate"} // what is left is about the options
}

// generated says what was written and what was planted.
func generated(m *synth.Manifest, s style) string {
	t := s.table("lrl", "level", "rows", "")
	for _, l := range m.Levels {
		t.AppendRow(row(l.Level, thousands(l.Rows), l.Path))
	}
	t.AppendRow(row("roster", thousands(m.Roster.Rows), m.Roster.Path))
	t.AppendRow(row("ledger", thousands(m.Findings), m.Ledger))
	sections := []string{
		s.bold(fmt.Sprintf("%s, %s of them with a fault (%s)", plural(m.Records, "record"), thousands(m.Faulty), percentOf(m.Faulty, m.Records))),
		rendered(t),
	}
	for _, counts := range []struct {
		title string
		of    []synth.FaultCount
	}{{"kind", m.Kinds}, {"field that differs", m.Fields}} {
		planted := slices.DeleteFunc(slices.Clone(counts.of), func(c synth.FaultCount) bool { return c.Count == 0 })
		if len(planted) == 0 {
			continue
		}
		slices.SortStableFunc(planted, func(a, b synth.FaultCount) int { return int(b.Count - a.Count) })
		t := s.table("lr", counts.title, "planted")
		for _, c := range planted {
			t.AppendRow(row(c.Name, thousands(c.Count)))
		}
		sections = append(sections, rendered(t))
	}
	return strings.Join(sections, "\n\n") + "\n"
}
