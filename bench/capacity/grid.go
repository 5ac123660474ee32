package capacity

import (
	"cmp"
	"fmt"
	"slices"

	"crosscheck/bench/synth"
)

// situation is a point with the data that it needs.
type situation struct {
	Point
	shape synth.Shape
}

// dataName tells data sets apart.
func (s *situation) dataName() string {
	return fmt.Sprintf("%d-records-%d-levels-%d-columns-%g-mismatch", s.Records, s.Levels, s.Columns, s.Mismatch)
}

// leastSpilled is how many records a night must have to be made to spill: below, what is fixed takes all the memory that a run must be given.
const leastSpilled = 400_000

// columnsOf picks columns of a shape.
type columnsOf int

const (
	allColumns columnsOf = iota
	narrowColumns
	twiceColumns
)

// grid is what is measured: every size as the shape is, the least and the greatest with many mismatches too, and with memory for half of the table of records where that is possible; at the sizes but the least and the two greatest (at least one) also fewer and more
// levels, narrow columns alone and all columns twice, other mismatch rates and fewer workers, one thing at a time, and some at once.
func grid(sizes []int64, shape synth.Shape, mismatch float64, cores int) []situation {
	var all []situation
	spill := false
	add := func(records int64, levels int, columns columnsOf, mismatch float64, workers int) {
		s := situation{shape: reshape(shape, levels, columns)}
		s.Point = Point{Spilled: spill, Records: records, Levels: levels, Columns: len(s.shape.Columns), RowBytes: rowBytes(&s.shape), Mismatch: mismatch, Workers: workers}
		if !slices.ContainsFunc(all, func(o situation) bool { return o.Point == s.Point }) {
			all = append(all, s)
		}
	}
	levels := len(shape.Levels)
	more := min(16, levels+2)
	rates := []float64{0, 0.01, 0.05, 0.15}
	for i, records := range sizes {
		add(records, levels, allColumns, mismatch, cores)
		for w := 1; w < cores; w *= 2 {
			add(records, levels, allColumns, mismatch, w)
		}
		if records >= leastSpilled {
			spill = true
			add(records, levels, allColumns, mismatch, cores)
			spill = false
		}
		if i == 0 || i == len(sizes)-1 {
			add(records, levels, allColumns, 0.15, cores)
		}
		if i == 0 || i >= max(2, len(sizes)-2) {
			continue
		}
		add(records, 2, allColumns, mismatch, cores)
		add(records, more, allColumns, mismatch, cores)
		add(records, levels, narrowColumns, mismatch, cores)
		add(records, levels, twiceColumns, mismatch, cores)
		for _, rate := range rates {
			add(records, levels, allColumns, rate, cores)
		}
		add(records, more, allColumns, 0.15, cores)
		add(records, levels, allColumns, 0.15, 1)
		if records >= leastSpilled {
			spill = true
			add(records, levels, allColumns, 0.15, cores)
			spill = false
		}
	}
	return all
}

// reshape gives a shape other levels and columns. Levels beyond those of the shape are like them, one after the other.
func reshape(s synth.Shape, levels int, columns columnsOf) synth.Shape {
	out := s
	out.Levels = nil
	for l := range levels {
		out.Levels = append(out.Levels, s.Levels[l%len(s.Levels)])
	}
	switch columns {
	case narrowColumns:
		out.Columns = slices.Clone(s.Columns)
		slices.SortStableFunc(out.Columns, func(a, b synth.Column) int { return cmp.Compare(a.Width, b.Width) })
		out.Columns = out.Columns[:(len(out.Columns)+1)/2]
	case twiceColumns:
		out.Columns = slices.Concat(s.Columns, s.Columns)
	}
	return out
}
