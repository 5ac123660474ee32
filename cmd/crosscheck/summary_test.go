package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/job"
	"crosscheck/engine/waiver"

	"github.com/jedib0t/go-pretty/v6/text"
)

// night1 is a summary with everything in it, and names as wide as they come.
func night1() *engine.Summary {
	return &engine.Summary{
		Records: 3_500_000, Matched: 3_400_000, Missing: 40_000, Differing: 60_000, Findings: 111_016,
		Kinds: []engine.KindCount{{Kind: "differs", Findings: 70_000}, {Kind: "duplicate", Findings: 1_000}, {Kind: "invalid_key", Findings: 16}, {Kind: "missing", Findings: 40_000}},
		Fields: []engine.FieldCount{
			{Field: "姓名", Type: "string", Differs: 10_000, Compared: 3_460_000, Outlier: []int64{1, 9_999, 0}, Voted: []int64{3_400_000, 3_400_000, 3_400_000}, HeldBy: []bool{true, true, true}},
			{Field: "birth_date", Type: "date", Differs: 60_000, Compared: 3_460_000, Outlier: []int64{20_000, 30_000, 10_000}, Voted: []int64{3_400_000, 3_400_000, 3_400_000}, HeldBy: []bool{true, true, true}},
			{Field: "sex", Type: "string", Compared: 3_460_000, Outlier: []int64{0, 0, 0}, HeldBy: []bool{true, true, true}},
			{Field: "phone", Type: "string", Compared: 10, Outlier: []int64{0, 0, 0}, HeldBy: []bool{true, true, true}},
		},
		Levels: []engine.LevelCount{
			{Level: "市", Files: 12, Rows: 3_490_100, Records: 3_490_000, Missing: 10_000, Outlier: 20_001, Voted: 6_800_000, Extra: 100, Duplicates: 90},
			{Level: "district", Files: 1, Rows: 3_480_016, Records: 3_480_000, Missing: 20_000, Outlier: 39_999, Voted: 6_800_000, NoKey: 16},
			{Level: "street", Files: 1, Rows: 3_490_000, Records: 3_490_000, Missing: 10_000, Outlier: 10_000, Voted: 6_800_000},
		},
		InvalidKeys: []engine.InvalidKeyCount{{Level: "市", Reason: "check character", Rows: 3}, {Level: "district", Reason: "no key", Rows: 16}, {Level: "street", Reason: "check character", Rows: 1}},
		Rosters: []engine.RosterCount{
			{Roster: "staff", Members: 118_000, Required: []bool{true, true, true}, Lacking: []int64{100, 0, 2000}, Uncovered: 2050, Overdue: 1, Groups: []engine.GroupCount{{Members: 10, Uncovered: 1}, {Members: 3}}},
			{Roster: "teachers", Members: 10, Repeated: 1, Malformed: 2, Required: []bool{false, true, false}, Lacking: []int64{0, 5, 0}, Uncovered: 5},
		},
		Rules: []engine.RuleCount{{Rule: "tested", Kind: "overdue", Findings: 1}, {Rule: "vaccine", Kind: "expr", Findings: 12_345, Undecided: 17}},
		Patterns: []engine.PatternCount{
			{In: []bool{true, true, true}, Records: 3_460_000},
			{In: []bool{true, false, true}, Records: 20_000},
			{In: []bool{false, true, false}, Records: 1},
		},
		Elapsed: 4123 * time.Millisecond,
	}
}

// TestSummary holds what a person reads to testdata/summary.txt.
func TestSummary(t *testing.T) {
	gates := job.Judge([]job.Gate{{Metric: job.MismatchRate, Max: new(0.02)}, {Metric: job.MissingRate, Level: "street", Max: new(0.01)}}, night1(), nil, nil)
	agree := &engine.Summary{
		Records: 2, Matched: 2, Fields: []engine.FieldCount{{Field: "name", Type: "string", Compared: 2, Outlier: []int64{0, 0}, HeldBy: []bool{true, true}}},
		Kinds:    []engine.KindCount{{Kind: "differs"}, {Kind: "missing"}},
		Levels:   []engine.LevelCount{{Level: "a", Files: 1, Rows: 2, Records: 2}, {Level: "b", Files: 1, Rows: 2, Records: 2}},
		Patterns: []engine.PatternCount{{In: []bool{true, true}, Records: 2}}, Elapsed: 1500 * time.Microsecond,
	}
	extra := *agree
	extra.Findings, extra.Kinds = 1, []engine.KindCount{{Kind: "duplicate", Findings: 1}}
	empty := &engine.Summary{Levels: []engine.LevelCount{{Level: "a", Files: 1}, {Level: "b", Files: 1}}}
	many := *agree
	many.Patterns = nil
	for i := range 15 {
		many.Patterns = append(many.Patterns, engine.PatternCount{In: []bool{i%2 == 0, i%2 == 1}, Records: int64(20 - i)})
	}
	known := &job.WaiverOutcome{File: "waivers.yaml", Outcome: &waiver.Outcome{
		Holding: 1200, Expired: []int{3, 40}, Unused: []int{5, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21},
		Findings: 12_000, Missing: 1_000, Differing: 9_500, ExpiredFindings: 1,
	}}
	all := &job.WaiverOutcome{File: "waivers.yaml", Outcome: &waiver.Outcome{Holding: 1, Unused: []int{7}, Findings: 110_000, Missing: 40_000, Differing: 60_000}}
	var b strings.Builder
	for _, c := range []struct {
		about string
		o     outcome
	}{
		{"a night with everything", outcome{title: "residents · 2026-11-23", summary: night1(), bytes: 650e6, peak: 1.5e9, gates: gates, reports: []reportFile{{"reports/restricted/mismatches/run_date=2026-11-23/part-00000.parquet", 1_234_567, 12_345_678}, {"reports/public/summary/run_date=2026-11-23/part-00000.parquet", 71, 2048}}}},
		{"a night with waivers", outcome{title: "residents · 2026-11-23", summary: night1(), waivers: known}},
		{"a night of nothing but waived records", outcome{summary: night1(), waivers: all}},
		{"no difference", outcome{summary: agree, bytes: 100}},
		{"findings but no difference", outcome{summary: &extra}},
		{"nothing to compare", outcome{summary: empty}},
		{"many patterns", outcome{summary: &many}},
	} {
		b.WriteString("== " + c.about + "\n")
		if err := c.o.write(&b, style{}); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(b.String(), "\x1b") || strings.Contains(b.String(), " \n") {
		t.Error("colour where there is none, or white space at the end of a line")
	}
	const golden = "testdata/summary.txt"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// TestSummaryColour holds that colours change nothing but the colours.
func TestSummaryColour(t *testing.T) {
	o := outcome{title: "residents", summary: night1()}
	var plain, coloured strings.Builder
	if err := o.write(&plain, style{}); err != nil {
		t.Fatal(err)
	}
	if err := o.write(&coloured, style{colour: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(coloured.String(), "\x1b[1;31m") {
		t.Error("no colour")
	}
	if got := text.StripEscape(coloured.String()); got != plain.String() {
		t.Errorf("without its colours\n%s\nwant\n%s", got, plain.String())
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		thousands(0): "0", thousands(999): "999", thousands(1000): "1,000", thousands(-1234567): "-1,234,567",
		percentOf(0, 10): "0.00 %", percentOf(10, 10): "100.00 %", percentOf(1, 1e9): "<0.01 %", percentOf(1e9-1, 1e9): ">99.99 %", percentOf(1, 0): "–", percentOf(1, 3): "33.33 %",
		size(0): "0 B", size(999): "999 B", size(1000): "1.0 kB", size(999_600): "1.0 MB", size(123_456_789): "123 MB", size(2_500_000_000): "2.5 GB",
		perSecond(0.5): "0.5", perSecond(1234.6): "1,234", perSecond(2_345_678): "2.35 million",
		seconds(400 * time.Microsecond): "1 ms", seconds(41 * time.Millisecond): "41 ms", seconds(410 * time.Millisecond): "0.41 s", seconds(12345 * time.Millisecond): "12.3 s", seconds(192 * time.Second): "3 min 12 s",
		remaining(65 * time.Second): "1:05", remaining(3723 * time.Second): "1:02:03",
		listed(nil): "", listed([]string{"a"}): "a", listed([]string{"a", "b", "c"}): "a, b and c",
		plural(1, "row"): "1 row", plural(2000, "row"): "2,000 rows",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
