package record

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSums holds hashes added many at a time to what each row's is, for all numbers of rows behind the last eight, with bits of nulls
// that begin within a byte or with one, and that nothing is written behind the last row.
func TestSums(t *testing.T) {
	inEachWay(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for n := range 41 {
			testSums(t, rng, n)
		}
		testSums(t, rng, 4096)
		testSums(t, rng, 16389)
	})
}

func testSums(t *testing.T, rng *rand.Rand, n int) {
	const entries, salt, behind = 5, 0x0123456789abcdef, 8
	hashes := make([]uint64, entries)
	for i := range hashes {
		hashes[i] = rng.Uint64()
	}
	for _, offset := range []int{-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 16} { // -1: no nulls
		for _, nulls := range []string{"some", "all", "none"} {
			before := sums{fp: make([]uint64, n+behind), syn: make([]uint64, n+behind), weights: Weights(rng.Uint64()), null: rng.Uint64()}
			if offset >= 0 {
				before.offset, before.valid = offset, make([]byte, (offset+n+7)/8)
				for i := range before.valid {
					before.valid[i] = map[string]byte{"some": byte(rng.Uint32()), "none": 0xff}[nulls]
				}
			}
			values, indices, odd := make([]uint64, n), make([]int32, n), []int{1, 20, math.MaxInt}[rng.IntN(3)]
			for i := range before.fp {
				before.fp[i], before.syn[i] = rng.Uint64(), rng.Uint64()
			}
			for i := range n {
				values[i] = rng.Uint64()
				if indices[i] = rng.Int32N(entries); before.isNull(i) && rng.IntN(odd) == 0 {
					indices[i] = []int32{-1, entries, math.MaxInt32, math.MinInt32}[rng.IntN(4)]
				}
			}
			check := func(what string, add func(s *sums), hash func(i int) uint64) {
				fp, syn, wantFP, wantSyn := slices.Clone(before.fp), slices.Clone(before.syn), slices.Clone(before.fp), slices.Clone(before.syn)
				got := before
				got.fp, got.syn = fp[:n], syn[:n]
				add(&got)
				for i := range n {
					h := before.null
					if !before.isNull(i) {
						h = hash(i)
					}
					wantFP[i] += h
					wantSyn[i] = AddSyndromes(wantSyn[i], before.weights.Syndrome(h))
				}
				if !slices.Equal(fp, wantFP) || !slices.Equal(syn, wantSyn) {
					t.Errorf("%d %s, %s null by bits from %d on: other sums or syndromes", n, what, nulls, offset)
				}
			}
			check("values", func(s *sums) { s.addValues(values, salt) }, func(i int) uint64 { return Mix(values[i] ^ salt) })
			check("indices", func(s *sums) { s.addEntries(hashes, indices) }, func(i int) uint64 { return hashes[indices[i]] })
		}
	}
}

// TestNoSuchEntry holds that an index that no entry of the dictionary has is not read, wherever it stands.
func TestNoSuchEntry(t *testing.T) { inEachWay(t, testNoSuchEntry) }

func testNoSuchEntry(t *testing.T) {
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
