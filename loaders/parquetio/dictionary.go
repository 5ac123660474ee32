package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go/format"
)

// dictionary is the dictionary of the chunk under way.
type dictionary struct {
	loaded  bool
	entries int
	first   int32           // of a bundle: the index of its first entry among those of all parts
	array   arrow.ArrayData // where the column arrives as a dictionary; it has all entries
	fixed   []byte          // else the entries, of a fixed width
	views   []byte          // or the view headers of texts
	buffer  uint32          // the buffer of a batch that view headers refer to
	owner   *memory.Buffer  // what the entries lie in, nil if the garbage collector owns it
}

// drop forgets a dictionary.
func (d *dictionary) drop() {
	if d.array != nil {
		d.array.Release()
	}
	if d.owner != nil {
		d.owner.Release()
	}
	*d = dictionary{views: d.views}
}

// loadDictionary decodes a dictionary page.
func (c *columnReader) loadDictionary(p *page, b body) error {
	if p.encoding != format.Plain && !isDictionary(p.encoding) {
		return fmt.Errorf("its dictionary is encoded as %s", p.encoding)
	}
	plain := *p
	plain.encoding = format.Plain
	v, err := c.decode(&plain, b.of(p), b)
	if err != nil {
		return err
	}
	defer v.drop()
	d, w := &c.dict, c.valueWidth()
	d.drop()
	switch {
	case c.joined != nil:
		d.first = int32(c.joined.filled)
		if err := c.joined.take(&v, bitmap{}, p.rows); err != nil {
			return err
		}
	case c.indexed:
		all := newBatch(c, p.rows, w)
		defer all.release()
		if err := all.take(&v, bitmap{}, p.rows); err != nil {
			return err
		}
		d.array = all.data(c.arrives.(*arrow.DictionaryType).ValueType)
	case c.text:
		d.views = slices.Grow(d.views[:0], p.rows*viewSize)[:p.rows*viewSize]
		if err := v.views.fill(d.views, bitmap{}, p.rows, 0); err != nil {
			return err
		}
		d.owner, v.owner = v.owner, nil
	default:
		if len(v.fixed) < p.rows*w {
			return errShortPage
		}
		d.fixed, d.owner, v.owner = v.fixed[:p.rows*w], v.owner, nil
	}
	d.loaded, d.entries = true, p.rows
	return nil
}

// shift makes indexes of the dictionary indexes of that of the bundle.
func (d *dictionary) shift(indexes []int32) {
	if d.first > 0 {
		for i := range indexes {
			indexes[i] += d.first
		}
	}
}

// join makes the dictionary of a bundle of those of its parts, once all are loaded that a page has needed.
func (d *dictionary) join(c *columnReader) {
	c.joined.rows = c.joined.filled
	d.drop()
	d.array = c.joined.data(c.arrives.(*arrow.DictionaryType).ValueType)
}

// point has the view headers of long texts refer to a buffer of a batch.
func (d *dictionary) point(buffer int) {
	if d.buffer == uint32(buffer) {
		return
	}
	d.buffer = uint32(buffer)
	for h := d.views; len(h) > 0; h = h[viewSize:] {
		if binary.LittleEndian.Uint32(h) > viewInline {
			binary.LittleEndian.PutUint32(h[8:], d.buffer)
		}
	}
}

var errNoBooleans = errors.New("booleans have no dictionary")

// takeIndexes takes the next rows of a dictionary-encoded page: as indexes, or the entries themselves where the column does
// not arrive as a dictionary.
func (b *batch) takeIndexes(valid bitmap, rows int) error {
	c := b.c
	valid, defined := b.mark(valid, rows)
	at, w := b.filled, b.width
	b.filled += rows
	dst := b.body.Bytes()[at*w : (at+rows)*w]
	if c.indexed && valid.bits == nil {
		indexes := arrow.Int32Traits.CastFromBytes(dst)
		if err := c.indexes.next(indexes); err != nil {
			return err
		}
		c.dict.shift(indexes)
		return nil
	}
	if w == 0 {
		return errNoBooleans
	}
	c.dense = slices.Grow(c.dense[:0], defined)[:defined]
	if err := c.indexes.next(c.dense); err != nil {
		return err
	}
	switch {
	case c.indexed:
		c.dict.shift(c.dense)
		spread(dst, arrow.Int32Traits.CastToBytes(c.dense), valid, 4)
	case c.text:
		c.dict.point(b.own(c.dict.owner))
		pick(dst, c.dict.views, c.dense, valid, w)
	default:
		pick(dst, c.dict.fixed, c.dense, valid, w)
	}
	return nil
}

// pick copies entries of w bytes to the rows that are not null, in the order of their indexes, and clears the others.
func pick(dst, entries []byte, indexes []int32, valid bitmap, w int) {
	le := binary.LittleEndian
	if valid.bits == nil && w == 16 {
		for i, x := range indexes {
			from, to := entries[int(x)*16:][:16], dst[i*16:][:16]
			le.PutUint64(to, le.Uint64(from))
			le.PutUint64(to[8:], le.Uint64(from[8:]))
		}
		return
	}
	if valid.bits == nil && w == 8 {
		for i, x := range indexes {
			le.PutUint64(dst[i*8:][:8], le.Uint64(entries[int(x)*8:][:8]))
		}
		return
	}
	for row, next := 0, 0; len(dst) > 0; row, dst = row+1, dst[w:] {
		if valid.bits != nil && !valid.defined(row) {
			clear(dst[:w])
			continue
		}
		entry := entries[int(indexes[next])*w:]
		next++
		switch w {
		case 4:
			le.PutUint32(dst, le.Uint32(entry))
		case 8:
			le.PutUint64(dst, le.Uint64(entry))
		case 16:
			le.PutUint64(dst, le.Uint64(entry))
			le.PutUint64(dst[8:], le.Uint64(entry[8:]))
		default:
			copy(dst[:w], entry)
		}
	}
}
