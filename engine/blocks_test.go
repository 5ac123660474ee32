package engine_test

import (
	"slices"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// many gives two levels: a has records 0 to n-1 and then n rows without a key, b has the even records, of which
// every other differs.
func many(n int) enginetest.Case {
	column := func(name string, cells []any) enginetest.Column {
		return enginetest.Column{Name: name, Type: arrow.PrimitiveTypes.Int64, Cells: cells}
	}
	var idA, idB, xA, xB []any
	for i := range int64(n) {
		idA, xA = append(idA, i), append(xA, i)
		switch i % 4 {
		case 0:
			idB, xB = append(idB, i), append(xB, i)
		case 2:
			idB, xB = append(idB, i), append(xB, -i)
		}
	}
	for range n {
		idA, xA = append(idA, nil), append(xA, nil)
	}
	return enginetest.Case{
		Tables: []enginetest.Table{
			{Name: "a", Columns: []enginetest.Column{column("id", idA), column("x", xA)}},
			{Name: "b", Columns: []enginetest.Column{column("id", idB), column("x", xB)}},
		},
		Options: engine.Options{Key: []engine.Field{{Name: "id", Type: record.Int}}, Fields: []engine.Field{{Name: "x", Type: record.Int}}},
	}
}

// TestManyBlocks: where there are more findings than a block holds, the blocks end at the same findings whatever the number of
// workers, and follow one another in report order.
func TestManyBlocks(t *testing.T) {
	c := many(40000)
	want, _ := enginetest.Oracle(c.Tables, c.Options)
	var blocks []int
	for _, v := range []enginetest.Variant{
		{Workers: 1, Partitions: 1, Layouts: make([]enginetest.Layout, 2), Levels: []int{0, 1}},
		{Workers: 4, Partitions: 64, Layouts: []enginetest.Layout{{PartRows: 3000}, {PartRows: 777, BatchRows: 100}}, Levels: []int{0, 1}},
		{Workers: 3, Partitions: 256, Layouts: []enginetest.Layout{{BatchRows: 5000}, {}}, Levels: []int{0, 1}},
	} {
		got, _ := answer(t, c, v)
		if d := enginetest.Diff(got.Findings, want); d != "" {
			t.Errorf("%v: %s", v, d)
		}
		if blocks == nil {
			blocks = got.Blocks
		}
		if len(got.Blocks) < 4 || !slices.Equal(got.Blocks, blocks) {
			t.Errorf("%v: blocks of %v findings, with one worker %v", v, got.Blocks, blocks)
		}
	}
}
