// Command peers measures crosscheck beside DuckDB: the same files, the same task, the same machine, one after the other. It is a
// module of its own, since DuckDB needs cgo and a C compiler. From bench/peers:
//
//	go run . side                                    3.5 million records on 3 levels, 15 % of them mismatching, 5 runs
//	go run . side --mismatch 0.01                    the same with 1 %; --mismatch 0: levels that agree
//	go run . side --format csv --runs 3              CSV instead of Parquet
//	go run . side --python ~/duck/bin/python         the DuckDB that this Python imports, instead of the one linked in
//	go run . scale --records 1000000,3500000,10000000    crosscheck alone: is the time per record flat?
//	go test ./...                                    the differential test (package differential) and a small run of these
//
// # What side measures
//
// The data set is that of bench/synth, three levels of 14 columns, copied by DuckDB to Parquet as it writes it by default (snappy,
// row groups of 122,880 rows), so that the files are foreign to every reader here. Duplicates and rows without a key are left
// out, since a join would multiply or drop them without a word. --dir keeps it for the next run. Then in turns, each in a process of its own with nothing
// beside it, right after all files have been read once and as much memory written as any of them takes:
//
//	crosscheck   loaders, engine and report: every finding with votes and sources, sorted, to one Parquet file (snappy)
//	duckdb       full outer join of the levels: mismatching records with their key and all values to one Parquet file (snappy)
//	floor        Parquet alone: parquet-go decodes every column of every file, and each value is hashed by XXH64; no join
//	polars       the same as duckdb by Polars, streaming
//	qsv diff     CSV alone: rows that differ between the first level and each other one, one pair after the other
//	csv-diff     CSV alone: the same by the Python tool of that name, as JSON; everything in memory, so mind the size, or --skip csv-diff
//
// The last three are other programs: ./install gets them from their registries, and without them they are left out, which the report says.
// qsv diff and csv-diff compare two files, so that with more than two levels they do less than the task.
//
// Those of Go use GOMAXPROCS threads, the other programs as many as they see fit. After each round the records that are missing and the differences by
// field that crosscheck, DuckDB and Polars found are held against each other, and on two levels the records that qsv diff and csv-diff tell. Wall time is that of the whole process; peak memory is the kernel's maximum of the
// resident set, and of it the part that is no mapped file. A DuckDB of Python runs the same statements; its wall time is that of
// the statements alone.
//
// The DuckDB that is linked in is 1.5. DuckDB 2.0 is faster at this task and can be had for Python:
//
//	python3 -m venv ~/duck && ~/duck/bin/pip install duckdb==2.0.0
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"crosscheck/bench/child"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("say what to do: go run . side, or go run . scale; --help after it lists the options")

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch name, args := args[0], args[1:]; name {
	case "side":
		return sideCommand(ctx, args, os.Stdout)
	case "scale":
		return scaleCommand(ctx, args, os.Stdout)
	case child.Command:
		return child.Serve(ctx, tasks, args, os.Stdin, os.Stdout)
	}
	return errUsage
}

// progress writes a line to standard error.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
