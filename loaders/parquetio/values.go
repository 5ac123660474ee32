package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// fixedWidth is the number of bytes of a value as Arrow stores it, 0 for booleans, which are bits.
func fixedWidth(dt arrow.DataType) int {
	return dt.(arrow.FixedWidthDataType).BitWidth() / 8
}

// decode decodes the values of a page that is not dictionary-encoded; encoded lies at the end of body's first p.size bytes and
// p.rows is the number of values. What the result points into is retained by it.
func (c *columnReader) decode(p *page, encoded []byte, body *memory.Buffer) (v values, err error) {
	if p.rows > 0 && !checkDelta(p, encoded) {
		return v, errShortPage
	}
	if c.text {
		if p.encoding == format.Plain {
			body.Retain()
			v.owner = body
			v.views = viewWalker{data: body.Bytes(), pos: p.size - len(encoded), end: p.size}
			return v, nil
		}
		if p.encoding == format.DeltaLengthByteArray && p.rows > 0 {
			lengths, texts, ok := deltaLengths(encoded, c.lengths)
			if !ok {
				return v, errShortPage
			}
			c.lengths = lengths
			body.Retain()
			v.owner = body
			v.views = viewWalker{data: body.Bytes(), pos: p.size - len(texts), end: p.size, lengths: lengths}
			return v, nil
		}
		data, offsets, err := decodeTexts(p, encoded)
		if err != nil {
			return v, err
		}
		lengths := make([]int32, len(offsets)-1)
		for i := range lengths {
			lengths[i] = int32(offsets[i+1] - offsets[i])
		}
		v.owner = memory.NewBufferBytes(data)
		v.views = viewWalker{data: data, end: len(data) - slack, lengths: lengths}
		return v, nil
	}
	raw := encoded
	if p.encoding != format.Plain {
		if raw, err = c.decodeFixed(p, encoded); err != nil {
			return v, err
		}
	}
	if c.column.physical == format.ByteArray { // a decimal
		data, offsets := raw, []uint32(nil)
		if data, offsets, err = decodeTexts(p, encoded); err != nil {
			return v, err
		}
		v.fixed, err = bigEndians(data, offsets, fixedWidth(c.column.logical))
		return v, err
	}
	if converted, ok, err := c.convert(raw); ok {
		v.fixed = converted
		return v, err
	}
	body.Retain()
	v.fixed, v.owner = raw, body
	return v, nil
}

// decodeTexts decodes byte arrays into their bytes, with slack behind, and their offsets.
func decodeTexts(p *page, encoded []byte) (data []byte, offsets []uint32, err error) {
	if p.rows == 0 {
		return make([]byte, slack), []uint32{0}, nil
	}
	data, offsets, err = parquet.LookupEncoding(p.encoding).DecodeByteArray(nil, encoded, make([]uint32, 0, p.rows+1))
	if err != nil {
		return nil, nil, fmt.Errorf("values encoded as %s cannot be decoded", p.encoding)
	}
	if len(offsets) < p.rows+1 {
		return nil, nil, errShortPage
	}
	return append(data, make([]byte, slack)...), offsets, nil
}

// decodeFixed decodes values of a fixed width in any encoding but plain into their plain form.
func (c *columnReader) decodeFixed(p *page, encoded []byte) (raw []byte, err error) {
	if p.rows == 0 {
		return nil, nil
	}
	e := parquet.LookupEncoding(p.encoding)
	switch c.column.physical {
	case format.Boolean:
		if p.encoding != format.RLE {
			return nil, unsupported{fmt.Sprintf("booleans are encoded as %s", p.encoding), "write the column again as plain values"}
		}
		if len(encoded) < 4 || uint64(binary.LittleEndian.Uint32(encoded)) > uint64(len(encoded)-4) {
			return nil, errShortPage
		}
		raw = make([]byte, bitutil.BytesForBits(int64(p.rows)))
		return raw, decodeBits(raw, p.rows, encoded[4:4+binary.LittleEndian.Uint32(encoded)])
	case format.Int32:
		var x []int32
		x, err = e.DecodeInt32(make([]int32, p.rows), encoded)
		raw = arrow.Int32Traits.CastToBytes(x)
	case format.Int64:
		var x []int64
		x, err = e.DecodeInt64(make([]int64, p.rows), encoded)
		raw = arrow.Int64Traits.CastToBytes(x)
	case format.Float:
		var x []float32
		x, err = e.DecodeFloat(make([]float32, p.rows), encoded)
		raw = arrow.Float32Traits.CastToBytes(x)
	case format.Double:
		var x []float64
		x, err = e.DecodeDouble(make([]float64, p.rows), encoded)
		raw = arrow.Float64Traits.CastToBytes(x)
	case format.FixedLenByteArray:
		raw, err = e.DecodeFixedLenByteArray(nil, encoded, c.column.length)
	case format.ByteArray:
		return nil, nil // decodeTexts reads it
	default:
		err = errors.New("no such encoding of this type")
	}
	if err != nil {
		return nil, fmt.Errorf("values encoded as %s cannot be decoded", p.encoding)
	}
	return raw, nil
}

// convert brings plain values into the width in which Arrow stores them; ok is false if they are in it already.
func (c *columnReader) convert(raw []byte) (out []byte, ok bool, err error) {
	width := fixedWidth(c.column.logical)
	switch c.column.physical {
	case format.Int32:
		if width == 4 {
			return nil, false, nil
		}
		return widen(raw, 4, width), true, nil
	case format.Int64:
		if width == 8 {
			return nil, false, nil
		}
		return widen(raw, 8, width), true, nil
	case format.Int96:
		out = make([]byte, len(raw)/12*8)
		for i := 0; i+12 <= len(raw); i += 12 {
			const julianUnixDay, nanosPerDay = 2440588, int64(24 * time.Hour)
			nanos := int64(binary.LittleEndian.Uint64(raw[i:]))
			day := int64(int32(binary.LittleEndian.Uint32(raw[i+8:]))) - julianUnixDay
			if most := math.MaxInt64/nanosPerDay - 1; day > most || day < -most || nanos < 0 || nanos > nanosPerDay {
				return nil, true, unsupported{"an INT96 timestamp lies outside the years 1678 to 2261", "write timestamps as TIMESTAMP of microseconds"}
			}
			binary.LittleEndian.PutUint64(out[i/12*8:], uint64(day*nanosPerDay+nanos))
		}
		return out, true, nil
	case format.FixedLenByteArray:
		if id := c.column.logical.ID(); id != arrow.DECIMAL128 && id != arrow.DECIMAL256 {
			return nil, false, nil
		}
		n := c.column.length
		out = make([]byte, len(raw)/n*width)
		for i := 0; i+n <= len(raw); i += n {
			if !bigEndian(out[i/n*width:][:width], raw[i:i+n]) {
				return nil, true, errLongDecimal
			}
		}
		return out, true, nil
	}
	return nil, false, nil
}

// widen sign-extends or cuts little-endian integers of one width to another.
func widen(raw []byte, from, to int) []byte {
	n := len(raw) / from
	out := make([]byte, n*to)
	for i := range n {
		src, dst := raw[i*from:(i+1)*from], out[i*to:(i+1)*to]
		copy(dst, src)
		if to > from && src[from-1]&0x80 != 0 {
			for j := from; j < to; j++ {
				dst[j] = 0xff
			}
		}
	}
	return out
}

var errLongDecimal = errors.New("a decimal has more digits than its precision")

// bigEndian sets dst to the little-endian form of a big-endian integer. It reports false if the integer does not fit.
func bigEndian(dst, src []byte) bool {
	fill := byte(0)
	if len(src) > 0 && src[0]&0x80 != 0 {
		fill = 0xff
	}
	for j := range dst {
		if j < len(src) {
			dst[j] = src[len(src)-1-j]
		} else {
			dst[j] = fill
		}
	}
	for _, b := range src[:max(len(src)-len(dst), 0)] {
		if b != fill {
			return false
		}
	}
	return len(src) <= len(dst) || (dst[len(dst)-1]^fill)&0x80 == 0
}

// bigEndians converts big-endian integers of any length to little-endian ones of the given width.
func bigEndians(data []byte, offsets []uint32, width int) ([]byte, error) {
	out := make([]byte, (len(offsets)-1)*width)
	for i := range len(offsets) - 1 {
		if !bigEndian(out[i*width:(i+1)*width], data[offsets[i]:offsets[i+1]]) {
			return nil, errLongDecimal
		}
	}
	return out, nil
}

// take takes the next rows from the values of a page.
func (b *batch) take(v *values, valid bitmap, rows int) error {
	valid, defined := b.mark(valid, rows)
	at := b.filled
	b.filled += rows
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
		for i := range rows {
			x := uint32(0)
			if valid.defined(i) {
				x, src = binary.LittleEndian.Uint32(src), src[4:]
			}
			binary.LittleEndian.PutUint32(dst[i*4:], x)
		}
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

// takeIndexes takes the next rows of a dictionary-encoded page: as indexes, or the entries themselves where the column does
// not arrive as a dictionary.
func (b *batch) takeIndexes(c *columnReader, valid bitmap, rows int) error {
	valid, defined := b.mark(valid, rows)
	at := b.filled
	b.filled += rows
	w := b.width
	dst := b.body.Bytes()[at*w : (at+rows)*w]
	if c.indexed && valid.bits == nil {
		return c.indexes.next(arrow.Int32Traits.CastFromBytes(dst))
	}
	if w == 0 {
		return errors.New("booleans have no dictionary")
	}
	c.dense = slices.Grow(c.dense[:0], defined)[:defined]
	if err := c.indexes.next(c.dense); err != nil {
		return err
	}
	if c.indexed {
		spread(dst, arrow.Int32Traits.CastToBytes(c.dense), valid, 4)
		return nil
	}
	entries, next := c.dict.Buffers()[1].Bytes(), 0
	for i := range rows {
		if valid.bits != nil && !valid.defined(i) {
			clear(dst[i*w : i*w+w])
			continue
		}
		x := int(c.dense[next])
		next++
		copy(dst[i*w:i*w+w], entries[x*w:x*w+w])
	}
	return nil
}
