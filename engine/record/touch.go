package record

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
)

// Touch loads what some rows of a column hold, if it is views of texts, so that it is at hand when it is asked for: no load depends on another one, so
// the processor waits for many at a time. The result is of no use but to have been asked for.
func Touch(arr arrow.Array, rows []uint32) (sum uint64) {
	t, ok := textsOf(arr)
	if !ok || t.views == nil {
		return 0
	}
	for _, row := range rows {
		sum += uint64(t.views[int(row)*viewSize])
	}
	for _, row := range rows {
		h := t.views[int(row)*viewSize:]
		buffer, off := int(binary.LittleEndian.Uint32(h[8:])), int(binary.LittleEndian.Uint32(h[12:]))
		if binary.LittleEndian.Uint32(h) > viewInline && buffer < len(t.buffers) { // that of a null row may be anything
			if b := t.buffers[buffer].Bytes(); off < len(b) {
				sum += uint64(b[off])
			}
		}
	}
	return sum
}
