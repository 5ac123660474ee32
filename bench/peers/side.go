package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"crosscheck/bench/child"
	"crosscheck/bench/synth"
)

// sideReport is what side measured.
type sideReport struct {
	Machine *machine  `json:"machine"`
	Dataset *dataset  `json:"dataset"`
	Found   *counts   `json:"found"` // by both
	Tasks   []measure `json:"tasks"`
	Skipped []string  `json:"skipped"` // programs that were not measured, and why

	TimeRatio   float64 `json:"duckdb_time_to_crosscheck"`          // of the medians
	CPURatio    float64 `json:"duckdb_cpu_to_crosscheck"`           // likewise; less shaken by what else the machine does
	MemoryRatio float64 `json:"duckdb_peak_to_crosscheck"`          // likewise
	FloorRatio  float64 `json:"crosscheck_time_to_floor,omitempty"` // likewise
}

// measure is the runs of one task.
type measure struct {
	Task    string        `json:"task"`
	Version string        `json:"version,omitempty"`            // of another program
	Ratio   float64       `json:"time_to_crosscheck,omitempty"` // of another program: its median time by crosscheck's
	Runs    []child.Usage `json:"runs"`
}

// median of what pick gives of the runs.
func (m *measure) median(pick func(child.Usage) float64) float64 {
	return median(m.values(pick))
}

func (m *measure) values(pick func(child.Usage) float64) []float64 {
	var v []float64
	for _, u := range m.Runs {
		v = append(v, pick(u))
	}
	return v
}

func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

func seconds(u child.Usage) float64 { return u.Seconds }
func cpu(u child.Usage) float64     { return u.CPU }
func peak(u child.Usage) float64    { return u.PeakMB }
func anon(u child.Usage) float64    { return u.AnonMB }

// sideCommand runs "side".
func sideCommand(ctx context.Context, args []string, out io.Writer) error {
	var s shape
	flags := flag.NewFlagSet("side", flag.ContinueOnError)
	flags.Int64Var(&s.Records, "records", 3_500_000, "records")
	flags.IntVar(&s.Levels, "levels", 3, "levels")
	flags.Float64Var(&s.Mismatch, "mismatch", 0.15, "share of records that lack on a level or differ")
	flags.StringVar(&s.Format, "format", synth.Parquet, "parquet or csv")
	runs := flags.Int("runs", 5, "runs of each")
	dir := flags.String("dir", "", "folder that keeps the data set; a temporary one if left out")
	interpreter := flags.String("python", "", "Python whose duckdb module is measured, instead of the DuckDB that is linked in")
	skip := flags.String("skip", "", "other programs not to run, separated by commas: polars, qsv diff, csv-diff; or all")
	asJSON := flags.Bool("json", false, "print JSON instead of a table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := errors.Join(s.validate(), atLeastOne("runs", *runs)); err != nil {
		return err
	}
	folder, remove, err := workFolder(*dir)
	if err != nil {
		return err
	}
	defer remove()
	report, err := s.side(ctx, folder, *runs, python{*interpreter}, strings.Split(*skip, ","))
	if err != nil {
		return err
	}
	return emit(out, report, *asJSON)
}

// emit writes a report as a table or as JSON.
func emit(out io.Writer, report interface{ print(io.Writer) error }, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(report)
	}
	return report.print(out)
}

// workFolder gives the folder of data sets, and what removes it if it is a temporary one.
func workFolder(dir string) (string, func(), error) {
	if dir != "" {
		return dir, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "crosscheck-peers-")
	return dir, func() { os.RemoveAll(dir) }, err
}

func atLeastOne(name string, n int) error {
	if n < 1 {
		return fmt.Errorf("--%s %d: give at least 1", name, n)
	}
	return nil
}

// side measures a data set of this shape below dir; with the DuckDB of py unless that names no interpreter, and without the programs to skip.
func (s *shape) side(ctx context.Context, dir string, runs int, py python, skip []string) (*sideReport, error) {
	r := &sideReport{Machine: new(machine)}
	if _, err := child.Start(ctx, "versions", struct{}{}, r.Machine); err != nil {
		return nil, err
	}
	if py.interpreter != "" {
		version, err := py.version(ctx)
		if err != nil {
			return nil, err
		}
		r.Machine.DuckDB = version + " (Python)"
	}
	d, err := s.open(ctx, dir)
	if err != nil {
		return nil, err
	}
	r.Dataset = d
	r.Tasks = []measure{{Task: "crosscheck"}, {Task: "duckdb"}}
	if s.Format == synth.Parquet {
		r.Tasks = append(r.Tasks, measure{Task: "floor"})
	}
	there := r.find(ctx, skip)
	for i := range runs {
		progress("round %d of %d", i+1, runs)
		if err := r.round(ctx, py); err != nil {
			return nil, err
		}
		if err := r.roundOfOthers(ctx, there); err != nil {
			return nil, err
		}
	}
	for i := range there {
		m := r.task(there[i].name)
		m.Ratio = m.median(seconds) / r.Tasks[0].median(seconds)
	}
	r.TimeRatio = r.Tasks[1].median(seconds) / r.Tasks[0].median(seconds)
	r.CPURatio = r.Tasks[1].median(cpu) / r.Tasks[0].median(cpu)
	r.MemoryRatio = r.Tasks[1].median(peak) / r.Tasks[0].median(peak)
	if floor := r.task("floor"); floor != nil {
		r.FloorRatio = r.Tasks[0].median(seconds) / floor.median(seconds)
	}
	return r, nil
}

// task gives the runs of a task, nil if it is not run.
func (r *sideReport) task(name string) *measure {
	for i := range r.Tasks {
		if r.Tasks[i].Task == name {
			return &r.Tasks[i]
		}
	}
	return nil
}

// find gives the other programs that are there, and notes those that are not.
func (r *sideReport) find(ctx context.Context, skip []string) (there []other) {
	for _, o := range others(r.Dataset) {
		if slices.Contains(skip, "all") || slices.Contains(skip, o.name) {
			r.Skipped = append(r.Skipped, o.name+" was to be skipped")
			continue
		}
		version, err := o.found(ctx)
		if err != nil {
			r.Skipped = append(r.Skipped, err.Error())
			continue
		}
		there = append(there, o)
		r.Tasks = append(r.Tasks, measure{Task: o.name, Version: version})
	}
	return there
}

// roundOfOthers runs each other program once and holds what it found against what crosscheck did.
func (r *sideReport) roundOfOthers(ctx context.Context, there []other) error {
	for _, o := range there {
		if err := r.Dataset.warm(ctx); err != nil {
			return err
		}
		u, err := o.run(ctx, r.Dataset, o.command)
		if err == nil {
			err = o.check(ctx, r.Dataset, r.Found)
		}
		if err != nil {
			return fmt.Errorf("crosscheck and %s: %w", o.name, err)
		}
		m := r.task(o.name)
		m.Runs = append(m.Runs, u)
	}
	return r.Dataset.removeOutputs()
}

// round runs each task once, the inputs in the page cache and memory warm, and holds the findings of the first two against each other.
func (r *sideReport) round(ctx context.Context, py python) error {
	d := r.Dataset
	defer os.Remove(d.output("crosscheck"))
	defer os.Remove(d.output("duckdb"))
	found := new(counts)
	results := map[string]any{"crosscheck": found, "duckdb": new(struct{}), "floor": new(uint64)}
	for i := range r.Tasks {
		t := &r.Tasks[i]
		if results[t.Task] == nil {
			continue // one of the others
		}
		if err := d.warm(ctx); err != nil {
			return err
		}
		var u child.Usage
		var err error
		if t.Task == "duckdb" && py.interpreter != "" {
			u, err = py.join(ctx, d)
		} else {
			u, err = child.Start(ctx, t.Task, d, results[t.Task])
		}
		if err != nil {
			return err
		}
		t.Runs = append(t.Runs, u)
	}
	theirs := new(counts)
	if _, err := child.Start(ctx, "count", countTask{Dataset: *d, Who: "duckdb"}, theirs); err != nil {
		return err
	}
	if diff := found.difference(theirs); diff != "" {
		return fmt.Errorf("crosscheck and DuckDB disagree: %s", diff)
	}
	r.Found = found
	return nil
}

// print writes the report as a table.
func (r *sideReport) print(out io.Writer) error {
	var differing int64
	for _, n := range r.Found.Differs {
		differing += n
	}
	fmt.Fprintf(out, "%s\n%d records on %d levels of %d columns, %s, %.0f MB; %d records missing on some level, %d differences of fields, found by both\n\n",
		r.Machine, r.Dataset.Records, r.Dataset.Levels, len(r.Dataset.Fields)+1, r.Dataset.Format, float64(r.Dataset.Bytes)/1e6, r.Found.Missing, differing)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "task\tmedian s\tmin\tmax\tCPU s\tpeak MB\tof it no file\t")
	for i := range r.Tasks {
		t := &r.Tasks[i]
		wall := t.values(seconds)
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t%.0f\t\n", t.Task, median(wall), slices.Min(wall), slices.Max(wall), t.median(cpu), t.median(peak), t.median(anon))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nDuckDB takes %.2f times crosscheck's time, %.2f times its CPU time and %.2f times its peak memory.\n",
		r.TimeRatio, r.CPURatio, r.MemoryRatio)
	if r.FloorRatio > 0 {
		fmt.Fprintf(out, "crosscheck takes %.2f times the floor.\n", r.FloorRatio)
	}
	for _, t := range r.Tasks {
		if t.Ratio > 0 {
			fmt.Fprintf(out, "%s %s takes %.2f times crosscheck's time.\n", t.Task, t.Version, t.Ratio)
		}
	}
	for _, text := range r.Skipped {
		fmt.Fprintf(out, "Not measured: %s.\n", text)
	}
	return nil
}
