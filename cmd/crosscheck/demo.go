package main

import (
	"context"
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crosscheck/bench/synth"
	"crosscheck/engine"
	"crosscheck/engine/durable"
	"crosscheck/engine/job"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"

	"github.com/spf13/cobra"
)

// demoJob is the job file of the demo. Its first line is the mark of a folder that demo may write into.
//
//go:embed demo.yaml
var demoJob string

// demoMismatch is the share of the demo's records that get a fault.
const demoMismatch = 0.03

// demo is the command `demo`: generate, then run.
func (a *app) demo() *cobra.Command {
	var dir string
	o := synth.Options{Mismatch: demoMismatch, Typos: true}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Make three levels with known faults, run a job over them and show what it found",
		Long: "demo writes synthetic levels with known faults and a job file into a folder of its own, runs the job as 'run' does, and\n" +
			"shows side by side what was planted and what was found. It can be run again in the same folder.\n\n" +
			"Exit codes: those of 'run'; 70 also if something that was planted was not found.",
		Example: "  crosscheck demo\n  crosscheck demo --records 3500000 --dir /tmp/demo",
		Args:    flagsAlone,
		RunE:    a.runs(func(ctx context.Context, _ []string) error { return a.show(ctx, dir, o) }),
	}
	c.Flags().Int64Var(&o.Records, "records", 200_000, "distinct records")
	c.Flags().StringVar(&dir, "dir", "crosscheck-demo", "the folder of the demo, made if missing")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "another seed gives other records and faults")
	if err := c.MarkFlagDirname("dir"); err != nil {
		panic(err) // the flag does not exist: a mistake in this package
	}
	a.flagQuiet(c)
	return c
}

// show runs the demo in a folder.
func (a *app) show(ctx context.Context, dir string, o synth.Options) error {
	file := filepath.Join(dir, "job.yaml")
	unclaim, err := claim(dir, file)
	if err != nil {
		return err
	}
	o.Dir = filepath.Join(dir, "data")
	planted, err := a.synthesize(ctx, o)
	if err != nil {
		unclaim()
		return err
	}
	j, err := job.Load(file, a.env)
	if err != nil {
		return err
	}
	day, err := a.runDate("")
	if err != nil {
		return err
	}
	m, verdict := a.announced(ctx, j, day)
	if m == nil {
		return verdict
	}
	text, complete := compareDemo(planted, m.Summary, a.outStyle)
	mismatches := filepath.Join(j.Reports.Dir, "restricted", "mismatches", "*", "*.parquet")
	text += "\n\n" + a.outStyle.dim("next") + "\n" +
		"  crosscheck run -c " + file + "\n" +
		"  duckdb -c \"SELECT kind, field, count(*) AS findings FROM '" + mismatches + "' GROUP BY ALL ORDER BY findings DESC\"\n"
	if _, err := io.WriteString(a.out, "\n"+text); err != nil {
		return a.out.failed()
	}
	if !complete {
		return errors.Join(verdict, errors.New("what was found is not what was planted"))
	}
	return verdict
}

// claim makes the demo's folder and puts the job file and, for editors, the schemas into it. A folder that holds anything else is left alone. unclaim
// removes what was not there before.
func claim(dir, file string) (unclaim func(), err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("--dir %s: %w; name a folder", dir, durable.Cause(err))
	}
	again := len(entries) > 0
	if again {
		mark, _, _ := strings.Cut(demoJob, "\n")
		there, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(string(there), mark+"\n") {
			return nil, usagef("--dir %s is not empty and no demo's: name another folder", dir)
		}
	}
	unmake, err := makeFolder(dir, 0o777)
	if err != nil {
		return nil, err
	}
	files := map[string]string{
		file:                                  demoJob,
		filepath.Join(dir, "job.schema.json"): job.Schema(),
		filepath.Join(dir, "waivers.schema.json"): job.WaiverSchema(),
	}
	unclaim = func() {
		if !again {
			for path := range files {
				_ = os.Remove(path) // it may not be there yet
			}
		}
		unmake()
	}
	for path, text := range files {
		if err := durable.WriteFile(path, []byte(text), 0o644); err != nil {
			unclaim()
			return nil, &report.WriteError{Path: path, Err: durable.Cause(err)}
		}
	}
	return unclaim, nil
}

// compareDemo puts what was planted beside what was found, and says whether they are the same.
func compareDemo(planted *synth.Manifest, found *engine.Summary, s style) (text string, complete bool) {
	complete = true
	kinds, fields := map[string]int64{}, map[string]int64{}
	for _, k := range found.Kinds {
		kinds[k.Kind] = k.Findings
	}
	for _, f := range found.Fields {
		fields[f.Field] = f.Differs
	}
	var sections []string
	for _, part := range []struct {
		title   string
		planted []synth.FaultCount
		found   map[string]int64
	}{{"kind", append(slices.Clone(planted.Kinds), synth.FaultCount{Name: verdict.NotCovered.String(), Count: planted.NotCovered}), kinds}, {"field that differs", planted.Fields, fields}} {
		t := s.table("lrrl", part.title, "planted", "found", "")
		for _, c := range part.planted {
			mark := s.good("✓")
			if part.found[c.Name] != c.Count {
				mark, complete = s.bad("✗"), false
			}
			t.AppendRow(row(c.Name, thousands(c.Count), thousands(part.found[c.Name]), mark))
		}
		sections = append(sections, rendered(t))
	}
	answer := s.good("✓ everything that was planted was found, and nothing else")
	if !complete {
		answer = s.bad("✗ what was found is not what was planted")
	}
	return answer + "\n\n" + strings.Join(sections, "\n\n"), complete
}
