package record

import (
	"encoding/binary"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// Rows is some rows of a column that are looked up together: what kind of column it is, is asked once for all of them, and values, which lie all over memory,
// are waited for many at a time. It keeps scratch space, so each goroutine has its own.
type Rows struct {
	arr     arrow.Array
	rows    []uint32
	indices []int32 // of a dictionary: one a row of the column; nil: it has none, or of another width
	nulls   bool    // there may be some
	null    []bool  // then: which rows are

	kind    rowsKind
	texts   texts   // of texts: those of the rows alone, one after the other; nulls are empty
	sum     byte    // of texts that were loaded, of no use
	numbers []int64 // of other kinds: one a row, 0 for a null
	unit    arrow.TimeUnit
	zone    bool
	scale   int32

	text []byte // see Text
}

// rowsKind says in which form the values of rows are at hand.
type rowsKind uint8

const (
	otherRows   rowsKind = iota // in the column
	textRows                    // texts, of a column that has views of them, or whose dictionary has
	intRows                     // numbers
	dayRows                     // from 1970-01-01
	instantRows                 // in units from 1970-01-01
	decimalRows                 // numbers·10^-scale
)

// Of has Rows hold rows of a column. What it is given does not change until the next call.
func (r *Rows) Of(arr arrow.Array, rows []uint32) {
	r.arr, r.rows, r.indices, r.kind = arr, rows, nil, otherRows
	values := arr
	if d, ok := arr.(*array.Dictionary); ok {
		at, ok := d.Indices().(*array.Int32)
		if !ok {
			return
		}
		values, r.indices = d.Dictionary(), at.Int32Values()
	}
	r.findNulls(values)
	switch a := values.(type) {
	case *array.StringView, *array.BinaryView:
		if t, ok := textsOf(values); ok && t.views != nil {
			r.kind = textRows
			r.takeTexts(&t)
		}
	case *array.Int8:
		takeNumbers(r, intRows, a.Int8Values())
	case *array.Int16:
		takeNumbers(r, intRows, a.Int16Values())
	case *array.Int32:
		takeNumbers(r, intRows, a.Int32Values())
	case *array.Int64:
		takeNumbers(r, intRows, a.Int64Values())
	case *array.Date32:
		takeNumbers(r, dayRows, a.Date32Values())
	case *array.Timestamp:
		t := a.DataType().(*arrow.TimestampType)
		r.unit, r.zone = t.Unit, t.TimeZone != ""
		takeNumbers(r, instantRows, a.TimestampValues())
	case *array.Decimal128:
		if r.scale = a.DataType().(*arrow.Decimal128Type).Scale; r.scale >= 0 {
			r.takeDecimals(a)
		}
	}
}

// findNulls notes which rows are null, be it by their index or by the entry of a dictionary.
func (r *Rows) findNulls(values arrow.Array) {
	inColumn, inEntries := r.arr.NullN() > 0, r.indices != nil && values.NullN() > 0
	if r.nulls = inColumn || inEntries; !r.nulls {
		return
	}
	r.null = slices.Grow(r.null[:0], len(r.rows))[:len(r.rows)]
	valid, offset := r.arr.NullBitmapBytes(), r.arr.Data().Offset()
	for i, row := range r.rows {
		r.null[i] = inColumn && (len(valid) == 0 || bitutil.BitIsNotSet(valid, offset+int(row))) ||
			inEntries && values.IsNull(int(r.indices[row]))
	}
}

// takeTexts takes the headers of texts, whose bytes it loads. No load depends on another row's, so the processor waits for many at a time.
func (r *Rows) takeTexts(t *texts) {
	views := slices.Grow(r.texts.views[:0], len(r.rows)*viewSize)[:len(r.rows)*viewSize]
	r.texts = texts{views: views, buffers: t.buffers}
	for i := range r.rows {
		to := views[i*viewSize : (i+1)*viewSize]
		if r.isNull(i) {
			clear(to)
			continue
		}
		at := r.entry(i)
		from := t.views[at*viewSize : (at+1)*viewSize]
		binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(from))
		binary.LittleEndian.PutUint64(to[8:], binary.LittleEndian.Uint64(from[8:]))
	}
	for i := range r.rows {
		if b := r.texts.at(i); len(b) > viewInline {
			r.sum += b[0]
		}
	}
}

// takeNumbers takes the values of a column, or of its dictionary.
func takeNumbers[T ~int8 | ~int16 | ~int32 | ~int64](r *Rows, kind rowsKind, values []T) {
	r.kind = kind
	r.numbers = slices.Grow(r.numbers[:0], len(r.rows))[:len(r.rows)]
	for i := range r.numbers {
		if r.numbers[i] = 0; !r.isNull(i) {
			r.numbers[i] = int64(values[r.entry(i)])
		}
	}
}

// takeDecimals takes decimals, if the integers of all rows fit 64 bits.
func (r *Rows) takeDecimals(a *array.Decimal128) {
	r.numbers = slices.Grow(r.numbers[:0], len(r.rows))[:len(r.rows)]
	for i := range r.numbers {
		if r.numbers[i] = 0; r.isNull(i) {
			continue
		}
		x := a.Value(r.entry(i))
		if r.numbers[i] = int64(x.LowBits()); x.HighBits() != r.numbers[i]>>63 {
			return
		}
	}
	r.kind = decimalRows
}

// entry gives where the value of one of the rows is, which is not null: the row of the column, or the entry of its dictionary.
func (r *Rows) entry(i int) int {
	if r.indices != nil {
		return int(r.indices[r.rows[i]])
	}
	return int(r.rows[i])
}

// isNull tells whether one of the rows is null.
func (r *Rows) isNull(i int) bool { return r.nulls && r.null[i] }

// Rows sets out to the salted hashes of some rows, as At gives them.
func (h *Hasher) Rows(r *Rows, out []uint64) {
	if d, ok := r.arr.(*array.Dictionary); ok && r.indices != nil && h.dict == d.Dictionary().Data() {
		for i, row := range r.rows {
			if out[i] = h.null; !r.isNull(i) {
				out[i] = h.hashes[r.indices[row]]
			}
		}
		return
	}
	h.v.unparsed = h.v.unparsed[:0]
	if !h.v.rows(r, out) {
		for i, row := range r.rows {
			out[i] = h.At(r.arr, int(row))
		}
		return
	}
	for i := range out {
		if out[i] = salted(out[i], h.salt); r.isNull(i) {
			out[i] = h.null
		}
	}
}

// rows sets out to the value hashes of rows, where there is a loop of its own for what they are and what they are compared as. For null rows the result
// means nothing.
func (v *valuer) rows(r *Rows, out []uint64) bool {
	switch {
	case v.seed != nil:
		return false
	case r.kind == textRows:
		v.texts(&r.texts, nil, out)
	case v.byText():
		return false
	case r.kind == intRows && v.typ == Int, r.kind == dayRows && v.typ == Date:
		for i, x := range r.numbers {
			out[i] = uint64(x)
		}
	case r.kind == instantRows && v.typ == Timestamp:
		for i, x := range r.numbers {
			out[i] = hashTime(splitTime(x, r.unit))
		}
	case r.kind == decimalRows && v.typ == Decimal:
		for i, x := range r.numbers {
			out[i] = v.hash64(x, r.scale)
		}
	default:
		return false
	}
	return true
}

// Text gives the text of a row, as AppendText does, until the next call. Behind a short one there is often room for more, so that it may be copied as so many
// bytes, whatever its length.
func (r *Rows) Text(i int) (text []byte, ok bool) {
	switch {
	case r.kind == otherRows:
		r.text, ok = AppendText(r.text[:0], r.arr, int(r.rows[i]))
		return r.text, ok
	case r.isNull(i):
		return nil, false
	}
	switch r.kind {
	case textRows:
		return r.valid(i), true
	case intRows:
		r.text = strconv.AppendInt(r.text[:0], r.numbers[i], 10)
	case dayRows:
		r.text = appendDate(r.text[:0], r.numbers[i])
	case instantRows:
		sec, nsec := splitTime(r.numbers[i], r.unit)
		r.text = appendTimestamp(r.text[:0], sec, nsec, r.zone)
	case decimalRows:
		r.text = appendDecimal(r.text[:0], r.numbers[i], int(r.scale))
	}
	return r.text, true
}

// valid gives a text as valid UTF-8.
func (r *Rows) valid(i int) []byte {
	h := r.texts.views[i*viewSize : (i+1)*viewSize]
	if n := binary.LittleEndian.Uint32(h); n <= viewInline {
		b := h[4 : 4+n : viewSize]
		if (binary.LittleEndian.Uint64(h[4:])|uint64(binary.LittleEndian.Uint32(h[12:])))&0x8080808080808080 == 0 || utf8.Valid(b) {
			return b
		}
	}
	b := r.texts.at(i)
	if utf8.Valid(b) {
		return b
	}
	r.text = appendHex(r.text[:0], b)
	return r.text
}
