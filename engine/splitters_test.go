package engine

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAlike: keys in any order are taken as from anywhere, however many parts there are; not those of parts, or of rows, that are sorted.
func TestAlike(t *testing.T) {
	const rows, everyKey, batch = 120_000, 30, 16_000 / 30
	rng := rand.New(rand.NewPCG(5, 6))
	sorted := func(n int, order func(a, b uint64) int) []uint64 {
		keys := make([]uint64, n)
		for i := range keys {
			keys[i] = rng.Uint64()
			if rng.IntN(2) == 0 {
				keys[i] /= 4 // more of the lesser ones
			}
		}
		if order != nil {
			slices.SortFunc(keys, order)
		}
		return keys
	}
	ascending := func(a, b uint64) int { return bytes.Compare(key(a), key(b)) }
	few := func(a, b uint64) int { return int(a>>61) - int(b>>61) } // rows of eight groups, in any order within one
	for name, c := range map[string]struct {
		keys func(parts int) [][]uint64
		want bool
	}{
		"any order": {func(parts int) [][]uint64 {
			return slices.Collect(slices.Chunk(sorted(parts*rows/everyKey, nil), rows/everyKey))
		}, true},
		"sorted": {func(parts int) [][]uint64 {
			return slices.Collect(slices.Chunk(sorted(parts*rows/everyKey, ascending), rows/everyKey))
		}, false},
		"grouped": {func(parts int) [][]uint64 {
			return slices.Collect(slices.Chunk(sorted(parts*rows/everyKey, few), rows/everyKey))
		}, false},
		"each part sorted": {func(parts int) (out [][]uint64) {
			for range parts {
				out = append(out, sorted(rows/everyKey, ascending))
			}
			return out
		}, false},
	} {
		for _, parts := range []int{4, 9, 40} {
			var samples []partSample
			var all [][]byte
			for _, keys := range c.keys(parts) {
				var s partSample
				for _, k := range keys[:batch] {
					s.keys = append(s.keys, key(k))
				}
				samples, all = append(samples, s), append(all, s.keys...)
			}
			slices.SortFunc(all, bytes.Compare)
			if got := alike(samples, splittersOf(all, alikeRanges), fewestKeys/4); got != c.want {
				t.Errorf("%s, %d parts: alike is %v", name, parts, got)
			}
		}
	}
}

func key(k uint64) []byte { return binary.BigEndian.AppendUint64(nil, k) }
