package record

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestHashKeys holds the hashes of keys, of many at once, to what each one's is.
func TestHashKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for n := range 41 {
		keys, hashes := make([]Key, n), make([]uint64, n+1)
		for i := range keys {
			keys[i].Lo = rng.Uint64()
			if n%2 == 0 {
				keys[i].Hi = rng.Uint64()
			}
		}
		HashKeys(keys, hashes[:n])
		for i, k := range keys {
			if hashes[i] != partitionHash(k.Lo, k.Hi) || KeyOf(hashes[i], k.Hi) != k {
				t.Errorf("key %d of %d has another hash", i, n)
			}
		}
		if hashes[n] != 0 {
			t.Errorf("of %d keys there is one more hash", n)
		}
	}
}

// TestHashTimes holds the hashes of instants, of many at once, to what each one's is: any ones, ones around whole seconds, and the first and last that
// there are or that go by way of floating-point numbers.
func TestHashTimes(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 7))
	for unit := arrow.Second; unit <= arrow.Nanosecond; unit++ {
		second := int64(1)
		for range unit {
			second *= 1000
		}
		edges := []int64{0, second, -second, math.MaxInt64, math.MinInt64, math.MaxInt64 / second * second, math.MinInt64 / second * second,
			1<<50 - 1, 1 << 50, -1 << 50, -1<<50 - 1, 1 << 51, 1 << 52, 1 << 53, -1 << 51, -1 << 52, -1 << 53, 1 << 62, math.MaxUint32, math.MinInt32}
		draw := []func() int64{
			func() int64 { return int64(rng.Uint64()) },
			func() int64 { return int64(rng.Uint64()) >> rng.IntN(64) },
			func() int64 { return int64(rng.Uint64()) / second * second },
			func() int64 { return rng.Int64N(4e9) * second },
			func() int64 { return (rng.Int64N(1<<49) - 1<<48) / second * second },
			func() int64 { return edges[rng.IntN(len(edges))] },
		}
		for n := range 41 {
			for range 200 {
				times, hashes := make([]arrow.Timestamp, n), make([]uint64, n+1)
				from := draw[rng.IntN(len(draw))]
				for i := range times {
					times[i] = arrow.Timestamp(from() + rng.Int64N(5) - 2)
				}
				want := slices.Clone(hashes)
				for i, x := range times {
					want[i] = hashTime(splitTime(int64(x), unit))
				}
				if hashTimes(times, unit, hashes[:n]); !slices.Equal(hashes, want) {
					t.Fatalf("%d instants in %s have other hashes", n, unit)
				}
			}
		}
	}
}
