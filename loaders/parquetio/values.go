package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
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

// decode decodes the values of a page that is not dictionary-encoded; encoded lies at the end of its body and p.rows is the number of values. What
// the result points into is retained by it.
func (c *columnReader) decode(p *page, encoded []byte, b body) (v values, err error) {
	end := b.begin + p.size
	if p.rows > 0 && !checkDelta(p, encoded) {
		return v, errShortPage
	}
	if c.text {
		if p.encoding == format.Plain {
			b.buf.Retain()
			v.owner = b.buf
			v.views = viewWalker{data: b.buf.Bytes(), pos: end - len(encoded), end: end}
			return v, nil
		}
		if p.encoding == format.DeltaLengthByteArray && p.rows > 0 {
			lengths, texts, ok := deltaLengths(encoded, c.lengths)
			if !ok {
				return v, errShortPage
			}
			c.lengths = lengths
			b.buf.Retain()
			v.owner = b.buf
			v.views = viewWalker{data: b.buf.Bytes(), pos: end - len(texts), end: end, lengths: lengths}
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
	if from, to := integerWidth(c.column.physical), fixedWidth(c.column.logical); from > 0 && from != to {
		v.owner = memory.NewResizableBuffer(c.r.mem)
		v.owner.Resize(len(raw) / from * to)
		v.fixed = v.owner.Bytes()
		widen(v.fixed, raw, from, to)
		return v, nil
	}
	if converted, ok, err := c.convert(raw); ok {
		v.fixed = converted
		return v, err
	}
	b.buf.Retain()
	v.fixed, v.owner = raw, b.buf
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

// integerWidth is of how many bytes integers of a physical type are, 0 for other types.
func integerWidth(t format.Type) int {
	switch t {
	case format.Int32:
		return 4
	case format.Int64:
		return 8
	}
	return 0
}

// convert brings plain values that are no integers into the form in which Arrow stores them; ok is false if they are in it already.
func (c *columnReader) convert(raw []byte) (out []byte, ok bool, err error) {
	width := fixedWidth(c.column.logical)
	switch c.column.physical {
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
func widen(out, raw []byte, from, to int) {
	n := len(raw) / from
	if from == 8 && to == 16 { // decimals, as a rule
		for i := range n {
			x := binary.LittleEndian.Uint64(raw[i*8:])
			binary.LittleEndian.PutUint64(out[i*16:], x)
			binary.LittleEndian.PutUint64(out[i*16+8:], uint64(int64(x)>>63))
		}
		return
	}
	for i := range n {
		src, dst := raw[i*from:(i+1)*from], out[i*to:(i+1)*to]
		if copy(dst, src) < to {
			fill := byte(int8(src[from-1]) >> 7)
			for j := from; j < to; j++ {
				dst[j] = fill
			}
		}
	}
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
