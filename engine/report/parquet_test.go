package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// write makes a report of the blocks and gives its path.
func write(t testing.TB, name string, h verdict.Header, bs []*verdict.Block, opt Options) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	opt.RunDate = night
	w, err := Create(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if err := w.Begin(h); err != nil {
		t.Fatal(err)
	}
	for _, b := range bs {
		if err := w.Write(context.Background(), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, path string) *parquet.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	pf, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return pf
}

// rows reads all rows of a Parquet file as cells.
func rows(t testing.TB, pf *parquet.File) [][]any {
	t.Helper()
	var out [][]any
	for _, rg := range pf.RowGroups() {
		r := rg.Rows()
		buf := make([]parquet.Row, 100)
		for {
			n, err := r.ReadRows(buf)
			for _, row := range buf[:n] {
				cells := make([]any, len(row))
				for i, v := range row {
					switch {
					case v.IsNull():
					case v.Kind() == parquet.Boolean:
						cells[i] = v.Boolean()
					case v.Kind() == parquet.Int32:
						cells[i] = int64(v.Int32())
					case v.Kind() == parquet.Int64:
						cells[i] = v.Int64()
					default:
						cells[i] = string(v.ByteArray())
					}
				}
				out = append(out, cells)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		r.Close()
	}
	return out
}

var shapes = []shape{
	{seed: 1, findings: 0, levels: 2, fields: 1},
	{seed: 2, findings: 1, levels: 3, fields: 2, carry: 1},
	{seed: 3, findings: 5000, levels: 2, fields: 0},
	{seed: 4, findings: 5000, levels: 3, fields: 7, carry: 4},
	{seed: 5, findings: 3000, levels: 16, fields: 30, carry: 2},
}

// small makes row groups and pages small enough for a test to have many.
func small(workers int) Options { return Options{Workers: workers, groupRows: 1000, pageRows: 300} }

func TestParquetHoldsWhatWasFound(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.String(), func(t *testing.T) {
			h, findings := s.header(), s.random()
			pf := open(t, write(t, "r.parquet", h, blocks(findings, 700, s.seed), small(2)))
			var names []string
			for _, path := range pf.Schema().Columns() {
				names = append(names, path[0])
			}
			if want := columnNames(h); !slices.Equal(names, want) {
				t.Fatalf("columns are %q, want %q", names, want)
			}
			got := rows(t, pf)
			if len(got) != len(findings) || pf.NumRows() != int64(len(findings)) {
				t.Fatalf("%d rows read, %d by the metadata, want %d", len(got), pf.NumRows(), len(findings))
			}
			for i := range got {
				want := cells(h, &findings[i])
				for c := range want {
					if got[i][c] != want[c] {
						t.Fatalf("row %d, column %d (%s) is not what was found", i, c, names[c])
					}
				}
			}
		})
	}
}

func TestParquetBytesDependOnFindingsAlone(t *testing.T) {
	for _, s := range shapes {
		h, findings := s.header(), s.random()
		var want []byte
		for workers := 1; workers <= 8; workers++ {
			size := []int{1, 17, 300, 100_000}[workers%4]
			path := write(t, "r.parquet", h, blocks(findings, size, uint64(workers)), small(workers))
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("%v: %d workers and blocks of up to %d give other bytes", s, workers, size)
			}
		}
	}
}

// A column of many distinct long values outgrows its dictionary half-way; the row group writer behind it is used again.
func TestParquetOutgrowsDictionaryAndPage(t *testing.T) {
	s := shape{seed: 6, findings: 4000, levels: 2, fields: 1, carry: 1}
	h, findings := s.header(), s.random()
	for i := range findings {
		findings[i].Carry = [][]byte{fmt.Appendf(nil, "%0500d", i)}
		if i%500 == 7 || i/8 == 130 {
			findings[i].Values = [][]byte{bytes.Repeat([]byte("x"), 3*pageBytes/2), nil}
		}
	}
	opt := Options{groupRows: 1500, pageRows: 400}
	var first []byte
	for opt.Workers = 1; opt.Workers <= 3; opt.Workers++ {
		path := write(t, "r.parquet", h, blocks(findings, 99, 1), opt)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
			pf := open(t, path)
			plain := format.PageEncodingStats{PageType: format.DataPage, Encoding: format.DeltaLengthByteArray}
			for g, rg := range pf.Metadata().RowGroups {
				if carry := rg.Columns[len(rg.Columns)-1].MetaData; g < 2 && !has(carry, plain) {
					t.Errorf("row group %d: all pages of a column of distinct values use a dictionary", g)
				}
				if kind := rg.Columns[1].MetaData; has(kind, plain) {
					t.Errorf("row group %d: pages of the column kind use no dictionary", g)
				}
			}
			longest := 3 * pageBytes / 2
			pages := pf.Root().Column("value_city").Pages()
			for {
				p, err := pages.ReadPage()
				if err != nil {
					break
				}
				if p.Size() > int64(pageBytes+longest+pageBytes/10) {
					t.Errorf("a page of %d bytes", p.Size())
				}
				parquet.Release(p)
			}
			pages.Close()
			got := rows(t, pf)
			if len(got) != len(findings) {
				t.Fatalf("%d rows read, want %d", len(got), len(findings))
			}
			for i := range got {
				if want := cells(h, &findings[i]); !slices.Equal(got[i], want) {
					t.Fatalf("row %d is not what was found", i)
				}
			}
		}
		if !bytes.Equal(data, first) {
			t.Fatalf("%d workers give other bytes", opt.Workers)
		}
	}
}

// has tells whether a column chunk has pages of a type and encoding.
func has(m format.ColumnMetaData, want format.PageEncodingStats) bool {
	return slices.ContainsFunc(m.EncodingStats, func(st format.PageEncodingStats) bool {
		return st.PageType == want.PageType && st.Encoding == want.Encoding
	})
}

func TestParquetMetadata(t *testing.T) {
	s := shape{seed: 7, findings: 5000, levels: 3, fields: 4, carry: 2}
	h, findings := s.header(), s.random()
	pf := open(t, write(t, "r.parquet", h, blocks(findings, 999, 1), small(2)))
	meta := pf.Metadata()
	if meta.CreatedBy != "crosscheck" {
		t.Errorf("created by %q", meta.CreatedBy)
	}
	for key, want := range map[string]string{
		"crosscheck.schema": "2",
		"crosscheck.levels": `["city","区","street"]`,
		"crosscheck.fields": `["field, \"00\"","field, \"01\"","field, \"02\"","field, \"03\""]`,
	} {
		if got, ok := pf.Lookup(key); !ok || got != want {
			t.Errorf("metadata %s is %q, want %q", key, got, want)
		}
	}
	if len(meta.KeyValueMetadata) != 3 {
		t.Errorf("%d metadata keys, want 3", len(meta.KeyValueMetadata))
	}
	if n := len(meta.RowGroups); n != 5 {
		t.Fatalf("%d row groups, want 5", n)
	}
	for i, rg := range meta.RowGroups {
		if rg.NumRows != 1000 {
			t.Errorf("row group %d has %d rows", i, rg.NumRows)
		}
		want := []format.SortingColumn{{ColumnIdx: 0, NullsFirst: true}, {ColumnIdx: 1, NullsFirst: true}, {ColumnIdx: 2, NullsFirst: true}}
		if !slices.Equal(rg.SortingColumns, want) {
			t.Errorf("row group %d is sorted by %+v", i, rg.SortingColumns)
		}
		for c := range rg.Columns {
			if m := rg.Columns[c].MetaData; m.Codec != format.Snappy || slices.ContainsFunc(m.EncodingStats, func(st format.PageEncodingStats) bool {
				return st.PageType == format.DataPageV2
			}) {
				t.Errorf("column %v is compressed with %v, its pages are %v", m.PathInSchema, m.Codec, m.EncodingStats)
			}
		}
	}
}

// The rows come in the order that the metadata claims, judged by the names in the file alone.
func TestParquetIsSortedAsClaimed(t *testing.T) {
	s := shape{seed: 8, findings: 5000, levels: 2, fields: 12}
	got := rows(t, open(t, write(t, "r.parquet", s.header(), blocks(s.random(), 999, 1), small(2))))
	text := func(v any) string {
		if v == nil {
			return ""
		}
		return "+" + v.(string)
	}
	for i := 1; i < len(got); i++ {
		if slices.CompareFunc(got[i-1][:3], got[i][:3], func(a, b any) int { return bytes.Compare([]byte(text(a)), []byte(text(b))) }) > 0 {
			t.Fatalf("row %d comes before row %d", i, i-1)
		}
	}
}

// Minima, maxima and null counts of column chunks and pages are those of the values, pages are no longer than asked.
func TestParquetStatisticsAndPageIndex(t *testing.T) {
	s := shape{seed: 9, findings: 5000, levels: 3, fields: 4, carry: 2}
	h := s.header()
	pf := open(t, write(t, "r.parquet", h, blocks(s.random(), 999, 1), small(2)))
	for g, rg := range pf.RowGroups() {
		for c, chunk := range rg.ColumnChunks() {
			name := columnNames(h)[c]
			index, err := chunk.ColumnIndex()
			if err != nil {
				t.Fatal(err)
			}
			offsets, err := chunk.OffsetIndex()
			if err != nil {
				t.Fatal(err)
			}
			typ, pages := chunk.Type(), chunk.Pages()
			var low, high parquet.Value
			var nulls, row int64
			n := 0
			for ; ; n++ {
				p, err := pages.ReadPage()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if p.NumRows() > 300 || offsets.FirstRowIndex(n) != row {
					t.Fatalf("group %d, %s, page %d: %d rows from row %d, want at most 300 from row %d", g, name, n, p.NumRows(), offsets.FirstRowIndex(n), row)
				}
				row += p.NumRows()
				values := make([]parquet.Value, p.NumValues())
				if _, err := p.Values().ReadValues(values); err != nil && !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				var pageNulls int64
				for _, v := range values {
					if v.IsNull() {
						pageNulls++
						continue
					}
					// Bounds may be cut short in the page index, and then enclose the values.
					if typ.Compare(v, index.MinValue(n)) < 0 || typ.Compare(v, index.MaxValue(n)) > 0 {
						t.Fatalf("group %d, %s, page %d: a value is out of bounds", g, name, n)
					}
					if low.IsNull() || typ.Compare(v, low) < 0 {
						low = v.Clone()
					}
					if high.IsNull() || typ.Compare(v, high) > 0 {
						high = v.Clone()
					}
				}
				if index.NullCount(n) != pageNulls || index.NullPage(n) != (pageNulls == p.NumValues()) {
					t.Fatalf("group %d, %s, page %d: wrong count of nulls", g, name, n)
				}
				nulls += pageNulls
				parquet.Release(p)
			}
			pages.Close()
			if n != 4 || index.NumPages() != 4 || offsets.NumPages() != 4 {
				t.Fatalf("group %d, %s: %d pages, want 4", g, name, n)
			}
			st := pf.Metadata().RowGroups[g].Columns[c].MetaData.Statistics
			if st.NullCount != nulls || !bytes.Equal(st.MinValue, low.Bytes()) || !bytes.Equal(st.MaxValue, high.Bytes()) {
				t.Fatalf("group %d, %s: statistics are not those of the values", g, name)
			}
			if name == "record_key" && (!index.IsAscending() ||
				!bytes.Equal(index.MinValue(0).ByteArray(), low.ByteArray()) || !bytes.Equal(index.MaxValue(n-1).ByteArray(), high.ByteArray())) {
				t.Errorf("group %d: the page index does not say that keys ascend, and from where to where", g)
			}
			for i := range n {
				if len(index.MinValue(i).Bytes()) > boundsMax || len(index.MaxValue(i).Bytes()) > boundsMax {
					t.Errorf("group %d, %s, page %d: bounds are not cut short", g, name, i)
				}
			}
		}
	}
}

func TestParquetBloomFilter(t *testing.T) {
	s := shape{seed: 10, findings: 5000, levels: 2, fields: 4}
	findings := s.random()
	pf := open(t, write(t, "r.parquet", s.header(), blocks(findings, 999, 1), small(2)))
	hits := 0
	for g, rg := range pf.RowGroups() {
		for c, chunk := range rg.ColumnChunks() {
			if (chunk.BloomFilter() != nil) != (c == 0) {
				t.Fatalf("column %d: bloom filter is there: %v", c, chunk.BloomFilter() != nil)
			}
		}
		filter := rg.ColumnChunks()[0].BloomFilter()
		if want := int64(1000 * bloomBits / 8); filter.Size() < want || filter.Size() > want+64 {
			t.Errorf("filter of %d bytes, want about %d", filter.Size(), want)
		}
		for i := range 1000 {
			ok, err := filter.Check(parquet.ByteArrayValue(findings[g*1000+i].Key))
			if err != nil || !ok {
				t.Fatalf("group %d: the key of row %d is not in the filter (%v)", g, i, err)
			}
			if ok, _ := filter.Check(parquet.ByteArrayValue(fmt.Appendf(nil, "99absent%d", i))); ok {
				hits++
			}
		}
	}
	if hits > 5000/50 {
		t.Errorf("%d of 5000 absent keys pass the filter", hits)
	}
}
