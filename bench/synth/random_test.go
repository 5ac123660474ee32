package synth

import "testing"

// TestPermutation holds that each number comes once and that place is the inverse, for sizes about powers of two.
func TestPermutation(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 1000, 4095, 4096, 4097, 100003} {
		for salt := range uint64(3) {
			p := newPermutation(n, salt)
			seen := make([]bool, n)
			fixed := uint64(0)
			for i := range n {
				e := p.at(i)
				if e >= n || seen[e] {
					t.Fatalf("n=%d: place %d is out of range or taken", n, i)
				}
				seen[e] = true
				if e == i {
					fixed++
				}
				if p.place(e) != i {
					t.Fatalf("n=%d: place is not the inverse at %d", n, i)
				}
			}
			if n > 100 && fixed > 10 {
				t.Errorf("n=%d: %d numbers stay where they are", n, fixed)
			}
		}
	}
	p := newPermutation(maxRecords, 1)
	for i := uint64(0); i < maxRecords; i += maxRecords / 1000 {
		if e := p.at(i); e >= maxRecords || p.place(e) != i {
			t.Fatalf("n=%d: wrong at %d", uint64(maxRecords), i)
		}
	}
}

func TestSwapDigits(t *testing.T) {
	for start := range 7 {
		x := uint64(11111111)
		if swapDigits(&x, start) || x != 11111111 {
			t.Error("digits that are all the same were swapped")
		}
		x = 11111112
		if !swapDigits(&x, start) || x != 11111121 {
			t.Errorf("from place %d: got %d", start, x)
		}
	}
}
