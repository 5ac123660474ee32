package engine_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestPlanInfers: a field is what the values of all levels are, where no level is of a format with types and the job says nothing.
func TestPlanInfers(t *testing.T) {
	const typed, untyped = false, true
	level := func(name string, untyped bool, cells ...any) engine.Level {
		t := enginetest.Table{Name: name, Columns: []enginetest.Column{
			{Name: "id", Type: arrow.BinaryTypes.String, Cells: cells}, {Name: "x", Type: arrow.BinaryTypes.String, Cells: cells}}}
		return engine.Level{Name: name, Source: enginetest.Source(t, enginetest.Layout{Untyped: untyped})}
	}
	numbers := func(a, b bool) []engine.Level {
		return []engine.Level{level("a", a, "1.50", nil), level("b", b, "1.5", "n/a")}
	}
	days := []engine.Level{level("a", untyped, "2022-11-02", ""), level("b", untyped, "2022/11/2")}
	null := record.Canon{Nulls: []string{"", "n/a"}}
	for _, c := range []struct {
		name     string
		levels   []engine.Level
		field    engine.Field
		want     record.Type
		inferred bool
	}{
		{"numbers", numbers(untyped, untyped), engine.Field{Canon: null}, record.Decimal, true},
		{"days", days, engine.Field{}, record.Date, true},
		{"a value that does not fit", numbers(untyped, untyped), engine.Field{}, record.String, false},
		{"text of a typed format", numbers(untyped, typed), engine.Field{Canon: null}, record.String, false},
		{"a type that is given", days, engine.Field{Type: record.String}, record.String, false},
		{"steps", days, engine.Field{Canon: record.Canon{Steps: record.Trim}}, record.String, false},
		{"no steps, on purpose", days, engine.Field{Canon: record.Canon{Steps: record.AsIs}}, record.String, false},
		{"a map", days, engine.Field{Canon: record.Canon{Map: map[string]string{"today": "2022-11-02"}}}, record.String, false},
		{"a list", days, engine.Field{Canon: record.Canon{List: ","}}, record.String, false},
		{"formats of days", numbers(untyped, typed), engine.Field{Canon: record.Canon{Formats: []string{"2006/1/2", "20060102"}}}, record.Date, false},
		{"formats, one of a time", days, engine.Field{Canon: record.Canon{Formats: []string{"2006/1/2", "2006/1/2 3 PM"}}}, record.Timestamp, false},
	} {
		c.field.Name = "x"
		plan, err := engine.NewPlan(t.Context(), c.levels, engine.Options{Key: named("id"), Fields: []engine.Field{c.field}})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if f := plan.Fields[0]; f.Type != c.want || f.Inferred != c.inferred {
			t.Errorf("%s: %s, inferred %v, want %s, %v", c.name, f.Type, f.Inferred, c.want, c.inferred)
		}
		if k := plan.Key[0]; k.Type != record.String || k.Inferred {
			t.Errorf("%s: a key is %s, inferred %v", c.name, k.Type, k.Inferred)
		}
	}
}

// TestInferred: a run that infers types gives the findings and, but for the word that they are inferred, the summary of one that is told them, whatever
// the workers and the layout, and they are the oracle's.
func TestInferred(t *testing.T) {
	found := map[record.Type]int{}
	for seed := range uint64(metamorphicCases) {
		c := enginetest.Texts(enginetest.Random(seed))
		told := c
		told.Options.Fields = nil
		c.Options.Fields = slices.Clone(c.Options.Fields)
		for i := range c.Options.Fields {
			f := &c.Options.Fields[i]
			if f.Canon.Default() {
				f.Type = record.Auto
			}
		}
		c.Options.Planned = func(p *engine.Plan) error {
			told.Options.Fields = nil
			for i, f := range p.Fields {
				out := c.Options.Fields[i]
				if f.Inferred {
					found[f.Type]++
				}
				out.Type, out.Canon = f.Type, f.Canon
				told.Options.Fields = append(told.Options.Fields, out)
			}
			return nil
		}
		for i, v := range enginetest.Variants(rand.New(rand.NewPCG(seed, 9)), len(c.Tables), 3) {
			v.Levels, v.Rows, v.Open = plain(c).Levels, 0, false
			for l := range v.Layouts {
				// The sample is of the first batch.
				v.Layouts[l].Untyped, v.Layouts[l].Late, v.Layouts[l].PartRows, v.Layouts[l].BatchRows = true, 0, 0, 0
			}
			got, sum, err := v.Run(t.Context(), c, new(enginetest.Scribbler))
			if errors.Is(err, engine.ErrOptions) { // a tolerance of a field of texts
				break
			} else if err != nil {
				t.Fatalf("seed %d, %v: %v", seed, v, err)
			}
			want, wantSum := answer(t, told, v)
			if d := enginetest.Diff(got.Findings, want.Findings); d != "" {
				t.Errorf("seed %d, %v: %s", seed, v, d)
			}
			for i := range sum.Fields {
				sum.Fields[i].Inferred = false
			}
			if d := enginetest.DiffSummary(sum, wantSum); d != "" {
				t.Errorf("seed %d, %v: summary: %s", seed, v, d)
			}
			if i == 0 {
				v.Check(t, told)
			}
		}
	}
	for _, typ := range []record.Type{record.Decimal, record.Bool, record.Date, record.Timestamp} {
		if found[typ] < 5 {
			t.Errorf("%s was inferred %d times", typ, found[typ])
		}
	}
}
