package record

import (
	"bytes"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Reader reads single values of a column as a type, for those who need the value and not its hash. Each goroutine has its own.
// All its methods report false for a null and for a text that does not read as what is asked for.
type Reader struct {
	buf []byte
}

// Time reads a date or a timestamp, or a text of one; a date is its midnight, a time without a zone counts as UTC.
func (r *Reader) Time(arr arrow.Array, i int) (t time.Time, ok bool) {
	if isNull(arr, i) {
		return t, false
	}
	arr, i = plain(arr, i)
	switch a := arr.(type) {
	case *array.Date32:
		return time.Unix(int64(a.Value(i))*secondsPerDay, 0).UTC(), true
	case *array.Timestamp:
		sec, nsec := splitTime(int64(a.Value(i)), a.DataType().(*arrow.TimestampType).Unit)
		return time.Unix(sec, nsec).UTC(), true
	}
	return ParseTime(r.text(arr, i))
}

// ParseTime reads the text of a date or a timestamp, as AppendText writes them.
func ParseTime(text []byte) (t time.Time, ok bool) {
	sec, nsec, ok := parseTimestamp(text)
	if !ok {
		return t, false
	}
	return time.Unix(sec, nsec).UTC(), true
}

// Int reads an integer of 64 bits.
func (r *Reader) Int(arr arrow.Array, i int) (int64, bool) {
	if isNull(arr, i) {
		return 0, false
	}
	arr, i = plain(arr, i)
	if a, ok := arr.(*array.Int64); ok {
		return a.Value(i), true
	}
	x, beyond, ok := parseInt(r.text(arr, i))
	return x, ok && beyond == nil
}

// Float reads a number as the nearest binary floating-point number.
func (r *Reader) Float(arr arrow.Array, i int) (float64, bool) {
	if isNull(arr, i) {
		return 0, false
	}
	arr, i = plain(arr, i)
	if a, ok := arr.(*array.Float64); ok {
		return a.Value(i), true
	}
	return parseFloat(r.text(arr, i))
}

// Bool reads true or false.
func (r *Reader) Bool(arr arrow.Array, i int) (v, ok bool) {
	if isNull(arr, i) {
		return false, false
	}
	arr, i = plain(arr, i)
	if a, ok := arr.(*array.Boolean); ok {
		return a.Value(i), true
	}
	return parseBool(r.text(arr, i))
}

// Text reads a value as text without surrounding white space. The slice holds until the next call.
func (r *Reader) Text(arr arrow.Array, i int) ([]byte, bool) {
	if isNull(arr, i) {
		return nil, false
	}
	return r.text(plain(arr, i)), true
}

// text gives the text of a value that is not null.
func (r *Reader) text(arr arrow.Array, i int) []byte {
	r.buf, _ = AppendText(r.buf[:0], arr, i)
	return bytes.TrimSpace(r.buf)
}
