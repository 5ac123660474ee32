package csvio

import (
	"math/rand/v2"
	"testing"
)

// naive counts a stretch byte by byte, begun outside quotes (0) or inside (1).
func naive(before [2]byte, text []byte, begin int) (ends, blanks, first, firstLines, newlines int64, firstBlank, odd bool) {
	all := append(before[:], text...)
	inside := begin == 1
	first = -1
	for i := 2; i < len(all); i++ {
		switch all[i] {
		case '"':
			inside = !inside
			odd = !odd
		case '\n':
			newlines++
			if inside {
				continue
			}
			ends++
			blank := all[i-1] == '\n' || all[i-1] == '\r' && i > 1 && all[i-2] == '\n'
			if blank {
				blanks++
			}
			if first < 0 {
				first, firstLines, firstBlank = int64(i-1), newlines, blank
			}
		}
	}
	return
}

func TestScanCountsAsByteByByte(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	letters := []byte("\"\"\n\n\n\r\r,a\x0b\x8a\xff\x00#")
	for n := range 20_000 {
		text := make([]byte, r.IntN(300))
		for i := range text {
			text[i] = letters[r.IntN(len(letters))]
			if n%2 == 0 && r.IntN(3) > 0 {
				text[i] = 'x'
			}
		}
		before := [2]byte{letters[r.IntN(len(letters))], letters[r.IntN(len(letters))]}
		s := newScanner(before)
		for at := 0; at < len(text); {
			to := min(at+maskBytes*(1+r.IntN(2)), len(text))
			s.add(text[at:to])
			at = to
		}
		for begin := range 2 {
			ends, blanks, first, firstLines, newlines, firstBlank, odd := naive(before, text, begin)
			if s.ends[begin] != ends || s.blanks[begin] != blanks || s.first[begin] != first || s.newlines != newlines || s.odd != odd ||
				first >= 0 && (s.firstLines[begin] != firstLines || s.firstBlank[begin] != firstBlank) {
				t.Fatalf("text %q behind %q, begun in state %d: %+v", text, before[:], begin, s.tally)
			}
		}
	}
}
