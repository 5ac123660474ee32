package enginetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// Variant is a way to run a case. Whatever it is, the answer is that of the oracle.
type Variant struct {
	Workers    int
	Partitions int
	Layouts    []Layout // a level, in the case's order; Alloc is left out
	Levels     []int    // the order of the levels: indexes of Case.Tables
	Rows       uint64   // seed of an order of the rows; 0: as they are
	Open       bool     // types that the engine can find by itself are left open
}

// String tells a variant in a line.
func (v Variant) String() string {
	s := fmt.Sprintf("workers=%d partitions=%d levels=%v rows=%d open=%v", v.Workers, v.Partitions, v.Levels, v.Rows, v.Open)
	for _, l := range v.Layouts {
		s += fmt.Sprintf(" {shape %d, parts %d, batches %d, slack %d, offset %d, late %d}", l.Shape, l.PartRows, l.BatchRows, l.Slack, l.Offset, l.Late)
	}
	return s
}

// Variants draws n variants for a number of levels, the first of which is the plainest: one worker, one partition, whole levels.
func Variants(r *rand.Rand, levels, n int) []Variant {
	variants := []Variant{{Workers: 1, Partitions: 1, Layouts: make([]Layout, levels)}}
	for l := range levels {
		variants[0].Levels = append(variants[0].Levels, l)
	}
	for len(variants) < n {
		v := Variant{Workers: 1 + r.IntN(4), Partitions: 1 << r.IntN(7), Levels: variants[0].Levels, Open: r.IntN(2) == 0}
		if r.IntN(2) == 0 {
			v.Levels = r.Perm(levels)
		}
		if r.IntN(2) == 0 {
			v.Rows = r.Uint64()
		}
		late := !v.Open && r.IntN(2) == 0 // a sample of texts would wait for the parts after the first
		for range levels {
			l := Layout{Shape: Shape(r.IntN(int(numShapes))), PartRows: r.IntN(60), BatchRows: r.IntN(100)}
			if r.IntN(2) == 0 {
				l.Slack, l.Offset = r.IntN(5), r.IntN(20)
			}
			if r.IntN(3) == 0 {
				l.Prefix = "source of "
			}
			if late {
				l.Late = v.Workers
			}
			v.Layouts = append(v.Layouts, l)
		}
		variants = append(variants, v)
	}
	return variants[:n]
}

// Of gives the case with its levels and rows in the variant's order.
func (v *Variant) Of(c Case) Case {
	out := c
	out.Tables = nil
	for _, l := range v.Levels {
		t := c.Tables[l]
		if v.Rows != 0 {
			t = t.permuted(rand.New(rand.NewPCG(v.Rows, uint64(l))).Perm(t.Rows()))
		}
		out.Tables = append(out.Tables, t)
	}
	return out
}

// Run runs a case as it is: of the variant only what leaves levels and rows in their order matters.
func (v *Variant) Run(ctx context.Context, c Case, alloc *Scribbler) (*Collector, *engine.Summary, error) {
	opt := c.Options
	opt.Workers, opt.Partitions = v.Workers, v.Partitions
	if v.Open {
		opt.Key, opt.Fields = open(opt.Key, c.Tables), open(opt.Fields, c.Tables)
	}
	var levels []engine.Level
	for i, t := range c.Tables {
		layout := v.Layouts[v.Levels[i]]
		layout.Alloc = alloc
		levels = append(levels, engine.Level{Name: t.Name, Source: Source(t, layout), Columns: prefixed(t, layout), LatestBy: t.LatestBy})
	}
	opt.Rosters = slices.Clone(opt.Rosters)
	for i, t := range c.Rosters {
		layout := v.Layouts[i%len(v.Layouts)]
		layout.Alloc = alloc
		opt.Rosters[i].Source = Source(t, layout)
		opt.Rosters[i].Columns = prefixed(t, layout)
	}
	sink := new(Collector)
	sum, err := engine.Run(ctx, levels, opt, sink)
	return sink, sum, err
}

// prefixed undoes the prefix of a layout, nil if it has none.
func prefixed(t Table, layout Layout) map[string]string {
	if layout.Prefix == "" {
		return nil
	}
	columns := map[string]string{}
	for _, col := range t.Columns {
		columns[layout.Prefix+col.Name] = col.Name
	}
	return columns
}

// Check runs a case and holds the answer against the oracle's, and that no memory is left in use.
func (v *Variant) Check(t testing.TB, c Case) {
	t.Helper()
	c = v.Of(c)
	want, wantSum := Oracle(c.Tables, c.Options, c.Rosters...)
	alloc := new(Scribbler)
	got, sum, err := v.Run(t.Context(), c, alloc)
	if err != nil {
		t.Errorf("seed %d, %v: %v", c.Seed, v, err)
		return
	}
	if d := Diff(got.Findings, want); d != "" {
		t.Errorf("seed %d, %v: %s", c.Seed, v, d)
	}
	if d := DiffSummary(sum, wantSum); d != "" {
		t.Errorf("seed %d, %v: summary: %s", c.Seed, v, d)
	}
	if n := alloc.InUse(); n != 0 {
		t.Errorf("seed %d, %v: %d bytes of batches were not released", c.Seed, v, n)
	}
}

// open leaves out the types that follow from the columns. A text that is stored as nothing else is left as it is: what it holds
// decides.
func open(fields []engine.Field, tables []Table) []engine.Field {
	var out []engine.Field
	for _, f := range fields {
		found := record.Auto
		for l := range tables {
			if c := tables[l].column(f.Name); c != nil {
				found = unified(found, c.Type)
			}
		}
		if found == f.Type && found != record.String {
			f.Type = record.Auto
		}
		out = append(out, f)
	}
	return out
}

// unified gives the type that a column of one more type makes of it.
func unified(so record.Type, dt arrow.DataType) record.Type {
	typ, err := record.TypeOf(dt)
	if err != nil {
		panic(err)
	}
	both, ok := record.Unify(so, typ)
	if !ok {
		panic(fmt.Sprintf("a field is %s and %s", so, typ))
	}
	return both
}
