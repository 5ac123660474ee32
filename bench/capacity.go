package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"crosscheck/bench/capacity"
	"crosscheck/bench/synth"
)

// Sizes that are measured: large enough for what is fixed to count little, small enough for a quarter of an hour.
const (
	fullSizes  = "250000,500000,1000000,2000000,4000000"
	quickSizes = "20000,40000,80000,160000"
)

// defaultRecords is how many records a night is asked about.
const defaultRecords = 3_500_000

// capacityCommand runs "capacity": what it says goes to out, how far it is to progress.
func capacityCommand(ctx context.Context, args []string, out, progress io.Writer) error {
	var q capacity.Question
	flags := flag.NewFlagSet("capacity", flag.ContinueOnError)
	flags.SetOutput(progress)
	like := flags.String("like", "", "a job file: the data are shaped like its levels (widths, distinct values, nulls, types; never values)")
	flags.Int64Var(&q.Records, "records", 0, "records a night today (default those of --like, else 3500000)")
	flags.Float64Var(&q.Mismatch, "mismatch", 0.01, "share of the records that mismatch")
	flags.DurationVar(&q.Window, "window", 30*time.Minute, "how long a night may take")
	flags.Float64Var(&q.Growth, "growth", 0.1, "how many more records there are each year: 0.1 is 10 % more")
	sizes := flags.String("sizes", "", "records of the nights that are measured, at least 3 sizes (default "+fullSizes+")")
	rounds := flags.Int("rounds", 3, "runs of each night")
	from := flags.String("from", "", "measure nothing: answer from what was written to this folder before")
	quick := flags.Bool("quick", false, "small sizes and 2 rounds: less than a minute, to see that it works")
	output := flags.String("out", "capacity", "folder of what is written; made if missing")
	dir := flags.String("dir", "", "folder for the data sets, some GB, which are removed (default a temporary one)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q: options begin with --", flags.Arg(0))
	}
	if *sizes == "" {
		if *sizes = fullSizes; *quick {
			*sizes = quickSizes
		}
	}
	if *quick {
		*rounds = min(*rounds, 2)
	}
	p := capacity.Plan{Rounds: *rounds, Mismatch: q.Mismatch, Progress: func(format string, args ...any) { fmt.Fprintf(progress, format+"\n", args...) }}
	var err error
	if p.Sizes, err = parseSizes(*sizes); err != nil {
		return err
	}
	if err := q.Validate(); err != nil {
		return err
	}
	if *rounds < 1 {
		return fmt.Errorf("--rounds %d: give at least 1", *rounds)
	}
	if *from != "" {
		study, err := capacity.ReadStudy(*from)
		if err != nil {
			return err
		}
		if !given(flags, "out") {
			*output = *from
		}
		q.Records = cmp.Or(q.Records, defaultRecords)
		return study.Publish(*output, q, out)
	}
	if err := os.MkdirAll(*output, 0o755); err != nil { // before a quarter of an hour of work
		return err
	}
	if p.Dir, err = os.MkdirTemp(*dir, "crosscheck-capacity-"); err != nil {
		return err
	}
	defer os.RemoveAll(p.Dir)
	seen, err := shapeOf(ctx, *like, p.Dir, p.Progress)
	if err != nil {
		return err
	}
	p.Shape = seen.Shape
	if *like != "" {
		q.Records = cmp.Or(q.Records, seen.Records)
	}
	q.Records = cmp.Or(q.Records, defaultRecords)
	study, err := capacity.Measure(ctx, p)
	if err != nil {
		return err
	}
	return study.Publish(*output, q, out)
}

// shapeOf gives the shape of a job's data, or without one that of synth's own.
func shapeOf(ctx context.Context, like, dir string, progress func(string, ...any)) (*capacity.Like, error) {
	if like == "" {
		sample := filepath.Join(dir, "sample")
		if _, err := synth.Generate(ctx, synth.Options{Records: 60_000, Dir: sample}); err != nil {
			return nil, err
		}
		like = filepath.Join(sample, "job.yaml")
		text := "job: sample\nkey: {column: id_number, type: cn_id}\nlevels: {city: {path: city.parquet}, district: {path: district.parquet}, street: {path: street.parquet}}\n"
		if err := os.WriteFile(like, []byte(text), 0o644); err != nil {
			return nil, err
		}
	} else {
		progress("reading the levels of %s once, for their shape", like)
	}
	return capacity.LikeJob(ctx, like, os.LookupEnv)
}

func parseSizes(list string) ([]int64, error) {
	var sizes []int64
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("--sizes: %q is no number of records", text)
		}
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	if sizes = slices.Compact(sizes); len(sizes) < 3 {
		return nil, errors.New("--sizes: give at least 3, so that each can be foretold from others")
	}
	return sizes, nil
}

// given tells whether a flag was.
func given(flags *flag.FlagSet, name string) (is bool) {
	flags.Visit(func(f *flag.Flag) { is = is || f.Name == name })
	return is
}
