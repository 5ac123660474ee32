package record

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLocate makes rows that differ in some fields and finds these by fingerprints and syndromes, in groups as small and as large as they come.
func TestLocate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for range 20_000 {
		fields := rng.Perm(500)[:1+rng.IntN(MostLocated)]
		slices.Sort(fields)
		differ := rng.Perm(len(fields))[:min(1+rng.IntN(4), len(fields))]
		delta, base, row := uint64(0), uint64(0), uint64(0)
		for i, f := range fields {
			w := WeightsOf(f, math.MaxUint64)
			x := rng.Uint64()
			base = AddSyndromes(base, w.Syndrome(x))
			if slices.Contains(differ, i) {
				y := rng.Uint64()
				delta += x - y
				x = y
			}
			row = AddSyndromes(row, w.Syndrome(x))
		}
		locator := NewLocator(fields, math.MaxUint64)
		got := locator.Locate([]int{-1}, delta, base, row)
		var want []int
		for _, i := range differ {
			want = append(want, fields[i])
		}
		if slices.Sort(want); len(want) > 2 {
			want = fields
		}
		if want = append([]int{-1}, want...); !slices.Equal(got, want) {
			t.Fatalf("%d of %d fields differ: %d are found, or other ones", len(differ), len(fields), len(got)-1)
		}
	}
}

// TestLocateAlike holds that fields with the same weights are taken for one another, which a mask can bring about, and nothing worse.
func TestLocateAlike(t *testing.T) {
	locator := NewLocator([]int{3, 5, 8}, 0)
	if got := locator.Locate(nil, 12345, 0, 0); !slices.Equal(got, []int{3}) {
		t.Errorf("without weights fields %v are found, want the first one", got)
	}
}

// BenchmarkLocate finds the fields in which rows of 13 differ.
func BenchmarkLocate(b *testing.B) {
	fields := make([]int, 13)
	for i := range fields {
		fields[i] = i
	}
	locator := NewLocator(fields, math.MaxUint64)
	for _, c := range []struct {
		name   string
		differ []int
	}{{"one", []int{7}}, {"two", []int{4, 11}}, {"three", []int{0, 4, 11}}} {
		b.Run("differ="+c.name, func(b *testing.B) {
			delta, base := uint64(0), uint64(0)
			for _, f := range c.differ {
				delta += Mix(uint64(f))
				base = AddSyndromes(base, WeightsOf(f, math.MaxUint64).Syndrome(Mix(uint64(f))))
			}
			var found []int
			for b.Loop() {
				found = locator.Locate(found[:0], delta, base, 0)
			}
			if len(c.differ) < 3 && !slices.Equal(found, c.differ) {
				b.Fatal("other fields are found")
			}
		})
	}
}
