package columnar

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestNumbered writes texts by their stems and numbers, and written out: the files are the same.
func TestNumbered(t *testing.T) {
	stems := [][]byte{[]byte("data/of a level/part-1.parquet:"), []byte("data/of a level/part-17.parquet:"), []byte("a:"), []byte("a:1"), {}}
	r := rand.New(rand.NewPCG(4, 99))
	for round := range 300 {
		few, nulls, pages, stay := 1+r.IntN(len(stems)), r.IntN(3), 1+r.IntN(3), []int{1, 8, 200}[r.IntN(3)]
		digits := []int{2, 7, 8, 8, 9, 18}[r.IntN(6)]
		number := func(last int64) int64 {
			switch r.IntN(12) {
			case 0:
				return last
			case 1:
				if digits > 8 {
					return []int64{-1, math.MinInt64, math.MaxInt64, maxNumber + 1}[r.IntN(4)]
				}
				return []int64{0, 9, 10, 99}[r.IntN(4)]
			}
			return r.Int64N(int64(math.Pow10(1 + r.IntN(digits))))
		}
		var items []int
		var numbers []int64
		var texts [][]byte
		for range pages * (1 + r.IntN(300)) {
			stem, x := -1, int64(0)
			if len(items) > 0 {
				stem, x = items[len(items)-1], numbers[len(numbers)-1]
			}
			if stem < 0 || r.IntN(stay) == 0 {
				stem = r.IntN(few)
			}
			x = number(x)
			var text []byte
			if r.IntN(3) < nulls {
				stem = -1
			} else {
				text = strconv.AppendInt(bytes.Clone(stems[stem]), x, 10)
			}
			items, numbers, texts = append(items, stem), append(numbers, x), append(texts, text)
		}
		limit := []int{300, 3000, 1 << 20}[r.IntN(3)]
		file := func(add func(c *Cells, from, to int)) []byte {
			var out bytes.Buffer
			w := NewWriter(&out, Options{Name: "t", Columns: []Column{{Name: "text", Type: Text, Nullable: true, Delta: true, Stems: stems}},
				PageBytes: limit, DictionaryMax: 100, BoundsMax: 64, BloomBits: 10, Memory: &Memory{}})
			g := w.Group()
			for i := range pages {
				p := g.Page()
				for from, end := i*len(items)/pages, (i+1)*len(items)/pages; from < end; {
					to := from + 1 + r.IntN(end-from)
					add(p.Cells(0), from, to)
					from = to
				}
				p.Seal()
				g.Add(p)
			}
			if err := errors.Join(w.Write(g), w.Close()); err != nil {
				t.Fatal(err)
			}
			return out.Bytes()
		}
		want := file(func(c *Cells, from, to int) { c.Texts(texts[from:to]) })
		if got := file(func(c *Cells, from, to int) { c.Numbered(items[from:to], numbers[from:to]) }); !bytes.Equal(got, want) {
			t.Fatalf("round %d: %d texts of %d stems are written otherwise than by their texts", round, len(items), few)
		}
	}
}
