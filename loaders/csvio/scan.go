package csvio

import "math/bits"

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
	inside                uint64 // all bits are set where an odd number of quotes has been seen
	lastEnds, lastReturns uint64 // of the maskBytes before the next ones: LF and CR
	masks                 [64]marks
}

// newScanner begins a stretch. before are the two bytes before it: they tell whether it begins with a blank line.
func newScanner(before [2]byte) *scanner {
	s := &scanner{tally: tally{first: [2]int64{-1, -1}}}
	var text [maskBytes]byte
	copy(text[maskBytes-len(before):], before[:])
	m := s.find(text[:])[0]
	s.lastEnds, s.lastReturns = m[0], m[2]
	return s
}

func (s *scanner) find(text []byte) []marks {
	return marksOf(s.masks[:], text, '\n', '"', '\r')
}

// add counts a block. All blocks but the last have a multiple of maskBytes bytes.
func (s *scanner) add(block []byte) {
	at := s.bytes
	s.bytes += int64(len(block))
	for len(block) > 0 {
		text := block[:min(len(block), len(s.masks)*maskBytes)]
		block = block[len(text):]
		for _, m := range s.find(text) {
			ends, quotes, returns := m[0], m[1], m[2]
			in := s.inside // those inside quotes if the stretch began outside
			if quotes != 0 {
				in ^= within(quotes)
				s.inside ^= -uint64(bits.OnesCount64(quotes) & 1)
			}
			// A line is blank if LF or CR LF follows the newline before it. Quotes cannot stand between the two, so they
			// are both inside or both outside.
			blank := ends & (ends<<1 | s.lastEnds>>63 | (returns<<1|s.lastReturns>>63)&(ends<<2|s.lastEnds>>62))
			s.lastEnds, s.lastReturns = ends, returns
			if quotes|s.inside == 0 && s.first[0] >= 0 { // as nearly everywhere
				n := int64(bits.OnesCount64(ends))
				s.ends[0] += n
				s.newlines += n
				s.blanks[0] += int64(bits.OnesCount64(blank))
				at += maskBytes
				continue
			}
			// Most bytes have no newline, and which have one cannot be foreseen, so that is no branch.
			mine := [2]uint64{ends &^ in, ends & in}
			for begin, m := range mine {
				if s.first[begin] < 0 && m != 0 {
					bit := m & -m
					s.first[begin] = at + int64(bits.TrailingZeros64(bit)) + 1
					s.firstLines[begin] = s.newlines + int64(bits.OnesCount64(ends&(bit<<1-1)))
					s.firstBlank[begin] = blank&bit != 0
				}
				s.ends[begin] += int64(bits.OnesCount64(m))
				s.blanks[begin] += int64(bits.OnesCount64(m & blank))
			}
			s.newlines += int64(bits.OnesCount64(ends))
			at += maskBytes
		}
	}
	s.odd = s.inside != 0
}
