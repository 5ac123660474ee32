package parquetio

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// batch is an array under construction.
type batch struct {
	c       *columnReader
	rows    int
	filled  int
	width   int            // bytes a value; 0: bits
	body    *memory.Buffer // indexes, fixed values, or view headers
	valid   *memory.Buffer // nil: no nulls so far
	nulls   int
	buffers []*memory.Buffer // what view headers point into, retained
}

func newBatch(c *columnReader, rows, width int) *batch {
	b := &batch{c: c, rows: rows, width: width, body: memory.NewResizableBuffer(c.r.mem)}
	if b.width == 0 {
		b.body.Resize(int(bitutil.BytesForBits(int64(rows))))
		clear(b.body.Bytes())
	} else {
		b.body.Resize(rows * b.width)
	}
	return b
}

// own adds a buffer that view headers point into and gives its index.
func (b *batch) own(buf *memory.Buffer) int {
	if i := slices.Index(b.buffers, buf); i >= 0 {
		return i
	}
	buf.Retain()
	b.buffers = append(b.buffers, buf)
	return len(b.buffers) - 1
}

func (b *batch) release() {
	b.body.Release()
	if b.valid != nil {
		b.valid.Release()
	}
	for _, buf := range b.buffers {
		buf.Release()
	}
}

// data makes the array's data; the caller releases it.
func (b *batch) data(dt arrow.DataType) arrow.ArrayData {
	buffers := append([]*memory.Buffer{b.valid, b.body}, b.buffers...)
	if dt.ID() == arrow.DICTIONARY {
		return array.NewDataWithDictionary(dt, b.rows, buffers, b.nulls, 0, b.c.dict.array.(*array.Data))
	}
	return array.NewData(dt, b.rows, buffers, nil, b.nulls, 0)
}

// bitmap tells which rows are not null: bit i of bits from bit at on. No bits: all of them.
type bitmap struct {
	bits []byte
	at   int
}

// defined tells whether row i is not null; there are bits.
func (m bitmap) defined(i int) bool {
	i += m.at
	return m.bits[i>>3]>>(i&7)&1 != 0
}

// ones counts the rows from i on that are not null, one after the other, up to most; there are bits.
func (m bitmap) ones(i, most int) (n int) {
	for n < most {
		x, some := m.word(i + n)
		k := bits.TrailingZeros64(^x)
		if n += k; k < some {
			break
		}
	}
	return min(n, most)
}

// zeros counts nulls as ones does rows that are none.
func (m bitmap) zeros(i, most int) (n int) {
	for n < most {
		x, some := m.word(i + n)
		k := min(bits.TrailingZeros64(x), some)
		if n += k; k < some {
			break
		}
	}
	return min(n, most)
}

// word gives the bits from row i on, the first one lowest, and how many they are; those above are zero.
func (m bitmap) word(i int) (x uint64, some int) {
	i += m.at
	rest := m.bits[i>>3:]
	if len(rest) >= 8 {
		return binary.LittleEndian.Uint64(rest) >> (i & 7), 64 - i&7
	}
	for k, b := range rest {
		x |= uint64(b) << (8 * k)
	}
	return x >> (i & 7), 8*len(rest) - i&7
}

// lack prepares for rows that are null; those before are not, unless it was called already.
func (b *batch) lack() {
	if b.valid != nil {
		return
	}
	b.valid = memory.NewResizableBuffer(b.c.r.mem)
	b.valid.Resize(int(bitutil.BytesForBits(int64(b.rows))))
	clear(b.valid.Bytes())
	bitutil.SetBitsTo(b.valid.Bytes(), 0, int64(b.filled), true)
}

// mark notes which of the next rows are null. It gives how many are not, and valid without bits if all of them are.
func (b *batch) mark(valid bitmap, rows int) (bitmap, int) {
	defined := rows
	if valid.bits != nil {
		if defined = bitutil.CountSetBits(valid.bits, valid.at, rows); defined == rows {
			valid = bitmap{}
		}
	}
	if valid.bits == nil {
		if b.valid != nil {
			bitutil.SetBitsTo(b.valid.Bytes(), int64(b.filled), int64(rows), true)
		}
		return valid, rows
	}
	b.lack()
	if valid.at%8 == 0 { // as where a page begins
		orBits(b.valid.Bytes(), b.filled, valid.bits[valid.at/8:], rows)
	} else {
		bitutil.CopyBitmap(valid.bits, valid.at, rows, b.valid.Bytes(), b.filled)
	}
	b.nulls += rows - defined
	return valid, defined
}

// take takes the next rows from the values of a page.
func (b *batch) take(v *values, valid bitmap, rows int) error {
	valid, defined := b.mark(valid, rows)
	at := b.filled
	b.filled += rows
	if defined == 0 {
		clear(b.body.Bytes()[at*b.width : (at+rows)*b.width])
		return nil
	}
	if b.c.text {
		return v.views.fill(b.body.Bytes()[at*viewSize:(at+rows)*viewSize], valid, rows, uint32(b.own(v.owner)))
	}
	if b.width == 0 {
		return b.takeBits(v, valid, at, rows, defined)
	}
	w := b.width
	if len(v.fixed) < defined*w {
		return errShortPage
	}
	dst := b.body.Bytes()[at*w : (at+rows)*w]
	spread(dst, v.fixed[:defined*w], valid, w)
	v.fixed = v.fixed[defined*w:]
	return nil
}

// spread copies dense values of w bytes to the rows that are not null and clears the others.
func spread(dst, src []byte, valid bitmap, w int) {
	if valid.bits == nil {
		copy(dst, src)
		return
	}
	rows := len(dst) / w
	switch w {
	case 4:
		i := min(-valid.at&7, rows)
		src = spread4(dst[:i*4], src, valid)
		if i < rows && len(src) > 0 {
			done, taken := spreadMany(dst[i*4:], src, valid.bits[(valid.at+i)/8:])
			i += done
			src = src[taken:]
		}
		spread4(dst[i*4:], src, bitmap{valid.bits, valid.at + i})
	case 8:
		for i := range rows {
			x := uint64(0)
			if valid.defined(i) {
				x, src = binary.LittleEndian.Uint64(src), src[8:]
			}
			binary.LittleEndian.PutUint64(dst[i*8:], x)
		}
	default:
		for i := range rows {
			if !valid.defined(i) {
				clear(dst[i*w : i*w+w])
				continue
			}
			copy(dst[i*w:i*w+w], src)
			src = src[w:]
		}
	}
}

// spread4 is spread of four bytes, row by row, and gives what is left of src.
func spread4(dst, src []byte, valid bitmap) []byte {
	for i := range len(dst) / 4 {
		x := uint32(0)
		if valid.defined(i) {
			x, src = binary.LittleEndian.Uint32(src), src[4:]
		}
		binary.LittleEndian.PutUint32(dst[i*4:], x)
	}
	return src
}

// takeBits takes booleans; v.bit counts those taken.
func (b *batch) takeBits(v *values, valid bitmap, at, rows, defined int) error {
	if len(v.fixed)*8-v.bit < defined {
		return errShortPage
	}
	out := b.body.Bytes()
	if valid.bits == nil {
		bitutil.CopyBitmap(v.fixed, v.bit, rows, out, at)
		v.bit += rows
		return nil
	}
	for i := range rows {
		if valid.defined(i) {
			if bitutil.BitIsSet(v.fixed, v.bit) {
				bitutil.SetBit(out, at+i)
			}
			v.bit++
		}
	}
	return nil
}
