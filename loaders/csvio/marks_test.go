package csvio

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

func TestFindMarks(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 2_000 {
		text := make([]byte, r.IntN(300))
		for i := range text {
			text[i] = "a,\n\"\x00\x0b\x8a\xff"[r.IntN(8)]
		}
		got := marksOf(make([]marks, 5), text, ',', '\n', '"')
		if want := (len(text) + maskBytes - 1) / maskBytes; len(got) != want {
			t.Fatalf("case %d: %d elements for %d bytes, want %d", n, len(got), len(text), want)
		}
		want := make([]marks, len(got))
		for i, c := range text {
			if at := bytes.IndexByte([]byte{',', '\n', '"'}, c); at >= 0 {
				want[i/maskBytes][at] |= 1 << (i % maskBytes)
			}
		}
		inGo := make([]marks, len(got))
		findMarksInGo(inGo, append(text, make([]byte, maskBytes)...), ',', '\n', '"')
		for i := range want {
			if got[i] != want[i] || inGo[i] != want[i] {
				t.Fatalf("case %d, %d bytes, element %d: %x and %x, want %x", n, len(text), i, got[i], inGo[i], want[i])
			}
		}
	}
}

// TestText puts characters whole, cut short and wrong everywhere in a text.
func TestText(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	pieces := []string{
		"a", "\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0003ffff", "\U00040000", "\U0010ffff", // the ends of what each length has
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xdf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xef\xbf",
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf3\xbf", "\xf4\x90\x80\x80", "\xf4\x8f\xbf", "\xf5\x80\x80\x80", "\xff", "\x00",
	}
	const good = 12
	seen := map[bool]int{}
	for n := range 20_000 {
		var text []byte
		for range r.IntN(120) {
			text = append(text, pieces[r.IntN(good)]...)
		}
		if n%4 > 0 {
			at := r.IntN(len(text) + 1)
			text = append(text[:at:at], append([]byte(pieces[r.IntN(len(pieces))]), text[at:]...)...)
		}
		want := utf8.Valid(text) && bytes.IndexByte(text, 0) < 0
		if seen[want]++; isText(text) != want {
			t.Fatalf("case %d, %d bytes: text %v, want %v: %x", n, len(text), !want, want, text)
		}
	}
	if seen[true] < 1_000 || seen[false] < 1_000 {
		t.Fatalf("%d texts are good, %d bad: too few of one", seen[true], seen[false])
	}
}
