package capacity

import (
	"testing"

	"crosscheck/bench/synth"
)

// TestSpilledNight: a night with too little memory spills, and finds the same; run itself holds what is found against what was planted.
func TestSpilledNight(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some hundred thousand records for a night to spill")
	}
	shape := synth.Shape{Key: "int64", Width: 8, Levels: []synth.Stored{{Format: synth.Parquet, Codec: "snappy"}, {Format: synth.CSV}}}
	for range 2 {
		shape.Columns = append(shape.Columns, synth.Column{Type: "int64", Distinct: 1000})
	}
	d, err := prepare(t.Context(), synth.ShapeOptions{Records: leastSpilled, Shape: shape, Mismatch: 0.02, Seed: 1, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	all, err := night(t.Context(), nightTask{Dataset: *d, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	spilled, err := night(t.Context(), nightTask{Dataset: *d, Workers: 2, Spill: true})
	if err != nil {
		t.Fatal(err)
	}
	if all.Spilled != 0 || spilled.Spilled < 2*8*leastSpilled || spilled.Join <= 0 || spilled.Findings != all.Findings {
		t.Errorf("in memory %+v, spilled %+v", all, spilled)
	}
}

// TestTypes: every type of column and format gives nights that find what was planted, also between a level of text and one that is typed.
func TestTypes(t *testing.T) {
	for _, key := range []string{"cn_id", "int64", "string"} {
		shape := synth.Shape{Key: key, Width: 18, Levels: []synth.Stored{{Format: synth.Parquet, Codec: "zstd", Group: 500}, {Format: synth.CSV}, {Format: synth.Parquet, Codec: "none"}}}
		for i, typ := range []string{"string", "cn_id", "int64", "decimal", "float", "boolean", "date", "timestamp", "string"} {
			shape.Columns = append(shape.Columns, synth.Column{Type: typ, Width: 20, Distinct: 0.5, Nulls: 0.05, Scale: 1, Wide: i > 0})
		}
		for _, rate := range []float64{0, 0.2} {
			d, err := prepare(t.Context(), synth.ShapeOptions{Records: 2000, Shape: shape, Mismatch: rate, Seed: 2, Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			done, err := night(t.Context(), nightTask{Dataset: *d, Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			if (done.Findings > 0) != (rate > 0) {
				t.Errorf("%s: %d findings at a rate of %v", key, done.Findings, rate)
			}
		}
	}
}
