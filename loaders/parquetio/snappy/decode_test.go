package snappy

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/klauspost/compress/snappy"
)

// texts gives n bytes of many kinds: short texts that repeat, runs, noise.
func texts(rng *rand.Rand, n int) []byte {
	var b []byte
	words := [][]byte{[]byte("street "), []byte("99010119"), []byte("a"), bytes.Repeat([]byte("x"), 100), []byte("residents of the district")}
	for len(b) < n {
		switch rng.IntN(6) {
		case 0:
			b = append(b, bytes.Repeat([]byte{byte(rng.Uint32())}, rng.IntN(300))...)
		case 1:
			for range rng.IntN(100) {
				b = append(b, byte(rng.Uint32()))
			}
		case 2:
			b = append(b, bytes.Repeat(b[max(0, len(b)-1-rng.IntN(20)):], rng.IntN(9))...)
		default:
			b = append(b, words[rng.IntN(len(words))]...)
			b = append(b, byte('0'+rng.IntN(10)))
		}
	}
	return b[:n]
}

func TestDecode(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		var blocks []Block
		var want [][]byte
		for range rng.IntN(6) {
			n := rng.IntN(200)
			if rng.IntN(2) == 0 {
				n = rng.IntN(200_000)
			}
			plain := texts(rng, n)
			want = append(want, plain)
			blocks = append(blocks, Block{Dst: make([]byte, n, n+rng.IntN(2)*Slack), Src: snappy.Encode(nil, plain)})
		}
		if i, err := Decode(blocks); err != nil {
			t.Fatalf("round %d, block %d: %v", round, i, err)
		}
		for i, b := range blocks {
			if !bytes.Equal(b.Dst, want[i]) {
				t.Fatalf("round %d: block %d of %d bytes is decoded to something else", round, i, len(b.Dst))
			}
		}
	}
}

// TestDecodeBeginning decodes beginnings of blocks into beginnings of their decoded form.
func TestDecodeBeginning(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for round := range 500 {
		plain := texts(rng, 1+rng.IntN(20_000))
		src := snappy.Encode(nil, plain)
		if n := DecodeBeginning(make([]byte, len(plain)), src); n != len(plain) {
			t.Fatalf("round %d: of a whole block of %d bytes there are %d", round, len(plain), n)
		}
		cut, size := src[:rng.IntN(len(src)+1)], rng.IntN(len(plain)+1)
		room := bytes.Repeat([]byte{0xa5}, size+100)
		n := DecodeBeginning(room[:size:size], bytes.Clone(cut))
		if !bytes.Equal(room[:n], plain[:n]) {
			t.Fatalf("round %d: the first %d bytes are decoded to something else", round, n)
		}
		if len(bytes.Trim(room[size:], "\xa5")) > 0 {
			t.Fatalf("round %d: bytes behind the end are written", round)
		}
	}
	noise := make([]byte, 60_000) // one literal
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	const cut = 1000
	dst := make([]byte, len(noise))
	if n := DecodeBeginning(dst, snappy.Encode(nil, noise)[:cut]); n < cut-10 || !bytes.Equal(dst[:n], noise[:n]) {
		t.Fatalf("the first %d bytes of a long literal give %d", cut, n)
	}
}

// TestElements has every tag in the middle of a block and near its beginning, with every offset that matters: those that overlap,
// those that reach before the beginning, or both.
func TestElements(t *testing.T) {
	testElements(t, 300, 12, 16)
	testElements(t, 20, 8, 10)
}

// testElements has every tag behind so many bytes, beside blocks of so many literals of 60 bytes, shorter and longer ones.
func testElements(t *testing.T, before, fewer, more int) {
	some := texts(rand.New(rand.NewPCG(3, 4)), 300)
	head := some[:before]
	literals := func(n int) []byte {
		size := n * 60
		return append([]byte{byte(size) | 0x80, byte(size >> 7)}, bytes.Repeat(append([]byte{59 << 2}, some[:60]...), n)...)
	}
	short, long := literals(fewer), literals(more)
	for tag := range 256 {
		for _, offset := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 20, 21, 31, 32, 33, 63, 64, 65, 255, 299, 300, 301, 2047} {
			var b []byte
			b = append(b, 61<<2, byte(len(head)-1), byte((len(head)-1)>>8))
			b = append(b, head...)
			element := []byte{byte(tag), byte(offset), byte(offset >> 8), 0, 0}
			length := 0
			switch x := tag >> 2; tag & 3 {
			case 0:
				length = x + 1
				element = append([]byte{byte(tag)}, some[:length]...)
				if x >= 60 { // lengths in one to four bytes, of 20
					length = 20
					element = append(append([]byte{byte(tag)}, []byte{19, 0, 0, 0}[:x-59]...), some[:20]...)
				}
			case 1:
				length = 4 + x&7
				element = []byte{byte(tag&31 | offset>>8<<5), byte(offset)}
			case 2:
				length, element = 1+x, element[:3]
			default:
				length = 1 + x
			}
			b = append(b, element...)
			for range 8 { // so that the element is not near the end
				b = append(b, 59<<2)
				b = append(b, some[:60]...)
			}
			size := len(head) + length + 8*60
			b = append([]byte{byte(size) | 0x80, byte(size >> 7)}, b...)
			same(t, [][]byte{b, short}, []int{size, fewer * 60}) // once in each lane, for the longest comes first
			same(t, [][]byte{long, b}, []int{more * 60, size})
			same(t, [][]byte{b}, []int{size})
		}
	}
}

// naive decodes a block of the given size as the format's description says, byte by byte. The library is no measure of what is
// refused: it also reads the repeated offsets of S2, which are no Snappy.
func naive(src []byte, size int) (dst []byte, ok bool) {
	src = src[:len(src):len(src)]
	n, k := binary.Uvarint(src)
	if k <= 0 || n != uint64(size) {
		return nil, false
	}
	next := func(n int) (v int) {
		for i, c := range src[k : k+n] {
			v |= int(c) << (8 * i)
		}
		k += n
		return v
	}
	defer func() {
		if recover() != nil { // out of bounds
			dst, ok = nil, false
		}
	}()
	for k < len(src) {
		tag := next(1)
		length, offset := tag>>2+1, 0
		switch tag & 3 {
		case 0:
			if length > 60 {
				length = next(length-60) + 1
			}
			dst = append(dst, src[k:k+length]...)
			k += length
			continue
		case 1:
			length, offset = tag>>2&7+4, tag>>5<<8|next(1)
		case 2:
			offset = next(2)
		default:
			offset = next(4)
		}
		if offset == 0 {
			return nil, false
		}
		for range length {
			dst = append(dst, dst[len(dst)-offset])
		}
	}
	return dst, len(dst) == size
}

// same fails unless all blocks are decoded as naive decodes them, or refused as it refuses them, whether there is anything behind them or not.
func same(t *testing.T, srcs [][]byte, sizes []int) {
	t.Helper()
	sameWith(t, srcs, sizes, 0)
	sameWith(t, srcs, sizes, Slack)
}

// sameWith is same where so many bytes behind each block may be read, and written.
func sameWith(t *testing.T, srcs [][]byte, sizes []int, behind int) {
	t.Helper()
	var blocks []Block
	firstBad := -1
	var want, rooms [][]byte
	for i, src := range srcs {
		plain, ok := naive(src, sizes[i])
		if !ok && firstBad < 0 {
			firstBad = i
		}
		want = append(want, plain)
		room := bytes.Repeat([]byte{0xa5}, sizes[i]+100)
		rooms = append(rooms, room)
		read := slices.Concat(src, bytes.Repeat([]byte{0xfe}, behind)) // as if offsets of two bytes came
		blocks = append(blocks, Block{Dst: room[: sizes[i] : sizes[i]+behind], Src: read[: len(src) : len(src)+behind]})
	}
	bad, err := Decode(blocks)
	if !fast && firstBad >= 0 {
		return // the library may take it for S2
	}
	if (err != nil) != (firstBad >= 0) || err != nil && bad != firstBad {
		t.Fatalf("refused: block %d (%v), should be %d", bad, err, firstBad)
	}
	for i, b := range blocks {
		if err == nil && !bytes.Equal(b.Dst, want[i]) {
			t.Fatalf("block %d is decoded to something else", i)
		}
		if len(bytes.Trim(rooms[i][sizes[i]+behind:], "\xa5")) > 0 {
			t.Fatalf("block %d: bytes are written that should not be", i)
		}
	}
}

// TestSmall decodes many small blocks, whole ones and damaged ones, with and without room behind them.
func TestSmall(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 300 {
		var srcs [][]byte
		var sizes []int
		for range 1 + rng.IntN(40) {
			plain := texts(rng, rng.IntN(1500))
			src := snappy.Encode(nil, plain)
			if rng.IntN(3) == 0 && len(src) > 0 {
				switch i := rng.IntN(len(src)); rng.IntN(3) {
				case 0:
					src = src[:i]
				case 1:
					src[i] = byte(rng.Uint32())
				default:
					src = append(src, src[i:]...)
				}
			}
			srcs, sizes = append(srcs, src), append(sizes, len(plain))
		}
		same(t, srcs, sizes)
		for i := range srcs {
			same(t, srcs[i:i+1], sizes[i:i+1])
		}
	}
}

func FuzzDecode(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		f.Add(snappy.Encode(nil, texts(rng, rng.IntN(3000))), snappy.Encode(nil, texts(rng, rng.IntN(3000))))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		sizes := make([]int, 2)
		for i, src := range [][]byte{a, b} {
			n, err := snappy.DecodedLen(src)
			if err != nil || n > 1<<20 {
				n = 10
			}
			sizes[i] = n
		}
		same(t, [][]byte{a, b}, sizes)
	})
}
