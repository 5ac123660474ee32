package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"crosscheck/loaders/parquetio/snappy"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go/format"
)

// chunk is the bytes of a column chunk and where its pages lie.
type chunk struct {
	mem   memory.Allocator
	codec format.CompressionCodec
	in    io.ReaderAt // of a large chunk, whose pages are read when they are needed; else nil
	raw   []byte      // compressed, at times the beginning alone; given back when the last page is decompressed, or the last of those that were read
	dict  *page
	pages []page
}

// page is one page of a chunk, compressed.
type page struct {
	rows     int // values, nulls included; entries of a dictionary
	encoding format.Encoding
	at       int64  // where its body lies in the file
	length   int    // of the body there
	body     []byte // as in the file, without header; of a large chunk once it is read
	size     int    // of the body once decompressed
	crc      int32  // 0: none
	v2       bool
	levels   int  // v2: bytes of repetition and definition levels, never compressed
	repeated int  // v2: how many of them are repetition levels
	stored   bool // v2: the values are not compressed
	cut      bool // body is but the beginning
}

// slack is how many bytes beyond its end a decompressed page may be read: text values are loaded 16 bytes at a time.
const slack = 16

// readChunk finds the pages of a column chunk, and reads it, or its beginning, unless it has more bytes than whole.
func readChunk(in io.ReaderAt, fileSize int64, meta *chunkMeta, only beginning, mem memory.Allocator, whole int64) (c *chunk, err error) {
	c = &chunk{mem: mem, codec: meta.codec}
	begin, size := meta.begin, meta.size
	if meta.values == 0 {
		return c, nil
	}
	if begin < 4 || size <= 0 || size > fileSize || begin > fileSize-size {
		return c, errors.New("its place in the file lies outside the file")
	}
	wanted := meta.values
	if only.rows > 0 {
		wanted, size = min(wanted, only.rows), min(size, only.bytes)
	}
	walk := headers{at: begin, end: begin + size}
	if only.rows == 0 && size > whole {
		c.in, walk.in = in, in
		return c, guard(func() error { return c.findPages(&walk, meta, wanted) })
	}
	c.raw = mem.Allocate(int(size))
	if _, err := in.ReadAt(c.raw, begin); err != nil {
		return c, fmt.Errorf("reading %d bytes: %w", size, err)
	}
	walk.read = c.raw
	err = guard(func() error { return c.findPages(&walk, meta, wanted) })
	c.bodies(c.pages, begin)
	if c.dict != nil {
		c.dict.body = c.raw[c.dict.at-begin:][:c.dict.length]
	}
	return c, err
}

// wholeChunk is up to how many bytes a chunk is read at once, not page by page. A row group of wide rows comes to hundreds of megabytes, of which a
// batch needs a few pages.
const wholeChunk = 512 << 10

// bodies gives pages their part of c.raw, which begins at a place in the file.
func (c *chunk) bodies(pages []page, begin int64) {
	for i := range pages {
		pages[i].body = c.raw[pages[i].at-begin:][:pages[i].length]
	}
}

// load reads pages of a large chunk that follow one another, in the place of those that were read before, of which none is needed any more.
func (c *chunk) load(pages []page) error {
	if c.in == nil || len(pages) == 0 {
		return nil
	}
	c.release()
	begin, last := pages[0].at, &pages[len(pages)-1]
	c.raw = c.mem.Allocate(int(last.at-begin) + last.length)
	if _, err := c.in.ReadAt(c.raw, begin); err != nil {
		return fmt.Errorf("reading %d bytes: %w", len(c.raw), err)
	}
	c.bodies(pages, begin)
	return nil
}

// findPages reads the headers of the pages that hold the first values, as many as are wanted.
func (c *chunk) findPages(walk *headers, meta *chunkMeta, wanted int64) error {
	values := int64(0)
	whole := walk.end == meta.begin+meta.size
	for values < wanted {
		h, err := walk.next()
		if err != nil {
			return err
		}
		cut := int64(h.compressed) > walk.end-walk.at
		if h.compressed < 0 || h.size < 0 || cut && whole {
			return errors.New("a page is longer than its column chunk")
		}
		if cut && h.kind != dataPage && h.kind != dataPage2 {
			return errBeginning
		}
		if int64(h.size) > max(meta.uncompressed, 64<<20) {
			return errors.New("a page is larger than its column chunk")
		}
		p := page{rows: int(h.values), encoding: h.encoding, at: walk.at, length: int(min(int64(h.compressed), walk.end-walk.at)), size: int(h.size), crc: h.crc, cut: cut}
		walk.skip(p.length)
		switch h.kind {
		case dictionaryPage:
			if p.rows < 0 || p.rows > p.size {
				return errors.New("a dictionary has more entries than bytes")
			}
			if c.dict == nil {
				c.dict = &p
			}
			continue
		case dataPage:
		case dataPage2:
			if h.repeated < 0 || h.defined < 0 || int64(h.repeated)+int64(h.defined) > int64(min(p.length, p.size)) {
				return errors.New("the levels of a page are longer than the page")
			}
			p.v2, p.stored, p.repeated, p.levels = true, h.stored, int(h.repeated), int(h.repeated)+int(h.defined)
		default:
			continue // an index page
		}
		if p.rows < 0 || values+int64(p.rows) > meta.values {
			return errors.New("its pages hold more values than its metadata says")
		}
		values += int64(p.rows)
		c.pages = append(c.pages, p)
	}
	return nil
}

// dictionaryOnly tells whether all data pages are dictionary-encoded.
func (c *chunk) dictionaryOnly() bool {
	if c.dict == nil {
		return false
	}
	for i := range c.pages {
		if !isDictionary(c.pages[i].encoding) {
			return false
		}
	}
	return true
}

func isDictionary(e format.Encoding) bool {
	//lint:ignore SA1019 deprecated for writers: version 1 files hold it
	return e == format.PlainDictionary || e == format.RLEDictionary
}

// release gives the compressed bytes back.
func (c *chunk) release() {
	if c.raw != nil {
		c.mem.Free(c.raw)
		c.raw = nil
	}
}

// decompress gives the body of a page, levels included, in a buffer with slack behind it. The caller releases it.
func (c *chunk) decompress(p *page) (*memory.Buffer, error) {
	buf, later, err := c.unpack(p)
	if err == nil && len(later.Dst) > 0 {
		if err = decompress(c.codec, later.Dst, later.Src); err != nil {
			buf.Release()
			return nil, decompressing(err)
		}
	}
	return buf, err
}

func decompressing(err error) error { return fmt.Errorf("decompressing a page: %w", err) }

// unpack is decompress, but that it leaves a block of Snappy to be decoded later, with others; without one later.Dst is empty.
func (c *chunk) unpack(p *page) (buf *memory.Buffer, later snappy.Block, err error) {
	if p.cut {
		buf, err = c.unpackBeginning(p)
		return buf, later, err
	}
	if p.crc != 0 && uint32(p.crc) != crc32.ChecksumIEEE(p.body) {
		return nil, later, errors.New("the checksum of a page is wrong")
	}
	buf = memory.NewResizableBuffer(c.mem)
	buf.Resize(p.size + slack)
	dst := buf.Bytes()[:p.size]
	clear(buf.Bytes()[p.size:])
	copy(dst, p.body[:p.levels])
	src, out := p.body[p.levels:], dst[p.levels:]
	switch {
	case p.stored || c.codec == format.Uncompressed:
		if copy(out, src) != len(out) || len(src) != len(out) {
			err = errSize
		}
	case len(out) == 0:
	case c.codec == format.Snappy:
		return buf, snappy.Block{Dst: out, Src: src}, nil
	default:
		if err = decompress(c.codec, out, src); err != nil {
			err = decompressing(err)
		}
	}
	if err != nil {
		buf.Release()
		return nil, later, err
	}
	return buf, later, nil
}

// split gives which rows of a page are not null, a bitmap (nil if all are), how many are, and the bytes of its values.
// scratch is memory for the bitmap.
func (p *page) split(body []byte, optional bool, scratch []byte) (valid []byte, defined int, values []byte, err error) {
	if !optional {
		return nil, p.rows, body[p.levels:], nil
	}
	var encoded []byte
	if p.v2 {
		encoded, values = body[p.repeated:p.levels], body[p.levels:]
	} else {
		if len(body) < 4 {
			return nil, 0, nil, errors.New("a page ends within its levels")
		}
		n := binary.LittleEndian.Uint32(body)
		if uint64(n) > uint64(len(body)-4) {
			return nil, 0, nil, errors.New("the levels of a page are longer than the page")
		}
		encoded, values = body[4:4+n], body[4+n:]
	}
	if allDefined(encoded, p.rows) {
		return nil, p.rows, values, nil
	}
	valid = slices.Grow(scratch[:0], int(bitutil.BytesForBits(int64(p.rows))))
	valid = valid[:bitutil.BytesForBits(int64(p.rows))]
	clear(valid)
	if err := decodeBits(valid, p.rows, encoded); err != nil {
		return nil, 0, nil, err
	}
	if defined = bitutil.CountSetBits(valid, 0, p.rows); defined == p.rows {
		return nil, defined, values, nil
	}
	return valid, defined, values, nil
}

// allDefined tells whether the levels are one run of ones that covers the page, as most are.
func allDefined(encoded []byte, rows int) bool {
	run, n := binary.Uvarint(encoded)
	return n > 0 && n < len(encoded) && run&1 == 0 && run>>1 >= uint64(rows) && encoded[n] == 1
}
