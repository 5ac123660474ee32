package record

import (
	"bytes"
	"encoding/binary"
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
