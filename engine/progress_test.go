package engine_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
)

// TestProgressEnds holds that a run reports each level with its rows, in order, and then each phase, in memory and with rows spilled.
func TestProgressEnds(t *testing.T) {
	for seed := range uint64(20) {
		c := enginetest.Random(seed)
		for _, ranges := range []int{0, 5} {
			var mu sync.Mutex
			var got, want []string
			opt := c.Options
			opt.Progress = func(p engine.Progress) {
				mu.Lock()
				defer mu.Unlock()
				if p.Elapsed > 0 {
					got = append(got, fmt.Sprint(p.Phase, p.Level, max(p.Done, 0)))
				}
			}
			spilled := c
			if spilled.Options = opt; ranges > 0 {
				spilled.Options = engine.ForceSpill(opt, ranges, 1<<16)
			}
			_, sum := answer(t, spilled, plain(c))
			for _, table := range append(slices.Clone(c.Tables), c.Rosters...) {
				want = append(want, fmt.Sprint("load", table.Name, table.Rows()))
			}
			for _, p := range sum.Phases {
				want = append(want, fmt.Sprint(p.Name, "", p.Rows))
			}
			if !slices.Equal(got, want) {
				t.Errorf("seed %d, %d ranges: got %v, want %v", seed, ranges, got, want)
			}
		}
	}
}
