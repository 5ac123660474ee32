package parquetio

import (
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// picks is which rows of a column are wanted, where not all are.
type picks struct {
	rows  []uint32 // those to come, counted from 0 over all parts
	first uint32   // the next row of the page under way
	skip  int      // values of the page that lie before it and behind the last one that was taken
	found []picked // in the batch under way
}

// picked is a value that is taken from a page.
type picked struct {
	row  int // of the batch
	skip int // values of the page between the one taken before and this one
}

// Pick implements level.Picker: of a bundle chunks in which nothing is wanted are not read, pages are not decompressed, and of the others the values between
// those that are wanted are skipped, unless these are many.
// Dictionaries of a bundle are not joined then.
func (r *reader) Pick(rows [][]uint32) {
	if r.readLater(rows); r.err != nil {
		return
	}
	if slices.ContainsFunc(r.columns, func(c *columnReader) bool { return c.joined != nil }) {
		for _, c := range r.columns {
			c.unjoin()
		}
		r.describe()
	}
	for i, c := range r.columns {
		c.picks = &picks{rows: rows[i]}
		end := uint32(0)
		dictionary, needed := -1, false // of the part under way
		for k, left := 0, rows[i]; k < len(c.pages); k++ {
			p := &c.pages[k]
			if p.kind == dictionaryPage {
				c.leave(dictionary, needed)
				dictionary, needed = k, false
				continue
			}
			begin := end
			end += uint32(p.rows)
			n, _ := slices.BinarySearch(left, end)
			p.begins, p.wanted, p.layout = begin, left[:n], nil
			needed = needed || n > 0
			if left = left[n:]; n == 0 {
				p.kind, p.size = nullPage, 0
			} else if c.in != nil {
				p.layout = r.source.layouts.get(layoutKey{r.first, c.number, k})
			}
		}
		c.leave(dictionary, needed)
	}
}

// leave leaves out a dictionary that no page of a part among many needs. A single one is that of all batches.
func (c *columnReader) leave(dictionary int, needed bool) {
	if dictionary >= 0 && !needed && !c.indexed {
		p := &c.pages[dictionary]
		p.kind, p.rows, p.size = nullPage, 0, 0
	}
}

// many tells whether so many rows of a page are wanted that it takes less time to take all: to pass over an index of a dictionary costs as much as to
// take some.
func (p *page) many() bool { return isDictionary(p.encoding) && len(p.wanted) > p.rows/manyWanted }

const manyWanted = 96 // rows for one that is wanted

// pass passes over the next rows of a page that are all taken.
func (w *picks) pass(rows int) {
	w.first += uint32(rows)
	n, _ := slices.BinarySearch(w.rows, w.first)
	w.rows = w.rows[n:]
}

// pick takes those of the next rows of the page that are wanted; the others are null.
func (b *batch) pick(rows int) error {
	c := b.c
	b.lack()
	w := c.picks
	w.found = w.found[:0]
	at, end := c.row, c.row+rows
	defined := func(to int) int {
		if c.valid == nil {
			return to - at
		}
		return bitutil.CountSetBits(c.valid, at, to-at)
	}
	for len(w.rows) > 0 && w.rows[0]-w.first < uint32(rows) {
		row := c.row + int(w.rows[0]-w.first)
		w.rows = w.rows[1:]
		w.skip += defined(row)
		if at = row; c.valid != nil && !bitutil.BitIsSet(c.valid, row) {
			continue
		}
		at++
		p := picked{row: b.filled + row - c.row, skip: w.skip}
		w.found, w.skip = append(w.found, p), 0
		bitutil.SetBit(b.valid.Bytes(), p.row)
	}
	w.skip += defined(end)
	w.first += uint32(rows)
	b.filled += rows
	b.nulls += rows - len(w.found)
	if len(w.found) == 0 {
		return nil
	}
	if isDictionary(c.page.encoding) {
		return b.pickIndexes(w.found)
	}
	return b.pickValues(&c.values, w.found)
}

// pickValues takes values of a page.
func (b *batch) pickValues(v *values, found []picked) error {
	body, w := b.body.Bytes(), b.width
	if b.c.text {
		buffer := uint32(b.own(v.owner))
		for _, p := range found {
			if err := v.views.skip(p.skip); err != nil {
				return err
			}
			if err := v.views.fill(body[p.row*w:(p.row+1)*w], bitmap{}, 1, buffer); err != nil {
				return err
			}
		}
		return nil
	}
	for _, p := range found {
		if w == 0 {
			if v.bit += p.skip; v.bit >= len(v.fixed)*8 {
				return errShortPage
			}
			bitutil.SetBitTo(body, p.row, bitutil.BitIsSet(v.fixed, v.bit))
			v.bit++
			continue
		}
		if len(v.fixed)/w <= p.skip {
			return errShortPage
		}
		v.fixed = v.fixed[p.skip*w:]
		copy(body[p.row*w:], v.fixed[:w])
		v.fixed = v.fixed[w:]
	}
	return nil
}

// pickIndexes takes values of a dictionary-encoded page.
func (b *batch) pickIndexes(found []picked) error {
	c, body, w := b.c, b.body.Bytes(), b.width
	entries := c.dict.fixed
	switch {
	case w == 0:
		return errNoBooleans
	case c.text && !c.indexed:
		c.dict.point(b.own(c.dict.owner))
		entries = c.dict.views
	}
	var index [1]int32
	for _, p := range found {
		if err := c.indexes.skip(p.skip); err != nil {
			return err
		}
		if err := c.indexes.next(index[:]); err != nil {
			return err
		}
		if to := body[p.row*w : (p.row+1)*w]; c.indexed {
			binary.LittleEndian.PutUint32(to, uint32(index[0]))
		} else {
			copy(to, entries[int(index[0])*w:])
		}
	}
	return nil
}
