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
	return appendHex(dst, b)
}

// appendHex appends bytes that are no UTF-8.
func appendHex(dst, b []byte) []byte { return hex.AppendEncode(append(dst, "0x"...), b) }

func appendDate(dst []byte, days int64) []byte {
	if days < firstPlainDay || days > lastPlainDay {
		return time.Unix(days*secondsPerDay, 0).UTC().AppendFormat(dst, "2006-01-02")
	}
	year, month, day := civil(days)
	dst = appendTwo(appendTwo(dst, year/100), year%100)
	dst = appendTwo(append(dst, '-'), month)
	return appendTwo(append(dst, '-'), day)
}

func appendTimestamp(dst []byte, sec, nsec int64, zone bool) []byte {
	days := floorDiv(sec, secondsPerDay)
	dst = appendDate(dst, days)
	dst = appendTime(append(dst, ' '), sec-days*secondsPerDay, nsec)
	if zone {
		dst = append(dst, 'Z')
	}
	return dst
}

func appendClock(dst []byte, x int64, unit arrow.TimeUnit) []byte {
	sec, nsec := splitTime(x, unit)
	return appendTime(dst, sec-floorDiv(sec, secondsPerDay)*secondsPerDay, nsec)
}

// appendTime appends a time of the day, with a fraction if there is one.
func appendTime(dst []byte, sec, nsec int64) []byte {
	dst = appendTwo(dst, int(sec/3600))
	dst = appendTwo(append(dst, ':'), int(sec/60%60))
	dst = appendTwo(append(dst, ':'), int(sec%60))
	if nsec == 0 {
		return dst
	}
	digits := [9]byte{}
	n := 0
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] = byte('0' + nsec%10); n == 0 && digits[i] != '0' {
			n = i + 1
		}
		nsec /= 10
	}
	return append(append(dst, '.'), digits[:n]...)
}

// appendTwo appends a number from 0 to 99 with two digits.
func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// Days from 1970-01-01 to 0000-03-01 and to 9999-12-31, between which years have four digits and civil knows the date.
const (
	firstPlainDay = -719468
	lastPlainDay  = 2932896
)

// civil gives the date of a day from 1970-01-01, not before firstPlainDay: civil_from_days of Howard Hinnant, "chrono-compatible low-level date
// algorithms", where years begin in March and come in eras of 400.
func civil(days int64) (year, month, day int) {
	z := uint64(days - firstPlainDay)
	const era = 146097
	doe := z % era
	yoe := (doe - doe/1460 + doe/36524 - doe/(era-1)) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year, month, day = int(z/era*400+yoe), int(mp)+3, int(doy-(153*mp+2)/5)+1
	if month > 12 {
		return year + 1, month - 12, day
	}
	return year, month, day
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
