package job

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"crosscheck/engine/durable/durabletest"
	"crosscheck/engine/privacy"
)

// TestCatchUpInAnyOrder runs six nights in shuffled orders, each with the inputs of its date, then again those that the history calls stale, the
// earliest first, until it calls none so. It holds that all tables have then the bytes that they have where the nights were run in order, and that
// nights which are not stale have them before.
func TestCatchUpInAnyOrder(t *testing.T) {
	const nights = 6
	key := privacy.NewKey()
	dir := durabletest.Dir(t) // one for all: findings say which file they are from
	catchUp := func(order []int) (first, last map[string]string, stale []string, again int) {
		t.Helper()
		if err := os.RemoveAll(filepath.Join(dir, "reports")); err != nil {
			t.Fatal(err)
		}
		auditedJob(t, dir)
		write := func(name, text string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("job.yaml", trailJob+"privacy: {pseudonym_key: {file: key}, min_cell: 2}\ngates: [{metric: new_mismatches, max_change: 0.5}, {metric: rows, level: b, min_change: -0.2}]\n")
		write("key", string(key))
		j := reload(t, dir)
		run := func(i int) {
			t.Helper()
			r := rand.New(rand.NewPCG(uint64(i), 7)) // the inputs of a date are always the same
			text := "id,v\n"
			for k := range 12 {
				if r.IntN(8) > 0 {
					text += fmt.Sprintf("99%02d,%d\n", k, r.IntN(5)/4)
				}
			}
			write("b.csv", text)
			if _, err := Run(t.Context(), j, RunOptions{Date: testDate.AddDate(0, 0, i)}); err != nil {
				t.Fatal(err)
			}
		}
		text := "id,v\n"
		for k := range 12 {
			text += fmt.Sprintf("99%02d,0\n", k)
		}
		write("a.csv", text)
		stales := func() (all []string) {
			t.Helper()
			h, warnings, err := ReadHistory(j.Reports.Dir)
			if err != nil || len(warnings) > 0 {
				t.Fatal(err, warnings)
			}
			for _, n := range h.Nights {
				if n.Stale {
					all = append(all, n.Date)
				}
			}
			return all
		}
		tables := func() map[string]string {
			all := map[string]string{}
			for path, digest := range findings(t, j.Reports.Dir) {
				rel, _ := filepath.Rel(j.Reports.Dir, path)
				all[rel] = digest
			}
			return all
		}
		for _, i := range order {
			run(i)
		}
		first, stale = tables(), stales()
		for left := stale; len(left) > 0 && again <= nights; left = stales() {
			date, err := time.Parse(DateLayout, left[0])
			if err != nil {
				t.Fatal(err)
			}
			run(int(date.Sub(testDate).Hours() / 24))
			again++
		}
		return first, tables(), stale, again
	}
	inOrder := []int{0, 1, 2, 3, 4, 5}
	want, _, stale, _ := catchUp(inOrder)
	if len(stale) > 0 || len(want) != nights*5 {
		t.Fatalf("in order: stale %q, %d tables", stale, len(want))
	}
	r := rand.New(rand.NewPCG(1, 1))
	reran, differed := 0, 0
	for range 12 {
		order := slices.Clone(inOrder)
		r.Shuffle(nights, func(i, j int) { order[i], order[j] = order[j], order[i] })
		first, last, stale, again := catchUp(order)
		if !maps.Equal(last, want) || again >= nights {
			t.Errorf("run in the order %v, then %d again: not what it is in order", order, again)
		}
		// Up to the first stale night all is as it is in order.
		for path, digest := range first {
			date := filepath.Base(filepath.Dir(path))[len(partition):]
			if digest != want[path] {
				differed++
				if len(stale) == 0 || date < stale[0] {
					t.Errorf("run in the order %v: %s is not what it is in order, and no night up to its date is called stale: %q", order, path, stale)
				}
			}
		}
		reran += again
	}
	if reran == 0 || differed == 0 {
		t.Errorf("%d nights were run again, %d tables differed before: the orders tell nothing", reran, differed)
	}
	t.Logf("%d nights were run again, %d tables differed before", reran, differed)
}
