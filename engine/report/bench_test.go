package report

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
)

// nightly makes findings as a nightly run has them: mostly one field that differs, some missing records.
func nightly(n, levels int) (verdict.Header, []*verdict.Block) {
	s := shape{levels: levels, fields: 12}
	h := s.header()
	h.Carry = []string{"street_code"}
	h.Files = []string{"data/city/part-00017.parquet"}
	h.Locate = func(level int, ref uint32) (int, int64) { return 0, int64(ref) }
	r := rand.New(rand.NewPCG(uint64(n), 99))
	key := uint64(0)
	var out []*verdict.Block
	for from := 0; from < n; from += 2000 {
		b := &verdict.Block{}
		for i := from; i < min(from+2000, n); i++ {
			key += r.Uint64N(2_000_000_000)
			f := verdict.Finding{Key: fmt.Appendf(nil, "99%016d", key), Field: r.IntN(12), In: 1<<levels - 1,
				Outlier: r.IntN(levels), Carry: [][]byte{fmt.Appendf(nil, "99%07d", r.IntN(400))}}
			agreed := fmt.Appendf(nil, "value %d", r.IntN(1_000_000_000))
			for range levels {
				f.Values, f.Rows = append(f.Values, agreed), append(f.Rows, 1+r.Uint32N(3_500_000))
			}
			if i%5 == 0 {
				f.Kind, f.Field, f.Outlier, f.In, f.Values, f.Rows[0] = verdict.Missing, verdict.NoField, verdict.NoLevel, f.In-1, nil, 0
			} else {
				f.Values[f.Outlier], f.Consensus = []byte("something else"), agreed
			}
			b.Findings = append(b.Findings, f)
		}
		out = append(out, b)
	}
	return h, out
}

func BenchmarkReport(b *testing.B) {
	const n = 200_000
	for _, format := range []string{"parquet", "csv", "jsonl"} {
		for _, levels := range []int{3, 16} {
			for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
				if workers > 1 && format != "parquet" {
					continue
				}
				h, bs := nightly(n, levels)
				b.Run(fmt.Sprintf("format=%s/levels=%d/workers=%d", format, levels, workers), func(b *testing.B) {
					b.ReportAllocs()
					path := filepath.Join(b.TempDir(), "r."+format)
					for b.Loop() {
						w, err := Create(path, Options{RunDate: night, Workers: workers})
						if err != nil {
							b.Fatal(err)
						}
						if err := w.Begin(h); err != nil {
							b.Fatal(err)
						}
						for _, block := range bs {
							if err := w.Write(context.Background(), block); err != nil {
								b.Fatal(err)
							}
						}
						if err := w.Close(); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
					data, err := os.ReadFile(path)
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(len(data))/n, "disk-B/row")
					got := bytes.Count(data, []byte("\n"))
					switch format {
					case "csv":
						got-- // the header
					case "parquet":
						pf, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
						if err != nil {
							b.Fatal(err)
						}
						got = 0
						pages := pf.Root().Column("record_key").Pages()
						defer pages.Close()
						for {
							p, err := pages.ReadPage()
							if err != nil {
								break
							}
							got += int(p.NumRows())
						}
					}
					if got != n {
						b.Fatalf("%d findings in the file, want %d", got, n)
					}
				})
			}
		}
	}
}
