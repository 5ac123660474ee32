package enginetest

import (
	"fmt"
	"testing"
)

// shortFirst and shortCases are the seeds that are left of many with -short. These have every kind of case: see TestRandomCoversMuch.
const shortFirst, shortCases = 53, 120

// seeds gives the seeds of so many cases, or its share with -short. The race detector runs with -short: whether memory is shared without a lock hangs on
// the kind of a case and on what runs beside what, which each case tries in several variants, and not on its values. That the values are right is held
// by the run without, on all seeds.
func seeds(all uint64, short bool) (from, to uint64) {
	if short && all > shortFirst+shortCases {
		return shortFirst, shortFirst + shortCases
	}
	return 0, all
}

// EachSeed calls a test for each of so many seeds, in four groups side by side.
func EachSeed(t *testing.T, all uint64, test func(t *testing.T, seed uint64)) {
	const groups = 4
	from, to := seeds(all, testing.Short())
	for g := range uint64(groups) {
		t.Run(fmt.Sprintf("group=%d", g), func(t *testing.T) {
			t.Parallel()
			for seed := from + g; seed < to; seed += groups {
				test(t, seed)
			}
		})
	}
}
