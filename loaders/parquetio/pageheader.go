package parquetio

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// pageHeader is what reading needs of a page's header. It is read here, field by field: the library's decoder finds its way by reflection, which for
// pages of a hundred values took a tenth of the run.
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
		rest := compact{w.read}
		if h, ok := rest.pageHeader(); ok {
			w.skip(len(w.read) - len(rest.b))
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

type pageKind int

const (
	otherPage pageKind = iota
	dataPage
	dataPage2
	dictionaryPage
	nullPage // of no file: it stands for a chunk of a column that holds nothing but nulls and knows no type
)

// pageHeader reads a header; false if it is damaged.
func (c *compact) pageHeader() (h pageHeader, ok bool) {
	ok = c.fields(func(id int, t byte) bool {
		switch id {
		case 2:
			return c.int32(t, &h.size)
		case 3:
			return c.int32(t, &h.compressed)
		case 4:
			return c.int32(t, &h.crc)
		case 5:
			h.kind = dataPage
			return t == compactStruct && c.contents(&h, 2)
		case 7:
			h.kind = dictionaryPage
			return t == compactStruct && c.contents(&h, 2)
		case 8:
			h.kind = dataPage2
			return t == compactStruct && c.contents(&h, 4)
		}
		return c.skipField(t)
	})
	return h, ok
}

// contents reads what a header says of the kind of page; the field of the encoding differs among them.
func (c *compact) contents(h *pageHeader, encoding int) bool {
	second := h.kind == dataPage2
	return c.fields(func(id int, t byte) bool {
		switch {
		case id == 1:
			return c.int32(t, &h.values)
		case id == encoding:
			var e int32
			ok := c.int32(t, &e)
			h.encoding = format.Encoding(e)
			return ok
		case second && id == 5:
			return c.int32(t, &h.defined)
		case second && id == 6:
			return c.int32(t, &h.repeated)
		case second && id == 7:
			h.stored = t == compactFalse
			return t == compactTrue || t == compactFalse
		}
		return c.skipField(t)
	})
}

// fields gives every field of a struct, its number and type, to someone who reads it or passes over it.
func (c *compact) fields(each func(id int, t byte) bool) bool {
	for id := 0; ; {
		head, ok := c.byte()
		if !ok {
			return false
		}
		if head == compactStop {
			return true
		}
		if delta := int(head >> 4); delta > 0 {
			id += delta
		} else {
			x, ok := c.uvarint()
			if !ok || x > math.MaxUint16 {
				return false
			}
			id = int(zigzag(x))
		}
		if !each(id, head&15) {
			return false
		}
	}
}

// skipField passes over the value of a field, whose booleans have no bytes.
func (c *compact) skipField(t byte) bool {
	return t == compactTrue || t == compactFalse || c.skip(t, 0)
}

// int32 reads a number.
func (c *compact) int32(t byte, to *int32) bool {
	x, ok := c.uvarint()
	if t != compactInt32 || !ok || x > math.MaxUint32 {
		return false
	}
	*to = int32(zigzag(x))
	return true
}

// int64 reads a number.
func (c *compact) int64(t byte, to *int64) bool {
	x, ok := c.uvarint()
	*to = zigzag(x)
	return ok && t == compactInt64
}

func zigzag(x uint64) int64 { return int64(x>>1) ^ -int64(x&1) }
