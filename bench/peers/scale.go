package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"crosscheck/bench/child"
	"crosscheck/bench/synth"
)

// scaleReport is what scale measured.
type scaleReport struct {
	Machine *machine    `json:"machine"`
	Steps   []scaleStep `json:"steps"`
	// Spread is the greatest time per record over the least, less 1: 0.2 is flat within 20 %.
	Spread float64 `json:"spread"`
}

type scaleStep struct {
	Records     int64         `json:"records"`
	Rows        int64         `json:"rows"` // about: records × levels
	Runs        []child.Usage `json:"runs"`
	NsPerRecord float64       `json:"ns_per_record"` // median
}

// scaleCommand runs "scale".
func scaleCommand(ctx context.Context, args []string, out io.Writer) error {
	var s shape
	flags := flag.NewFlagSet("scale", flag.ContinueOnError)
	records := flags.String("records", "1000000,3500000,10000000", "numbers of records, separated by commas")
	flags.IntVar(&s.Levels, "levels", 3, "levels")
	flags.Float64Var(&s.Mismatch, "mismatch", 0.15, "share of records that lack on a level or differ")
	flags.StringVar(&s.Format, "format", synth.Parquet, "parquet or csv")
	runs := flags.Int("runs", 3, "runs of each")
	dir := flags.String("dir", "", "folder that keeps the data sets; a temporary one if left out")
	asJSON := flags.Bool("json", false, "print JSON instead of a table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var shapes []shape
	for text := range strings.SplitSeq(*records, ",") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("--records: %w", err)
		}
		s.Records = n
		if err := errors.Join(s.validate(), atLeastOne("runs", *runs)); err != nil {
			return err
		}
		shapes = append(shapes, s)
	}
	folder, remove, err := workFolder(*dir)
	if err != nil {
		return err
	}
	defer remove()
	report, err := scale(ctx, shapes, folder, *runs)
	if err != nil {
		return err
	}
	return emit(out, report, *asJSON)
}

// scale measures crosscheck alone on data sets of these shapes, in turns.
func scale(ctx context.Context, shapes []shape, dir string, runs int) (*scaleReport, error) {
	r := &scaleReport{Machine: new(machine)}
	if _, err := child.Start(ctx, "versions", struct{}{}, r.Machine); err != nil {
		return nil, err
	}
	var sets []*dataset
	for i := range shapes {
		d, err := shapes[i].open(ctx, dir)
		if err != nil {
			return nil, err
		}
		sets = append(sets, d)
		r.Steps = append(r.Steps, scaleStep{Records: d.Records, Rows: d.Records * int64(d.Levels)})
	}
	for i := range runs {
		for k, d := range sets {
			progress("round %d of %d: %d records", i+1, runs, d.Records)
			if err := d.warm(ctx); err != nil {
				return nil, err
			}
			u, err := child.Start(ctx, "crosscheck", d, new(counts))
			if err != nil {
				return nil, err
			}
			if err := os.Remove(d.output("crosscheck")); err != nil {
				return nil, err
			}
			r.Steps[k].Runs = append(r.Steps[k].Runs, u)
		}
	}
	var times []float64
	for i := range r.Steps {
		s := &r.Steps[i]
		m := measure{Runs: s.Runs}
		s.NsPerRecord = m.median(seconds) * 1e9 / float64(s.Records)
		times = append(times, s.NsPerRecord)
	}
	r.Spread = slices.Max(times)/slices.Min(times) - 1
	return r, nil
}

// print writes the report as a table.
func (r *scaleReport) print(out io.Writer) error {
	fmt.Fprintf(out, "%s\n\n", r.Machine)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "records\tmedian s\tmin\tmax\tCPU s\tns/record\tmillion rows/s\tpeak MB\tbytes/row\t")
	for i := range r.Steps {
		s := &r.Steps[i]
		m := measure{Runs: s.Runs}
		wall := m.values(seconds)
		fmt.Fprintf(w, "%d\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t%.2f\t%.0f\t%.0f\t\n", s.Records, median(wall), slices.Min(wall), slices.Max(wall), m.median(cpu),
			s.NsPerRecord, float64(s.Rows)/median(wall)/1e6, m.median(peak), m.median(peak)*1e6/float64(s.Rows))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\nThe time per record varies by %.0f %%.\n", 100*r.Spread)
	return err
}
