package privacy

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestWithhold(t *testing.T) {
	for _, c := range []struct {
		name     string
		counts   []int64
		withheld []bool
		hidden   []bool
		total    bool
	}{
		{"nothing is small", []int64{0, 10, 500}, nil, []bool{false, false, false}, false},
		{"one small count takes the smallest other with it", []int64{3, 500, 12, 40}, nil, []bool{true, false, true, false}, false},
		{"two small ones that add up to too little", []int64{1, 2, 40, 30}, nil, []bool{true, true, false, true}, false},
		{"two small ones that hide one another", []int64{8, 7, 40}, nil, []bool{true, true, false}, false},
		{"nobody else is there", []int64{0, 3, 0}, nil, []bool{false, true, false}, true},
		{"all together are too little", []int64{1, 1, 1}, nil, []bool{true, true, true}, true},
		{"one is withheld for another reason", []int64{0, 900, 20}, []bool{false, true, false}, []bool{false, true, true}, false},
		{"equal ones from the front", []int64{20, 1, 20}, nil, []bool{true, true, false}, false},
	} {
		hidden, total := Withhold(c.counts, c.withheld, 10)
		if !slices.Equal(hidden, c.hidden) || total != c.total {
			t.Errorf("%s: %v, total %v, want %v, %v", c.name, hidden, total, c.hidden, c.total)
		}
	}
}

// TestWithholdKeepsCells: who knows the sum and what is shown finds every small count to be possibly 0 and possibly least-1.
func TestWithholdKeepsCells(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		counts := make([]int64, 1+rng.IntN(6))
		for i := range counts {
			counts[i] = rng.Int64N(int64(1) << (1 + rng.IntN(7)))
		}
		least := 2 + rng.Int64N(12)
		hidden, total := Withhold(counts, nil, least)
		if total {
			for i, n := range counts {
				if n > 0 && !hidden[i] {
					t.Fatalf("%v, least %d: the sum is withheld and a count is not", counts, least)
				}
			}
			continue
		}
		unknown, number := int64(0), 0
		for i, n := range counts {
			if hidden[i] {
				unknown += n
				number++
			}
		}
		for i, n := range counts {
			if small := n > 0 && n < least; small && (!hidden[i] || number < 2 || unknown < least-1) {
				t.Fatalf("%v, least %d: count %d follows from the others", counts, least, i)
			}
		}
	}
}
