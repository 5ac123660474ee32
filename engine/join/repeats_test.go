package join

import (
	"math/rand/v2"
	"slices"
	"testing"

	"crosscheck/engine/record"
)

// checkExtra holds what is known of the rows of a key beyond the first, which is row first, against all of its rows, whose values are in some fields.
func checkExtra(t *testing.T, seed uint64, e *Extra, first uint32, rows []uint32, values [][]uint64, held func(int) bool) {
	t.Helper()
	least, alike, sums := uint32(1<<32-1), true, map[uint64]bool{}
	for _, row := range rows {
		sum := uint64(0)
		for f, v := range values[row-1] {
			if held(f) {
				sum += record.Mix(v + uint64(f)<<32)
			}
		}
		if row == first {
			continue
		}
		least, alike = min(least, row), alike && (len(sums) == 0 || sums[sum])
		sums[sum] = true
	}
	if e.Ref != least || e.Mixed == alike || !sums[e.FP] {
		t.Fatalf("seed %d: of the extra rows of a key the first or whether they are alike is wrong", seed)
	}
}

// TestRepeats adds levels in which few keys have nearly all rows, or all keys have some, and holds that what is kept depends on how many keys there
// are, not on rows, and is complete.
func TestRepeats(t *testing.T) {
	const rows = 60_000
	for _, keys := range []uint64{1, 3, 700, rows / 4} {
		rng := rand.New(rand.NewPCG(keys, 1))
		shape := Shape{Levels: 2, Compared: 2, Groups: []uint32{3}, Group: []int{0}}
		table := NewTable(shape, 4, int64(keys), Growth{})
		defer table.Release()
		empty := table.Bytes()
		var s Scratch
		counts := []map[record.Key]int{{}, {}}
		odd := []map[record.Key]bool{{}, {}} // a row of the key is not like the others
		for l := range 2 {
			var data levelRows
			for range rows {
				k, v := record.Key{Lo: rng.Uint64N(keys)}, uint64(1)
				if k.Lo%3 == 2 && counts[l][k] > 0 && rng.IntN(3) == 0 {
					v, odd[l][k] = 2, true
				}
				counts[l][k]++
				data.keys, data.values = append(data.keys, k), append(data.values, []uint64{v})
			}
			for _, b := range data.batches(shape, l, 5000, func(int) bool { return true }) {
				if err := table.Add(b, &s); err != nil {
					t.Fatal(err)
				}
			}
		}
		if grown, most := table.Bytes()-empty, int64(4*2*fewExtras+8*2*int(keys))*extraBytes; keys < rows/8 && grown > most {
			t.Errorf("%d keys: the table grew by %d bytes, more than %d", keys, grown, most)
		}
		seen := 0
		for p := range table.Partitions() {
			table.Open(p)
			extras := table.Extras(p)
			if !slices.IsSortedFunc(extras, func(a, b Extra) int { return int(a.Record)*2 + int(a.Level) - int(b.Record)*2 - int(b.Level) }) {
				t.Errorf("%d keys: they are in no order", keys)
			}
			for _, e := range extras {
				k := table.Key(p, e.Record)
				if seen++; int(e.Rows) != counts[e.Level][k]-1 {
					t.Fatalf("%d keys: one has %d extra rows, want %d", keys, e.Rows, counts[e.Level][k]-1)
				}
				if base := table.FP(p, e.Record, 0); (e.Mixed || e.FP != base) != (odd[e.Level][k]) {
					t.Fatalf("%d keys: whether the rows of one are alike is wrong", keys)
				}
			}
		}
		want := 0
		for l := range counts {
			for _, n := range counts[l] {
				want += min(n-1, 1)
			}
		}
		if seen != want {
			t.Errorf("%d keys: %d have extra rows, want %d", keys, seen, want)
		}
	}
}
