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
