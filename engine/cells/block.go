package cells

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/bits"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/klauspost/compress/s2"
)

// blockRows is the number of rows of a block; the last one of a batch has what is left.
const blockRows = 64

// Flags of a block.
const (
	hasNulls = 1 << iota
	isCompressed
	sameLength // texts
	isPacked   // integers
	isDigits   // texts, as integers
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrDamaged says that what was kept is not whole.
var ErrDamaged = errors.New("what was kept of values is damaged")

// encoder makes blocks. Its memory is used again.
type encoder struct {
	plain   []byte
	packed  []byte
	lengths []int
	numbers []int64
}

// unworthy is how many blocks of a column are not compressed after one that has not become an eighth smaller.
const unworthy = 15

// block appends the block of rows from begin to before end; nothing if all are null. skip is how many blocks of the column are not to be compressed.
func (e *encoder) block(dst []byte, arr arrow.Array, begin, end int, skip *int) []byte {
	if arr.DataType().ID() == arrow.NULL {
		return dst
	}
	nulls, valid := 0, arr.NullBitmapBytes()
	if arr.NullN() > 0 && len(valid) > 0 {
		if nulls = end - begin - bitutil.CountSetBits(valid, arr.Data().Offset()+begin, end-begin); nulls == end-begin {
			return dst
		}
	}
	head := len(dst)
	dst = append(dst, 0, 0, 0, 0, 0) // checksum and flags
	flags := byte(0)
	if nulls > 0 {
		flags |= hasNulls
		at := len(dst)
		dst = append(dst, make([]byte, (end-begin+7)/8)...)
		bitutil.CopyBitmap(valid, arr.Data().Offset()+begin, end-begin, dst[at:], 0)
	}
	flags |= e.values(arr, begin, end, nulls > 0)
	if *skip > 0 {
		*skip--
	} else if flags&isPacked == 0 {
		if n := s2.MaxEncodedLen(len(e.plain)); cap(e.packed) < n {
			e.packed = make([]byte, n)
		}
		if packed := s2.Encode(e.packed[:cap(e.packed)], e.plain); len(packed) < len(e.plain) {
			flags |= isCompressed
			dst = append(dst, packed...)
			if len(packed) > len(e.plain)*7/8 {
				*skip = unworthy
			}
		} else {
			*skip = unworthy
		}
	}
	if flags&isCompressed == 0 {
		dst = append(dst, e.plain...)
	}
	dst[head+4] = flags
	binary.LittleEndian.PutUint32(dst[head:], crc32.Checksum(dst[head+4:], castagnoli))
	return dst
}

// values lays the values of some rows out in e.plain and gives the flags that say how.
func (e *encoder) values(arr arrow.Array, begin, end int, nulls bool) (flags byte) {
	e.plain = e.plain[:0]
	var ok bool
	if e.packed, e.lengths, ok = record.AppendBytes(e.packed[:0], e.lengths[:0], arr, begin, end); ok {
		return e.texts()
	}
	switch a := arr.(type) {
	case *array.Boolean:
		for i := begin; i < end; i++ {
			b := byte(0)
			if a.Value(i) {
				b = 1
			}
			e.plain = append(e.plain, b)
		}
		return 0
	case *array.Dictionary:
		arr = a.Indices()
	}
	width := widthOf(arr.DataType())
	raw := arr.Data().Buffers()[1].Bytes()[arr.Data().Offset()*width:][begin*width : end*width]
	if e.integers(raw, width) {
		if nulls {
			e.level(arr, begin)
		}
		if e.pack(width) {
			return isPacked
		}
	}
	e.plain = append(e.plain, raw...)
	return 0
}

// texts lays out e.lengths and the texts in e.packed.
func (e *encoder) texts() (flags byte) {
	same := true
	for _, n := range e.lengths {
		same = same && n == e.lengths[0]
	}
	if same {
		if e.digits() && e.pack(8) {
			e.plain = append(e.plain, byte(e.lengths[0]))
			return isPacked | isDigits
		}
		flags, e.lengths = sameLength, e.lengths[:1]
	}
	for _, n := range e.lengths {
		e.plain = binary.AppendUvarint(e.plain, uint64(n))
	}
	e.plain = append(e.plain, e.packed...)
	return flags
}

// mostDigits is how many digits always fit an integer.
const mostDigits = 18

// digits takes up texts of one length as integers, false where they are not digits alone.
func (e *encoder) digits() bool {
	n := e.lengths[0]
	if n == 0 || n > mostDigits || len(e.packed) < n*len(e.lengths) {
		return false
	}
	e.numbers = e.numbers[:0]
	for rest := e.packed; len(rest) > 0; rest = rest[n:] {
		x := int64(0)
		for _, c := range rest[:n] {
			if c < '0' || c > '9' {
				return false
			}
			x = 10*x + int64(c-'0')
		}
		e.numbers = append(e.numbers, x)
	}
	return true
}

// integers takes up integers of a width, false where they are none.
func (e *encoder) integers(raw []byte, width int) bool {
	e.numbers = e.numbers[:0]
	switch width {
	case 4:
		for ; len(raw) > 0; raw = raw[4:] {
			e.numbers = append(e.numbers, int64(int32(binary.LittleEndian.Uint32(raw))))
		}
	case 8:
		for ; len(raw) > 0; raw = raw[8:] {
			e.numbers = append(e.numbers, int64(binary.LittleEndian.Uint64(raw)))
		}
	case 16:
		for ; len(raw) > 0; raw = raw[16:] {
			lo := int64(binary.LittleEndian.Uint64(raw))
			if int64(binary.LittleEndian.Uint64(raw[8:])) != lo>>63 {
				return false
			}
			e.numbers = append(e.numbers, lo)
		}
	default:
		return false
	}
	return true
}

// level puts a value in the place of those that are null, which may be anything and would take bits.
func (e *encoder) level(arr arrow.Array, begin int) {
	some := 0
	for arr.IsNull(begin + some) {
		some++
	}
	for i := range e.numbers {
		if arr.IsNull(begin + i) {
			e.numbers[i] = e.numbers[some]
		}
	}
}

// pack lays out the integers, false if that spares nothing.
func (e *encoder) pack(width int) bool {
	least, most := e.numbers[0], e.numbers[0]
	for _, x := range e.numbers {
		least, most = min(least, x), max(most, x)
	}
	n := bits.Len64(uint64(most) - uint64(least))
	if n > mostBits || n >= 8*width {
		return false
	}
	e.plain = binary.LittleEndian.AppendUint64(e.plain, uint64(least))
	e.plain = append(e.plain, byte(n))
	word, filled := uint64(0), 0
	for _, x := range e.numbers {
		word |= (uint64(x) - uint64(least)) << filled
		for filled += n; filled >= 8; filled -= 8 {
			e.plain = append(e.plain, byte(word))
			word >>= 8
		}
	}
	if filled > 0 {
		e.plain = append(e.plain, byte(word))
	}
	return true
}

// mostBits is the width of packed integers up to which one fits a word beside the bits that are left of the one before.
const mostBits = 56

// widthOf gives the bytes of a value as Arrow stores it, 0 where that is no number of bytes.
func widthOf(dt arrow.DataType) int {
	if t, ok := dt.(arrow.FixedWidthDataType); ok {
		return t.BitWidth() / 8
	}
	return 0
}

// known tells whether values of a type can be kept.
func known(dt arrow.DataType) bool {
	switch dt.ID() {
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW, arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW, arrow.BOOL, arrow.NULL:
		return true
	case arrow.DICTIONARY:
		d := dt.(*arrow.DictionaryType)
		return d.IndexType.ID() == arrow.INT32 && d.ValueType.ID() != arrow.DICTIONARY && known(d.ValueType)
	}
	return widthOf(dt) > 0
}
