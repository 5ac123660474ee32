package snappy

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/snappy"
)

// bordersOf finds the borders of a block element by element.
func bordersOf(src []byte, size int) []int32 {
	found := make([]int32, Borders(size))
	_, k := binary.Uvarint(src)
	l := lane{dst: make([]byte, size), src: src, s: k, border: noBorder}
	for l.element() {
		if i := l.d/FragmentSize - 1; l.d%FragmentSize == 0 && l.d < size {
			found[i] = int32(l.s)
		}
	}
	return found
}

// long gives a block whose elements are as long as those of texts or much longer.
func long(rng *rand.Rand, n int) []byte {
	var b []byte
	for len(b) < n {
		b = append(b, texts(rng, rng.IntN(100_000))...)
		b = append(b, bytes.Repeat([]byte{byte(rng.Uint32())}, rng.IntN(200_000)*rng.IntN(2))...)
		for range rng.IntN(100_000) * rng.IntN(2) {
			b = append(b, byte(rng.Uint32()))
		}
	}
	return b[:n]
}

// inFragments is a block as Google's encoder makes one: each fragment by itself.
func inFragments(plain []byte) []byte {
	b := binary.AppendUvarint(nil, uint64(len(plain)))
	for len(plain) > 0 {
		n := min(len(plain), FragmentSize)
		part := snappy.Encode(nil, plain[:n])
		_, k := binary.Uvarint(part)
		b, plain = append(b, part[k:]...), plain[n:]
	}
	return b
}

// TestFragments decodes beginnings of fragments, side by side, of blocks whose borders decoding them found.
func TestFragments(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for round := range 60 {
		var blocks, fragments []Block
		var want [][]byte
		for range 1 + rng.IntN(4) {
			plain := long(rng, rng.IntN(400_000))
			src := inFragments(plain)
			blocks = append(blocks, Block{Dst: make([]byte, len(plain)), Src: src, Borders: make([]int32, Borders(len(plain)))})
		}
		if _, err := Decode(blocks); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for i, b := range blocks {
			borders := bordersOf(b.Src, len(b.Dst))
			for k, at := range borders {
				if fast && b.Borders[k] != at {
					t.Fatalf("round %d, block %d: border %d is found at %d, it is at %d", round, i, k, b.Borders[k], at)
				}
				if at == 0 {
					t.Fatalf("round %d, block %d: no element begins at border %d", round, i, k)
				}
				if rng.IntN(3) == 0 {
					continue
				}
				plain := b.Dst[(k+1)*FragmentSize:]
				plain = plain[:rng.IntN(min(len(plain), FragmentSize)+1)]
				room := bytes.Repeat([]byte{0xa5}, len(plain)+100)
				want = append(want, plain)
				fragments = append(fragments, Block{Dst: room[:len(plain)], Src: bytes.Clone(b.Src[at:])})
			}
		}
		if i, err := DecodeFragments(fragments); err != nil {
			t.Fatalf("round %d, fragment %d: %v", round, i, err)
		}
		for i, f := range fragments {
			if !bytes.Equal(f.Dst, want[i]) {
				t.Fatalf("round %d, fragment %d of %d bytes is decoded to something else", round, i, len(f.Dst))
			}
			if room := f.Dst[:len(f.Dst)+100]; len(bytes.Trim(room[len(f.Dst):], "\xa5")) > 0 {
				t.Fatalf("round %d, fragment %d: bytes behind its end are written", round, i)
			}
		}
	}
}

// TestBordersOfAnyBlock finds the borders of blocks that no encoder made: elements of all kinds and lengths.
func TestBordersOfAnyBlock(t *testing.T) {
	if !fast {
		t.Log("borders are not looked for on this processor")
		return
	}
	rng := rand.New(rand.NewPCG(11, 12))
	for round := range 300 {
		var blocks []Block
		for range 1 + rng.IntN(3) {
			var b []byte
			size, wanted, longest := 0, rng.IntN(400_000), 1+rng.IntN(64)
			for size < wanted {
				switch kind := rng.IntN(50); {
				case kind == 0 || size == 0:
					n := 1 + rng.IntN(1<<rng.IntN(18))
					if rng.IntN(4) == 0 && size%FragmentSize != 0 { // up to a border
						n = FragmentSize - size%FragmentSize
					}
					b = append(b, 63<<2, byte(n-1), byte((n-1)>>8), byte((n-1)>>16), 0)
					b = append(b, make([]byte, n)...)
					size += n
				case kind < 10:
					n := 1 + rng.IntN(min(longest, 60))
					b = append(append(b, byte(n-1)<<2), make([]byte, n)...)
					size += n
				default:
					n, offset := 1+rng.IntN(longest), 1+rng.IntN(min(size, 65535))
					b = append(b, byte(n-1)<<2|2, byte(offset), byte(offset>>8))
					size += n
				}
			}
			src := append(binary.AppendUvarint(nil, uint64(size)), b...)
			blocks = append(blocks, Block{Dst: make([]byte, size), Src: src, Borders: make([]int32, Borders(size))})
		}
		if _, err := Decode(blocks); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for i, b := range blocks {
			for k, at := range bordersOf(b.Src, len(b.Dst)) {
				if b.Borders[k] != at {
					t.Fatalf("round %d, block %d: border %d is found at %d, it is at %d", round, i, k, b.Borders[k], at)
				}
			}
		}
	}
}

// TestDamagedFragments refuses fragments that need bytes before them, or more bytes than there are.
func TestDamagedFragments(t *testing.T) {
	some := texts(rand.New(rand.NewPCG(13, 14)), 60)
	literal := append([]byte{59 << 2}, some...)
	for name, c := range map[string]struct {
		src  []byte
		size int
		ok   bool
	}{
		"whole":                    {literal, 60, true},
		"the beginning":            {literal, 20, true},
		"a copy's beginning":       {append(bytes.Clone(literal), 63<<2|2, 60, 0), 80, true},
		"a copy":                   {append(bytes.Clone(literal), 63<<2|2, 60, 0), 124, true},
		"a copy from before it":    {append(bytes.Clone(literal), 63<<2|2, 61, 0), 80, false},
		"a copy from nowhere":      {append(bytes.Clone(literal), 63<<2|2, 0, 0), 80, false},
		"more than there is":       {literal, 61, false},
		"a literal without bytes":  {literal[:30], 60, false},
		"a copy without an offset": {append(bytes.Clone(literal), 63<<2|2, 60), 80, false},
		"nothing for nothing":      {nil, 0, true},
		"nothing for something":    {nil, 1, false},
	} {
		for n := range 3 { // alone, and beside others
			blocks := []Block{{Dst: make([]byte, c.size), Src: c.src}}
			for range n {
				blocks = append(blocks, Block{Dst: make([]byte, 60*40), Src: bytes.Repeat(literal, 40)})
			}
			if _, err := DecodeFragments(blocks); (err == nil) != c.ok {
				t.Errorf("%s, beside %d others: %v", name, n, err)
			}
		}
	}
}
