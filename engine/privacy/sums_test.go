package privacy

import (
	"math/rand/v2"
	"testing"
)

// TestSums: what the sums of a relation say of a number, also after bounds have moved, is what the others one by one say.
func TestSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	draw := func() bound {
		x := bound{lo: rng.Int64N(50), hi: unbounded}
		switch rng.IntN(4) {
		case 0:
			x.hi = x.lo
		case 1:
			x.hi = x.lo + rng.Int64N(1000)
		}
		if rng.IntN(20) == 0 {
			x.lo = []int64{far - 1, far, far + 1, unbounded - 1, unbounded}[rng.IntN(5)]
			x.hi = max(x.hi, x.lo)
		}
		return x
	}
	for range 20_000 {
		r := Relation{AtMost: rng.IntN(2) == 0}
		var b []bound
		for i := range 1 + rng.IntN(8) {
			factor := int64(1 + rng.IntN(3))
			if rng.IntN(2) == 0 {
				factor = -factor
			}
			r.Terms, b = append(r.Terms, Term{i, factor}), append(b, draw())
		}
		s := r.sums(b)
		for range 4 {
			for _, term := range r.Terms {
				lo, hi := s.limits(term, b)
				if wantLo, wantHi := r.limits(term.Cell, b); lo != wantLo || hi != wantHi {
					t.Fatalf("%+v of %+v with %v: %d to %d, want %d to %d", term, r, b, lo, hi, wantLo, wantHi)
				}
			}
			moved := r.Terms[rng.IntN(len(r.Terms))]
			s.add(moved, b[moved.Cell], -1)
			b[moved.Cell] = draw()
			s.add(moved, b[moved.Cell], 1)
		}
	}
}
