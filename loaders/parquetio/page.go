package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"

	"crosscheck/loaders/parquetio/snappy"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/parquet-go/parquet-go/format"
)

// page is one page of a column chunk, compressed.
type page struct {
	column   *column  // as its file stores it
	body     []byte   // as in the file, without header; of a large chunk once it is read
	layout   *layout  // to be made, or if rows are picked: known; else nil
	wanted   []uint32 // picked: rows, counted from 0 over all parts
	at       int64    // where its body lies in the file
	length   int      // of the body there
	rows     int      // values, nulls included; entries of a dictionary
	size     int      // of the body once decompressed
	levels   int      // version 2: bytes of repetition and definition levels, never compressed
	repeated int      // version 2: how many of them are repetition levels
	part     int32    // of those that the reader reads
	crc      int32    // 0: none
	begins   uint32   // picked: the first row of the page
	codec    format.CompressionCodec
	encoding format.Encoding
	kind     pageKind
	stored   bool // version 2: the values are not compressed
	cut      bool // body is but the beginning
	picked   bool // it was made of the values that are wanted; it has levels even if its column has none
}

// slack is how many bytes there are behind a decompressed page: text values are loaded 16 bytes at a time, and Snappy writes beyond the end.
const slack = snappy.Slack

// appendPages appends the pages of a column chunk, or of its beginning, that hold the first values, as many as are wanted: it reads their headers.
// What they have in common is in like.
func appendPages(pages []page, walk *headers, meta *chunkMeta, wanted int64, like page) ([]page, error) {
	values, dictionary := int64(0), false
	whole := walk.end == meta.begin+meta.size
	for values < wanted {
		h, err := walk.next()
		if err != nil {
			return pages, err
		}
		cut := int64(h.compressed) > walk.end-walk.at
		if h.compressed < 0 || h.size < 0 || cut && whole {
			return pages, errors.New("a page is longer than its column chunk")
		}
		if cut && h.kind != dataPage && h.kind != dataPage2 {
			return pages, errBeginning
		}
		if int64(h.size) > max(meta.uncompressed, 64<<20) {
			return pages, errors.New("a page is larger than its column chunk")
		}
		pages = append(pages, like)
		p := &pages[len(pages)-1]
		p.kind, p.rows, p.encoding, p.size, p.crc = h.kind, int(h.values), h.encoding, int(h.size), h.crc
		p.at, p.length = walk.at, int(min(int64(h.compressed), walk.end-walk.at))
		walk.skip(p.length)
		if p.cut = cut; cut {
			p.size = min(p.size, swells*int(walk.end-meta.begin))
		}
		switch h.kind {
		case dictionaryPage:
			if p.rows < 0 || p.rows > p.size {
				return pages, errors.New("a dictionary has more entries than bytes")
			}
			if dictionary { // the first counts
				pages = pages[:len(pages)-1]
			}
			dictionary = true
			continue
		case dataPage:
		case dataPage2:
			if h.repeated < 0 || h.defined < 0 || int64(h.repeated)+int64(h.defined) > int64(min(p.length, p.size)) {
				return pages, errors.New("the levels of a page are longer than the page")
			}
			p.stored, p.repeated, p.levels = h.stored, int(h.repeated), int(h.repeated)+int(h.defined)
		default: // an index page
			pages = pages[:len(pages)-1]
			continue
		}
		if p.rows < 0 || values+int64(p.rows) > meta.values {
			return pages, errors.New("its pages hold more values than its metadata says")
		}
		values += int64(p.rows)
	}
	return pages, nil
}

// bodies gives pages of a chunk their part of raw, which begins at a place in the file.
func bodies(pages []page, raw []byte, begin int64) {
	for i := range pages {
		if p := &pages[i]; !p.picked {
			p.body = raw[p.at-begin:][:p.length]
		}
	}
}

// dictionariesOnly tells whether all data pages of some chunks are dictionary-encoded, and how many entries the dictionaries have. There is one entry at least.
func dictionariesOnly(pages []page) (entries int64, ok bool) {
	part := int32(-1) // of the last dictionary
	for i := range pages {
		switch p := &pages[i]; {
		case p.kind == dictionaryPage:
			part = p.part
			entries += int64(p.rows)
		case p.kind == nullPage || p.part != part || !isDictionary(p.encoding):
			return 0, false
		}
	}
	return entries, entries > 0
}

func isDictionary(e format.Encoding) bool {
	//lint:ignore SA1019 deprecated for writers: version 1 files hold it
	return e == format.PlainDictionary || e == format.RLEDictionary
}

func decompressing(err error) error { return fmt.Errorf("decompressing a page: %w", err) }

// unpack decompresses the body of a page, levels included, into dst, which has slack behind it, and no room more. It leaves a block of Snappy to be decoded later,
// with others; without one later.Dst is empty.
func (p *page) unpack(dst []byte) (later snappy.Block, err error) {
	switch {
	case p.kind == nullPage:
		return later, nil
	case p.cut:
		return later, p.unpackBeginning(dst)
	}
	if p.crc != 0 && uint32(p.crc) != crc32.ChecksumIEEE(p.body) {
		return later, errors.New("the checksum of a page is wrong")
	}
	copy(dst, p.body[:p.levels])
	src, out := p.body[p.levels:], dst[p.levels:p.size]
	switch {
	case p.stored || p.codec == format.Uncompressed:
		if copy(out, src) != len(out) || len(src) != len(out) {
			err = errSize
		}
	case len(out) == 0:
	case p.codec == format.Snappy:
		later = snappy.Block{Dst: out, Src: src}
		if p.layout != nil {
			later.Borders = p.layout.borders
		}
		return later, nil
	default:
		if err = decompress(p.codec, out, src); err != nil {
			err = decompressing(err)
		}
	}
	return later, err
}

// split gives which rows of a page are not null, a bitmap (nil if all are), how many are, and the bytes of its values.
// scratch is memory for the bitmap, and holds it.
func (p *page) split(body []byte, optional bool, scratch *[]byte) (valid []byte, defined int, values []byte, err error) {
	if !optional && !p.picked {
		return nil, p.rows, body[p.levels:], nil
	}
	var encoded []byte
	if p.kind == dataPage2 {
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
	n := int(bitutil.BytesForBits(int64(p.rows)))
	*scratch = slices.Grow((*scratch)[:0], n)
	valid = (*scratch)[:n]
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
