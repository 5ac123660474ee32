package job

import (
	"reflect"
	"testing"
	"time"

	"crosscheck/engine"
)

// counted is a summary with a small cell of each kind.
func counted() *engine.Summary {
	return &engine.Summary{
		Records: 1000, Matched: 955, Missing: 5, Differing: 40, Findings: 57,
		Kinds: []engine.KindCount{{Kind: "differs", Findings: 42}, {Kind: "duplicate", Findings: 10}, {Kind: "invalid_key", Findings: 0}, {Kind: "missing", Findings: 5}},
		Fields: []engine.FieldCount{
			{Field: "name", Differs: 33, Compared: 1000, Outlier: []int64{9, 10, 11}, HeldBy: []bool{true, true, true}},
			{Field: "phone", Differs: 9, Compared: 1000, Outlier: []int64{0, 0, 0}, HeldBy: []bool{true, false, true}},
		},
		Levels: []engine.LevelCount{
			{Level: "a", Rows: 1010, Records: 1000, Duplicates: 10},
			{Level: "b", Rows: 995, Records: 995, Missing: 5},
			{Level: "c", Rows: 1000, Records: 1000},
		},
	}
}

func TestSummaryRows(t *testing.T) {
	for _, row := range summaryRows(counted(), nil, newPublic(counted(), nil, nil, false, DefaultMinCell)) {
		if row.Suppressed != (row.Count == nil) || row.Count != nil && *row.Count > 0 && *row.Count < DefaultMinCell || row.Suppressed && row.Rate != nil {
			t.Errorf("a small cell shows: %s %v %v", row.Kind, row.Field, row.Level)
		}
	}
	type cell struct{ kind, field, level string }
	got := map[cell]int64{}
	for _, row := range summaryRows(counted(), nil, newPublic(counted(), nil, nil, false, DefaultMinCell)) {
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
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for c, n := range want { // others may be withheld for the sake of those: TestAttack says whether it is enough
		if got[c] != n && got[c] != -1 {
			t.Errorf("%v is %d, want %d", c, got[c], n)
		}
	}
}

// TestNothingWithheld: where no count is small, all are shown.
func TestNothingWithheld(t *testing.T) {
	s := counted()
	s.Matched, s.Missing, s.Differing, s.Findings = 920, 40, 40, 122
	s.Kinds = []engine.KindCount{{Kind: "differs", Findings: 60}, {Kind: "duplicate", Findings: 10}, {Kind: "invalid_key", Findings: 12}, {Kind: "missing", Findings: 40}}
	s.Fields[0].Differs, s.Fields[0].Outlier = 45, []int64{10, 11, 12}
	s.Fields[1].Differs, s.Fields[1].Compared = 15, 1000
	s.Levels[1].Missing, s.Levels[1].Records, s.Levels[1].NoKey, s.Levels[1].Rows = 40, 960, 12, 972
	s.InvalidKeys = []engine.InvalidKeyCount{{Level: "b", Reason: "no key", Rows: 12}}
	m := &Manifest{Summary: s, MinCell: DefaultMinCell, Changes: &Changes{}, date: testDate, LastOpenPublic: true}
	m.Changes.Against, m.Changes.New, m.Changes.Persisting, m.Changes.Resolved = "2026-11-22", 22, 100, 30
	for _, row := range summaryRows(s, nil, m.public()) {
		if row.Suppressed || row.Waived == nil || row.Of == nil && (row.Field != nil || row.Level != nil) {
			t.Errorf("%s %v %v is withheld", row.Kind, row.Field, row.Level)
		}
	}
	row := runRow(m, m.public())
	for i, n := range []*int64{row.Matched, row.Missing, row.Differing, row.Waived, row.Findings, row.New, row.Persisting, row.Resolved} {
		if n == nil {
			t.Errorf("number %d of the run is withheld", i)
		}
	}
	if row.MismatchRate == nil || row.MissingRate == nil || !m.public().showsOpen(m) {
		t.Error("the rates of the run are withheld")
	}
}

func TestRunRowHidesSmallCounts(t *testing.T) {
	s := counted()
	m := &Manifest{Summary: s, MinCell: DefaultMinCell, Gates: Judge([]Gate{{Metric: MismatchRate, Max: new(1.0)}, {Metric: MissingRate, Level: "b", Max: new(1.0)}, {Metric: MissingRate, Level: "c", Max: new(1.0)}}, s, nil, nil), date: testDate}
	row := runRow(m, m.public())
	if row.Missing != nil || row.Differing != nil || row.Matched != nil || row.MismatchRate != nil || row.MissingRate != nil {
		t.Errorf("5 missing records show in %+v", row)
	}
	if row.Gates[0].Value != nil || row.Gates[1].Value != nil {
		t.Errorf("gates: %+v", row.Gates)
	}
	lackMore(s, 15)
	row = runRow(m, m.public())
	if row.Missing == nil || *row.Missing != 15 || row.MissingRate == nil || *row.MissingRate != 0.015 || *row.MismatchRate != 0.055 {
		t.Errorf("15 missing records do not show in %+v", row)
	}
}

// lackMore has level b of counted lack n records in place of 5, and nothing else be too small.
func lackMore(s *engine.Summary, n int64) {
	s.Missing, s.Matched, s.Findings = n, 960-n, 78+n
	s.Kinds[0].Findings, s.Kinds[3].Findings = 68, n
	s.Fields[0].Outlier[0], s.Fields[1].Differs = 12, 35
	s.Levels[1].Missing, s.Levels[1].Records, s.Levels[1].Rows = n, 1000-n, 1000-n
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

// TestJudgeAgainstTheLastNight holds gates on change, volume and age to what they must say.
func TestJudgeAgainstTheLastNight(t *testing.T) {
	volume := func(rows int64) *engine.Summary {
		return &engine.Summary{Records: rows, Levels: []engine.LevelCount{{Level: "a", Rows: rows, Records: rows - 1}, {Level: "b", Rows: 100}}}
	}
	modified := testDate.Add(-12 * time.Hour)
	m := &Manifest{
		Started: testDate.AddDate(0, 0, 3), date: testDate, last: &Manifest{Date: "2026-11-22", Summary: volume(1000)},
		Inputs:  []Input{{Level: "a", Modified: &modified}, {Level: "b"}},
		Changes: &Changes{Against: "2026-11-22"},
	}
	m.Changes.New, m.Changes.Open = 30, 50
	first := &Manifest{Changes: &Changes{}}
	clean := &Manifest{Changes: &Changes{Against: "2026-11-22"}}
	clean.Changes.New = 1
	for _, c := range []struct {
		m      *Manifest
		gate   Gate
		passed bool
		text   string
	}{
		{m, Gate{Metric: NewMismatches, MaxChange: new(0.6)}, true, "new_mismatches: 30, 60 % of the 50 that were open on 2026-11-22, at most 60 % allowed"},
		{m, Gate{Metric: NewMismatches, MaxChange: new(0.5)}, false, "new_mismatches: 30, 60 % of the 50 that were open on 2026-11-22, at most 50 % allowed"},
		{m, Gate{Metric: NewMismatches, MaxChange: new(0.6), Max: new(29.0)}, false, "new_mismatches: 30, 60 % of the 50 that were open on 2026-11-22, at most 29 and at most 60 % allowed"},
		{clean, Gate{Metric: NewMismatches, MaxChange: new(0.5)}, false, "new_mismatches: 1, none was open on 2026-11-22, at most 50 % allowed"},
		{first, Gate{Metric: NewMismatches, Max: new(0.0)}, true, "new_mismatches: 0, at most 0 allowed; not judged: there is no earlier night"},
		{m, Gate{Metric: RowsMetric, Level: "a", MinChange: new(-0.2)}, false, "rows of a: 799, 20.1 % less than the 1,000 of 2026-11-22, at most 20 % less allowed"},
		{m, Gate{Metric: RowsMetric, Level: "a", MinChange: new(-0.201)}, true, "rows of a: 799, 20.1 % less than the 1,000 of 2026-11-22, at most 20.1 % less allowed"},
		{m, Gate{Metric: RowsMetric, Level: "b", MinChange: new(0.0), MaxChange: new(0.0)}, true, "rows of b: 100, as many as on 2026-11-22, at most 0 % less and at most 0 % more allowed"},
		{m, Gate{Metric: RowsMetric, Max: new(899.0)}, true, "rows: 899, at most 899 allowed"},
		{m, Gate{Metric: RecordsMetric, Level: "a", Min: new(799.0)}, false, "records of a: 798, at least 799 allowed"},
		{first, Gate{Metric: RecordsMetric, MinChange: new(0.0), Min: new(800.0)}, false, "records: 799, at least 800 and at most 0 % less allowed; not judged: there is no earlier night"},
		{m, Gate{Metric: AgeMetric, Level: "a", MaxAge: 36 * 3600}, true, "age of a: 36h, at most 36h allowed"},
		{m, Gate{Metric: AgeMetric, Level: "a", MaxAge: 35.5 * 3600}, false, "age of a: 36h, at most 35h30m allowed"},
		{m, Gate{Metric: AgeMetric, MaxAge: 1}, true, "age: 36h, at most 1s allowed; not judged: it is not known when the files of b were changed"},
	} {
		got := Judge([]Gate{c.gate}, volume(799), nil, c.m)[0]
		if got.Passed != c.passed || got.String() != c.text {
			t.Errorf("got %v %q, want %v %q", got.Passed, got.String(), c.passed, c.text)
		}
	}
	m.Gates = []Outcome{{Gate: Gate{Metric: RowsMetric, Before: BeforePublish}, Passed: true}, {Gate: Gate{Metric: RowsMetric}}}
	if err := m.stopped(); err != nil {
		t.Error(err)
	}
}

// TestHistoryAddsUp holds what many nights add up to: a milestone, the gaps, a night that was filled in later.
func TestHistoryAddsUp(t *testing.T) {
	h := &History{}
	night := func(date, against string) {
		s := counted()
		s.Records = 40_000_000
		h.add(&Manifest{Date: date, Summary: s, Changes: &Changes{Against: against}})
	}
	night("2026-11-20", "")
	night("2026-11-21", "2026-11-20")
	if len(h.Milestones) != 0 {
		t.Errorf("80 million comparisons pass %v", h.Milestones)
	}
	night("2026-11-24", "2026-11-20")
	night("2026-11-25", "2026-11-24")
	if want := []Milestone{{100_000_000, "2026-11-24"}}; !reflect.DeepEqual(h.Milestones, want) || h.Comparisons != 160_000_000 {
		t.Errorf("%d comparisons pass %v, want %v", h.Comparisons, h.Milestones, want)
	}
	if want := []string{"2026-11-22", "2026-11-23"}; !reflect.DeepEqual(h.Missing, want) {
		t.Errorf("missing %v, want %v", h.Missing, want)
	}
	var stale []bool
	for _, n := range h.Nights {
		stale = append(stale, n.Stale)
	}
	if want := []bool{false, false, true, false}; !reflect.DeepEqual(stale, want) {
		t.Errorf("stale %v, want %v", stale, want)
	}
}
