package enginetest

import (
	"context"
	"errors"
	"testing"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// valueText gives a value of an array by the library's words, "" for null.
func valueText(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return ""
	}
	if d, ok := a.(*array.Dictionary); ok {
		return valueText(d.Dictionary(), d.GetValueIndex(i))
	}
	return "= " + a.ValueStr(i)
}

// TestSource reads tables back in every layout, every batch kept until all are read.
func TestSource(t *testing.T) {
	shapes := map[arrow.Type]bool{}
	for seed := range uint64(30) {
		for _, table := range Random(seed).Tables {
			for shape := range numShapes {
				alloc := new(Scribbler)
				src := Source(table, Layout{Shape: shape, PartRows: 13, BatchRows: 5, Slack: int(seed % 3), Offset: int(seed % 7), Prefix: "p ", Alloc: alloc})
				checkSource(t, table, src, shapes, int(seed%3))
				if n := alloc.InUse(); n != 0 {
					t.Fatalf("seed %d, shape %d: %d bytes are still in use", seed, shape, n)
				}
			}
		}
	}
	for _, id := range []arrow.Type{arrow.STRING, arrow.STRING_VIEW, arrow.BINARY_VIEW, arrow.DICTIONARY, arrow.INT64} {
		if !shapes[id] {
			t.Errorf("no batch held a column of %s", id)
		}
	}
}

func checkSource(t *testing.T, table Table, s level.Source, shapes map[arrow.Type]bool, slack int) {
	t.Helper()
	var columns []int // all but the first, backwards
	for c := len(table.Columns) - 1; c > 0; c-- {
		columns = append(columns, c)
	}
	row := 0
	for i, p := range s.Parts() {
		if p.FirstRow != int64(row+1) {
			t.Fatalf("part %d begins at row %d, want %d", i, p.FirstRow, row+1)
		}
		r, err := s.Read(t.Context(), i, columns)
		if err != nil {
			t.Fatal(err)
		}
		var kept []arrow.Record
		for r.Next() {
			r.Record().Retain()
			kept = append(kept, r.Record())
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		r.Release()
		rows := 0
		for _, rec := range kept {
			for c, col := range columns {
				a := rec.Column(c)
				shapes[a.DataType().ID()] = true
				flat := arrayOf(table.Columns[col].Type, table.Columns[col].Cells[row:row+int(rec.NumRows())], new(Scribbler))
				if rec.ColumnName(c) != "p "+table.Columns[col].Name {
					t.Fatalf("part %d: column %d has the wrong name", i, c)
				}
				for j := range a.Len() {
					if valueText(a, j) != valueText(flat, j) {
						t.Fatalf("part %d, row %d, column of %s: not the cell", i, row+j+1, a.DataType())
					}
				}
			}
			rows += int(rec.NumRows())
			row += int(rec.NumRows())
			rec.Release()
		}
		if int(p.Rows) != rows+slack {
			t.Fatalf("part %d has %d rows and promises %d", i, rows, p.Rows)
		}
	}
	if row != table.Rows() {
		t.Fatalf("%d rows read, want %d", row, table.Rows())
	}
}

func TestSourceEndsWithContext(t *testing.T) {
	table := grid("a", "id", "1", "2", "3")
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Source(table, Layout{BatchRows: 1}).Read(ctx, 0, []int{0})
	if err != nil || !r.Next() {
		t.Fatal("no first batch")
	}
	defer r.Release()
	cancel()
	if r.Next() || !errors.Is(r.Err(), context.Canceled) {
		t.Errorf("a batch after the context ended, or error %v", r.Err())
	}
}

func TestScribbler(t *testing.T) {
	s := new(Scribbler)
	b := s.Allocate(4)
	copy(b, "abcd")
	grown := s.Reallocate(8, b)
	if b[0] == 'a' || string(grown[:4]) != "abcd" || s.InUse() != 8 {
		t.Error("growing does not copy, scribble and count")
	}
	s.Free(grown)
	if grown[0] == 'a' || s.InUse() != 0 {
		t.Error("freeing does not scribble and count")
	}
}

// TestLateParts: with two parts a group, the first of a group waits until the second was read, once.
func TestLateParts(t *testing.T) {
	src := Source(grid("a", "id", "1", "2", "3", "4"), Layout{PartRows: 1, Late: 2})
	read := func(ctx context.Context, part int) error {
		r, err := src.Read(ctx, part, []int{0})
		if err == nil {
			r.Release()
		}
		return err
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := read(ended, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("part 0 before part 1: error %v", err)
	}
	for _, part := range []int{1, 0, 0, 1, 3, 2, 4} {
		if err := read(t.Context(), part); err != nil {
			t.Errorf("part %d: %v", part, err)
		}
	}
}
