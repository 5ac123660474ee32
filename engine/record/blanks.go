package record

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Blanks tells whether a text column has nulls, and whether it has texts that are empty; of a dictionary, whether its entries have, be they used or not.
func Blanks(arr arrow.Array) (nulls, empties bool) {
	nulls = arr.NullN() > 0
	if d, ok := arr.(*array.Dictionary); ok {
		if arr = d.Dictionary(); arr.NullN() > 0 {
			nulls = true
		}
	}
	t, ok := textsOf(arr)
	if !ok {
		return nulls, true
	}
	valid, offset := arr.NullBitmapBytes(), arr.Data().Offset()
	if arr.NullN() == 0 {
		valid = nil
	}
	for begin, n := 0, arr.Len(); begin < n; begin += 64 {
		end := min(begin+64, n)
		empty := t.empty(begin, end)
		for ; empty != 0 && valid != nil; empty &= empty - 1 {
			if at := offset + begin + bits.TrailingZeros64(empty); valid[at>>3]>>(at&7)&1 != 0 {
				break
			}
		}
		if empty != 0 {
			return nulls, true
		}
	}
	return nulls, false
}

// empty tells which rows from begin to end, 64 at most, have no bytes, bit by bit.
func (t *texts) empty(begin, end int) (rows uint64) {
	if t.views == nil {
		for i := begin; i < end; i++ {
			if len(t.at(i)) == 0 {
				rows |= 1 << (i - begin)
			}
		}
		return rows
	}
	for views := t.views[begin*viewSize : end*viewSize]; len(views) >= viewSize; views = views[:len(views)-viewSize] { // without branches
		rows = rows<<1 | (uint64(binary.LittleEndian.Uint32(views[len(views)-viewSize:]))-1)>>63
	}
	return rows
}
