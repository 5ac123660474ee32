package cells

import (
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Writer keeps the columns of a part. Its memory is used again for the next one.
type Writer struct {
	out     []byte
	lengths []byte // of the blocks, as in the index
	rows    []byte // of the batches, likewise
	batches int
	dicts   []arrow.Array // a column, nil where it has no dictionary
	plain   []bool        // a column: it has arrived without one
	skip    []int         // a column: blocks that are not to be compressed
	failed  bool          // a column is of a type that cannot be kept, or arrives in more ways than one
	encoder encoder
}

// Begin makes room for a part with some columns, whose values will take about so many bytes.
func (w *Writer) Begin(columns int, size int64) {
	w.drop()
	w.out = slices.Grow(w.out[:0], int(size)) // what grows by and by leaves several times its size behind
	w.out, w.lengths, w.rows, w.batches, w.failed = w.out[:0], w.lengths[:0], w.rows[:0], 0, false
	w.dicts, w.plain, w.skip = make([]arrow.Array, columns), make([]bool, columns), make([]int, columns)
}

// Add takes the next rows; a column that is nil has nothing but nulls.
func (w *Writer) Add(columns []arrow.Array, rows int) {
	if rows == 0 || w.failed {
		return
	}
	w.batches++
	w.rows = binary.AppendUvarint(w.rows, uint64(rows))
	for c, arr := range columns {
		if arr == nil {
			w.lengths = append(w.lengths, make([]byte, blocksOf(rows))...)
			continue
		}
		if w.failed = !known(arr.DataType()) || !w.arrives(c, arr); w.failed {
			return
		}
		w.column(arr, &w.skip[c])
	}
}

// arrives notes how a column arrives, false if it did otherwise before.
func (w *Writer) arrives(c int, arr arrow.Array) bool {
	d, ok := arr.(*array.Dictionary)
	switch {
	case !ok:
		w.plain[c] = true
		return w.dicts[c] == nil
	case w.dicts[c] == nil:
		w.dicts[c] = d.Dictionary()
		w.dicts[c].Retain()
		return !w.plain[c]
	}
	return w.dicts[c].Data() == d.Dictionary().Data()
}

func blocksOf(rows int) int { return (rows + blockRows - 1) / blockRows }

// column appends the blocks of a column.
func (w *Writer) column(arr arrow.Array, skip *int) {
	for i := 0; i < arr.Len(); i += blockRows {
		begin := len(w.out)
		w.out = w.encoder.block(w.out, arr, i, min(i+blockRows, arr.Len()), skip)
		w.lengths = binary.AppendUvarint(w.lengths, uint64(len(w.out)-begin))
	}
}

// End gives what is kept of the part, valid until Begin; nil if there is nothing.
func (w *Writer) End() []byte {
	defer w.drop()
	if w.failed {
		return nil
	}
	entries := binary.AppendUvarint(nil, uint64(len(w.dicts)))
	for _, d := range w.dicts {
		if d == nil {
			entries = append(entries, 0)
			continue
		}
		entries = binary.AppendUvarint(entries, uint64(d.Len()+1))
		skip := 0
		w.column(d, &skip)
	}
	begin := len(w.out)
	w.out = append(w.out, entries...)
	w.out = binary.AppendUvarint(w.out, uint64(w.batches))
	w.out = append(append(w.out, w.rows...), w.lengths...)
	index := w.out[begin:]
	w.out = binary.LittleEndian.AppendUint64(w.out, uint64(len(index)))
	w.out = binary.LittleEndian.AppendUint32(w.out, crc32.Checksum(index, castagnoli))
	return w.out
}

// drop releases the dictionaries.
func (w *Writer) drop() {
	for _, d := range w.dicts {
		if d != nil {
			d.Release()
		}
	}
	w.dicts = nil
}
