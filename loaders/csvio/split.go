package csvio

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// An Arrow string view is two little-endian words: the length in the low half of the first. A value of up to 12 bytes
// follows in place, zero padded; of a longer one its first 4 bytes, and in the second word the index of the buffer (0)
// and above it the offset there.
const inlineBytes = 12

// keep0 and keep1 are what a view's words keep of a length and 12 bytes behind it, for a value of up to 12 bytes.
var keep0, keep1 = keeps()

func keeps() (first, second [inlineBytes + 1]uint64) {
	for n := range first {
		first[n] = 1<<(32+8*min(n, 4)) - 1
		second[n] = 1<<(8*max(n-4, 0)) - 1
	}
	return first, second
}

// target is where one column of a batch goes.
type target struct {
	views []uint64 // two words a row
	valid []byte   // one bit a row, lowest first; all 0 before the split
}

// padBytes is what follows the text in a splitter's buffer, so that words and the end of a last line fit.
const padBytes = 16

// splitter splits rows into views.
type splitter struct {
	buf       []byte // the text and padBytes zero bytes
	end       int    // length of the text
	pos       int    // where the next row begins
	delimiter byte
	fields    int // a row
	nulls     *nullValues
}

// newSplitter begins to split buf, the text and padBytes zero bytes behind it, which begins with a row. It
// ends the last line if that has no end, and undoes doubled quotes in place: views point into buf.
func newSplitter(buf []byte, delimiter byte, fields int, nulls *nullValues) splitter {
	s := splitter{buf: buf, end: len(buf) - padBytes, delimiter: delimiter, fields: fields, nulls: nulls}
	if s.end > 0 && buf[s.end-1] != '\n' {
		buf[s.end] = '\n'
		s.end++
	}
	return s
}

// split splits up to limit rows. targets has one entry a field of a row, nil where the column is not wanted. It is not
// ok where a row is faulty; firstFault tells why.
func (s *splitter) split(targets []*target, limit int) (rows int, ok bool) {
	const (
		outside = iota
		inside  // a quoted field
		behind  // its closing quote, or the first of a doubled one
	)
	buf, delimiter := s.buf, s.delimiter
	delimiters := lanesLow * uint64(delimiter)
	begin := s.pos // of the field under way
	field, state, closing, doubled := 0, outside, 0, false

	for i := begin; i < s.end; i += 8 {
		word := binary.LittleEndian.Uint64(buf[i:])
		marks := ^(differ(word, delimiters) & differ(word, newlineLanes) & differ(word, quoteLanes)) & lanesHigh
		for ; marks != 0; marks &= marks - 1 {
			p := i + bits.TrailingZeros64(marks)>>3
			c := buf[p]
			if c == '"' {
				switch {
				case state == inside:
					state, closing = behind, p
				case state == outside && p == begin:
					state, doubled = inside, false
				case state == behind && p == closing+1:
					state, doubled = inside, true
				default:
					return rows, false
				}
				continue
			}
			if state == inside {
				continue
			}

			from, to := begin, p
			if c == '\n' && p > begin && buf[p-1] == '\r' {
				to--
			}
			if state == behind {
				if to != closing+1 {
					return rows, false
				}
				from, to = begin+1, closing
				if doubled {
					to = from + undouble(buf[from:to])
				}
				state = outside
			} else if c == '\n' && field == 0 && from == to {
				begin = p + 1
				continue // a blank line
			}
			if field == s.fields {
				return rows, false
			}
			if t := targets[field]; t != nil {
				n := to - from
				head := binary.LittleEndian.Uint64(buf[from:])
				view := t.views[2*rows : 2*rows+2]
				if n <= inlineBytes {
					view[0] = (uint64(n) | head<<32) & keep0[n]
					view[1] = binary.LittleEndian.Uint64(buf[from+4:]) & keep1[n]
				} else {
					view[0] = uint64(n) | head<<32
					view[1] = uint64(from) << 32
				}
				valid := 1
				if n == 0 && s.nulls.empty || s.nulls.other && s.nulls.has(buf[from:to]) {
					valid = 0
				}
				t.valid[rows>>3] |= byte(valid << (rows & 7))
			}
			field++
			begin = p + 1
			if c != '\n' {
				continue
			}
			if field != s.fields {
				return rows, false
			}
			field = 0
			if rows++; rows == limit {
				s.pos = begin
				return rows, true
			}
		}
	}
	s.pos = s.end
	return rows, begin == s.end && field == 0
}

// done says that only blank lines are left.
func (s *splitter) done() bool {
	return len(bytes.TrimLeft(s.buf[s.pos:s.end], "\r\n")) == 0
}

// undouble turns every "" of text into " and gives the length that is left.
func undouble(text []byte) int {
	n := 0
	for i := 0; i < len(text); i++ {
		text[n] = text[i]
		n++
		if text[i] == '"' {
			i++
		}
	}
	return n
}

// nullValues are the texts that are null.
type nullValues struct {
	empty bool // the empty text is one
	other bool // there are others:
	texts map[string]struct{}
}

func newNullValues(texts []string) nullValues {
	n := nullValues{texts: make(map[string]struct{}, len(texts))}
	for _, t := range texts {
		if t == "" {
			n.empty = true
			continue
		}
		n.texts[t] = struct{}{}
		n.other = true
	}
	return n
}

// has says whether text, which is not empty, is null.
func (n *nullValues) has(text []byte) bool {
	_, ok := n.texts[string(text)]
	return ok
}
