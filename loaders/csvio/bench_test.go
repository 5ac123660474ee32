package csvio

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// benchText is a header line and rows of 14 columns as a register of residents has them, some 190 bytes each; quotes is
// none, some (the address alone) or all (every field).
func benchText(rows int, quotes string) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString("id_number,name,sex,birth_date,phone,address,street_code,community_code,test_time,body_temp,result,site,source,note\n")
	for range rows {
		fields := []string{
			fmt.Sprintf("99%016d", r.Int64N(1e16)), "测试" + string(rune('甲'+r.IntN(100))), strconv.Itoa(r.IntN(2)),
			fmt.Sprintf("%d-%02d-%02d", 1930+r.IntN(90), 1+r.IntN(12), 1+r.IntN(28)), fmt.Sprintf("199%08d", r.IntN(1e8)),
			fmt.Sprintf("样例市测试区第%d街道%d号, %d", r.IntN(20), r.IntN(900), r.IntN(30)), fmt.Sprintf("9901%05d", r.IntN(1e5)),
			fmt.Sprintf("990102%06d", r.IntN(1e6)), fmt.Sprintf("2026-11-%02d %02d:%02d:%02d", 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60)),
			fmt.Sprintf("%.1f", 36+r.Float64()*2), []string{"negative", "positive", ""}[r.IntN(3)], fmt.Sprintf("site-%d", r.IntN(500)), "hospital", "",
		}
		if quotes == "none" {
			fields[5] = strings.ReplaceAll(fields[5], ",", " ")
		} else {
			fields[5] = `"` + fields[5] + `"`
		}
		if quotes == "all" {
			for i, f := range fields {
				fields[i] = `"` + strings.Trim(f, `"`) + `"`
			}
		}
		b.WriteString(strings.Join(fields, ",") + "\n")
	}
	return b.Bytes()
}

const benchRows = 100_000

func BenchmarkScan(b *testing.B) {
	for _, quotes := range []string{"none", "some", "all"} {
		text := benchText(benchRows, quotes)
		b.Run("quotes="+quotes, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s := newScanner([2]byte{})
				for at := 0; at < len(text); at += blockBytes {
					s.add(text[at:min(at+blockBytes, len(text))])
				}
				if s.ends[0] != benchRows+1 || s.odd {
					b.Fatalf("%d rows, want %d", s.ends[0]-1, benchRows)
				}
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	text := benchText(benchRows, "none")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if !isText(text) {
			b.Fatal("the text is turned down")
		}
	}
}

func BenchmarkSplit(b *testing.B) {
	for _, quotes := range []string{"none", "some", "all"} {
		text := benchText(benchRows, quotes)
		text = append(text[bytes.IndexByte(text, '\n')+1:], make([]byte, padBytes)...)
		for _, columns := range []int{0, 3, 14} {
			b.Run(fmt.Sprintf("quotes=%s/columns=%d", quotes, columns), func(b *testing.B) {
				nulls := newNullValues([]string{""})
				const batch = 16384
				targets := make([]*target, 14)
				for i := range columns {
					targets[i] = &target{views: make([]uint64, 2*batch), valid: make([]uint64, batch/64)}
				}
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					s := newSplitter(text, ',', 14, &nulls, true)
					rows := 0
					for !s.done() {
						n, ok := s.split(targets, batch)
						if !ok {
							b.Fatalf("a row behind row %d is turned down", rows+n)
						}
						rows += n
					}
					s.close()
					if rows != benchRows {
						b.Fatalf("%d rows, want %d", rows, benchRows)
					}
				}
				b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

// BenchmarkOpen finds the rows of a file in the page cache, on all processors.
func BenchmarkOpen(b *testing.B) {
	for _, quotes := range []string{"none", "all"} {
		b.Run("quotes="+quotes, func(b *testing.B) {
			path, size := benchFile(b, quotes)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				s, err := Open([]string{path}, Options{ChunkBytes: 1 << 20})
				if err != nil {
					b.Fatal(err)
				}
				rows := int64(0)
				for _, p := range s.Parts() {
					rows += p.Rows
				}
				if rows != benchRows {
					b.Fatalf("%d rows, want %d", rows, benchRows)
				}
			}
		})
	}
}

// BenchmarkRead goes from a file in the page cache to record batches, on one goroutine.
func BenchmarkRead(b *testing.B) {
	for _, quotes := range []string{"none", "some", "all"} {
		b.Run("quotes="+quotes, func(b *testing.B) {
			path, size := benchFile(b, quotes)
			s, err := Open([]string{path}, Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			columns := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				rows := int64(0)
				for part := range s.Parts() {
					s.parts[part].sound.Store(false) // as in the first reading
					r, err := s.Read(context.Background(), part, columns)
					if err != nil {
						b.Fatal(err)
					}
					for r.Next() {
						rows += r.Record().NumRows()
					}
					if r.Err() != nil {
						b.Fatal(r.Err())
					}
					r.Release()
				}
				if rows != benchRows {
					b.Fatalf("%d rows, want %d", rows, benchRows)
				}
			}
			b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// benchFile writes benchText to a file and gives its path and size.
func benchFile(b *testing.B, quotes string) (string, int64) {
	path := filepath.Join(b.TempDir(), "bench.csv")
	text := benchText(benchRows, quotes)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		b.Fatal(err)
	}
	return path, int64(len(text))
}
