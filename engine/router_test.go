package engine

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRouterFind: a text is in the range that comparing it with every splitter gives, whatever the splitters have in common.
func TestRouterFind(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		common := bytes.Repeat([]byte("k"), rng.IntN(20))
		text := func() []byte {
			b := slices.Clone(common[:max(0, len(common)-rng.IntN(2)*rng.IntN(4))])
			for range rng.IntN(12) {
				b = append(b, "\x00ak\xff"[rng.IntN(4)])
			}
			return b
		}
		var splitters [][]byte
		for range 1 + rng.IntN(8) {
			splitters = append(splitters, text())
		}
		slices.SortFunc(splitters, bytes.Compare)
		splitters = slices.CompactFunc(splitters, bytes.Equal)
		router := (&run{}).newRouter(splitters)
		for _, s := range append(slices.Clone(splitters), text(), text(), nil) {
			want := 0
			for want < len(splitters) && bytes.Compare(splitters[want], s) <= 0 {
				want++
			}
			if got := router.find(s); got != want {
				t.Fatalf("%q is in range %d of %q, want %d", s, got, splitters, want)
			}
		}
	}
}

func TestUpTo(t *testing.T) {
	var sorted []uint64
	for n := range 40 {
		for x := range uint64(3*n + 2) {
			want := 0
			for want < len(sorted) && sorted[want] <= x {
				want++
			}
			if got := upTo(sorted, x); got != want {
				t.Fatalf("%d of %v are up to %d, want %d", got, sorted, x, want)
			}
		}
		sorted = append(sorted, uint64(3*n))
	}
}

// TestSteps: lists of any length, with numbers that are close, far apart or the same, tell of any number what counting tells.
func TestSteps(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		span, near := rng.IntN(64), rng.IntN(64)
		number := func() uint64 { return (rng.Uint64()>>span)&^(1<<near-1) + rng.Uint64N(3) }
		sorted := make([]uint64, 1+rng.IntN(300))
		for i := range sorted {
			sorted[i] = number()
		}
		slices.Sort(sorted)
		s := stepsOf(sorted)
		for range 100 {
			x := number()
			if rng.IntN(2) == 0 {
				x = sorted[rng.IntN(len(sorted))] + rng.Uint64N(3) - 1
			}
			x = min(x, math.MaxUint64-1)
			if got, want := s.upTo(x), upTo(sorted, x); got != want {
				t.Fatalf("%d of %v are up to %d, want %d", got, sorted, x, want)
			}
		}
	}
}
