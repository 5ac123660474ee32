package cliffs

import (
	"strings"
	"testing"

	"crosscheck/bench/child"
)

// TestJudged: what is slow or large is named, by CPU time where the machine was busy, and nothing else.
func TestJudged(t *testing.T) {
	all := scenarios(100_000)
	var rows []Row
	for _, s := range all[:4] {
		rows = append(rows, Row{Scenario: s, Usage: child.Usage{Seconds: 1, CPU: 2, PeakMB: 90}, Need: 100e6, Budget: 80e6, Little: child.Usage{PeakMB: 79}, Slow: Slowdown{1, 1}, Slower: Slowdown{2, 2}})
	}
	rows[1].Slow = Slowdown{3.5, 2.5}
	rows[2].Slower = Slowdown{2.5, 3.5}
	rows[3].Little.PeakMB = 81
	for _, test := range []struct {
		others  float64
		judge   bool
		want    []string
		wantNot []string
	}{
		{0, true, []string{"one worker: 3.50", "one key in half of the rows, with little memory: 81 of 80 MB"}, []string{"one key in all rows, with little memory:", "nothing is judged"}},
		{0.5, true, []string{"one key in all rows, with little memory: 3.50", "had 50 %"}, []string{"one worker:"}},
		{0, false, []string{"nothing is judged", "| plain"}, []string{"Beyond"}},
	} {
		var out strings.Builder
		table := Table{Rounds: 1, Others: test.others, Rows: rows}
		if err := table.Write(&out, test.judge); err != nil {
			t.Fatal(err)
		}
		for _, want := range test.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the table lacks %q:\n%s", want, out.String())
			}
		}
		for _, not := range test.wantNot {
			if strings.Contains(out.String(), not) {
				t.Errorf("the table has %q:\n%s", not, out.String())
			}
		}
	}
}

// TestScenarios: names are told apart, also as names of files, and no scenario has far more values than the plain case.
func TestScenarios(t *testing.T) {
	all, seen := scenarios(1_000_000), map[string]bool{}
	for i := range all {
		s := &all[i]
		if seen[fileName(s.Name)] {
			t.Errorf("%s is there twice", s.Name)
		}
		seen[fileName(s.Name)] = true
		if s.cells() > 2.2*all[0].cells() || s.cells()*20 < all[0].cells() && !s.Bytes && len(s.shape().Columns) > 1 {
			t.Errorf("%s has %.0f cells, the plain case %.0f", s.Name, s.cells(), all[0].cells())
		}
	}
	if len(all) < 20 {
		t.Errorf("%d scenarios", len(all))
	}
}
