package engine_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/record"
	"crosscheck/engine/spill"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestSpilledOracle runs random cases with rows spilled, by any number of ranges and with any memory for tables and suspects, and holds each
// answer against the oracle's.
func TestSpilledOracle(t *testing.T) {
	enginetest.EachSeed(t, 300, func(t *testing.T, seed uint64) {
		c := enginetest.Random(seed)
		r := rand.New(rand.NewPCG(seed, 8))
		for i, v := range enginetest.Variants(r, len(c.Tables), 3) {
			spilled := c
			spilled.Options = engine.MaskWeights(c.Options, weights[i%len(weights)])
			spilled.Options = engine.Hold(engine.ForceSpill(spilled.Options, 1+r.IntN(20), 1<<(8+r.IntN(14))), int64(r.IntN(3)<<(4+r.IntN(18))))
			for l := range v.Layouts {
				v.Layouts[l].Late = 0 // a sample of keys would wait for the parts that it leaves out
			}
			v.Check(t, spilled)
		}
	})
}

// TestSpilledHeld: where some ranges, or all, stay in memory, and where they do until suspects want it, blocks are those of a run in memory, and what is
// held is not on disk.
func TestSpilledHeld(t *testing.T) {
	c := many(40000)
	v := enginetest.Variant{Workers: 3, Partitions: 8, Layouts: []enginetest.Layout{{PartRows: 3000}, {PartRows: 777, BatchRows: 100}}, Levels: []int{0, 1}}
	want, _ := answer(t, c, v)
	for _, memory := range []int64{1 << 19, 4 << 20, 1 << 30} { // the first is too little for any suspects beside what is held
		var before int64
		for _, held := range []int64{0, 1 << 16, 1 << 19, 1 << 20, 1 << 22} {
			spilled := c
			spilled.Options = engine.Hold(engine.ForceSpill(c.Options, 64, memory), held)
			spilled.Options.SpillDir = t.TempDir()
			got, sum := answer(t, spilled, v)
			if d := enginetest.Diff(got.Findings, want.Findings); d != "" || !slices.Equal(got.Blocks, want.Blocks) {
				t.Errorf("%d bytes, %d for what is held: blocks of %v findings, not of %v; %s", memory, held, got.Blocks, want.Blocks, d)
			}
			switch {
			case held == 0:
				before = sum.Spilled
			case memory == 1<<30 && (sum.Spilled > max(before-held/4, 0) || sum.Spilled < before-held):
				t.Errorf("%d bytes: %d are spilled, and %d if %d are held", memory, before, sum.Spilled, held)
			case memory == 1<<19 && held == 1<<22 && sum.Spilled < before/2:
				t.Errorf("%d bytes: %d are spilled of %d: nothing was evicted", memory, sum.Spilled, before)
			}
		}
	}
}

// TestSpilledDisk: where suspects are more than memory holds they are parked on disk if that has room, else levels are read again for each group of them;
// blocks are those of a run in memory. Where the disk has no room for the rows, it is said before any is read.
func TestSpilledDisk(t *testing.T) {
	c := many(40000)
	v := enginetest.Variant{Workers: 3, Partitions: 8, Layouts: []enginetest.Layout{{PartRows: 3000}, {PartRows: 777, BatchRows: 100}}, Levels: []int{0, 1}}
	want, _ := answer(t, c, v)
	spilled, need := c, int64(0)
	spilled.Options = engine.ForceSpill(c.Options, 64, 5<<16)
	spilled.Options.SpillDir = t.TempDir()
	spilled.Options.Fitted = func(m engine.MemoryPlan) { need = m.SpillBytes }
	var parked, read [2]int64 // bytes spilled, rows read by gather
	for i, free := range []int64{0, 1} {
		if free > 0 {
			spilled.Options = engine.DiskFree(spilled.Options, need)
		}
		got, sum := answer(t, spilled, v)
		if d := enginetest.Diff(got.Findings, want.Findings); d != "" || !slices.Equal(got.Blocks, want.Blocks) {
			t.Errorf("of %d bytes free: blocks of %v findings, not of %v; %s", need, got.Blocks, want.Blocks, d)
		}
		parked[i] = sum.Spilled
		for _, p := range sum.Phases {
			if p.Name == "gather" {
				read[i] += p.Rows
			}
		}
	}
	if parked[0] < parked[1]*5/4 || read[1] < read[0]*4/3 {
		t.Errorf("with room %d bytes are spilled and %d rows read again, without %d and %d", parked[0], read[0], parked[1], read[1])
	}
	var fault *spill.Error
	spilled.Options = engine.DiskFree(spilled.Options, need-1)
	if _, _, err := v.Run(t.Context(), spilled, new(enginetest.Scribbler)); !errors.As(err, &fault) {
		t.Errorf("with a byte too few free: %v", err)
	}
}

// TestSpilledBlocks: with rows spilled, the blocks are those of a run in memory, and nothing is left on disk.
func TestSpilledBlocks(t *testing.T) {
	dir := t.TempDir()
	for seed := range uint64(metamorphicCases) {
		c := enginetest.Random(seed)
		r := rand.New(rand.NewPCG(seed, 9))
		v := plain(c)
		want, _ := answer(t, c, v)
		spilled := c
		spilled.Options = engine.ForceSpill(c.Options, 1+r.IntN(20), 1<<(8+r.IntN(14)))
		spilled.Options.SpillDir = dir
		got, sum := answer(t, spilled, v)
		if d := enginetest.Diff(got.Findings, want.Findings); d != "" {
			t.Errorf("seed %d: %s", seed, d)
		}
		if !slices.Equal(got.Blocks, want.Blocks) {
			t.Errorf("seed %d: blocks of %v findings, not of %v", seed, got.Blocks, want.Blocks)
		}
		if sum.Spilled == 0 && sum.Records > 0 {
			t.Errorf("seed %d: nothing was spilled", seed)
		}
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("something is left on disk: %v, %v", names, err)
	}
}

// TestSpilledManyBlocks: where findings of several groups of ranges make up a block, the blocks are those of a run in memory.
func TestSpilledManyBlocks(t *testing.T) {
	c := many(40000)
	for i := range c.Tables { // a record that differs has two findings, one that is missing has one
		y := c.Tables[i].Columns[1]
		y.Name = "y"
		c.Tables[i].Columns = append(c.Tables[i].Columns, y)
	}
	c.Options.Fields = append(c.Options.Fields, engine.Field{Name: "y", Type: record.Int})
	v := enginetest.Variant{Workers: 3, Partitions: 8, Layouts: []enginetest.Layout{{PartRows: 3000}, {PartRows: 777, BatchRows: 100}}, Levels: []int{0, 1}}
	want, _ := answer(t, c, v)
	var gathered []int64 // rows that were read again
	for _, memory := range []int64{1 << 16, 1 << 20, 6 << 20, 1 << 30} {
		spilled := c
		spilled.Options = engine.ForceSpill(c.Options, 24, memory)
		spilled.Options.SpillDir = t.TempDir()
		got, sum := answer(t, spilled, v)
		if d := enginetest.Diff(got.Findings, want.Findings); d != "" {
			t.Errorf("%d bytes: %s", memory, d)
		}
		if len(got.Blocks) < 4 || !slices.Equal(got.Blocks, want.Blocks) {
			t.Errorf("%d bytes: blocks of %v findings, not of %v", memory, got.Blocks, want.Blocks)
		}
		var phases []string
		for _, p := range sum.Phases {
			phases = append(phases, p.Name)
		}
		if want := []string{"load", "join", "gather", "write"}; !slices.Equal(phases, want) {
			t.Fatalf("%d bytes: phases %v, not %v", memory, phases, want)
		}
		gathered = append(gathered, sum.Phases[2].Rows)
	}
	if !slices.IsSortedFunc(gathered, func(a, b int64) int { return int(b - a) }) || gathered[0] < 2*gathered[3] {
		t.Errorf("with more memory %v rows were read again: these are no groups of as many ranges as there is memory for", gathered)
	}
}

// TestSpilledOnce: where the suspects of many groups of ranges are to be read for, they are parked, and the levels are read again once for all of them; where
// there are two groups it is done for each.
func TestSpilledOnce(t *testing.T) {
	c := many(0)
	for i := range int64(40000) {
		for l := range c.Tables {
			id, x := &c.Tables[l].Columns[0], &c.Tables[l].Columns[1]
			id.Cells, x.Cells = append(id.Cells, i), append(x.Cells, i+int64(l))
		}
	}
	v := enginetest.Variant{Workers: 3, Partitions: 8, Layouts: []enginetest.Layout{{PartRows: 3000}, {PartRows: 777, BatchRows: 100}}, Levels: []int{0, 1}}
	want, _ := answer(t, c, v)
	const rows = 80000
	var narrow int64 // what is spilled where nothing is parked
	for _, memory := range []int64{1 << 30, 12 << 20, 4 << 20, 3 << 20} {
		spilled := c
		spilled.Options = engine.ForceSpill(c.Options, 24, memory)
		spilled.Options.SpillDir = t.TempDir()
		got, sum := answer(t, spilled, v)
		if d := enginetest.Diff(got.Findings, want.Findings); d != "" || !slices.Equal(got.Blocks, want.Blocks) {
			t.Errorf("%d bytes: blocks of %v findings, not of %v; %s", memory, got.Blocks, want.Blocks, d)
		}
		if narrow == 0 {
			narrow = sum.Spilled
		}
		if n, twice, parked := sum.Phases[2].Rows, memory == 12<<20, memory < 12<<20; (n > rows) != twice || n < rows || parked != (sum.Spilled > 3*narrow/2) {
			t.Errorf("%d bytes: %d rows were read again of %d, and %d bytes spilled", memory, n, rows, sum.Spilled)
		}
	}
}

// TestSpilledOnceNulls: so it is where levels that agree tell in two ways that they have no value.
func TestSpilledOnceNulls(t *testing.T) {
	const rows = 20000
	blanks := []any{nil, "y", ""}
	var c enginetest.Case
	for l, blank := range blanks {
		var ids, xs []any
		for i := range int64(rows) {
			if ids = append(ids, i); i%2 == 0 || l == 1 {
				xs = append(xs, blank)
			} else {
				xs = append(xs, "x")
			}
		}
		c.Tables = append(c.Tables, enginetest.Table{Name: string(rune('a' + l)), Columns: []enginetest.Column{
			{Name: "id", Type: arrow.PrimitiveTypes.Int64, Cells: ids}, {Name: "x", Type: arrow.BinaryTypes.String, Cells: xs}}})
	}
	c.Options = engine.Options{Key: []engine.Field{{Name: "id", Type: record.Int}}, Fields: []engine.Field{{Name: "x", Type: record.String}}}
	v := enginetest.Variant{Workers: 2, Partitions: 8, Layouts: []enginetest.Layout{{PartRows: 3000}, {PartRows: 3000}, {PartRows: 3000}}, Levels: []int{0, 1, 2}}
	want, _ := answer(t, c, v)
	c.Options = engine.ForceSpill(c.Options, 24, 2<<20)
	c.Options.SpillDir = t.TempDir()
	got, sum := answer(t, c, v)
	if d := enginetest.Diff(got.Findings, want.Findings); d != "" {
		t.Error(d)
	}
	if n := sum.Phases[2].Rows; n != 3*rows {
		t.Errorf("%d rows were read again, not %d", n, 3*rows)
	}
}

// TestSpilledWide: where a row of a level is larger than a piece of the level before, since so many sets of levels share a field that only it is in, findings
// are those of a run in memory.
func TestSpilledWide(t *testing.T) {
	const others, fields = 11, 1100 // levels beside the first two; each field is in another set of them
	column := func(name string, cells ...any) enginetest.Column {
		return enginetest.Column{Name: name, Type: arrow.PrimitiveTypes.Int64, Cells: cells}
	}
	var c enginetest.Case
	for l := range 2 + others {
		c.Tables = append(c.Tables, enginetest.Table{Name: fmt.Sprintf("level%d", l), Columns: []enginetest.Column{column("id", int64(1), int64(2))}})
	}
	c.Options.Key = []engine.Field{{Name: "id", Type: record.Int}}
	for f := range fields {
		sets := f<<2 | 2 // level 1, and those of a set that no other field has
		if f == 0 {
			sets = 3
		}
		name := fmt.Sprintf("f%d", f)
		c.Options.Fields = append(c.Options.Fields, engine.Field{Name: name, Type: record.Int})
		for l := range c.Tables {
			if sets>>l&1 != 0 {
				c.Tables[l].Columns = append(c.Tables[l].Columns, column(name, int64(f), int64(f*l)))
			}
		}
	}
	v := plain(c)
	want, _ := answer(t, c, v)
	c.Options = engine.ForceSpill(c.Options, 2, 1<<14)
	c.Options.SpillDir = t.TempDir()
	got, _ := answer(t, c, v)
	if d := enginetest.Diff(got.Findings, want.Findings); d != "" || len(want.Findings) < fields-1 {
		t.Errorf("%d findings, %s", len(want.Findings), d)
	}
}

// TestBeyond: a run that turns out to keep more than it may, while rows are added and while they are looked through, begins anew and spills
// them to the folder that is meant for that.
func TestBeyond(t *testing.T) {
	c := many(20000)
	v := enginetest.Variant{Workers: 3, Partitions: 8, Layouts: []enginetest.Layout{{PartRows: 3000}, {PartRows: 777}}, Levels: []int{0, 1}}
	want, wantSum := answer(t, c, v)
	seen := map[string]bool{}
	for memory := int64(1 << 19); memory < 1<<25; memory += memory / 3 {
		within := c
		within.Options = engine.Within(c.Options, memory)
		within.Options.SpillDir = t.TempDir()
		var plans []engine.MemoryPlan
		within.Options.Fitted = func(m engine.MemoryPlan) {
			if !m.Loaded {
				plans = append(plans, m)
			}
		}
		gathered := false
		within.Options.Progress = func(p engine.Progress) {
			if len(plans) == 1 && p.Elapsed > 0 {
				gathered = true // load is over
			}
		}
		got, sum := answer(t, within, v)
		if d := enginetest.Diff(got.Findings, want.Findings); d != "" {
			t.Errorf("%d bytes: %s", memory, d)
		}
		if d := enginetest.DiffSummary(sum, wantSum); d != "" {
			t.Errorf("%d bytes: summary: %s", memory, d)
		}
		if !slices.Equal(got.Blocks, want.Blocks) {
			t.Errorf("%d bytes: blocks of %v findings, not of %v", memory, got.Blocks, want.Blocks)
		}
		if plans[0].Spill || plans[0].Anew {
			t.Errorf("%d bytes: began as %+v", memory, plans[0])
		}
		switch {
		case len(plans) == 1 && sum.Spilled == 0:
			seen["in memory"] = true
		case len(plans) == 2 && sum.Spilled > 0:
			if m := plans[1]; !m.Spill || !m.Anew || m.SpillDir != within.Options.SpillDir || m.Ranges < 8 || m.SpillBytes < sum.Spilled/2 {
				t.Errorf("%d bytes: went on as %+v", memory, m)
			}
			seen[map[bool]string{false: "while adding", true: "while looking"}[gathered]] = true
		default:
			t.Errorf("%d bytes: %d plans, %d bytes spilled", memory, len(plans), sum.Spilled)
		}
	}
	if len(seen) < 3 {
		t.Errorf("seen: %v", seen)
	}
}

// TestSpilledFullBlock: where a group of ranges fills the block that the one before began to the last record, the next one begins anew.
func TestSpilledFullBlock(t *testing.T) {
	const rows = 32770 // the second of four ranges ends with the 16,384th suspect, as a sample of every second key has it
	column := func(n int) enginetest.Table {
		var ids []any
		for i := range n {
			ids = append(ids, fmt.Sprintf("%05d", i))
		}
		id := enginetest.Column{Name: "id", Type: arrow.BinaryTypes.String, Cells: ids}
		x := enginetest.Column{Name: "x", Type: arrow.BinaryTypes.String, Cells: ids}
		return enginetest.Table{Columns: []enginetest.Column{id, x}}
	}
	c := enginetest.Case{Tables: []enginetest.Table{column(rows), column(1)}, Options: engine.Options{
		Key: []engine.Field{{Name: "id", Type: record.String}}, Fields: []engine.Field{{Name: "x", Type: record.String}}}}
	c.Tables[0].Name, c.Tables[1].Name = "a", "b"
	want, _ := answer(t, c, plain(c))
	c.Options = engine.ForceSpill(c.Options, 4, 1<<16)
	got, _ := answer(t, c, plain(c))
	if d := enginetest.Diff(got.Findings, want.Findings); d != "" {
		t.Error(d)
	}
	if !slices.Equal(got.Blocks, want.Blocks) || got.Blocks[0] != 4096 {
		t.Errorf("blocks of %v findings, not of %v", got.Blocks, want.Blocks)
	}
}

// TestBeyondCounts: the table counts by itself as what a run keeps, and so do rows without a key.
func TestBeyondCounts(t *testing.T) {
	var ids, none, same []any
	for i := range int64(20000) {
		ids, none, same = append(ids, i), append(none, nil), append(same, int64(7))
	}
	for name, c := range map[string]struct {
		ids    []any
		memory int64 // more than the table takes where no row has a key, or all have one
		latest string
		plans  int
	}{
		"table":                           {ids, 1 << 19, "", 2},
		"rows without a key":              {none, 2 << 20, "", 2},
		"rows of which one is the latest": {same, 1_300_000, "x", 2},
		"some of them at a time":          {same, 4 << 20, "x", 1},
		"rows that are put together":      {same, 1_300_000, "", 1},
	} {
		two := many(0)
		for l := range two.Tables {
			two.Tables[l].Columns[0].Cells, two.Tables[l].Columns[1].Cells = c.ids, ids
			two.Tables[l].LatestBy = c.latest
		}
		plans := 0
		two.Options = engine.Within(two.Options, c.memory)
		two.Options.SpillDir = t.TempDir()
		two.Options.Fitted = func(m engine.MemoryPlan) {
			if !m.Loaded {
				plans++
			}
		}
		answer(t, two, enginetest.Variant{Workers: 2, Partitions: 8, Layouts: make([]enginetest.Layout, 2), Levels: []int{0, 1}})
		if plans != c.plans {
			t.Errorf("%s: with %d bytes there were %d plans", name, c.memory, plans)
		}
	}
}
