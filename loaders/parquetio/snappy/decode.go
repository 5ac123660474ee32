// Package snappy decodes blocks of the Snappy format (google/snappy, format_description.txt), which most Parquet files are
// compressed with, several blocks at a time.
//
// Where time goes in a block of short texts is not the bytes but the elements: some four bytes each, and whether the next one is a
// literal or a copy and how long it is cannot be foreseen, so that a decoder that branches on it waits for a mispredicted
// branch, 17 cycles an element here. Without branches it waits for the chain from tag to tag. So two blocks are decoded side by
// side: while one chain waits, the other goes on. The idea of one way for all elements is that of Google's decoder
// (DecompressBranchless in snappy.cc); two lanes are ours. Processors without AVX2 and BMI2 use klauspost/compress.
package snappy

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/klauspost/compress/snappy"
)

// ErrCorrupt is given for a block that is not Snappy or has another size than it should have.
var ErrCorrupt = errors.New("it is no block of Snappy of the right size")

// Block is one block to decode.
type Block struct {
	Dst []byte // filled with the decoded form, whose length it has
	Src []byte
}

// Decode decodes blocks, the longest first, so that both lanes have something to do until the end. If one cannot be decoded it gives
// the index of the first such and ErrCorrupt; what the Dst of any block holds then is not defined.
func Decode(blocks []Block) (failed int, err error) {
	if !fast {
		return decodeSlowly(blocks)
	}
	failed = len(blocks)
	order := make([]int, len(blocks))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(len(blocks[j].Src), len(blocks[i].Src)) })
	var lanes [2]lane
	var at [2]int // the block of each lane
	begin := func(k int) bool {
		for len(order) > 0 {
			i := order[0]
			order = order[1:]
			b := &blocks[i]
			size, n := binary.Uvarint(b.Src)
			if n <= 0 || size != uint64(len(b.Dst)) {
				failed = min(failed, i)
				continue
			}
			lanes[k], at[k] = lane{dst: b.Dst, src: b.Src, s: n}, i
			return true
		}
		return false
	}
	end := func(k int) {
		if !lanes[k].finish() {
			failed = min(failed, at[k])
		}
	}
	if begin(0) {
		for begin(1) {
			k := runTwo(&lanes[0], &lanes[1])
			end(k)
			if k == 0 {
				lanes[0], at[0] = lanes[1], at[1]
			}
		}
		runOne(&lanes[0])
		end(0)
	}
	if failed < len(blocks) {
		return failed, ErrCorrupt
	}
	return 0, nil
}

// DecodeBeginning fills dst with the beginning of the decoded form of a block, of which src is the beginning, and gives how much of it there
// is: the elements that src has whole and dst has room for, and the beginning of the next one if it is a literal, which may have 64 KiB.
func DecodeBeginning(dst, src []byte) int {
	_, n := binary.Uvarint(src)
	if n <= 0 {
		return 0
	}
	l := lane{dst: dst, src: src, s: n}
	if fast {
		runOne(&l)
	}
	for l.element() {
	}
	if length, begin, ok := literal(src[l.s:]); ok {
		rest := src[l.s+begin:]
		l.d += copy(dst[l.d:], rest[:min(length, len(rest))])
	}
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

// lane is a block under way.
type lane struct {
	dst, src []byte
	d, s     int // how much is written and read
}

// element says what a tag means.
type element struct {
	bits    uint8 // low bits of the four bytes behind the tag that belong to the offset of a copy
	length  uint8 // bytes of output; special: not for stepTwo
	advance uint8 // bytes of input
	_       uint8
	high    uint32 // what is added to the offset; literals have 64, so that they never look like a copy of bytes to come
}

// special is a length that no element has.
const special = 255

// stepIn and stepOut bound what one step reads of the input and touches of the output.
const stepIn, stepOut = 72, 72

var elements = func() (t [256]element) {
	for tag := range t {
		e, x := &t[tag], uint8(tag>>2)
		switch tag & 3 {
		case 0:
			e.length, e.advance, e.high = x+1, x+2, 64
			if x >= 60 {
				e.length = special
			}
		case 1:
			e.bits, e.length, e.advance, e.high = 8, 4+x&7, 2, uint32(tag)>>5<<8
		case 2:
			e.bits, e.length, e.advance = 16, x+1, 3
		default:
			e.bits, e.length, e.advance = 32, x+1, 5
		}
	}
	return t
}()

// steps is the number of steps that a lane has room for.
func (l *lane) steps() int { return min((len(l.src)-l.s)/stepIn, (len(l.dst)-l.d)/stepOut) }

// runTwo decodes both lanes until one of them is near its end, or corrupt, and gives which.
func runTwo(a, b *lane) int {
	for {
		na, nb := a.steps(), b.steps()
		if na == 0 {
			return 0
		}
		if nb == 0 {
			return 1
		}
		switch stepTwo(a, b, &elements, min(na, nb)) {
		case 1:
			if !a.element() {
				return 0
			}
		case 2:
			if !b.element() {
				return 1
			}
		}
	}
}

// runOne decodes a lane until it is near its end, or corrupt.
func runOne(a *lane) {
	for {
		n := a.steps()
		if n == 0 || stepOne(a, &elements, n) == 1 && !a.element() {
			return
		}
	}
}

// finish decodes what is left of a lane. It reports false for a corrupt one.
func (l *lane) finish() bool {
	for l.s < len(l.src) {
		if !l.element() {
			return false
		}
	}
	return l.d == len(l.dst)
}

// literal gives how long the literal at the beginning of src is and where its bytes begin; false if there is none.
func literal(src []byte) (length, begin int, ok bool) {
	if len(src) == 0 || src[0]&3 != 0 {
		return 0, 0, false
	}
	x := int(src[0] >> 2)
	extra := max(x-59, 0) // bytes of a longer length
	if len(src) < 1+extra {
		return 0, 0, false
	}
	if extra > 0 {
		var b [4]byte
		copy(b[:], src[1:1+extra])
		x = int(binary.LittleEndian.Uint32(b[:]))
	}
	return x + 1, 1 + extra, true
}

// element decodes one element of any kind, anywhere. It reports false, and moves nothing, if there is none.
func (l *lane) element() bool {
	src := l.src[l.s:]
	if len(src) == 0 {
		return false
	}
	tag := src[0]
	length, offset, advance := 0, 0, 0
	switch x := int(tag >> 2); {
	case tag&3 == 0:
		length, advance, ok := literal(src)
		if !ok || length > len(src)-advance || length > len(l.dst)-l.d {
			return false
		}
		copy(l.dst[l.d:], src[advance:advance+length])
		l.d += length
		l.s += advance + length
		return true
	case tag&3 == 1 && len(src) >= 2:
		length, offset, advance = 4+x&7, int(tag>>5)<<8|int(src[1]), 2
	case tag&3 == 2 && len(src) >= 3:
		length, offset, advance = 1+x, int(binary.LittleEndian.Uint16(src[1:])), 3
	case tag&3 == 3 && len(src) >= 5:
		length, offset, advance = 1+x, int(binary.LittleEndian.Uint32(src[1:])), 5
	default:
		return false
	}
	if offset == 0 || offset > l.d || length > len(l.dst)-l.d {
		return false
	}
	for n := 0; n < length; { // a copy may reach into its own bytes
		n += copy(l.dst[l.d+n:l.d+length], l.dst[l.d-offset:l.d+n])
	}
	l.d += length
	l.s += advance
	return true
}
