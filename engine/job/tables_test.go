package job

import (
	"reflect"
	"testing"

	"crosscheck/engine"
)

// counted is a summary with a small cell of each kind.
func counted() *engine.Summary {
	return &engine.Summary{
		Records: 1000, Matched: 955, Missing: 5, Differing: 40, Findings: 60,
		Kinds: []engine.KindCount{{Kind: "differs", Findings: 42}, {Kind: "duplicate", Findings: 10}, {Kind: "invalid_key", Findings: 0}, {Kind: "missing", Findings: 5}},
		Fields: []engine.FieldCount{
			{Field: "name", Differs: 33, Compared: 995, Outlier: []int64{9, 10, 11}, HeldBy: []bool{true, true, true}},
			{Field: "phone", Differs: 9, Compared: 990, Outlier: []int64{0, 0, 0}, HeldBy: []bool{true, false, true}},
		},
		Levels: []engine.LevelCount{
			{Level: "a", Rows: 1010, Records: 1000, Duplicates: 10},
			{Level: "b", Rows: 995, Records: 995, Missing: 5},
			{Level: "c", Rows: 1000, Records: 1000},
		},
	}
}

func TestSummaryRows(t *testing.T) {
	for _, row := range summaryRows(counted(), nil, DefaultMinCell) {
		if row.Suppressed != (row.Count == nil) || row.Count != nil && minCell(DefaultMinCell).small(*row.Count) || row.Suppressed && row.Rate != nil {
			t.Errorf("a small cell shows: %s %v %v", row.Kind, row.Field, row.Level)
		}
	}
	type cell struct{ kind, field, level string }
	got := map[cell]int64{}
	for _, row := range summaryRows(counted(), nil, DefaultMinCell) {
		c := cell{kind: row.Kind}
		if row.Field != nil {
			c.field = *row.Field
		}
		if row.Level != nil {
			c.level = *row.Level
		}
		if _, ok := got[c]; ok {
			t.Errorf("%v comes twice", c)
		}
		got[c] = -1
		if row.Count != nil {
			got[c] = *row.Count
		}
	}
	want := map[cell]int64{
		{"differs", "", ""}: 42, {"duplicate", "", ""}: 10, {"invalid_key", "", ""}: 0, {"missing", "", ""}: -1,
		{"differs", "name", ""}: 33, {"differs", "name", "a"}: -1, {"differs", "name", "b"}: 10, {"differs", "name", "c"}: 11,
		{"differs", "phone", ""}: -1,
		{"missing", "", "a"}:     0, {"missing", "", "b"}: -1, {"missing", "", "c"}: 0,
		{"duplicate", "", "a"}: 10, {"duplicate", "", "b"}: 0, {"duplicate", "", "c"}: 0,
		{"invalid_key", "", "a"}: 0, {"invalid_key", "", "b"}: 0, {"invalid_key", "", "c"}: 0,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRunRowHidesSmallCounts(t *testing.T) {
	s := counted()
	m := &Manifest{Summary: s, MinCell: DefaultMinCell, Gates: Judge([]Gate{{Metric: MismatchRate, Max: new(1.0)}, {Metric: MissingRate, Level: "b", Max: new(1.0)}, {Metric: MissingRate, Level: "c", Max: new(1.0)}}, s, nil, nil), date: testDate}
	row := runRow(m)
	if row.Missing != nil || row.Differing != nil || row.Matched != nil || row.MismatchRate != nil || row.MissingRate != nil {
		t.Errorf("5 missing records show in %+v", row)
	}
	if row.Gates[0].Value != nil || row.Gates[1].Value != nil || row.Gates[2].Value == nil {
		t.Errorf("gates: %+v", row.Gates)
	}
	s.Missing, s.Matched, s.Levels[1].Missing = 15, 945, 15
	row = runRow(m)
	if row.Missing == nil || *row.Missing != 15 || row.MissingRate == nil || *row.MissingRate != 0.015 || *row.MismatchRate != 0.055 {
		t.Errorf("15 missing records do not show in %+v", row)
	}
}

func TestJudge(t *testing.T) {
	s := counted()
	for _, c := range []struct {
		gate Gate
		want Outcome
		text string
	}{
		{Gate{Metric: MismatchRate, Max: new(0.045)}, Outcome{Value: 0.045, Passed: true}, "mismatch_rate: 4.5 % of the records, at most 4.5 % allowed"},
		{Gate{Metric: MismatchRate, Max: new(0.0449)}, Outcome{Value: 0.045}, "mismatch_rate: 4.5 % of the records, at most 4.49 % allowed"},
		{Gate{Metric: MissingRate, Max: new(0.001)}, Outcome{Value: 0.005}, "missing_rate: 0.5 % of the records, at most 0.1 % allowed"},
		{Gate{Metric: MissingRate, Level: "b", Max: new(0.001)}, Outcome{Value: 0.005}, "missing_rate of b: 0.5 % of the records, at most 0.1 % allowed"},
		{Gate{Metric: MissingRate, Level: "c", Max: new(0.0)}, Outcome{Passed: true}, "missing_rate of c: 0 % of the records, at most 0 % allowed"},
	} {
		c.want.Gate = c.gate
		got := Judge([]Gate{c.gate}, s, nil, nil)[0]
		if got != c.want || got.String() != c.text {
			t.Errorf("%+v: got %+v %q, want %+v %q", c.gate, got, got.String(), c.want, c.text)
		}
	}
	if got := Judge([]Gate{{Metric: MissingRate}}, &engine.Summary{}, nil, nil)[0]; !got.Passed {
		t.Error("no records at all must pass")
	}
}
