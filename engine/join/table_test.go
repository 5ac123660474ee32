package join

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"crosscheck/engine/record"
)

// levelRows is a made-up level: row i holds key keys[i] and, in each field, values[i][f].
type levelRows struct {
	keys   []record.Key
	values [][]uint64
}

// batches cuts a level into batches of n rows and gives each with its rows hashed; held tells which fields the level has.
func (l levelRows) batches(shape Shape, level, n int, held func(f int) bool) []*Batch {
	var out []*Batch
	for lo := 0; lo < len(l.keys); lo += n {
		hi := min(lo+n, len(l.keys))
		b := &Batch{Level: level, Ref: uint32(lo) + 1, Keys: l.keys[lo:hi], States: make([]record.KeyState, hi-lo)}
		for g := range shape.Groups {
			if shape.Groups[g]>>level&1 == 0 {
				b.FPs, b.Syns = append(b.FPs, nil), append(b.Syns, nil)
				continue
			}
			b.FPs, b.Syns = append(b.FPs, make([]uint64, hi-lo)), append(b.Syns, make([]uint64, hi-lo))
		}
		for i := lo; i < hi; i++ {
			for f, v := range l.values[i] {
				if held(f) {
					h := record.Mix(v + uint64(f)<<32)
					b.FPs[shape.Group[f]][i-lo] += h
					syn := &b.Syns[shape.Group[f]][i-lo]
					*syn = record.AddSyndromes(*syn, record.WeightsOf(f, shape.Weights).Syndrome(h))
				}
			}
		}
		out = append(out, b)
	}
	return out
}

// TestTable adds random levels with duplicates, gaps and differing fields, in parallel and in several shapes, and holds the
// table against maps.
func TestTable(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		levels, fields := 2+rng.IntN(4), 1+rng.IntN(6)
		shape := Shape{Levels: levels, Compared: levels, WideKeys: seed%2 == 1, Each: uint32(seed) % 8, Weights: math.MaxUint64}
		all := uint32(1)<<levels - 1
		shape.Groups = []uint32{all}
		for f := range fields {
			shape.Group = append(shape.Group, 0)
			if f > 0 && seed%3 == 0 { // a field of its own group, held by some levels
				shape.Groups = append(shape.Groups, 1+rng.Uint32N(all))
				shape.Group[f] = len(shape.Groups) - 1
			}
		}
		held := func(l int) func(int) bool {
			return func(f int) bool { return shape.Groups[shape.Group[f]]>>l&1 != 0 }
		}
		data := make([]levelRows, levels)
		for l := range data {
			for range rng.IntN(300) {
				k := record.Key{Lo: rng.Uint64N(200)}
				if shape.WideKeys {
					k.Hi = rng.Uint64N(2)
				}
				values := make([]uint64, fields)
				for f := range values {
					if rng.IntN(8) == 0 {
						values[f] = rng.Uint64N(3)
					}
				}
				data[l].keys, data[l].values = append(data[l].keys, k), append(data[l].values, values)
			}
		}
		table := NewTable(shape, 1<<rng.IntN(5), rng.Int64N(400), Growth{})
		defer table.Release()
		type hit struct {
			key record.Key
			ref uint32
		}
		differing := make([]map[hit][]int, levels)
		for l := range data {
			differing[l] = map[hit][]int{}
			var mu sync.Mutex
			var wg sync.WaitGroup
			for _, b := range data[l].batches(shape, l, 1+rng.IntN(50), held(l)) {
				begin := rng.Uint64()
				wg.Go(func() {
					s := Scratch{Begin: begin}
					if err := table.Add(b, &s); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					defer mu.Unlock()
					begin := 0
					for _, h := range s.Hits {
						differing[l][hit{b.Keys[h.Row], b.Ref + h.Row}] = append([]int(nil), s.Fields[begin:h.Fields]...)
						begin = h.Fields
					}
				})
			}
			wg.Wait()
		}
		rows := make([]map[record.Key][]uint32, levels)
		keys := map[record.Key]bool{}
		for l := range data {
			rows[l] = map[record.Key][]uint32{}
			for i, k := range data[l].keys {
				rows[l][k] = append(rows[l][k], uint32(i)+1)
				keys[k] = true
			}
		}
		records, extras, each := 0, make([]map[record.Key]int, levels), make([]map[record.Key]int, levels)
		for l := range extras {
			extras[l], each[l] = map[record.Key]int{}, map[record.Key]int{}
		}
		for p := range table.Partitions() {
			records += table.Len(p)
			opened := table.Open(p)
			for _, e := range table.Extras(p) {
				key := table.Key(p, e.Record)
				if extras[e.Level][key] > 0 {
					t.Fatalf("seed %d: what a level has of one key is not put together", seed)
				}
				extras[e.Level][key] = int(e.Rows)
				checkExtra(t, seed, &e, table.Ref(p, e.Record, int(e.Level)), rows[e.Level][key], data[e.Level].values, held(int(e.Level)))
			}
			for _, row := range table.ExtraRows(p) {
				each[row.Level][table.Key(p, row.Record)]++
			}
			for rec := range uint32(table.Len(p)) {
				key := table.Key(p, rec)
				if table.In(p, rec) != opened[rec] {
					t.Fatalf("seed %d: the levels of a record differ, asked for one by one and all together", seed)
				}
				for l := range data {
					ref := table.Ref(p, rec, l)
					if len(rows[l][key]) == 0 != (ref == 0) || table.In(p, rec)>>l&1 != 0 != (ref != 0) {
						t.Fatalf("seed %d: a record's levels are wrong", seed)
					}
					if ref != 0 && data[l].keys[ref-1] != key {
						t.Fatalf("seed %d: a reference is to a row of another key", seed)
					}
				}
				checkFields(t, seed, shape, data, rows, key, func(l int, ref uint32) []int { return differing[l][hit{key, ref}] })
			}
		}
		if records != len(keys) {
			t.Fatalf("seed %d: %d records, want %d", seed, records, len(keys))
		}
		for l := range data {
			for k, r := range rows[l] {
				if extras[l][k] != len(r)-1 {
					t.Fatalf("seed %d: a key has %d extra rows, want %d", seed, extras[l][k], len(r)-1)
				}
				if want := (len(r) - 1) * int(shape.Each>>l&1); each[l][k] != want {
					t.Fatalf("seed %d: of a key %d extra rows are kept, want %d", seed, each[l][k], want)
				}
			}
		}
	}
}

// checkFields holds the differing fields of a record that no level holds twice against a comparison with the base.
func checkFields(t *testing.T, seed uint64, shape Shape, data []levelRows, rows []map[record.Key][]uint32, key record.Key, got func(l int, ref uint32) []int) {
	t.Helper()
	for l := range data {
		if len(rows[l][key]) > 1 {
			return
		}
	}
	for l := range data {
		if len(rows[l][key]) == 0 {
			continue
		}
		var want []int
		inGroup := make([]int, len(shape.Groups)) // how many differ
		for f, g := range shape.Group {
			if shape.Groups[g]>>l&1 == 0 {
				continue
			}
			for base := range l {
				if shape.Groups[g]>>base&1 == 0 || len(rows[base][key]) == 0 {
					continue
				}
				if data[base].values[rows[base][key][0]-1][f] != data[l].values[rows[l][key][0]-1][f] {
					want = append(want, f)
					inGroup[g]++
				}
				break
			}
		}
		if slices.ContainsFunc(inGroup, func(n int) bool { return n > 2 }) { // then all fields of the group
			want = slices.DeleteFunc(want, func(f int) bool { return inGroup[shape.Group[f]] > 2 })
			for f, g := range shape.Group {
				if inGroup[g] > 2 {
					want = append(want, f)
				}
			}
			slices.Sort(want)
		}
		if fmt.Sprint(got(l, rows[l][key][0])) != fmt.Sprint(want) {
			t.Fatalf("seed %d: level %d: the differing fields are not those of a comparison with the base", seed, l)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	const rows, fields, batch = 1 << 20, 13, 16384
	rng := rand.New(rand.NewPCG(1, 1))
	shape := Shape{Levels: 3, Compared: 3, Groups: []uint32{7}, Group: make([]int, fields), Weights: math.MaxUint64}
	data := levelRows{keys: make([]record.Key, rows), values: make([][]uint64, rows)}
	for i := range data.keys {
		data.keys[i].Lo = rng.Uint64() >> 3
		data.values[i] = make([]uint64, fields)
	}
	all := func(int) bool { return true }
	levels := make([][]*Batch, 3)
	for l := range levels {
		rng.Shuffle(rows, func(i, j int) { data.keys[i], data.keys[j] = data.keys[j], data.keys[i] })
		levels[l] = data.batches(shape, l, batch, all)
	}
	for _, partitions := range []int{64, 256, 1024} {
		b.Run(fmt.Sprintf("partitions=%d", partitions), func(b *testing.B) {
			var s Scratch
			for b.Loop() {
				table := NewTable(shape, partitions, rows, Growth{})
				for _, batches := range levels {
					for _, batch := range batches {
						if err := table.Add(batch, &s); err != nil || len(s.Hits) > 0 {
							b.Fatal("equal rows are taken to differ")
						}
					}
				}
				table.Release()
			}
			b.ReportMetric(float64(b.N)*rows*3/b.Elapsed().Seconds(), "rows/s")
		})
		b.ReportAllocs()
	}
}

// BenchmarkSort orders the rows of a batch by partition.
func BenchmarkSort(b *testing.B) {
	const rows = 16384
	rng := rand.New(rand.NewPCG(1, 1))
	shape := Shape{Levels: 3, Compared: 3, Groups: []uint32{7}, Group: make([]int, 13), Weights: math.MaxUint64}
	batch := &Batch{Keys: make([]record.Key, rows), States: make([]record.KeyState, rows), FPs: [][]uint64{make([]uint64, rows)}}
	for i := range batch.Keys {
		batch.Keys[i].Lo, batch.FPs[0][i] = rng.Uint64()>>3, rng.Uint64()
	}
	for _, partitions := range []int{16, 256} {
		b.Run(fmt.Sprintf("partitions=%d", partitions), func(b *testing.B) {
			var s Scratch
			table := NewTable(shape, partitions, rows, Growth{})
			defer table.Release()
			for b.Loop() {
				table.sort(batch, &s)
			}
			if len(s.rows) != rows || s.ends[partitions-1] != rows {
				b.Fatal("rows are missing")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

// TestDrop fills tables, made for as many records or for so few that partitions outgrow their room again and again, with many goroutines. It drops partitions
// in no order, and holds that those which are left keep their records, although pieces of memory hold shares of many.
func TestDrop(t *testing.T) {
	const records = 200_000
	for _, expect := range []int64{records, records * 19 / 20, records * 2 / 3, records / 5, 0} {
		testDrop(t, records, expect)
	}
}

func testDrop(t *testing.T, records int, expect int64) {
	shape := Shape{Levels: 1, Compared: 1, Groups: []uint32{1}, Group: []int{0, 0, 0}, Weights: math.MaxUint64}
	table := NewTable(shape, 256, expect, Growth{})
	defer table.Release()
	level := levelRows{}
	for i := range uint64(records) {
		level.keys = append(level.keys, record.Key{Lo: i})
		level.values = append(level.values, []uint64{i, i + 1, i + 2})
	}
	var wg sync.WaitGroup
	batches := level.batches(shape, 0, 5000, func(int) bool { return true })
	for i := range 4 {
		wg.Go(func() {
			s := Scratch{Begin: uint64(i) << 62}
			for j := i; j < len(batches); j += 4 {
				if err := table.Add(batches[j], &s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	seen := 0
	for _, p := range rand.New(rand.NewPCG(1, 99)).Perm(table.Partitions()) {
		table.Open(p)
		for rec := range uint32(table.Len(p)) {
			i := table.Key(p, rec).Lo
			if ref := table.Ref(p, rec, 0); uint64(ref) != i+1 {
				t.Fatalf("partition %d: record %d is row %d", p, i, ref)
			}
			fp := uint64(0)
			for f := range uint64(3) {
				fp += record.Mix(i + f + f<<32)
			}
			if table.FP(p, rec, 0) != fp {
				t.Fatalf("partition %d: record %d has lost its fingerprint", p, i)
			}
			seen++
		}
		table.Close(p)
		table.Drop(p)
	}
	if seen != records {
		t.Errorf("made for %d: %d records, want %d", expect, seen, records)
	}
	if table.Bytes() != 0 {
		t.Errorf("made for %d: %d bytes are left", expect, table.Bytes())
	}
}

// TestGrowth adds three times as many records as a table is made for. It holds that memory is asked for before it is taken, that no more is there in the end than
// so many rows need, and that what is refused is not taken.
func TestGrowth(t *testing.T) {
	const records, expect, partitions = 60_000, 20_000, 16
	shape := Shape{Levels: 1, Compared: 1, Groups: []uint32{1}, Group: []int{0, 0}, Weights: math.MaxUint64}
	level := levelRows{}
	for i := range uint64(records) {
		level.keys, level.values = append(level.keys, record.Key{Lo: i}), append(level.values, []uint64{i, i})
	}
	batches := level.batches(shape, 0, 1000, func(int) bool { return true })
	refused := errors.New("no more")
	for limit := Bytes(shape, partitions, expect); ; limit += 1 << 20 {
		asked := Bytes(shape, partitions, expect)
		table := NewTable(shape, partitions, expect, Growth{Rows: records, Ask: func(bytes int64) error {
			if asked+bytes > limit {
				return refused
			}
			asked += bytes
			return nil
		}})
		defer table.Release()
		var s Scratch
		var err error
		for _, b := range batches {
			if err = table.Add(b, &s); err != nil {
				break
			}
			if n := table.Bytes(); n > asked {
				t.Fatalf("%d bytes are taken, asked was for %d", n, asked)
			}
		}
		if err == nil {
			if n, need := table.Bytes(), Bytes(shape, partitions, records); n > need {
				t.Errorf("%d bytes are taken in the end, %d rows need no more than %d", n, records, need)
			}
			if limit == Bytes(shape, partitions, expect) {
				t.Error("nothing was asked for")
			}
			return
		}
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
	}
}

// TestNext makes tables of any size in the memory of one another, and holds that each has its own records and none of those before.
func TestNext(t *testing.T) {
	shape := Shape{Levels: 2, Compared: 2, Groups: []uint32{3}, Group: []int{0, 0}, Weights: math.MaxUint64}
	rng := rand.New(rand.NewPCG(1, 100))
	table := NewTable(shape, 1, 0, Growth{})
	defer func() { table.Release() }()
	var s Scratch
	for round := range uint64(40) {
		records := rng.IntN(150_000) >> rng.IntN(8)
		table = table.Next(1<<rng.IntN(8), int64(records)>>rng.IntN(4), Growth{Rows: int64(records) << rng.IntN(2)})
		level := levelRows{}
		for i := range uint64(records) {
			level.keys = append(level.keys, record.Key{Lo: i<<8 | round})
			level.values = append(level.values, []uint64{i, round})
		}
		for l := range 2 {
			for _, b := range level.batches(shape, l, 5000, func(i int) bool { return true }) {
				if err := table.Add(b, &s); err != nil || len(s.Hits) > 0 {
					t.Fatalf("round %d: %v, or equal rows are taken to differ", round, err)
				}
			}
		}
		seen := 0
		for p := range table.Partitions() {
			for rec, in := range table.Open(p) {
				if key := table.Key(p, uint32(rec)).Lo; key&255 != round || in != 3 || table.Ref(p, uint32(rec), 1) != uint32(key>>8)+1 {
					t.Fatalf("round %d: a record of another table, or without its rows", round)
				}
				seen++
			}
			table.Close(p)
		}
		if seen != records {
			t.Fatalf("round %d: %d records, want %d", round, seen, records)
		}
	}
}

// TestFirstOfLevel: a row of a later level whose hash and fingerprint are zero, as an entry is that no record has yet, is the first of its key where a
// partition holds none.
func TestFirstOfLevel(t *testing.T) {
	shape := Shape{Levels: 2, Compared: 2, Groups: []uint32{3}, Group: []int{0, 0}, Weights: math.MaxUint64}
	for _, partitions := range []int{1, 4} {
		table := NewTable(shape, partitions, 10, Growth{})
		defer table.Release()
		b := &Batch{Level: 1, Ref: 1, Keys: []record.Key{record.KeyOf(0, 0), record.KeyOf(1, 0)}, States: make([]record.KeyState, 2), FPs: [][]uint64{{0, 7}}, Syns: [][]uint64{{0, 7}}}
		if err := table.Add(b, new(Scratch)); err != nil {
			t.Fatal(err)
		}
		if n := table.Len(0); n != 2 || table.Ref(0, 0, 1) != 1 || table.Ref(0, 1, 1) != 2 {
			t.Errorf("%d partitions: %d records of two keys, or their rows are not theirs", partitions, n)
		}
	}
}
