package parquetio

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/level"
	"crosscheck/loaders/loadertest"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
)

// TestSample takes the first rows of parts that are one large page a column, from the beginnings of the pages where the codec and the encoding
// allow it, and holds them against those that reading the part gives.
func TestSample(t *testing.T) {
	const all, rows = 30_000, 1000
	values := func(f func(i int) any) []any {
		out := make([]any, all)
		for i := range out {
			if i%7 != 3 {
				out[i] = f(i)
			}
		}
		return out
	}
	table := loadertest.Table{Columns: []loadertest.Column{
		{Name: "id", Type: arrow.BinaryTypes.String, Values: values(func(i int) any { return fmt.Sprintf("99%016d", uint64(i)*0x9e3779b97f4a7c15%1e16) })},
		{Name: "text", Type: arrow.BinaryTypes.String, Values: values(func(i int) any { return strings.Repeat(fmt.Sprint(i), i%20) })},
		{Name: "word", Type: arrow.BinaryTypes.String, Values: values(func(i int) any { return []string{"a", "bb", "ccc"}[i*i%3] })},
		{Name: "number", Type: arrow.PrimitiveTypes.Int64, Values: values(func(i int) any { return int64(i) * 1e9 })},
		{Name: "flag", Type: arrow.FixedWidthTypes.Boolean, Values: values(func(i int) any { return i%3 == 0 })},
	}}
	for _, test := range []struct {
		style style
		tells []string // the columns whose beginning does
	}{
		{style{name: "plain", version: 1}, []string{"id", "text", "word", "number", "flag"}},
		{style{name: "snappy", version: 1, codec: &parquet.Snappy}, []string{"id", "text", "word", "number", "flag"}},
		{style{name: "snappy-v2", version: 2, codec: &parquet.Snappy}, []string{"id", "text", "word", "number", "flag"}},
		{style{name: "zstd", version: 1, codec: &parquet.Zstd}, []string{"id", "text", "word", "number", "flag"}},
		{style{name: "gzip", version: 1, codec: &parquet.Gzip}, []string{"id", "text", "word", "number", "flag"}},
		{style{name: "brotli", version: 2, codec: &parquet.Brotli}, []string{"id", "text", "word", "number", "flag"}},
		{style{name: "lz4", version: 1, codec: &parquet.Lz4Raw}, []string{"flag", "word"}},
		{style{name: "dictionary", version: 1, dict: true, codec: &parquet.Snappy}, []string{"word", "flag"}},
		{style{name: "delta", version: 1, texts: &parquet.DeltaLengthByteArray, numbers: &parquet.DeltaBinaryPacked, codec: &parquet.Snappy}, []string{"word", "number", "flag"}},
	} {
		test.style.page = 64 << 20
		if test.style.texts == nil {
			test.style.texts = &parquet.Plain
		}
		path := filepath.Join(t.TempDir(), "f.parquet")
		test.style.write(t, path, table)
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		s, err := Open([]string{path}, Options{Allocator: mem})
		if err != nil {
			t.Fatal(err)
		}
		for c, column := range table.Columns {
			batch := s.begin(context.Background(), 0, []int{c}, beginning{rows, 64 << 10}) // zstd has blocks of 128 KiB
			if tells := slices.Contains(test.tells, column.Name); (batch != nil) != tells {
				t.Errorf("%s: column %s: the beginning tells: %t", test.style.name, column.Name, batch != nil)
			}
			if batch != nil {
				batch.Release()
			}
			whole, err := level.First(context.Background(), s, 0, []int{c})
			if err != nil {
				t.Fatal(err)
			}
			sample, err := s.Begin(context.Background(), 0, []int{c}, rows)
			if err != nil {
				t.Fatal(err)
			}
			if sample.NumRows() < rows || !slices.Equal(textsOf(t, sample.Column(0))[:rows], textsOf(t, whole.Column(0))[:rows]) {
				t.Errorf("%s: column %s: the sample differs from the first rows", test.style.name, column.Name)
			}
			whole.Release()
			sample.Release()
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		mem.AssertSize(t, 0)
	}
}
