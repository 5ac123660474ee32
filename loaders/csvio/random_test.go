package csvio

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"crosscheck/engine/enginetest"
)

// randomTable is rows of random fields, and a text that holds them, written in a random way: quoted where it must be and
// sometimes where it need not be, lines ended by LF or CRLF, blank lines between, the last line sometimes without an end.
func randomTable(r *rand.Rand, delimiter byte) (rows [][]string, text string) {
	fields := 1 + r.IntN(5)
	pieces := []string{"a", "bc", "0123456789", "样例", "𠮷", "é", " ", "\t", ";", "|", ",", `"`, `""`, "\n", "\r\n", "\r", "x,y", "-", "#", "\x0b"}
	var b strings.Builder
	if r.IntN(4) == 0 {
		b.WriteString("\ufeff")
	}
	ending := func() string {
		if r.IntN(3) == 0 {
			return "\r\n"
		}
		return "\n"
	}
	blank := func() {
		for r.IntN(8) == 0 {
			b.WriteString(ending())
		}
	}
	blank()
	for i := range fields {
		if i > 0 {
			b.WriteByte(delimiter)
		}
		fmt.Fprintf(&b, "c%d", i)
	}
	n := r.IntN(30)
	for range n {
		b.WriteString(ending())
		blank()
		row := make([]string, fields)
		for i := range row {
			var v strings.Builder
			for range r.IntN(6) {
				v.WriteString(pieces[r.IntN(len(pieces))])
			}
			row[i] = v.String()
			if i > 0 {
				b.WriteByte(delimiter)
			}
			bare := row[i] == "" && fields > 1
			if row[i] == "" {
				row[i] = null
			}
			if row[i] != null && !strings.ContainsAny(row[i], "\"\r\n"+string(rune(delimiter))) {
				bare = r.IntN(3) > 0
			}
			if bare {
				b.WriteString(v.String())
			} else {
				b.WriteString(`"` + strings.ReplaceAll(v.String(), `"`, `""`) + `"`)
			}
		}
		rows = append(rows, row)
	}
	if r.IntN(2) == 0 {
		b.WriteString(ending())
		blank()
	}
	return rows, b.String()
}

// Any table reads back, whatever the chunks (borders inside quotes, between CR and LF, inside a character) and the batches.
func TestRandomTables(t *testing.T) {
	enginetest.EachSeed(t, 300, func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 5))
		delimiter := []byte(",;\t|~")[r.IntN(5)]
		want, text := randomTable(r, delimiter)
		path := []string{textFile(t, text)}
		for _, chunk := range []int64{1, 2, 3, 8, 1 + r.Int64N(100), 8 << 20} {
			opt := Options{Delimiter: delimiter, ChunkBytes: chunk, BatchRows: 1 + r.IntN(12)}
			got, err := readFiles(t, path, opt, r.IntN(2) == 0)
			if err != nil {
				t.Fatalf("seed %d, chunks of %d: %v", seed, chunk, err)
			}
			if d := firstDifference(got, want); d != "" {
				t.Fatalf("seed %d, chunks of %d, batches of %d: %s", seed, chunk, opt.BatchRows, d)
			}
		}
	})
}
