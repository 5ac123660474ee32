// Package snappy decodes blocks of the Snappy format (google/snappy, format_description.txt), which most Parquet files are
// compressed with, several blocks at a time.
//
// Where time goes in a block of short texts is not the bytes but the elements: some four bytes each, and whether the next one is a
// literal or a copy and how long it is cannot be foreseen, so that a decoder that branches on it waits for a mispredicted
// branch, 17 cycles an element here. Without branches it waits for the chain from tag to tag. So three blocks are decoded side by
// side: while one chain waits, the others go on. The idea of one way for all elements is that of Google's decoder
// (DecompressBranchless in snappy.cc); lanes are ours. Processors without AVX2 and BMI2 use klauspost/compress.
package snappy

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"

	"github.com/klauspost/compress/snappy"
)

// ErrCorrupt is given for a block that is not Snappy or has another size than it should have.
var ErrCorrupt = errors.New("it is no block of Snappy of the right size")

// Block is one block to decode. What Dst has room for behind its length may be written, what Src has is read, whatever it is: small blocks are decoded
// faster where each has Slack bytes of that.
type Block struct {
	Dst     []byte // filled with the decoded form, whose length it has
	Src     []byte
	Borders []int32 // zeros, as many as Borders gives, or none: set to where in Src each border is, if an element begins there and that is found out
}

// FragmentSize is how many bytes of a block most encoders compress by themselves, Google's first of all: no copy reaches back over a multiple of it. The
// format does not ask for that.
const FragmentSize = 1 << 16

// Borders is how many borders between fragments a block has that is so large when it is decoded.
func Borders(size int) int { return max(size-1, 0) / FragmentSize }

// Decode decodes blocks, the longest first by and large, so that all lanes have something to do until the end. If one cannot be decoded it gives
// the index of the first such and ErrCorrupt; what the Dst of any block holds then is not defined.
func Decode(blocks []Block) (failed int, err error) {
	if !fast {
		return decodeSlowly(blocks)
	}
	return decode(blocks, false)
}

// DecodeFragments is Decode of fragments, or the beginnings of some: the Src of a block begins at its border and may go on behind what Dst has room for. A
// fragment that needs bytes of the one before it is refused like one that is damaged.
func DecodeFragments(blocks []Block) (failed int, err error) { return decode(blocks, true) }

// begin gives the lane of a block, or of a fragment; false if it is damaged.
func (b *Block) begin(fragment bool) (l lane, ok bool) {
	if fragment {
		return laneOf(slices.Clip(b.Dst), slices.Clip(b.Src)), true
	}
	size, n := binary.Uvarint(b.Src)
	l = laneOf(b.Dst, b.Src)
	l.s, l.borders = n, b.Borders
	if len(b.Borders) > 0 {
		l.border = FragmentSize
	}
	return l, n > 0 && size == uint64(len(b.Dst))
}

// end decodes what is left of a lane, or of a fragment, and tells whether that was all that it should be.
func (l *lane) end(fragment bool) bool {
	whole := l.finish()
	if fragment {
		l.beginning()
		whole = true
	}
	return whole && l.d == len(l.dst)
}

// atOnce is how many lanes there are.
const atOnce = 3

// decode decodes blocks, or fragments.
func decode(blocks []Block, fragments bool) (failed int, err error) {
	failed = len(blocks)
	var lanes [atOnce]lane
	var at [atOnce]int // the block of each lane
	order, busy := inOrder(blocks), 0
	for {
		for busy < atOnce && len(order) > 0 {
			i := int(order[0])
			order = order[1:]
			l, ok := blocks[i].begin(fragments)
			switch {
			case !ok:
				failed = min(failed, i)
			case l.oneLiteral():
				if !l.end(fragments) {
					failed = min(failed, i)
				}
			default:
				lanes[busy], at[busy] = l, i
				busy++
			}
		}
		if busy == 0 {
			break
		}
		k := 0
		if fast {
			k = run(lanes[:busy])
		}
		if !lanes[k].end(fragments) {
			failed = min(failed, at[k])
		}
		busy--
		lanes[k], at[k] = lanes[busy], at[busy]
	}
	if failed < len(blocks) {
		return failed, ErrCorrupt
	}
	return 0, nil
}

// inOrder gives the numbers of blocks, the longest first but for an eighth of their length.
func inOrder(blocks []Block) []int32 {
	order := make([]int32, len(blocks))
	if len(blocks) <= atOnce {
		for i := range order {
			order[i] = int32(i)
		}
		return order
	}
	const steps = 8 // from one power of two to the next
	class := func(b *Block) int {
		n := uint(len(b.Src)) | steps
		k := bits.Len(n) - bits.Len(uint(steps))
		return (bits.UintSize-k)*steps - int(n>>k)
	}
	var next [(bits.UintSize + 1) * steps]int32 // a class: where its next block comes
	for i := range blocks {
		next[class(&blocks[i])]++
	}
	before := int32(0)
	for c, n := range next {
		next[c], before = before, before+n
	}
	for i := range blocks {
		to := &next[class(&blocks[i])]
		order[*to] = int32(i)
		*to++
	}
	return order
}

// DecodeBeginning fills dst with the beginning of the decoded form of a block, of which src is the beginning, and gives how much of it there
// is: the elements that src has whole and dst has room for, and the beginning of the next one.
func DecodeBeginning(dst, src []byte) int {
	_, n := binary.Uvarint(src)
	if n <= 0 {
		return 0
	}
	l := laneOf(slices.Clip(dst), slices.Clip(src))
	l.s = n
	if fast {
		lanes := []lane{l}
		run(lanes)
		l = lanes[0]
	}
	for l.element() {
	}
	l.beginning()
	return l.d
}

func decodeSlowly(blocks []Block) (failed int, err error) {
	for i, b := range blocks {
		if n, err := snappy.DecodedLen(b.Src); err != nil || n != len(b.Dst) {
			return i, ErrCorrupt
		}
		if _, err := snappy.Decode(b.Dst, b.Src); err != nil {
			return i, ErrCorrupt
		}
	}
	return 0, nil
}
