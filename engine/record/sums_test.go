package record

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSums holds hashes added eight at a time to what each row's is, for all numbers of rows behind the last eight, with bits of nulls
// that begin within a byte or with one.
func TestSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const entries, salt = 5, 0x0123456789abcdef
	hashes := make([]uint64, entries)
	for i := range hashes {
		hashes[i] = rng.Uint64()
	}
	for n := 1; n <= 41; n++ {
		for _, offset := range []int{-1, 0, 3, 8, 16} { // -1: no nulls
			before := sums{fp: make([]uint64, n), syn: make([]uint64, n), weights: Weights(rng.Uint64()), null: rng.Uint64()}
			if offset >= 0 {
				before.offset, before.valid = offset, make([]byte, (offset+n+7)/8)
				for i := range before.valid {
					before.valid[i] = byte(rng.Uint32())
				}
			}
			values, indices := make([]uint64, n), make([]int32, n)
			for i := range n {
				values[i], before.fp[i], before.syn[i] = rng.Uint64(), rng.Uint64(), rng.Uint64()
				if indices[i] = rng.Int32N(entries); before.isNull(i) {
					indices[i] = []int32{-1, entries, math.MaxInt32, math.MinInt32}[rng.IntN(4)]
				}
			}
			check := func(what string, add func(s *sums), hash func(i int) uint64) {
				got, want := before, before
				got.fp, got.syn, want.fp, want.syn = slices.Clone(got.fp), slices.Clone(got.syn), slices.Clone(want.fp), slices.Clone(want.syn)
				add(&got)
				for i := range n {
					h := before.null
					if !before.isNull(i) {
						h = hash(i)
					}
					want.fp[i] += h
					want.syn[i] = AddSyndromes(want.syn[i], before.weights.Syndrome(h))
				}
				if !slices.Equal(got.fp, want.fp) || !slices.Equal(got.syn, want.syn) {
					t.Errorf("%d %s, bits from %d on: other sums or syndromes", n, what, offset)
				}
			}
			check("values", func(s *sums) { s.addValues(values, salt) }, func(i int) uint64 { return Mix(values[i] ^ salt) })
			check("indices", func(s *sums) { s.addEntries(hashes, indices) }, func(i int) uint64 { return hashes[indices[i]] })
		}
	}
}

// TestNoSuchEntry holds that an index that no entry of the dictionary has is not read, wherever it stands.
func TestNoSuchEntry(t *testing.T) {
	for _, index := range []int32{-1, 3, math.MaxInt32, math.MinInt32} {
		for at := range 20 {
			for _, hashes := range [][]uint64{nil, make([]uint64, 3)} {
				indices := make([]int32, 20)
				indices[at] = index
				s := sums{fp: make([]uint64, 20), syn: make([]uint64, 20)}
				func() {
					defer func() {
						if recover() == nil {
							t.Errorf("index %d at row %d of a dictionary of %d entries is read", index, at, len(hashes))
						}
					}()
					s.addEntries(hashes, indices)
				}()
			}
		}
	}
	s := sums{fp: make([]uint64, 16), syn: make([]uint64, 16), null: 7 << 48, valid: make([]byte, 2)}
	s.addEntries(nil, make([]int32, 16))
	if want := slices.Repeat([]uint64{7 << 48}, 16); !slices.Equal(s.fp, want) {
		t.Error("nulls of a dictionary without entries are not added")
	}
}
