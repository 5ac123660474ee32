package spill

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestDrop drops pieces in any order, written behind and by themselves, while others take their places, and holds that none takes a neighbour with it, that
// the file grows no more than what is in it at a time asks for, and that what was dropped does not pass for what lies there now.
func TestDrop(t *testing.T) {
	f, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := rand.New(rand.NewPCG(7, 7))
	type written struct {
		Extent
		text []byte
	}
	var left []written
	var gone []Extent
	write := func(n int, write func([]byte) (Extent, error)) {
		p := piece(r, n)
		w := written{text: bytes.Clone(p)}
		if w.Extent, err = write(p); err != nil {
			t.Fatal(err)
		}
		left = append(left, w)
	}
	const size = 20 << 10 // of a block
	for round := range 30 {
		b := f.Behind(3, size)
		out := b.Writer()
		for i := range 60 {
			if i%5 > 0 {
				write(r.IntN(size/4), out.Write)
			} else {
				write(size-Overhead-r.IntN(100), f.Write) // as large as a block
			}
		}
		out.Flush()
		if err := b.Wait(); err != nil {
			t.Fatal(err)
		}
		for _, w := range left {
			if got, err := f.Read(w.Extent, nil); err != nil || !bytes.Equal(got, w.text) {
				t.Fatalf("round %d: a piece of %d bytes did not come back when others were dropped: %v", round, w.N, err)
			}
		}
		for _, i := range r.Perm(len(left))[:len(left)*9/10] {
			f.Drop(left[i].Extent)
			gone = append(gone, left[i].Extent)
			left[i].text = nil
		}
		kept := left[:0]
		for _, w := range left {
			if w.text != nil {
				kept = append(kept, w)
			}
		}
		left = kept
	}
	if f.Size() < 2*f.end {
		t.Errorf("of %d bytes that were written a file of %d is left: no place was used again", f.Size(), f.end)
	}
	passed := 0
	for _, e := range gone {
		if _, err := f.Read(e, nil); err == nil {
			passed++
		}
	}
	if passed > len(gone)/2 {
		t.Errorf("%d of %d pieces that were dropped still pass", passed, len(gone))
	}
	for _, e := range gone[:1] {
		next, err := f.Write(piece(r, e.N))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Read(Extent{next.At, next.N, e.Seal}, nil); err == nil {
			t.Error("a piece passes for another one of its size that had its place")
		}
	}
}
