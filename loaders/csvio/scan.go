package csvio

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes at a time: byte lanes of a 64-bit word, lane 0 the first byte in the file. A mask has 0x80 in the lanes
// that it marks and 0 in the others.
const (
	lanesLow  = 0x0101010101010101
	lanesHigh = 0x8080808080808080
	lanes7F   = 0x7f7f7f7f7f7f7f7f

	quoteLanes   = lanesLow * '"'
	newlineLanes = lanesLow * '\n'
)

// differ has the high bit of each lane set where the word's byte is not the one repeated in pattern; other bits are noise.
func differ(word, pattern uint64) uint64 {
	x := word ^ pattern
	return (x&lanes7F + lanes7F) | x
}

// tally is what a stretch of a file holds, counted without knowing whether the stretch begins inside a quoted field. Where
// that matters there are two answers: index 0 if it begins outside quotes, 1 if inside.
type tally struct {
	bytes    int64
	newlines int64    // all, inside quotes or not
	ends     [2]int64 // newlines outside quotes: ends of rows and of blank lines
	blanks   [2]int64 // of these, ends of blank lines
	odd      bool     // the number of quotes is odd: the stretch ends in the other state than it began

	first      [2]int64 // offset behind the first newline outside quotes, -1 if there is none
	firstLines [2]int64 // newlines of any kind up to there
	firstBlank [2]bool  // it ends a blank line
}

// scanner counts a stretch that comes in blocks.
type scanner struct {
	tally
	inside   uint64 // all lanes marked where an odd number of quotes has been seen
	lastWord uint64 // the word before the next one
	lastEnds uint64 // its newlines
}

// newScanner begins a stretch. before are the two bytes before it: they tell whether it begins with a blank line.
func newScanner(before [2]byte) *scanner {
	s := &scanner{tally: tally{first: [2]int64{-1, -1}}}
	s.lastWord = uint64(before[0])<<48 | uint64(before[1])<<56
	s.lastEnds = ^differ(s.lastWord, newlineLanes) & lanesHigh
	return s
}

// add counts a block. All blocks but the last have a multiple of eight bytes.
func (s *scanner) add(block []byte) {
	inside, last, lastEnds := s.inside, s.lastWord, s.lastEnds
	at := s.bytes
	s.bytes += int64(len(block))
	for len(block) > 0 {
		var word uint64
		if len(block) >= 8 {
			word = binary.LittleEndian.Uint64(block)
			block = block[8:]
		} else {
			var tail [8]byte // zeros count as nothing
			copy(tail[:], block)
			word = binary.LittleEndian.Uint64(tail[:])
			block = nil
		}
		in := inside
		if quotes := ^differ(word, quoteLanes) & lanesHigh; quotes != 0 {
			// Lane i of the product is the number of quotes in lanes 0 to i.
			upTo := (quotes >> 7) * lanesLow
			in ^= (upTo & lanesLow) << 7
			inside ^= -(upTo >> 56 & 1) & lanesHigh
		}
		ends := ^differ(word, newlineLanes) & lanesHigh
		if ends != 0 {
			s.count(at, word, ends, in, last, lastEnds)
		}
		last, lastEnds = word, ends
		at += 8
	}
	s.inside, s.lastWord, s.lastEnds = inside, last, lastEnds
	s.odd = inside != 0
}

// count takes the newlines (ends) of the word at offset at; in marks its lanes inside quotes if the stretch began outside.
func (s *scanner) count(at int64, word, ends, in, last, lastEnds uint64) {
	// A line is blank if LF or CR LF follows the newline before it. Quotes cannot stand between the two, so they
	// are both inside or both outside.
	blank := ends & (ends<<8 | lastEnds>>56)
	if after2 := ends & (ends<<16 | lastEnds>>48); after2 != 0 {
		before := word<<8 | last>>56
		blank |= after2 & ^differ(before, lanesLow*'\r')
	}
	for begin := range 2 {
		mine := ends &^ in
		in = ^in
		if mine == 0 {
			continue
		}
		s.ends[begin] += int64(bits.OnesCount64(mine))
		s.blanks[begin] += int64(bits.OnesCount64(mine & blank))
		if s.first[begin] < 0 {
			lane := mine & -mine
			s.first[begin] = at + int64(bits.TrailingZeros64(lane)>>3) + 1
			s.firstLines[begin] = s.newlines + int64(bits.OnesCount64(ends&(lane<<1-1)))
			s.firstBlank[begin] = blank&lane != 0
		}
	}
	s.newlines += int64(bits.OnesCount64(ends))
}
