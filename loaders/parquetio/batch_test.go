package parquetio

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestSpread spreads values of each width over rows, of which some are null, and holds them against the values one by one, and that nothing is written behind them.
func TestSpread(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for n := range 3000 {
		w, rows, at, share := 4, rng.IntN(200), rng.IntN(30), rng.IntN(101)
		if n%3 == 0 {
			w = 1 + rng.IntN(16)
		}
		bits := make([]byte, (at+rows+7)/8)
		var src, want []byte
		for i := range len(bits) * 8 {
			defined := rng.IntN(100) < share
			if defined {
				bits[i/8] |= 1 << (i % 8)
			}
			if i < at || i >= at+rows {
				continue
			}
			value := make([]byte, w)
			if defined {
				for k := range value {
					value[k] = byte(rng.Uint32())
				}
				src = append(src, value...)
			}
			want = append(want, value...)
		}
		got := bytes.Repeat([]byte{0xaa}, rows*w+64)
		spread(got[:rows*w], src[:len(src):len(src)], bitmap{bits, at}, w)
		if !bytes.Equal(got, append(want, bytes.Repeat([]byte{0xaa}, 64)...)) {
			t.Fatalf("%d rows from bit %d on, of %d bytes, %d %% of them not null", rows, at, w, share)
		}
	}
}

// TestRunsOfBits holds runs of set and of clear bits against the bits one by one.
func TestRunsOfBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 3000 {
		at, rows := rng.IntN(30), rng.IntN(400)
		m := bitmap{make([]byte, (at+rows+7)/8), at}
		set := rng.IntN(2) == 0
		for i := range len(m.bits) * 8 {
			if set {
				m.bits[i/8] |= 1 << (i % 8)
			}
			if rng.IntN(1+rng.IntN(100)) == 0 {
				set = !set
			}
		}
		for range 10 {
			i := rng.IntN(rows + 1)
			most := rng.IntN(rows - i + 1)
			ones, zeros := 0, 0
			for ones < most && m.defined(i+ones) {
				ones++
			}
			for zeros < most && !m.defined(i+zeros) {
				zeros++
			}
			if o, z := m.ones(i, most), m.zeros(i, most); o != ones || z != zeros {
				t.Fatalf("of %d rows from %d on, bit %d, %d are set and %d clear, not %d and %d", most, i, at, o, z, ones, zeros)
			}
		}
	}
}
