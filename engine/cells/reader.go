package cells

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"sort"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Reader reads values of a part that was kept. It holds one block of each column, so rows are best asked for in their order. Each goroutine has
// its own.
type Reader struct {
	in      io.ReaderAt
	columns []keptColumn
	rows    []int // those before each batch, and all of them
	buf     []byte
	decoder decoder
}

// keptColumn is where the blocks of a column lie.
type keptColumn struct {
	batches [][]span // a batch: its blocks
	dict    []span   // the blocks of its dictionary
	entries int      // of the dictionary plus one, 0 without one
	values  held
	entry   held // of the dictionary
}

// span is where a block lies; empty: all its values are null.
type span struct {
	at     int64
	length int
}

// held is a block that was read.
type held struct {
	batch, block int
	arr          arrow.Array // nil: none, or all values are null
	known        bool
}

// Open reads the index of what was kept of some columns; size is how long all of it is. The error is that of in or [ErrDamaged].
func Open(in io.ReaderAt, size int64, columns int) (*Reader, error) {
	const tail = 12
	var end [tail]byte
	if size < tail {
		return nil, ErrDamaged
	}
	if _, err := in.ReadAt(end[:], size-tail); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint64(end[:]))
	if n < 0 || n > size-tail {
		return nil, ErrDamaged
	}
	index := make([]byte, n)
	if _, err := in.ReadAt(index, size-tail-n); err != nil {
		return nil, err
	}
	if crc32.Checksum(index, castagnoli) != binary.LittleEndian.Uint32(end[8:]) {
		return nil, ErrDamaged
	}
	r := &Reader{in: in}
	if !r.index(index, size-tail-n, columns) {
		return nil, ErrDamaged
	}
	return r, nil
}

// index reads the index of blocks that end at some place.
func (r *Reader) index(in []byte, end int64, columns int) bool {
	ok := true
	next := func(most int) int {
		x, n := binary.Uvarint(in)
		if n <= 0 || x > uint64(most) {
			ok, in = false, nil
			return 0
		}
		in = in[n:]
		return int(x)
	}
	const most = 1 << 40
	if next(most) != columns {
		return false
	}
	r.columns = make([]keptColumn, columns)
	for c := range r.columns {
		r.columns[c].entries = next(most)
	}
	batches := next(len(in))
	r.rows = make([]int, 1, batches+1)
	for range batches {
		r.rows = append(r.rows, r.rows[len(r.rows)-1]+next(most))
	}
	at := int64(0)
	spans := func(rows int) []span {
		n := blocksOf(rows)
		if n > len(in) {
			ok = false
			return nil
		}
		all := make([]span, n)
		for i := range all {
			length := next(most)
			all[i] = span{at, length}
			at += int64(length)
		}
		return all
	}
	for b := range batches {
		for c := range r.columns {
			r.columns[c].batches = append(r.columns[c].batches, spans(r.rows[b+1]-r.rows[b]))
		}
	}
	for c := range r.columns {
		if n := r.columns[c].entries; n > 0 {
			r.columns[c].dict = spans(n - 1)
		}
	}
	return ok && len(in) == 0 && at == end
}

// Rows is the number of rows.
func (r *Reader) Rows() int { return r.rows[len(r.rows)-1] }

// Value gives an array that holds what a column has in a row, in any layout of its type, and where; nil for a null. The type is that of the
// column. The array is valid until the next call for the column.
func (r *Reader) Value(row, column int, dt arrow.DataType) (arr arrow.Array, at int, err error) {
	if row < 0 || row >= r.Rows() {
		return nil, 0, ErrDamaged
	}
	c := &r.columns[column]
	b := c.values.batch
	if b >= len(c.batches) || row < r.rows[b] || row >= r.rows[b+1] {
		b = sort.SearchInts(r.rows, row+1) - 1
	}
	dt = plainType(dt)
	stored := dt
	if c.entries > 0 {
		stored = arrow.PrimitiveTypes.Int32
	}
	arr, at, err = r.find(&c.values, c.batches[b], b, row-r.rows[b], r.rows[b+1]-r.rows[b], stored)
	if err != nil || arr == nil || arr.IsNull(at) || c.entries == 0 {
		return arr, at, err
	}
	entry := int(arr.(*array.Int32).Value(at))
	if entry < 0 || entry >= c.entries-1 {
		return nil, 0, ErrDamaged
	}
	return r.find(&c.entry, c.dict, 0, entry, c.entries-1, dt)
}

// Column gives all rows of a column as one array, which the caller releases.
func (r *Reader) Column(column int, dt arrow.DataType) (arrow.Array, error) {
	plain := plainType(dt)
	var rows []arrow.Array
	defer func() {
		for _, arr := range rows {
			arr.Release()
		}
	}()
	for row := range r.Rows() {
		arr, at, err := r.Value(row, column, dt)
		switch {
		case err != nil:
			return nil, err
		case arr == nil || arr.IsNull(at):
			rows = append(rows, array.MakeArrayOfNull(memory.DefaultAllocator, plain, 1))
		default:
			rows = append(rows, array.NewSlice(arr, int64(at), int64(at+1)))
		}
	}
	return array.Concatenate(rows, memory.DefaultAllocator)
}

// find gives a row of some, whose blocks are spans.
func (r *Reader) find(h *held, spans []span, batch, row, rows int, dt arrow.DataType) (arrow.Array, int, error) {
	block, at := row/blockRows, row%blockRows
	if h.known && h.batch == batch && h.block == block {
		return h.arr, at, nil
	}
	h.drop()
	s := spans[block]
	if s.length > 0 {
		if cap(r.buf) < s.length {
			r.buf = make([]byte, s.length)
		}
		buf := r.buf[:s.length]
		if _, err := r.in.ReadAt(buf, s.at); err != nil {
			return nil, 0, err
		}
		arr, err := r.decoder.block(buf, min(blockRows, rows-block*blockRows), dt)
		if err != nil {
			return nil, 0, err
		}
		h.arr = arr
	}
	h.batch, h.block, h.known = batch, block, true
	return h.arr, at, nil
}

func (h *held) drop() {
	if h.arr != nil {
		h.arr.Release()
	}
	*h = held{}
}

// Release gives back what is held.
func (r *Reader) Release() {
	for c := range r.columns {
		r.columns[c].values.drop()
		r.columns[c].entry.drop()
	}
}
