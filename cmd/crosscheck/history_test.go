package main

import (
	"math"
	"strings"
	"testing"

	"crosscheck/engine/job"
)

// TestHistoryText holds what a person reads of many nights, and of none.
func TestHistoryText(t *testing.T) {
	changes := func(against string, fresh int64) *job.Changes {
		c := &job.Changes{Against: against}
		c.New = fresh
		return c
	}
	failed := []job.Outcome{{Gate: job.Gate{Metric: job.MissingRate, Level: "street"}}, {Gate: job.Gate{Metric: job.NewMismatches}, Passed: true}}
	h := &job.History{
		Nights: []job.HistoryNight{
			{Date: "2026-11-20", Records: 60_000_000, Findings: 9, MismatchRate: 0.00001, Seconds: 61},
			{Date: "2026-11-21", Records: 60_000_000, Findings: 8, Changes: changes("", 8), MismatchRate: 0.02, MissingRate: 0.01, Gates: failed},
			{Date: "2026-11-22", Records: 3, Findings: 8, Changes: changes("2026-11-21", 1200), MismatchRate: 0.01, Gates: failed[1:], Stale: true},
		},
		Comparisons: 120_000_003, Rows: 360_000_001, Milestones: []job.Milestone{{Comparisons: 100_000_000, Date: "2026-11-21"}},
	}
	for range 12 {
		h.Missing = append(h.Missing, "2026-01-01")
	}
	got := historyText("residents", h, style{})
	for _, want := range []string{
		"residents  3 nights, 2026-11-20 to 2026-11-22\n",
		"  2026-11-20    60,000,000         9      –           –         –        <0.01 %        0.00 %  none                      1 min 1 s\n",
		"  2026-11-21    60,000,000         8      8           –         –         2.00 %        1.00 %  ✗ missing_rate of street       1 ms\n",
		"  2026-11-22 *           3         8  1,200           0         0         1.00 %        0.00 %  ✓                              1 ms\n",
		"2026-01-01 and 2 more; 'crosscheck run --date' catches up",
		"  mismatch rate  ▁█▅  <0.01 %  2.00 %  1.00 %\n",
		"  new findings     █    1,200   1,200   1,200\n",
		"  120,000,003 comparisons over all nights, of 360,000,001 rows read\n★ 100,000,000 comparisons passed on 2026-11-21\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if got := historyText("residents", &job.History{}, style{}); !strings.Contains(got, "no nights yet") {
		t.Errorf("no nights: %q", got)
	}
	if got := sparkline([]float64{0, math.NaN(), 1, 8}, 8); got != "▁ ▂█" {
		t.Errorf("sparkline %q", got)
	}
	if got := sparkline([]float64{0, 0}, 0); got != "▁▁" {
		t.Errorf("sparkline of nothing %q", got)
	}
}
