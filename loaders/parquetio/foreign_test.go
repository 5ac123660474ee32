package parquetio

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestForeign reads small files that pyarrow, DuckDB and Polars wrote of one table, and holds every value's text to it.
// Some writers drop the zone of a timestamp or add one; that is no matter of the reader.
func TestForeign(t *testing.T) {
	dir := "../../testdata/datasets/parquet"
	raw, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]*string
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.parquet"))
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
			defer mem.AssertSize(t, 0)
			s, err := Open([]string{file}, Options{BatchRows: 7, Allocator: mem})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if len(s.Skipped()) > 0 || s.Schema().NumFields() < len(want)-1 {
				t.Errorf("%d columns, left out: %v", s.Schema().NumFields(), s.Skipped())
			}
			for c, field := range s.Schema().Fields() {
				row := 0
				for part := range s.Parts() {
					r, err := s.Read(context.Background(), part, []int{c})
					if err != nil {
						t.Fatal(err)
					}
					for r.Next() {
						arr := r.Record().Column(0)
						for i := range arr.Len() {
							got, ok := record.AppendText(nil, arr, i)
							w := want[field.Name][row]
							if ok != (w != nil) || ok && strings.TrimSuffix(string(got), "Z") != strings.TrimSuffix(*w, "Z") {
								t.Errorf("column %s (%s), row %d: another value than written", field.Name, arr.DataType(), row)
							}
							row++
						}
					}
					if err := r.Err(); err != nil {
						t.Errorf("column %s: %v", field.Name, err)
					}
					r.Release()
				}
				if row != len(want[field.Name]) {
					t.Errorf("column %s has %d rows, want %d", field.Name, row, len(want[field.Name]))
				}
			}
		})
	}
}
