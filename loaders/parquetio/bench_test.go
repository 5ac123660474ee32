package parquetio

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/parquet-go/parquet-go"
)

// resident is a row of the benchmarks' file: identifiers and addresses that do not repeat, codes that do, nulls.
type resident struct {
	ID       string  `parquet:"id,snappy"`
	Phone    string  `parquet:"phone,snappy"`
	Address  string  `parquet:"address,snappy"`
	Street   string  `parquet:"street,snappy,dict"`
	Result   *string `parquet:"result,optional,snappy,dict"`
	Time     int64   `parquet:"time,snappy"`
	Doses    int32   `parquet:"doses,snappy,dict"`
	Birthday *int32  `parquet:"birthday,optional,snappy,date"`
}

const residents, residentColumns = 100_000, 8

// writeResidents writes the file and gives the sum of column time.
func writeResidents(b *testing.B) (path string, times int64) {
	rng := rand.New(rand.NewPCG(99, 1))
	rows := make([]resident, residents)
	result := []string{"negative", "positive"}
	for i := range rows {
		day := rng.Int32N(30_000)
		rows[i] = resident{
			ID: fmt.Sprintf("99%06d%010d", day, i), Phone: fmt.Sprintf("100%08d", rng.IntN(1e8)),
			Address: fmt.Sprintf("Road %d, house %d, room %d", rng.IntN(900), rng.IntN(40), rng.IntN(3000)),
			Street:  fmt.Sprintf("%04d", rng.IntN(120)), Time: rng.Int64N(1e15), Doses: rng.Int32N(4),
		}
		if day%4 > 0 {
			rows[i].Birthday = &day
		}
		if day%9 > 0 {
			rows[i].Result = &result[day%2]
		}
		times += rows[i].Time
	}
	path = filepath.Join(b.TempDir(), "residents.parquet")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := parquet.NewGenericWriter[resident](f, parquet.MaxRowsPerRowGroup(residents/4))
	if _, err := w.Write(rows); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return path, times
}

// BenchmarkRead decodes all columns, here and with the pages and value buffers of parquet-go.
func BenchmarkRead(b *testing.B) {
	path, times := writeResidents(b)
	for _, reader := range []struct {
		name string
		read func(b *testing.B, path string) (rows, times int64)
	}{{"parquetio", readHere}, {"parquet-go", readPages}} {
		b.Run("reader="+reader.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n, sum := reader.read(b, path); n != residents || sum != times {
					b.Fatalf("%d rows, want %d, or another sum of a column", n, residents)
				}
			}
			perRow := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / residents
			b.ReportMetric(1e9/perRow, "rows/s")
			b.ReportMetric(perRow/residentColumns, "ns/value")
		})
	}
}

func readHere(b *testing.B, path string) (rows, times int64) {
	s, err := Open([]string{path}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	columns := make([]int, s.Schema().NumFields())
	for i := range columns {
		columns[i] = i
	}
	at := s.Schema().FieldIndices("time")[0]
	for part := range s.Parts() {
		r, err := s.Read(context.Background(), part, columns)
		if err != nil {
			b.Fatal(err)
		}
		for r.Next() {
			rows += r.Record().NumRows()
			for _, x := range r.Record().Column(at).(*array.Int64).Int64Values() {
				times += x
			}
		}
		if r.Err() != nil {
			b.Fatal(r.Err())
		}
		r.Release()
	}
	return rows, times
}

func readPages(b *testing.B, path string) (rows, times int64) {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	pf, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		b.Fatal(err)
	}
	at, _ := pf.Schema().Lookup("time")
	for _, rg := range pf.RowGroups() {
		rows += rg.NumRows()
		for c, chunk := range rg.ColumnChunks() {
			pages := chunk.Pages()
			for {
				p, err := pages.ReadPage()
				if err == io.EOF {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
				if c == at.ColumnIndex {
					data := p.Data()
					for _, x := range data.Int64() {
						times += x
					}
				}
				parquet.Release(p)
			}
			if err := pages.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	return rows, times
}
