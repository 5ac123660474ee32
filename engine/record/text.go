package record

import (
	"encoding/hex"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// AppendText appends row i of a column as the level holds it, as valid UTF-8: text as it is, numbers in decimal, a decimal with
// its scale, floats in the shortest form that reads back, dates as 2006-01-02, timestamps as 2006-01-02 15:04:05 with a
// fraction if there is one and a Z if the column has a zone, bytes that are no UTF-8 as 0x and hexadecimal digits. It
// reports false, with dst unchanged, for a null.
func AppendText(dst []byte, arr arrow.Array, i int) (text []byte, ok bool) {
	if isNull(arr, i) {
		return dst, false
	}
	arr, i = plain(arr, i)
	if t, ok := textsOf(arr); ok {
		return appendBytes(dst, t.at(i)), true
	}
	switch a := arr.(type) {
	case *array.Int8:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10), true
	case *array.Int16:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10), true
	case *array.Int32:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10), true
	case *array.Int64:
		return strconv.AppendInt(dst, a.Value(i), 10), true
	case *array.Uint8:
		return strconv.AppendUint(dst, uint64(a.Value(i)), 10), true
	case *array.Uint16:
		return strconv.AppendUint(dst, uint64(a.Value(i)), 10), true
	case *array.Uint32:
		return strconv.AppendUint(dst, uint64(a.Value(i)), 10), true
	case *array.Uint64:
		return strconv.AppendUint(dst, a.Value(i), 10), true
	case *array.Float16:
		return strconv.AppendFloat(dst, float64(a.Value(i).Float32()), 'g', -1, 32), true
	case *array.Float32:
		return strconv.AppendFloat(dst, float64(a.Value(i)), 'g', -1, 32), true
	case *array.Float64:
		return strconv.AppendFloat(dst, a.Value(i), 'g', -1, 64), true
	case *array.Boolean:
		return strconv.AppendBool(dst, a.Value(i)), true
	case *array.Decimal128:
		x, scale := a.Value(i), a.DataType().(*arrow.Decimal128Type).Scale
		if lo := int64(x.LowBits()); x.HighBits() == lo>>63 && scale >= 0 {
			return appendDecimal(dst, lo, int(scale)), true
		}
		return appendScaled(dst, x.BigInt().Append(nil, 10), int(scale)), true
	case *array.Decimal256:
		return appendScaled(dst, a.Value(i).BigInt().Append(nil, 10), int(a.DataType().(*arrow.Decimal256Type).Scale)), true
	case *array.Date32:
		return appendDate(dst, int64(a.Value(i))), true
	case *array.Date64:
		return appendDate(dst, floorDiv(int64(a.Value(i)), 1000*secondsPerDay)), true
	case *array.Timestamp:
		t := a.DataType().(*arrow.TimestampType)
		sec, nsec := splitTime(int64(a.Value(i)), t.Unit)
		return appendTimestamp(dst, sec, nsec, t.TimeZone != ""), true
	case *array.Time32:
		return appendClock(dst, int64(a.Value(i)), a.DataType().(*arrow.Time32Type).Unit), true
	case *array.Time64:
		return appendClock(dst, int64(a.Value(i)), a.DataType().(*arrow.Time64Type).Unit), true
	case *array.FixedSizeBinary:
		return hex.AppendEncode(dst, a.Value(i)), true
	}
	return append(dst, arr.ValueStr(i)...), true
}

// appendDecimal appends unscaled·10^-scale with all its digits; scale is not negative.
func appendDecimal(dst []byte, unscaled int64, scale int) []byte {
	var buf [20]byte
	return appendScaled(dst, strconv.AppendInt(buf[:0], unscaled, 10), scale)
}

// appendScaled is appendDecimal of an integer in text, and of any scale.
func appendScaled(dst, unscaled []byte, scale int) []byte {
	begin := len(dst)
	dst = append(dst, unscaled...)
	if unscaled[0] == '-' {
		begin++
	}
	if scale <= 0 {
		for ; scale < 0 && dst[begin] != '0'; scale++ {
			dst = append(dst, '0')
		}
		return dst
	}
	for len(dst)-begin <= scale { // zeros before the first digit
		dst = append(dst, 0)
		copy(dst[begin+1:], dst[begin:])
		dst[begin] = '0'
	}
	point := len(dst) - scale
	dst = append(dst, 0)
	copy(dst[point+1:], dst[point:])
	dst[point] = '.'
	return dst
}

func appendBytes(dst, b []byte) []byte {
	if utf8.Valid(b) {
		return append(dst, b...)
	}
	return hex.AppendEncode(append(dst, "0x"...), b)
}

func appendDate(dst []byte, days int64) []byte {
	return time.Unix(days*secondsPerDay, 0).UTC().AppendFormat(dst, "2006-01-02")
}

func appendTimestamp(dst []byte, sec, nsec int64, zone bool) []byte {
	dst = time.Unix(sec, nsec).UTC().AppendFormat(dst, "2006-01-02 15:04:05.999999999")
	if zone {
		dst = append(dst, 'Z')
	}
	return dst
}

func appendClock(dst []byte, x int64, unit arrow.TimeUnit) []byte {
	sec, nsec := splitTime(x, unit)
	return time.Unix(sec, nsec).UTC().AppendFormat(dst, "15:04:05.999999999")
}

// splitTime splits a count of units into whole seconds and nanoseconds.
func splitTime(x int64, unit arrow.TimeUnit) (sec, nsec int64) {
	switch unit { // each with a constant to divide by
	case arrow.Second:
		return x, 0
	case arrow.Millisecond:
		sec = floorDiv(x, 1e3)
		return sec, (x - sec*1e3) * 1e6
	case arrow.Microsecond:
		sec = floorDiv(x, 1e6)
		return sec, (x - sec*1e6) * 1e3
	default:
		sec = floorDiv(x, 1e9)
		return sec, x - sec*1e9
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
