package parquetio

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestSpread spreads values of each width over rows, of which some are null, and holds them against the values one by one.
func TestSpread(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		w, rows, at, share := 1+rng.IntN(16), rng.IntN(200), rng.IntN(30), rng.IntN(101)
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
		got := bytes.Repeat([]byte{0xaa}, rows*w)
		spread(got, src[:len(src):len(src)], bitmap{bits, at}, w)
		if !bytes.Equal(got, want) {
			t.Fatalf("%d rows from bit %d on, of %d bytes, %d %% of them not null", rows, at, w, share)
		}
	}
}
