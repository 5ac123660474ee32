package main

import (
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"crosscheck/bench/child"
	"crosscheck/bench/synth"
)

// other is a program that is started for the task and is no Go library.
type other struct {
	name    string
	install string // what to say where it is not there
	command []string
	version []string // its command that prints the version

	// run does the task, and check holds what it found against what was found.
	run   func(ctx context.Context, d *dataset, command []string) (child.Usage, error)
	check func(ctx context.Context, d *dataset, found *counts) error
}

// others are the programs that can do the task on a data set.
func others(d *dataset) []other {
	all := []other{{
		name: "polars", install: "./install python, or pip install polars",
		command: []string{tool("python/bin/python", "python3")}, version: []string{"-c", "import polars; print(polars.__version__)"},
		run: polars, check: checkPolars,
	}}
	if d.Format == synth.CSV {
		all = append(all,
			other{
				name: "qsv diff", install: "./install, or cargo install qsv --version 4.0.0 --locked --no-default-features --features lite --bin qsvlite",
				command: []string{tool("bin/qsvlite", "qsv")}, version: []string{"--version"}, run: qsv, check: checkQSV,
			},
			other{
				name: "csv-diff", install: "./install python, or pip install csv-diff",
				command: []string{tool("python/bin/csv-diff", "csv-diff")}, version: []string{"--version"}, run: csvDiff, check: checkCSVDiff,
			})
	}
	return all
}

// tools is where install puts programs.
const tools = ".tools"

// tool gives a program that install made, or the one of that name on the PATH.
func tool(installed, name string) string {
	path, err := filepath.Abs(filepath.Join(tools, installed))
	if err == nil {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return name
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)+`)

// found gives the version of a program; the error says that it is not there.
func (o *other) found(ctx context.Context) (string, error) {
	text, err := exec.CommandContext(ctx, o.command[0], append(o.command[1:], o.version...)...).Output()
	if err != nil {
		return "", fmt.Errorf("%s is not installed: %s", o.name, o.install)
	}
	return versionNumber.FindString(string(text)), nil
}

//go:embed join_polars.py
var polarsScript string

// polars is joinSQL's task by Polars.
func polars(ctx context.Context, d *dataset, command []string) (child.Usage, error) {
	job := map[string]any{"key": synth.KeyColumn, "fields": d.Fields, "files": d.Files, "format": d.Format, "output": d.output("polars")}
	return child.Measured(exec.CommandContext(ctx, command[0], append(command[1:], "-c", polarsScript)...), job, new(any))
}

func checkPolars(ctx context.Context, d *dataset, found *counts) error {
	theirs := new(counts)
	if _, err := child.Start(ctx, "count", countTask{Dataset: *d, Who: "polars"}, theirs); err != nil {
		return err
	}
	if diff := found.difference(theirs); diff != "" {
		return errors.New(diff)
	}
	return nil
}

// pairs runs a program that compares two files on the first level and each of the others, one after the other, its output going to a file.
func pairs(d *dataset, who string, run func(a, b, output string) (child.Usage, error)) (sum child.Usage, err error) {
	for l := 1; l < len(d.Files); l++ {
		u, err := run(d.Files[0], d.Files[l], d.pairOutput(who, l))
		if err != nil {
			return sum, err
		}
		sum.Seconds, sum.CPU = sum.Seconds+u.Seconds, sum.CPU+u.CPU
		sum.PeakMB, sum.AnonMB = max(sum.PeakMB, u.PeakMB), max(sum.AnonMB, u.AnonMB)
	}
	return sum, nil
}

func (d *dataset) pairOutput(who string, l int) string {
	return filepath.Join(d.Dir, fmt.Sprintf("out-%s-%d.txt", who, l))
}

// removeOutputs removes what the other programs wrote.
func (d *dataset) removeOutputs() error {
	written, err := filepath.Glob(filepath.Join(d.Dir, "out-*"))
	if err != nil {
		return err
	}
	for _, path := range written {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// qsv is as much of the task as qsv diff does: the rows that differ between the first level and each other one.
func qsv(ctx context.Context, d *dataset, command []string) (child.Usage, error) {
	return pairs(d, "qsv", func(a, b, output string) (child.Usage, error) {
		return child.Measured(exec.CommandContext(ctx, command[0], append(command[1:], "diff", "--key", synth.KeyColumn, "-o", output, a, b)...), nil, nil)
	})
}

// csvDiff is as much of the task as csv-diff does, as JSON.
func csvDiff(ctx context.Context, d *dataset, command []string) (child.Usage, error) {
	return pairs(d, "csv-diff", func(a, b, output string) (child.Usage, error) {
		f, err := os.Create(output)
		if err != nil {
			return child.Usage{}, err
		}
		defer f.Close()
		cmd := exec.CommandContext(ctx, command[0], append(command[1:], a, b, "--key="+synth.KeyColumn, "--json")...)
		cmd.Stdout = f
		return child.Measured(cmd, nil, nil)
	})
}

// checkQSV holds that, on two levels, as many records are told as mismatch: a row a record that one level lacks, two for one that differs.
func checkQSV(_ context.Context, d *dataset, found *counts) error {
	return checkPair(d, "qsv", found, func(r io.Reader) (int64, error) {
		rows := csv.NewReader(r)
		rows.ReuseRecord = true
		keys := map[string]bool{}
		for n := 0; ; n++ {
			row, err := rows.Read()
			if err == io.EOF {
				return int64(len(keys)), nil
			}
			if err != nil {
				return 0, err
			}
			if n > 0 {
				keys[row[1+d.KeyAt]] = true
			}
		}
	})
}

// checkCSVDiff holds the same of csv-diff.
func checkCSVDiff(_ context.Context, d *dataset, found *counts) error {
	return checkPair(d, "csv-diff", found, func(r io.Reader) (int64, error) {
		var told struct{ Added, Removed, Changed []json.RawMessage }
		err := json.NewDecoder(r).Decode(&told)
		return int64(len(told.Added) + len(told.Removed) + len(told.Changed)), err
	})
}

func checkPair(d *dataset, who string, found *counts, count func(io.Reader) (int64, error)) error {
	if len(d.Files) != 2 {
		return nil // the records of the pairs overlap
	}
	f, err := os.Open(d.pairOutput(who, 1))
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := count(f)
	if err != nil {
		return err
	}
	if want := found.Missing + found.Differing; n != want {
		return fmt.Errorf("%d and %d records that mismatch", want, n)
	}
	return nil
}
