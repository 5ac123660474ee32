package parquetio

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// pageHeader is what reading needs of a page's header. It is read here, field by field: for pages of a hundred
// values the library's decoder took a tenth of the run.
type pageHeader struct {
	size, compressed int32 // bytes of the body
	crc              int32
	kind             pageKind
	values           int32 // nulls included; entries of a dictionary
	encoding         format.Encoding
	defined          int32 // v2: bytes of definition levels, of repetition levels
	repeated         int32
	stored           bool // v2: the values are not compressed
}

// headers walks through the headers of the pages of a column chunk.
type headers struct {
	at, end int64       // in the file: of the next header, of the chunk
	read    []byte      // what is read from at on
	in      io.ReaderAt // of what is not read; nil: all is
	buf     []byte
}

// headerBytes is what a header takes as a rule, with the bounds of the values.
const headerBytes = 512

var errHeader = errors.New("a page header cannot be read")

// next reads the next header. Then the body of its page comes next.
func (w *headers) next() (h pageHeader, err error) {
	for {
		header := compact{b: w.read}
		if h, ok := header.pageHeader(); ok {
			w.skip(header.at)
			return h, nil
		}
		n := int(min(max(headerBytes, 4*int64(len(w.read))), w.end-w.at))
		if w.in == nil || n <= len(w.read) {
			return h, errHeader
		}
		w.buf = slices.Grow(w.buf[:0], n)[:n]
		if _, err := w.in.ReadAt(w.buf, w.at); err != nil {
			return h, fmt.Errorf("reading %d bytes: %w", n, err)
		}
		w.read = w.buf
	}
}

// skip passes over bytes.
func (w *headers) skip(n int) {
	w.at, w.read = w.at+int64(n), w.read[min(n, len(w.read)):]
}

type pageKind uint8

const (
	otherPage pageKind = iota
	dataPage
	dataPage2
	dictionaryPage
	nullPage // of no file: it stands for a chunk of a column that holds nothing but nulls and knows no type
)

// pageHeader reads a header; false if it is damaged.
func (c *compact) pageHeader() (h pageHeader, ok bool) {
	if h, ok = c.usualPageHeader(); ok {
		return h, true
	}
	return c.anyPageHeader()
}

// usualPageHeader reads a header whose fields come in order, of a dictionary or of a data page of version 1, as most are; else it moves nothing.
func (c *compact) usualPageHeader() (h pageHeader, ok bool) {
	begin := c.at
	var of, in [4]int32
	n := c.shorts(&of) // the kind, which the field below tells too, two sizes, and the checksum if there is one
	head := c.byte()
	k := c.shorts(&in)
	switch id := n + int(head>>4); {
	case n < 3 || head&15 != compactStruct:
		c.fail()
	case id == 5 && k == 4:
		h.kind = dataPage
		if c.peek() == nextField|compactStruct { // statistics
			c.at++
			c.skipStruct(1)
		}
	case id == 7 && k == 2:
		h.kind = dictionaryPage
		if more := c.peek(); more == nextField|compactTrue || more == nextField|compactFalse {
			c.at++
		}
	default:
		c.fail()
	}
	if inner, outer := c.byte(), c.byte(); inner == compactStop && outer == compactStop && !c.bad {
		h.size, h.compressed, h.crc, h.values, h.encoding = of[1], of[2], of[3], in[0], format.Encoding(in[1])
		return h, true
	}
	c.at, c.bad = begin, false
	return pageHeader{}, false
}

// anyPageHeader reads a header of any kind.
func (c *compact) anyPageHeader() (h pageHeader, ok bool) {
	var f fields
	for {
		id, t := c.next(&f, 1<<5|1<<7|1<<8)
		if id == 0 {
			break
		}
		if t != compactStruct {
			c.fail()
		}
		var of fields
		c.next(&of, 0)
		h.values = int32(of.number[1])
		switch id {
		case 5, 7:
			if h.kind, h.encoding = dataPage, format.Encoding(of.number[2]); id == 7 {
				h.kind = dictionaryPage
			}
			ok = of.are(1<<1|1<<2, 0, 0)
		case 8:
			h.kind, h.encoding = dataPage2, format.Encoding(of.number[4])
			h.defined, h.repeated, h.stored = int32(of.number[5]), int32(of.number[6]), of.isNot&(1<<7) != 0
			ok = of.are(1<<1|1<<4|1<<5|1<<6, 0, 1<<7)
		}
		if !ok {
			c.fail()
		}
	}
	h.size, h.compressed, h.crc = int32(f.number[2]), int32(f.number[3]), int32(f.number[4])
	return h, !c.bad && f.are(1<<2|1<<3|1<<4, 0, 0)
}
