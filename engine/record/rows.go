package record

import (
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Rows is some rows of a column that are looked up together: what kind of column it is, is asked once for all of them, and texts, which lie all over memory,
// are waited for many at a time. It keeps scratch space, so each goroutine has its own.
type Rows struct {
	arr    arrow.Array
	rows   []uint32
	viewed bool   // the column has views of texts, or its dictionary has
	texts  texts  // if viewed: of the rows alone, one after the other; nulls are empty
	nulls  bool   // there may be some
	null   []bool // then, if viewed: which rows are
	sum    byte   // of texts that were loaded, of no use
}

// Of has Rows hold rows of a column. What it is given does not change until the next call.
func (r *Rows) Of(arr arrow.Array, rows []uint32) {
	r.arr, r.rows, r.viewed = arr, rows, false
	values, indices := arr, []int32(nil)
	if d, ok := arr.(*array.Dictionary); ok {
		at, ok := d.Indices().(*array.Int32)
		if !ok {
			return
		}
		values, indices = d.Dictionary(), at.Int32Values()
	}
	t, ok := textsOf(values)
	if !ok || t.views == nil {
		return
	}
	r.viewed = true
	r.nulls = arr.NullN() > 0 || values.NullN() > 0
	if r.nulls {
		r.null = slices.Grow(r.null[:0], len(rows))[:len(rows)]
	}
	views := slices.Grow(r.texts.views[:0], len(rows)*viewSize)[:len(rows)*viewSize]
	r.texts = texts{views: views, buffers: t.buffers}
	for i, row := range rows { // no load depends on another row's, so the processor waits for many at a time
		to := views[i*viewSize : (i+1)*viewSize]
		if r.nulls {
			if r.null[i] = isNull(arr, int(row)); r.null[i] {
				clear(to)
				continue
			}
		}
		if indices != nil {
			row = uint32(indices[row])
		}
		from := t.views[int(row)*viewSize : (int(row)+1)*viewSize]
		binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(from))
		binary.LittleEndian.PutUint64(to[8:], binary.LittleEndian.Uint64(from[8:]))
	}
	for i := range rows {
		if b := r.texts.at(i); len(b) > viewInline {
			r.sum += b[0]
		}
	}
}

// isNull tells whether one of the rows is null; they are viewed.
func (r *Rows) isNull(i int) bool { return r.nulls && r.null[i] }

// Rows sets out to the salted hashes of some rows, as At gives them.
func (h *Hasher) Rows(r *Rows, out []uint64) {
	if d, ok := r.arr.(*array.Dictionary); ok && h.dict == d.Dictionary().Data() {
		for i, row := range r.rows {
			if out[i] = h.null; d.IsValid(int(row)) {
				out[i] = h.hashes[d.GetValueIndex(int(row))]
			}
		}
		return
	}
	if !r.viewed || h.v.seed != nil {
		for i, row := range r.rows {
			out[i] = h.At(r.arr, int(row))
		}
		return
	}
	h.v.unparsed = h.v.unparsed[:0]
	h.v.texts(&r.texts, nil, out)
	for i := range out {
		if out[i] = salted(out[i], h.salt); r.isNull(i) {
			out[i] = h.null
		}
	}
}

// AppendTexts appends the texts of the rows, as AppendText does, one behind the other, and to ends where in dst each of them ends, -1 for a null.
func (r *Rows) AppendTexts(dst []byte, ends []int) ([]byte, []int) {
	for i, row := range r.rows {
		ok := true
		if !r.viewed {
			dst, ok = AppendText(dst, r.arr, int(row))
		} else if ok = !r.isNull(i); ok {
			dst = appendBytes(dst, r.texts.at(i))
		}
		if ends = append(ends, len(dst)); !ok {
			ends[i] = -1
		}
	}
	return dst, ends
}
