package parquetio

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
)

// valuesOf gives the values of a column as texts, nulls as "null".
func valuesOf(arr arrow.Array) (values []string) {
	for i := range arr.Len() {
		of, at := arr, i
		if d, ok := arr.(*array.Dictionary); ok && arr.IsValid(i) {
			of, at = d.Dictionary(), d.GetValueIndex(i)
		}
		if of.IsNull(at) {
			values = append(values, "null")
		} else {
			values = append(values, of.ValueStr(at))
		}
	}
	return values
}

// TestJoined: dictionaries of parts that are read at once are one if they have few entries, and say what they say one by one.
func TestJoined(t *testing.T) {
	type row struct {
		Few   *string `parquet:"few,dict,optional,snappy"`
		Long  string  `parquet:"long,dict,snappy"`
		Count int64   `parquet:"count,dict,snappy"`
		Many  string  `parquet:"many,dict,snappy"`
		Plain string  `parquet:"plain,plain,snappy"`
	}
	rng := rand.New(rand.NewPCG(21, 22))
	var paths []string
	dir := t.TempDir()
	for i := range 7 {
		path := filepath.Join(dir, fmt.Sprint(i, ".parquet"))
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := parquet.NewGenericWriter[row](f, parquet.MaxRowsPerRowGroup(60), parquet.PageBufferSize(100))
		for range 100 + rng.IntN(100) {
			text := fmt.Sprint("few", rng.IntN(3+i))
			r := row{&text, fmt.Sprintf("one of some longer texts, of which there are %d", rng.IntN(4)), rng.Int64N(5), fmt.Sprint(rng.IntN(1e9)), text}
			if rng.IntN(4) == 0 {
				r.Few = nil
			}
			if _, err := w.Write([]row{r}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	s, err := Open(paths, Options{Allocator: mem, kept: &kept{most: 0}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	columns := []int{0, 1, 2, 3, 4}
	read := func(first, end int, picked [][]uint32) (values [][]string, dictionaries []bool) {
		r, err := s.ReadBundle(context.Background(), first, end, columns)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Release()
		if picked != nil {
			r.(*reader).Pick(picked)
		}
		values = make([][]string, len(columns))
		for r.Next() {
			dictionaries = nil
			for c, arr := range r.Record().Columns() {
				if !arrow.TypeEqual(arr.DataType(), r.Schema().Field(c).Type) {
					t.Fatalf("column %d does not arrive as the schema says", c)
				}
				values[c] = append(values[c], valuesOf(arr)...)
				_, is := arr.(*array.Dictionary)
				dictionaries = append(dictionaries, is)
			}
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		return values, dictionaries
	}
	want := make([][]string, len(columns))
	for part := range s.Parts() {
		values, _ := read(part, part+1, nil)
		for c := range values {
			want[c] = append(want[c], values[c]...)
		}
	}
	got, dictionaries := read(0, len(s.Parts()), nil)
	if !slices.Equal(dictionaries, []bool{true, true, true, false, false}) {
		t.Errorf("dictionaries arrive as %v", dictionaries)
	}
	for c := range want {
		if !slices.Equal(got[c], want[c]) {
			t.Errorf("column %d of all parts has other values than one by one", c)
		}
	}
	picked := make([][]uint32, len(columns))
	for c := range picked {
		for row := range want[c] {
			if rng.IntN(50) == 0 {
				picked[c] = append(picked[c], uint32(row))
			}
		}
	}
	got, dictionaries = read(0, len(s.Parts()), picked)
	if slices.Contains(dictionaries, true) {
		t.Error("dictionaries are joined where some rows are wanted")
	}
	for c := range picked {
		for _, row := range picked[c] {
			if got[c][row] != want[c][row] {
				t.Errorf("column %d, row %d: another value where some are wanted", c, row)
			}
		}
	}
	for _, last := range []int{0, len(s.files) - 1} { // files in which nothing is wanted are not opened
		if err := os.Truncate(paths[last], 9); err != nil {
			t.Fatal(err)
		}
	}
	rows, end := len(want[0]), len(s.files)-1
	begin := 0
	for i, p := range s.Parts() {
		if s.groups[i].file == 0 {
			begin += int(p.Rows)
		} else if s.groups[i].file == end {
			rows -= int(p.Rows)
		}
	}
	for c := range picked {
		picked[c] = slices.DeleteFunc(picked[c], func(row uint32) bool { return int(row) < begin || int(row) >= rows })
	}
	got, _ = read(0, len(s.Parts()), picked)
	for c := range picked {
		for _, row := range picked[c] {
			if got[c][row] != want[c][row] {
				t.Errorf("column %d, row %d: another value where some files are not opened", c, row)
			}
		}
	}
	r, err := s.ReadBundle(context.Background(), 0, len(s.Parts()), columns)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if r.Next() || r.Err() == nil {
		t.Error("files that were changed are read")
	}
}
