package capacity

import "math"

// Point is a night that was measured, or that is asked about.
type Point struct {
	Records  int64   // distinct records
	Levels   int     //
	Columns  int     // that are compared
	RowBytes float64 // mean bytes of the values of a row, key included, as they are in memory
	Mismatch float64 // share of the records
	Workers  int     // each with a core of its own
	Spilled  bool    // memory does not hold all records, so that rows go to disk and come back
}

// Quantity is something that a night takes, as a sum of terms whose factors are fitted and never negative.
type Quantity struct {
	Name  string // as the files call it
	Unit  string
	Terms []Term

	solve func([]Sample) []float64 // fits them; nil: least squares of them all
}

// Term is a part of what a night takes: so much a row, a value, a byte.
type Term struct {
	Name string // what is paid for
	of   func(Point) float64
}

// The parts of a point. Numbers are large, so they are in millions, and bytes in millions of bytes.
func rows(p Point) float64     { return float64(p.Records) * float64(p.Levels) / 1e6 }
func values(p Point) float64   { return rows(p) * float64(p.Columns) }
func bytesIn(p Point) float64  { return rows(p) * p.RowBytes }
func findings(p Point) float64 { return float64(p.Records) * p.Mismatch / 1e6 }
func records(p Point) float64  { return float64(p.Records) / 1e6 }

// blocks is how far the blocks are filled in which findings are on their way to the report: their memory is used again, so that it stops growing.
func blocks(p Point) float64 {
	const underWay = 2 * 16384
	return 1 - math.Exp(-1e6*findings(p)/underWay)
}

// shown is what the values of findings hold: of each the mean of a value, a level.
func shown(p Point) float64 {
	return findings(p) * float64(p.Levels) * p.RowBytes / float64(p.Columns+1)
}

// again is how much of the base is read a second time: what lies in one batch with a record that mismatches.
func again(p Point) float64 {
	const batch = 16384
	return records(p) * p.RowBytes * (1 - math.Exp(-p.Mismatch*batch))
}

func one(Point) float64 { return 1 }

func workers(p Point) float64 { return float64(max(1, p.Workers)) }

// side is the share of a worker of work that all share.
func side(of func(Point) float64) func(Point) float64 {
	return func(p Point) float64 { return of(p) / workers(p) }
}

// alone is what is added where one worker does work alone that others could have shared.
func alone(of func(Point) float64) func(Point) float64 {
	return func(p Point) float64 { return of(p) * (1 - 1/workers(p)) }
}

// spilled gives a term of nights that spill alone.
func spilled(of func(Point) float64) func(Point) float64 {
	return func(p Point) float64 {
		if !p.Spilled {
			return 0
		}
		return of(p)
	}
}

// work are the terms of the work of a night.
var work = []Term{
	{"start", one},
	{"row", rows},
	{"value", values},
	{"byte", bytesIn},
	{"byte read again", again},
	{"mismatch", findings},
	{"mismatch and level", func(p Point) float64 { return findings(p) * float64(p.Levels) }},
	{"row spilled", spilled(rows)},
	{"mismatch of a night that spills", spilled(findings)},
}

// waits are the terms of the time that a night takes beyond its work, divided among the workers.
var waits = []Term{
	{"start, waiting", one},
	{"row, by one worker alone", alone(rows)},
	{"mismatch, by one worker alone", alone(findings)},
}

// wallTerms are those of the time of a night: its work, divided among the workers, and its waits.
func wallTerms() (all []Term) {
	for _, t := range work {
		all = append(all, Term{t.Name, side(t.of)})
	}
	return append(all, waits...)
}

// wallFactors fits the time of nights to their work, which other programs disturb far less: wall time is the work divided among the workers,
// longer by a share that is fitted, and by the waits.
func wallFactors(samples []Sample) []float64 {
	worked := make([]Sample, len(samples))
	for i, s := range samples {
		worked[i] = Sample{Point: s.Point, Value: s.CPU}
	}
	factors := cpuTime.factors(worked)
	a, y := make([][]float64, len(samples)), make([]float64, len(samples))
	for i, s := range samples {
		shared := cpuTime.at(factors, s.Point) / workers(s.Point)
		y[i] = (s.Value - shared) / s.Value
		a[i] = append(a[i], shared/s.Value)
		for _, t := range waits {
			a[i] = append(a[i], t.of(s.Point)/s.Value)
		}
	}
	x := nonNegative(a, y)
	var all []float64
	for _, f := range factors {
		all = append(all, f*(1+x[0]))
	}
	return append(all, x[1:]...)
}

// What is modelled.
var (
	wallTime = Quantity{Name: "seconds", Unit: "s", Terms: wallTerms(), solve: wallFactors}
	cpuTime  = Quantity{Name: "cpu_seconds", Unit: "s", Terms: work}
	memory   = Quantity{Name: "peak_bytes", Unit: "B", Terms: []Term{
		{"start", one},
		{"worker", func(p Point) float64 { return float64(p.Workers) }},
		{"record", records},
		{"record and column", func(p Point) float64 { return records(p) * float64(p.Columns) }},
		{"record and level", rows},
		{"blocks of findings", blocks},
		{"blocks of findings and level", func(p Point) float64 { return blocks(p) * float64(p.Levels) }},
		{"mismatch", findings},
		{"mismatch and level", func(p Point) float64 { return findings(p) * float64(p.Levels) }},
		{"byte of a value shown", shown},
	}}
	reportSize = Quantity{Name: "report_bytes", Unit: "B", Terms: []Term{
		{"start", one},
		{"mismatch", findings},
		{"mismatch and level", func(p Point) float64 { return findings(p) * float64(p.Levels) }},
		{"byte of a value shown", shown},
	}}
	spillSize = Quantity{Name: "spilled_bytes", Unit: "B", Terms: []Term{{"start", one}, {"row", rows}}}
)

// row gives the terms of a point.
func (q *Quantity) row(p Point) []float64 {
	out := make([]float64, len(q.Terms))
	for i, t := range q.Terms {
		out[i] = t.of(p)
	}
	return out
}
