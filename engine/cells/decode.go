package cells

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/klauspost/compress/s2"
)

// decoder reads blocks. Its memory is used again.
type decoder struct{ plain []byte }

// mostPlain bounds what a block may claim to be.
const mostPlain = 1 << 30

// block gives the values of a block of so many rows, of a type in its plain layout, which the caller releases.
func (d *decoder) block(in []byte, rows int, dt arrow.DataType) (arrow.Array, error) {
	if len(in) < 5 || binary.LittleEndian.Uint32(in) != crc32.Checksum(in[4:], castagnoli) {
		return nil, ErrDamaged
	}
	flags, in := in[4], in[5:]
	var valid *memory.Buffer
	nulls := 0
	if flags&hasNulls != 0 {
		n := (rows + 7) / 8
		if len(in) < n {
			return nil, ErrDamaged
		}
		nulls = rows
		for _, b := range in[:n] {
			nulls -= bits.OnesCount8(b)
		}
		valid = memory.NewBufferBytes(append([]byte(nil), in[:n]...))
		in = in[n:]
	}
	if flags&isCompressed != 0 {
		n, err := s2.DecodedLen(in)
		if err != nil || n > mostPlain {
			return nil, ErrDamaged
		}
		if cap(d.plain) < n {
			d.plain = make([]byte, n)
		}
		if in, err = s2.Decode(d.plain[:n], in); err != nil {
			return nil, ErrDamaged
		}
	}
	buffers := []*memory.Buffer{valid, nil}
	ok := false
	switch {
	case flags&isDigits != 0 && (dt.ID() == arrow.STRING || dt.ID() == arrow.BINARY):
		var ends, texts []byte
		ends, texts, ok = digitsOf(in, rows)
		buffers = []*memory.Buffer{valid, memory.NewBufferBytes(ends), memory.NewBufferBytes(texts)}
	case dt.ID() == arrow.STRING, dt.ID() == arrow.BINARY:
		var ends, texts []byte
		ends, texts, ok = textsOf(in, rows, flags&sameLength != 0)
		buffers = []*memory.Buffer{valid, memory.NewBufferBytes(ends), memory.NewBufferBytes(texts)}
	case dt.ID() == arrow.BOOL:
		ok = len(in) == rows
		buffers[1] = memory.NewBufferBytes(bitsOf(in))
	case flags&isPacked != 0:
		var fixed []byte
		fixed, ok = unpack(in, rows, widthOf(dt))
		buffers[1] = memory.NewBufferBytes(fixed)
	default:
		ok = len(in) == rows*widthOf(dt)
		buffers[1] = memory.NewBufferBytes(append([]byte(nil), in...))
	}
	if !ok {
		return nil, ErrDamaged
	}
	data := array.NewData(dt, rows, buffers, nil, nulls, 0)
	defer data.Release()
	return array.MakeFromData(data), nil
}

// plainType gives the type in whose layout values of a type come back.
func plainType(dt arrow.DataType) arrow.DataType {
	if d, ok := dt.(*arrow.DictionaryType); ok {
		dt = d.ValueType
	}
	switch dt.ID() {
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW:
		return arrow.BinaryTypes.String
	case arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW:
		return arrow.BinaryTypes.Binary
	}
	return dt
}

// textsOf gives the offsets of texts, as Arrow stores them, and the texts.
func textsOf(in []byte, rows int, same bool) (offsets, texts []byte, ok bool) {
	offsets = make([]byte, 4, 4*(rows+1))
	end, length := uint64(0), uint64(0)
	for i := range rows {
		if i == 0 || !same {
			x, n := binary.Uvarint(in)
			if n <= 0 || x > mostPlain {
				return nil, nil, false
			}
			in, length = in[n:], x
		}
		end += length
		offsets = binary.LittleEndian.AppendUint32(offsets, uint32(end))
	}
	return offsets, append([]byte(nil), in...), end == uint64(len(in))
}

// digitsOf is textsOf for texts of digits that were packed as integers.
func digitsOf(in []byte, rows int) (offsets, texts []byte, ok bool) {
	if len(in) == 0 {
		return nil, nil, false
	}
	n, in := int(in[len(in)-1]), in[:len(in)-1]
	numbers, ok := unpack(in, rows, 8)
	if !ok || n > mostDigits {
		return nil, nil, false
	}
	offsets = make([]byte, 4, 4*(rows+1))
	texts = make([]byte, n*rows)
	for i := range rows {
		x := binary.LittleEndian.Uint64(numbers[8*i:])
		for at := n*i + n - 1; at >= n*i; at-- {
			texts[at] = '0' + byte(x%10)
			x /= 10
		}
		offsets = binary.LittleEndian.AppendUint32(offsets, uint32(n*(i+1)))
	}
	return offsets, texts, true
}

// bitsOf packs bytes that are 0 or 1 into bits.
func bitsOf(in []byte) []byte {
	out := make([]byte, (len(in)+7)/8)
	for i, b := range in {
		out[i/8] |= b & 1 << (i % 8)
	}
	return out
}

// unpack gives integers that were packed as Arrow stores them.
func unpack(in []byte, rows, width int) (out []byte, ok bool) {
	if len(in) < 9 {
		return nil, false
	}
	least, n := binary.LittleEndian.Uint64(in), int(in[8])
	in = in[9:]
	if n > mostBits || len(in) != (rows*n+7)/8 {
		return nil, false
	}
	out = make([]byte, 0, rows*width)
	word, filled := uint64(0), 0
	for range rows {
		for filled < n {
			word |= uint64(in[0]) << filled
			in, filled = in[1:], filled+8
		}
		x := least + word&(1<<n-1)
		word, filled = word>>n, filled-n
		switch width {
		case 4:
			out = binary.LittleEndian.AppendUint32(out, uint32(x))
		case 8:
			out = binary.LittleEndian.AppendUint64(out, x)
		case 16:
			out = binary.LittleEndian.AppendUint64(out, x)
			out = binary.LittleEndian.AppendUint64(out, uint64(int64(x)>>63))
		default:
			return nil, false
		}
	}
	return out, true
}
