package csvio

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"
)

// An Arrow string view is two little-endian words: the length in the low half of the first. A value of up to 12 bytes
// follows in place, zero padded; of a longer one its first 4 bytes, and in the second word the index of the buffer (0)
// and above it the offset there.
const inlineBytes = 12

// keep is what a view's words keep of a length and 12 bytes behind it, for a value of up to 12 bytes.
var keep = func() (keep [inlineBytes + 1][2]uint64) {
	for n := range keep {
		keep[n] = [2]uint64{1<<(32+8*min(n, 4)) - 1, 1<<(8*max(n-4, 0)) - 1}
	}
	return keep
}()

// target is where one column of a batch goes.
type target struct {
	views []uint64 // two words a row
	valid []uint64 // one bit a row, lowest first; all 0 before the split
}

// padBytes is what follows the text in a splitter's buffer, so that words and the end of a last line fit.
const padBytes = 16

// stretchFields is how many fields are found before views are made of them, more or less: with their text they fit the second-level cache.
const stretchFields = 16 << 10

// splitter splits rows into views, a stretch of rows at a time: first it finds where their fields lie, then it makes views column by column. So neither
// has branches that depend on what a field holds, and lengths are much the same from one to the next.
type splitter struct {
	buf       []byte // the text and padBytes zero bytes
	end       int    // length of the text
	pos       int    // where the next row begins
	delimiter byte
	fields    int // a row
	nulls     *nullValues
	sound     bool // it is known to be UTF-8 without NUL bytes

	*stretch
}

// stretch is the fields of some rows.
type stretch struct {
	masks    [64]marks
	from, to []uint32 // where each field begins and ends, row by row
}

var stretches = sync.Pool{New: func() any { return new(stretch) }}

// newSplitter begins to split buf, the text and padBytes zero bytes behind it, which begins with a row. It
// ends the last line if that has no end, and undoes doubled quotes in place: views point into buf. close ends its use.
func newSplitter(buf []byte, delimiter byte, fields int, nulls *nullValues, sound bool) splitter {
	s := splitter{buf: buf, end: len(buf) - padBytes, delimiter: delimiter, fields: fields, nulls: nulls, sound: sound, stretch: stretches.Get().(*stretch)}
	if s.end > 0 && buf[s.end-1] != '\n' {
		buf[s.end] = '\n'
		s.end++
	}
	return s
}

func (s *splitter) close() { stretches.Put(s.stretch) }

// split splits up to limit rows. targets has one entry a field of a row, nil where the column is not wanted. It is not
// ok where a row is faulty; firstFault tells why.
func (s *splitter) split(targets []*target, limit int) (rows int, ok bool) {
	for rows < limit && s.pos < s.end {
		n, ok := s.find(min(limit-rows, max(stretchFields/s.fields, 1)))
		if !ok {
			return rows, false
		}
		for field, t := range targets {
			if t != nil {
				s.fill(t, rows, n, field)
			}
		}
		rows += n
	}
	return rows, true
}

// find finds the fields of the next rows, limit at most, less only at the end of the text or where there are blank lines.
func (s *splitter) find(limit int) (rows int, ok bool) {
	begin := s.pos
	lines, quoted := s.findEnds(limit)
	to := s.to
	for ; len(to) > 0; to = to[:len(to)-1] { // of rows beyond the limit, or that do not end
		if s.buf[to[len(to)-1]] == '\n' {
			if lines <= limit {
				break
			}
			lines--
		}
	}
	if s.to = to; len(to) == 0 {
		return 0, false
	}
	s.pos = int(to[len(to)-1]) + 1
	text := s.buf[begin:s.pos]
	if !s.sound && !isText(text) || !s.findBegins(uint32(begin), lines) {
		return 0, false
	}
	return len(s.to) / s.fields, !quoted || s.unquote(bytes.Count(text, []byte{'"'}))
}

// findEnds has s.to say where fields end: at all delimiters and line ends outside quotes, until limit lines or the text end, and at some more by chance.
// It gives how many of them are line ends and whether there are quotes.
func (s *splitter) findEnds(limit int) (lines int, quoted bool) {
	to := s.to[:0]
	inside := uint64(0) // quotes: all bits are set
	for at := s.pos; at < s.end && lines < limit; {
		text := s.buf[at:min(at+len(s.masks)*maskBytes, s.end)]
		to = slices.Grow(to, len(text)+8)
		if vectors {
			n, more, done, within, quotes := findEndsWide(to[len(to):cap(to)], text, at, s.delimiter, limit-lines, inside)
			to, lines, at, text = to[:len(to)+n], lines+more, at+done, text[done:]
			if inside, quoted = within, quoted || quotes != 0; lines >= limit {
				break
			}
		}
		for _, m := range marksOf(s.masks[:], text, s.delimiter, '\n', '"') {
			delimiters, ends, quotes := m[0], m[1], m[2]
			in := inside
			if quotes != 0 {
				quoted = true
				in ^= within(quotes)
				inside ^= -uint64(bits.OnesCount64(quotes) & 1)
			}
			ends &^= in
			found := delimiters&^in | ends
			n := len(to)
			to = to[:n+bits.OnesCount64(found)]
			for ; n < len(to); n += 8 { // eight are written, whether there are: that they are some more or less is no branch
				some := (*[8]uint32)(to[n : n+8])
				for i := range some {
					some[i] = uint32(at + bits.TrailingZeros64(found))
					found &= found - 1
				}
			}
			at += maskBytes
			if lines += bits.OnesCount64(ends); lines >= limit {
				break
			}
		}
	}
	s.to = to
	return lines, quoted
}

// findBegins has s.from say where the fields begin that end where s.to says, those of some lines, of which the first begins at a place. Blank lines are
// left out, and s.to says where the fields end without the CR of a line end. It is false where a row has more fields than it should, or fewer.
func (s *splitter) findBegins(begin uint32, lines int) bool {
	buf, to, n := s.buf, s.to, s.fields
	s.from = slices.Grow(s.from[:0], len(to))[:len(to)]
	even := len(to) == lines*n && n > 1 // each line has its fields
	for i := n - 1; even && i < len(to); i += n {
		even = buf[to[i]] == '\n'
	}
	if even {
		s.from[0] = begin
		behind(s.from[1:], to)
	} else if !s.skipBlank(begin) {
		return false
	}
	for i := n - 1; i < len(s.to); i += n {
		if end := s.to[i]; end > s.from[i] && buf[end-1] == '\r' {
			s.to[i]--
		}
	}
	return true
}

// behind has each of dst say what is behind the element of places.
func behind(dst, places []uint32) {
	places = places[:len(dst)]
	if vectors {
		behindWide(dst, places)
		return
	}
	for i, at := range places {
		dst[i] = at + 1
	}
}

// skipBlank does the part of findBegins for lines of which some are blank, or faulty.
func (s *splitter) skipBlank(begin uint32) bool {
	n, field := 0, 0
	for _, end := range s.to {
		last := s.buf[end] == '\n'
		if last && field == 0 && (end == begin || end == begin+1 && s.buf[begin] == '\r') {
			begin = end + 1
			continue
		}
		if last != (field == s.fields-1) {
			return false
		}
		s.from[n], s.to[n] = begin, end
		n++
		begin = end + 1
		if field++; last {
			field = 0
		}
	}
	s.from, s.to = s.from[:n], s.to[:n]
	return true
}

// unquote has s.from and s.to leave out the quotes that fields stand in, and undoes those that are doubled. There are so many quotes; it is false where
// one stands anywhere else.
func (s *splitter) unquote(quotes int) bool {
	buf := s.buf
	for i, from := range s.from {
		to := s.to[i]
		if from == to || buf[from] != '"' {
			continue
		}
		if to-from < 2 || buf[to-1] != '"' {
			return false
		}
		s.from[i], s.to[i] = from+1, to-1
		quotes -= 2
	}
	if quotes == 0 {
		return true
	}
	for i, from := range s.from {
		if from == 0 || buf[from-1] != '"' {
			continue
		}
		text := buf[from:s.to[i]]
		left, ok := undouble(text)
		if !ok {
			return false
		}
		quotes -= 2 * (len(text) - left)
		s.to[i] = from + uint32(left)
	}
	return quotes == 0
}

// undouble turns every "" of text into " and gives the length that is left; not ok: a quote is not doubled.
func undouble(text []byte) (left int, ok bool) {
	for i := 0; i < len(text); i++ {
		text[left] = text[i]
		left++
		if text[i] != '"' {
			continue
		}
		if i++; i == len(text) || text[i] != '"' {
			return left, false
		}
	}
	return left, true
}

// fill makes views of a field of the rows found, those of a batch from first on.
func (s *splitter) fill(t *target, first, rows, field int) {
	for end := first + rows; first < end; {
		n := min(64-first&63, end-first)
		views, from, to := t.views[2*first:2*(first+n)], s.from[field:], s.to[field:]
		empty := fillViews(views, from, to, s.fields, s.buf)
		valid := ^uint64(0) >> (64 - n)
		if s.nulls.empty {
			valid &^= empty
		}
		for i := 0; s.nulls.other && i < n; i++ {
			if s.nulls.has(s.buf[from[i*s.fields]:to[i*s.fields]]) {
				valid &^= 1 << i
			}
		}
		t.valid[first>>6] |= valid << (first & 63)
		first += n
		field += n * s.fields
	}
}

// fillViews makes views, 64 at most, of the fields from from[0] to to[0], from[step] to to[step] and so on of buf, which has padBytes behind them, and tells
// which are empty.
func fillViews(views []uint64, from, to []uint32, step int, buf []byte) (empty uint64) {
	if vectors {
		_ = from[(len(views)/2-1)*step]
		_ = buf[to[(len(views)/2-1)*step]:]
		return fillWide(views, from, to, step, buf, &keep)
	}
	for i := 0; len(views) > 0; i++ {
		from, to := from[i*step], to[i*step]
		n := int(to - from)
		head := binary.LittleEndian.Uint64(buf[from:])
		if n <= inlineBytes {
			views[0] = (uint64(n) | head<<32) & keep[n][0]
			views[1] = binary.LittleEndian.Uint64(buf[from+4:]) & keep[n][1]
		} else {
			views[0] = uint64(n) | head<<32
			views[1] = uint64(from) << 32
		}
		if n == 0 {
			empty |= 1 << i
		}
		views = views[2:]
	}
	return empty
}

// done says that only blank lines are left.
func (s *splitter) done() bool {
	return len(bytes.TrimLeft(s.buf[s.pos:s.end], "\r\n")) == 0
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
