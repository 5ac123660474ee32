// Package capacity measures what nights of several sizes and shapes take on this machine, fits what a row, a value, a byte and a mismatch cost, and
// says how long nights take that were not measured.
//
// # What is measured
//
// Levels of bench/synth with the shape of a job's data, or of synth's own, are compared as a job does it: both tiers, against a night before,
// which must find exactly what was planted; some have too little memory, so that they spill rows to disk. Each night runs in a process of its
// own, after its files have been read once. Of several rounds the least time counts, for what else a machine does can only make it longer; of
// memory the most. Rosters, rules, keys with typos, and levels that lack columns are left aside.
//
// # What is fitted
//
// CPU time, peak memory, what is spilled and the size of the reports are sums of terms that have a meaning (see model.go), with factors that
// are not negative (nnls.go). The time of a night is its CPU time, divided among the workers, and what it waits for and one worker does alone.
// How good that is, is told by leaving out all nights of one size, fitting the others, and foretelling those left out. A band holds nine of
// ten: the factors of fits to data shaken as the residuals are, and the errors on sizes that were left out.
//
// # What is written
//
// A folder with
//
//	measurements.parquet   a row a night: what it was and what it took (Measurement)
//	fit.parquet            a row a term of a quantity: its factor (FactorRow)
//	errors.parquet         a row a quantity and size: how well it is foretold by the others (ErrorRow)
//	shape.json             what is known of the data that the nights were shaped like: no value, no name
//	benchmarks.txt         the nights as Go benchmarks, to compare machines or commits with benchstat
//	index.html             a page that needs nothing else
package capacity

import (
	"context"
	"math"
	"path/filepath"
	"slices"

	"crosscheck/bench/child"
	"crosscheck/bench/synth"
)

// Plan says what is measured.
type Plan struct {
	Sizes    []int64 // records, least first; at least 3
	Rounds   int     // runs of each night
	Shape    synth.Shape
	Mismatch float64 // share of the records, where it is not what varies
	Dir      string  // where data sets are made; they are removed
	Progress func(format string, args ...any)
}

// Measurement is a row of measurements.parquet.
type Measurement struct {
	Records  int64   `parquet:"records"`
	Levels   int64   `parquet:"levels"`
	Columns  int64   `parquet:"columns"`
	RowBytes float64 `parquet:"row_bytes"`
	Mismatch float64 `parquet:"mismatch"`
	Workers  int64   `parquet:"workers"`
	Spilled  bool    `parquet:"spilled"` // it had too little memory, so that rows went to disk
	Round    int64   `parquet:"round"`

	Seconds    float64 `parquet:"seconds"`
	CPU        float64 `parquet:"cpu_seconds"`
	Others     float64 `parquet:"others_cpu_seconds"` // CPU time of all else on the machine meanwhile; 0 where the system does not say
	Load       float64 `parquet:"load_seconds"`
	Join       float64 `parquet:"join_seconds"` // of nights that spill
	Gather     float64 `parquet:"gather_seconds"`
	Write      float64 `parquet:"write_seconds"`
	Peak       int64   `parquet:"peak_bytes"`
	InputBytes int64   `parquet:"input_bytes"`
	Report     int64   `parquet:"report_bytes"`
	Findings   int64   `parquet:"findings"`
	Spill      int64   `parquet:"spilled_bytes"`

	Processor string `parquet:"processor"`
	Cores     int64  `parquet:"cores"`
	Memory    int64  `parquet:"memory_bytes"` // of the machine
	System    string `parquet:"system"`
	Go        string `parquet:"go"`
	Commit    string `parquet:"commit"`
}

func (m *Measurement) point() Point {
	return Point{Records: m.Records, Levels: int(m.Levels), Columns: int(m.Columns), RowBytes: m.RowBytes, Mismatch: m.Mismatch, Workers: int(m.Workers), Spilled: m.Spilled}
}

// Study is what was measured, and what follows.
type Study struct {
	Machine      child.Machine
	Shape        synth.Shape
	Measurements []Measurement // round by round

	Wall, CPU, Memory, Report *Fit
	Spill                     *Fit // nil: no night spilled
}

// Measure measures all nights of a plan, in rounds, and fits them.
func Measure(ctx context.Context, p Plan) (*Study, error) {
	s := &Study{Machine: child.ThisMachine(), Shape: p.Shape}
	nights := grid(p.Sizes, p.Shape, p.Mismatch, s.Machine.Cores)
	data := map[string]*dataset{}
	for i := range nights {
		n := &nights[i]
		name := n.dataName()
		if data[name] != nil {
			continue
		}
		p.Progress("data set %d: %d records on %d levels of %d columns, %g %% mismatching", len(data)+1, n.Records, n.Levels, n.Columns+1, 100*n.Mismatch)
		d := new(dataset)
		if _, err := child.Start(ctx, "capacity-prepare", synth.ShapeOptions{
			Records: n.Records, Shape: n.shape, Mismatch: n.Mismatch, Seed: 1, Dir: filepath.Join(p.Dir, name),
		}, d); err != nil {
			return nil, err
		}
		data[name] = d
	}
	for round := range p.Rounds {
		for i := range nights {
			n := &nights[i]
			d := data[n.dataName()]
			if err := child.ReadOnce(d.Planted.Paths); err != nil {
				return nil, err
			}
			var done nightDone
			busy := child.Busy()
			u, err := child.Start(ctx, "capacity-night", nightTask{Dataset: *d, Workers: n.Workers, Spill: n.Spilled}, &done)
			if err != nil {
				return nil, err
			}
			others := max(0, child.Busy()-busy-u.CPU)
			p.Progress("round %d of %d, night %d of %d: %d records, %.2f s, %.0f MB", round+1, p.Rounds, i+1, len(nights), n.Records, u.Seconds, float64(done.Peak)/1e6)
			s.Measurements = append(s.Measurements, Measurement{
				Records: n.Records, Levels: int64(n.Levels), Columns: int64(n.Columns), RowBytes: n.RowBytes, Mismatch: n.Mismatch, Workers: int64(n.Workers), Spilled: n.Spilled, Round: int64(round + 1),
				Seconds: u.Seconds, CPU: u.CPU, Others: others, Load: done.Load, Join: done.Join, Gather: done.Gather, Write: done.Write, Peak: done.Peak, InputBytes: d.Planted.Bytes,
				Report: done.Report, Findings: done.Findings, Spill: done.Spilled,
				Processor: s.Machine.CPU, Cores: int64(s.Machine.Cores), Memory: s.Machine.Memory, System: s.Machine.System, Go: s.Machine.Go, Commit: s.Machine.Commit,
			})
		}
	}
	s.fit()
	return s, nil
}

// fit fits all quantities to the measurements.
func (s *Study) fit() {
	least := func(pick func(*Measurement) float64) []Sample { return s.samples(pick, math.Min) }
	most := func(pick func(*Measurement) float64) []Sample { return s.samples(pick, math.Max) }
	wall, cpu := least(func(m *Measurement) float64 { return m.Seconds }), least(func(m *Measurement) float64 { return m.CPU })
	for i := range wall {
		wall[i].CPU = cpu[i].Value
	}
	s.Wall, s.CPU = NewFit(wallTime, wall), NewFit(cpuTime, cpu)
	peaks := most(func(m *Measurement) float64 { return float64(m.Peak) })
	s.Memory = NewFit(memory, slices.DeleteFunc(peaks, func(s Sample) bool { return s.Spilled })) // those that spill take what they are given
	spills := most(func(m *Measurement) float64 { return float64(m.Spill) })
	if spills = slices.DeleteFunc(spills, func(s Sample) bool { return !s.Spilled }); len(spills) > 0 {
		s.Spill = NewFit(spillSize, spills)
	}
	s.Report = NewFit(reportSize, most(func(m *Measurement) float64 { return float64(m.Report) }))
}

// samples gives one value a point, of all its rounds, in the order of the first round.
func (s *Study) samples(pick func(*Measurement) float64, choose func(a, b float64) float64) (all []Sample) {
	at := map[Point]int{}
	for i := range s.Measurements {
		m := &s.Measurements[i]
		p, v := m.point(), pick(m)
		if k, ok := at[p]; ok {
			all[k].Value = choose(all[k].Value, v)
			continue
		}
		at[p] = len(all)
		all = append(all, Sample{Point: p, Value: v})
	}
	return all
}

// Fits are the fits, but for what is spilled, which not every study has.
func (s *Study) Fits() []*Fit { return []*Fit{s.Wall, s.CPU, s.Memory, s.Report} }
