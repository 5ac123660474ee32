package record

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/cespare/xxhash/v2"
)

// TestHashes: texts of all lengths around those that are hashed eight at a time have the hashes of the library, be the column of one
// length or of many, in one buffer or several, with nulls and without, from its first row or a later one.
func TestHashes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, longest := range []int{0, 1, 3, 4, 7, 8, 11, 12, 13, 31, 32, 40, 75, 300} {
		for _, spread := range []int{0, 3, 27, longest} {
			for _, nulls := range []int{0, 9, 100} {
				b := array.NewStringViewBuilder(memory.DefaultAllocator)
				var texts []string
				for i := range 1000 {
					text := make([]byte, longest-rng.IntN(min(longest, spread)+1))
					for j := range text {
						text[j] = byte(rng.Uint32())
					}
					texts = append(texts, string(text))
					if nulls > 0 && i%nulls == 1 {
						b.AppendNull()
					} else {
						b.Append(string(text))
					}
				}
				all := b.NewArray()
				for _, from := range []int{0, 3, 937} {
					arr := array.NewSlice(all, int64(from), 1000)
					out := make([]uint64, arr.Len())
					views, _ := textsOf(arr)
					views.hashes(arr, out)
					for i, h := range out {
						if n := len(texts[from+i]); arr.IsValid(i) && h != xxhash.Sum64String(texts[from+i]) {
							t.Fatalf("texts of %d to %d bytes, a null in %d rows: row %d of %d bytes has another hash", longest-spread, longest, nulls, from+i, n)
						}
					}
				}
			}
		}
	}
}

// TestHashesOfEachLength has a text of each length among texts of another one, in each place of a group, with nulls.
func TestHashesOfEachLength(t *testing.T) {
	text := make([]byte, 100)
	for i := range text {
		text[i] = byte(i*i>>2 ^ i)
	}
	out := make([]uint64, shortBlock)
	for length := range 81 {
		for _, other := range []int{0, 3, 8, 12, 13, 20, 31, 32, 47, 63, 64, 80} {
			for place := range 16 {
				b := array.NewStringViewBuilder(memory.DefaultAllocator)
				size := func(i int) int {
					if i%16 == place {
						return length
					}
					return other
				}
				for i := range shortBlock {
					if i/16 == 2 && i%5 == place%5 {
						b.AppendNull()
					} else {
						b.Append(string(text[i%16:][:size(i)]))
					}
				}
				b.Append(string(text)) // so that no other is near the end of a buffer
				arr := array.NewSlice(b.NewArray(), 0, shortBlock)
				texts, _ := textsOf(arr)
				texts.hashes(arr, out)
				for i, h := range out {
					if arr.IsValid(i) && h != xxhash.Sum64(text[i%16:][:size(i)]) {
						t.Fatalf("texts of %d bytes, in place %d one of %d: row %d has another hash", other, place, length, i)
					}
				}
			}
		}
	}
}

func BenchmarkHashes(b *testing.B) {
	for _, c := range []struct {
		name    string
		lengths []int
	}{{"names", []int{6, 9, 9, 9, 12}}, {"phones", []int{11}}, {"addresses", []int{44, 50, 53}}, {"mixed", []int{5, 8, 12, 15, 17, 22}}, {"few", []int{6, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 15}}} {
		b.Run("texts="+c.name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			build := array.NewStringViewBuilder(memory.DefaultAllocator)
			const n = 16384
			for range n {
				text := make([]byte, c.lengths[rng.IntN(len(c.lengths))])
				for i := range text {
					text[i] = byte('0' + rng.IntN(10))
				}
				build.Append(string(text))
			}
			arr := build.NewArray()
			out := make([]uint64, n)
			b.ResetTimer()
			for range b.N {
				views, _ := textsOf(arr)
				views.hashes(arr, out)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/text")
		})
	}
}
