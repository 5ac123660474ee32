package record

import (
	"bytes"
	"encoding/binary"
)

// characters are the bits of the first six bytes of a text and of the six behind them that characters of three bytes take, a length.
var characters = [viewInline + 1][2]uint64{3: {1<<24 - 1, 0}, 6: {1<<48 - 1, 0}, 9: {1<<48 - 1, 1<<24 - 1}, 12: {1<<48 - 1, 1<<48 - 1}}

// cleanViews counts the texts, from the first on, of which their views alone show that no step changes them and that they are longer than
// so many bytes: names and phone numbers, as most are. There is no branch on the length of a name, and behind four such texts the vector
// instructions of AVX2 look at four at a time.
func (n *normalizer) cleanViews(views []byte, longer int) (count int) {
	for ; len(views) >= viewSize; views = views[viewSize:] {
		lo, hi := binary.LittleEndian.Uint64(views), binary.LittleEndian.Uint64(views[8:])
		size := uint64(uint32(lo))
		if size <= uint64(longer) || size > viewInline {
			return count
		}
		switch bits := &characters[size]; {
		case n.steps == 0:
		case n.steps&Phone != 0:
			if size != 11 || byte(lo>>32) != '1' || !allDigits(lo>>32|hi<<32) || !allDigits(lo>>56|hi<<8) {
				return count
			}
		case bits[0] == 0 || noIdeographs(lo>>32|hi<<32)&bits[0]|noIdeographs(hi>>16)&bits[1] != 0:
			return count
		}
		count++
		if fourAtOnce && count == 4 {
			more := n.cleanFours(views[viewSize:], longer)
			count, views = count+more, views[more*viewSize:]
		}
	}
	return count
}

// cleanFours counts as cleanViews does, by fours.
func (n *normalizer) cleanFours(views []byte, longer int) int {
	fours := len(views) / viewSize &^ 3
	if fours == 0 {
		return 0
	}
	low := n.views.low
	low[0] = byte(min(longer, viewInline) + 1)
	return countClean(&views[0], &low, &n.views.high, &n.views.refused, fours)
}

// longClean is the size of what cleanAtOnce looks at: a text and two bytes behind it, so that no character ends beyond.
const longClean = 64

var zeros = [longClean]byte(bytes.Repeat([]byte{'0'}, longClean))

// cleanAtOnce is cleanInTurn for a text that is not short, an address mostly, by the vector instructions of AVX2.
func (n *normalizer) cleanAtOnce(b []byte) bool {
	n.long = zeros // which are plain
	copy(n.long[:], b)
	return allClean(&n.long, n.least)
}

// cleanBounds are what views of clean texts lie between, byte by byte of their lengths and their texts.
type cleanBounds struct {
	low, high [viewSize]byte
	refused   [viewSize]byte // a length: 0xff where it is none of a clean text
}

// boundsOf gives the bounds for steps that cleanViews is for.
func boundsOf(steps Steps) (b cleanBounds) {
	b.high[0] = viewInline
	for i := range viewInline {
		low, high := byte(0), byte(0xff)
		switch {
		case steps&Phone != 0 && i == 0:
			low, high = '1', '1'
		case steps&Phone != 0:
			low, high = '0', '9'
		case steps != 0 && i%3 == 0:
			low, high = 0xe4, 0xe9
		case steps != 0:
			low, high = 0x80, 0xbf
		}
		b.low[4+i], b.high[4+i] = low, high
	}
	for size := range b.refused {
		if steps&Phone != 0 && size != 11 || steps&Phone == 0 && steps != 0 && size%3 != 0 {
			b.refused[size] = 0xff
		}
	}
	return b
}
