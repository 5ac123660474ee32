package capacity

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crosscheck/bench/child"
	"crosscheck/engine/durable"
	"crosscheck/engine/report"

	"github.com/parquet-go/parquet-go"
)

// FactorRow is a row of fit.parquet: what a term of a quantity costs.
type FactorRow struct {
	Quantity string  `parquet:"quantity"`
	Unit     string  `parquet:"unit"`
	Term     string  `parquet:"term"`
	Factor   float64 `parquet:"factor"` // of a million rows, values, records or mismatches, of a million bytes; of one start or worker
	Low      float64 `parquet:"low"`    // nine of ten refits lie between
	High     float64 `parquet:"high"`
}

// ErrorRow is a row of errors.parquet: how well nights of a size are foretold by those of other sizes.
type ErrorRow struct {
	Quantity  string  `parquet:"quantity"`
	Records   int64   `parquet:"records"`
	Nights    int64   `parquet:"nights"`
	MeanError float64 `parquet:"mean_error"`
	Worst     float64 `parquet:"worst_error"` // positive: more was foretold than it took
}

const (
	measurementsFile = "measurements.parquet"
	shapeFile        = "shape.json"
)

// Publish answers a question: what was measured and fitted goes to a folder, the answers to out.
func (s *Study) Publish(dir string, q Question, out io.Writer) error {
	var factors []FactorRow
	var wrong []ErrorRow
	all := s.Fits()
	if s.Spill != nil {
		all = append(all, s.Spill)
	}
	for _, f := range all {
		for i, t := range f.Terms {
			low, high := f.factorBand(i)
			factors = append(factors, FactorRow{f.Name, f.Unit, t.Name, f.Factors[i], low, high})
		}
		for _, h := range f.Held {
			wrong = append(wrong, ErrorRow{f.Name, h.Records, int64(h.Points), h.MeanError, h.Worst})
		}
	}
	how := report.Options{Mode: 0o644}
	at := func(name string) string { return filepath.Join(dir, name) }
	a := s.Answer(q)
	var text, benchmarks, page strings.Builder
	a.write(&text, s)
	s.writeBenchmarks(&benchmarks)
	if err := s.writePage(&page, a); err != nil {
		return err
	}
	shape, err := json.MarshalIndent(s.Shape, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := errors.Join(
		report.WriteTable(at(measurementsFile), s.Measurements, how),
		report.WriteTable(at("fit.parquet"), factors, how),
		report.WriteTable(at("errors.parquet"), wrong, how),
		durable.WriteFile(at(shapeFile), append(shape, '\n'), 0o644),
		durable.WriteFile(at("benchmarks.txt"), []byte(benchmarks.String()), 0o644),
		durable.WriteFile(at("index.html"), []byte(page.String()), 0o644),
	); err != nil {
		return err
	}
	_, err = io.WriteString(out, text.String()+"\nThe page is "+at("index.html")+"; beside it are the measurements, the fit and benchmarks.txt for benchstat.\n")
	return err
}

// ReadStudy reads what Publish wrote, and fits it again.
func ReadStudy(dir string) (*Study, error) {
	s := &Study{}
	var err error
	if s.Measurements, err = parquet.ReadFile[Measurement](filepath.Join(dir, measurementsFile)); err != nil {
		return nil, fmt.Errorf("reading %s in %s: %w", measurementsFile, dir, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, shapeFile))
	if err == nil {
		err = json.Unmarshal(text, &s.Shape)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s in %s: %w", shapeFile, dir, err)
	}
	if len(s.Measurements) == 0 || len(s.Shape.Levels) == 0 {
		return nil, fmt.Errorf("%s holds no measurements", dir)
	}
	m := s.Measurements[0]
	s.Machine = child.Machine{Cores: int(m.Cores), CPU: m.Processor, Memory: m.Memory, System: m.System, Go: m.Go, Commit: m.Commit}
	s.fit()
	return s, nil
}

// factorBand is where nine of ten refits have a factor.
func (f *Fit) factorBand(term int) (low, high float64) {
	var all []float64
	for _, factors := range f.factors {
		all = append(all, factors[term])
	}
	slices.SortFunc(all, cmp.Compare[float64])
	if len(all) == 0 {
		return 0, 0
	}
	n := len(all) - 1
	return all[n/20], all[n-n/20]
}

// writeBenchmarks writes the nights in the format of Go benchmarks (golang.org/x/perf/benchfmt). `benchstat -ignore go,commit old new` puts the
// files of two commits side by side.
func (s *Study) writeBenchmarks(w io.Writer) {
	goos, goarch, _ := strings.Cut(s.Machine.System, "/")
	fmt.Fprintf(w, "goos: %s\ngoarch: %s\npkg: crosscheck/bench/capacity\ncpu: %s\ngo: %s\ncommit: %s\n", goos, goarch, s.Machine.CPU, s.Machine.Go, s.Machine.Commit)
	for _, m := range s.Measurements {
		fmt.Fprintf(w, "BenchmarkNight/records=%d/levels=%d/columns=%d/mismatch=%g/workers=%d%s-%d 1 %.0f ns/op %.0f cpu-ns/op %d peak-B/op %d report-B/op %.0f records/s\n",
			m.Records, m.Levels, m.Columns, m.Mismatch, m.Workers, spilledName(m.Spilled), m.Cores, m.Seconds*1e9, m.CPU*1e9, m.Peak, m.Report, float64(m.Records)/m.Seconds)
	}
}

func spilledName(is bool) string {
	if is {
		return "/spilled"
	}
	return ""
}
