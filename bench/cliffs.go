package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"

	"crosscheck/bench/cliffs"
)

// Records of the plain case.
const (
	cliffRecords      = 1_000_000
	quickCliffRecords = 20_000
)

// cliffsCommand runs "cliffs": the table goes to out, how far it is to progress.
func cliffsCommand(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("cliffs", flag.ContinueOnError)
	flags.SetOutput(progress)
	p := cliffs.Plan{Progress: func(format string, args ...any) { fmt.Fprintf(progress, format+"\n", args...) }}
	flags.Int64Var(&p.Records, "records", cliffRecords, "records of the plain case")
	flags.IntVar(&p.Rounds, "rounds", 3, "runs of each scenario")
	quick := flags.Bool("quick", false, "small sizes and one round: less than a minute, to see that it works")
	only := flags.String("only", "", "scenarios whose names match this regular expression")
	flags.StringVar(&p.Profiles, "profiles", "", "folder for CPU profiles of the last round; made if missing")
	dir := flags.String("dir", "", "folder for the data sets, some GB, which are removed (default a temporary one)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q: options begin with --", flags.Arg(0))
	}
	if *quick {
		p.Rounds = 1
		if !given(flags, "records") {
			p.Records = quickCliffRecords
		}
	}
	if p.Rounds < 1 || p.Records < 1000 {
		return fmt.Errorf("--rounds %d, --records %d: give at least 1 and 1000", p.Rounds, p.Records)
	}
	var err error
	if *only != "" {
		if p.Only, err = regexp.Compile(*only); err != nil {
			return fmt.Errorf("--only: %w", err)
		}
	}
	if p.Profiles != "" {
		if err := os.MkdirAll(p.Profiles, 0o755); err != nil {
			return err
		}
	}
	if p.Dir, err = os.MkdirTemp(*dir, "crosscheck-cliffs-"); err != nil {
		return err
	}
	defer os.RemoveAll(p.Dir)
	table, err := cliffs.Measure(ctx, p)
	if err != nil {
		return err
	}
	return table.Write(out, p.Records >= cliffRecords)
}
