package record

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// TestCleanFours: views that are looked at four at a time, behind four that are clean, are taken for clean exactly if they are one by one,
// whatever one of their bytes is and in each of the four places.
func TestCleanFours(t *testing.T) {
	view := func(text string) []byte {
		v := make([]byte, viewSize)
		binary.LittleEndian.PutUint32(v, uint32(len(text)))
		copy(v[4:], text)
		return v
	}
	for _, c := range []struct {
		steps Steps
		texts []string
	}{
		{Phone, []string{"1380013800", "138001380001", "13800138000"}},
		{Trim | Width | NFC, []string{"王", "李华", "王小明", "欧阳予倩"}},
		{0, []string{"a", "abc", "abcdefghijkl"}},
	} {
		n := newNormalizer(c.steps)
		clean, others := 0, 0
		for _, text := range c.texts {
			for at := range viewSize {
				for b := range 256 {
					v := view(text)
					v[at] = byte(b)
					for longer := range viewInline {
						want := 8
						if place := (b + longer) % 4; n.cleanViews(v, longer) == 0 {
							want = 4 + place
							others++
						} else {
							clean++
						}
						plain := view(c.texts[len(c.texts)-1])
						views := bytes.Repeat(plain, 8)
						copy(views[(4+(b+longer)%4)*viewSize:], v)
						if n.cleanViews(plain, longer) == 0 {
							want = 0
						}
						if got := n.cleanViews(views, longer); got != want {
							t.Fatalf("steps %q: byte %d of the view of a text of %d bytes, %d of which may be a word: the first %d are clean, not %d", c.steps, at, len(text), longer, got, want)
						}
					}
				}
			}
		}
		if clean == 0 || others == 0 {
			t.Errorf("steps %q: %d are clean and %d not", c.steps, clean, others)
		}
	}
}

// TestCleanAtOnce holds that a longer text is looked at all at once as it is in turn.
func TestCleanAtOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	edges := []string{"\xe3\xbf\xbf", "\xe4\x80\x80", "\xe9\xbf\xbf", "\xea\x80\x80", "\xe4\xc0\x80", "\xe4\x80\x7f", "\xe4\x80", "\x80", "\xf4\x80\x80", "\xef\xbc\xa1", "\x00", "/", "\x7f", "!", " ", "A", "z"}
	for _, steps := range rules {
		n := newNormalizer(steps)
		if !n.wide || n.least > '0' {
			continue
		}
		seen := map[bool]int{}
		for range 50_000 {
			var text []byte
			size := viewInline + 1 + rng.IntN(longClean-2-viewInline)
			for len(text) < size {
				text = append(text, []string{"区", "路", "0", "9"}[rng.IntN(4)]...)
			}
			if at := rng.IntN(len(text)); rng.IntN(2) == 0 {
				text = append(text[:at:at], append([]byte(edges[rng.IntN(len(edges))]), text[at:]...)...)
			}
			if text = text[:size]; text[0] <= ' ' || text[size-1] <= ' ' {
				continue // trimmed
			}
			want := n.cleanInTurn(text)
			if seen[want]++; n.clean(text) != want {
				t.Fatalf("steps %s: a text of %d bytes is clean: %v, in turn %v: %x", n.steps, len(text), !want, want, text)
			}
		}
		if seen[true] < 1_000 || seen[false] < 1_000 {
			t.Errorf("steps %s: %d texts are clean, %d not: too few of one", n.steps, seen[true], seen[false])
		}
	}
}
