package record

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// texts reads the bytes of a text or binary column in any of its layouts. The slices it returns point into the column's
// buffers and live as long as they do.
type texts struct {
	views     []byte           // StringView, BinaryView: 16-byte headers
	buffers   []*memory.Buffer // what the headers refer to
	offsets32 []int32
	offsets64 []int64
	data      []byte
}

// viewSize is the size of a view header: length, then up to 12 bytes in place, or a prefix, buffer index and offset.
const viewSize, viewInline = 16, 12

// textsOf gives access to the column if it is one of texts or bytes.
func textsOf(arr arrow.Array) (t texts, ok bool) {
	d := arr.Data()
	switch arr := arr.(type) {
	case *array.String:
		t.offsets32, t.data = arr.ValueOffsets(), rawData(d)
	case *array.Binary:
		t.offsets32, t.data = arr.ValueOffsets(), rawData(d)
	case *array.LargeString:
		t.offsets64, t.data = arr.ValueOffsets(), rawData(d)
	case *array.LargeBinary:
		t.offsets64, t.data = arr.ValueOffsets(), rawData(d)
	case *array.StringView, *array.BinaryView:
		if b := d.Buffers()[1]; b != nil {
			t.views = b.Bytes()[d.Offset()*viewSize:]
		}
		t.buffers = d.Buffers()[2:]
	default:
		return t, false
	}
	return t, true
}

// rawData is the buffer of value bytes that offsets refer to.
func rawData(d arrow.ArrayData) []byte {
	if b := d.Buffers()[2]; b != nil {
		return b.Bytes()
	}
	return nil
}

// at gives the bytes of row i; those of a null row mean nothing.
func (t *texts) at(i int) []byte {
	switch {
	case t.views != nil:
		h := t.views[i*viewSize : i*viewSize+viewSize]
		n := binary.LittleEndian.Uint32(h)
		if n <= viewInline {
			return h[4 : 4+n : 4+n]
		}
		b := t.buffers[binary.LittleEndian.Uint32(h[8:])].Bytes()
		off := uint64(binary.LittleEndian.Uint32(h[12:]))
		return b[off : off+uint64(n) : off+uint64(n)]
	case t.offsets32 != nil:
		return t.data[t.offsets32[i]:t.offsets32[i+1]:t.offsets32[i+1]]
	case t.offsets64 != nil:
		return t.data[t.offsets64[i]:t.offsets64[i+1]:t.offsets64[i+1]]
	}
	return nil
}

// plain resolves a dictionary: the array that holds row i and its index there.
func plain(arr arrow.Array, i int) (arrow.Array, int) {
	if d, ok := arr.(*array.Dictionary); ok {
		return d.Dictionary(), d.GetValueIndex(i)
	}
	return arr, i
}

// isNull tells whether row i is null, be it by its index or by the entry of a dictionary.
func isNull(arr arrow.Array, i int) bool {
	if arr.IsNull(i) || arr.DataType().ID() == arrow.NULL {
		return true
	}
	d, ok := arr.(*array.Dictionary)
	return ok && d.Dictionary().IsNull(d.GetValueIndex(i))
}
