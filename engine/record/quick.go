package record

import "encoding/binary"

// quick gives the value hash of a text of the form that nearly all values of its type have, in agreement with valuer.read without a rule. It is not ok for
// other texts, which may well be of the type too.
func quick(typ Type, b []byte) (hash uint64, ok bool) {
	switch typ {
	case Int:
		x, ok := quickDigits(b)
		return uint64(x), ok
	case Decimal:
		return quickDecimal(b)
	case Date:
		days, ok := quickDate(b)
		return uint64(days), ok && len(b) == len("2006-01-02")
	case Timestamp:
		if len(b) != len("2006-01-02 15:04:05") || b[10] != ' ' && b[10] != 'T' {
			return 0, false
		}
		days, ok := quickDate(b)
		clock, ok2 := lanes(binary.LittleEndian.Uint64(b[11:]), clockForm)
		hour, minute, second := pair(clock), pair(clock>>24), pair(clock>>48)
		return hashTime(days*secondsPerDay+hour*3600+minute*60+second, 0), ok && ok2 && hour < 24 && minute < 60 && second < 60
	}
	return 0, false
}

// Eight characters as a word, the first the lowest byte: digits are '0', what stands between them is as it is.
const (
	dayForm   = 0x2d30302d30303030 // 2006-01-
	clockForm = 0x30303a30303a3030 // 15:04:05
	digitForm = 0x3030303030303030
)

// lanes takes a form from eight characters: what is left of digits are their values, of the others 0; not ok where it is something else.
func lanes(word, form uint64) (uint64, bool) {
	word ^= form
	// A byte of a digit may be up to 9, another one 0: more carries into the highest bit.
	between := (form ^ digitForm) & 0x1f1f1f1f1f1f1f1f
	between = (between + 0x7f7f7f7f7f7f7f7f) & 0x8080808080808080 >> 7 // 1 in their bytes
	return word, (word+0x7676767676767676+between*9|word)&0x8080808080808080 == 0
}

// pair is the number of two digits, of lanes.
func pair(word uint64) int64 { return int64(word&0xff*10 + word>>8&0xff) }

// quickDate reads the 2006-01-02 that a text begins with.
func quickDate(b []byte) (days int64, ok bool) {
	if len(b) < 10 {
		return 0, false
	}
	first, ok := lanes(binary.LittleEndian.Uint64(b), dayForm)
	tens, ones := b[8]-'0', b[9]-'0'
	y, m, d := pair(first)*100+pair(first>>16), pair(first>>40), int64(tens)*10+int64(ones)
	if !ok || tens > 9 || ones > 9 {
		return 0, false
	}
	if at := uint64(y - firstYear); at < uint64(len(years)) && uint64(m) <= 12 {
		of := &years[at][m]
		return int64(of.before) + d, uint64(d-1) < uint64(of.days)
	}
	if !validDay(y, m, d) {
		return 0, false
	}
	return civilDays(y, m, d), true
}

// month is how many days it has, none for the one before the first, and the day before its first one since 1970.
type month struct{ before, days int32 }

// firstYear is the first of years, in which nearly all days lie.
const firstYear = 1900

// years are looked up, since most days of a date's columns are read one after the other.
var years = func() (years [150][13]month) {
	for y := range years {
		for m := int64(1); m <= 12; m++ {
			of := &years[y][m]
			of.before = int32(civilDays(int64(y)+firstYear, m, 1)) - 1
			for of.days = 28; validDay(int64(y)+firstYear, m, int64(of.days)+1); of.days++ {
			}
		}
	}
	return years
}()

// quickMost is how many digits are read as a number without looking whether it fits.
const quickMost = 18

// quickDigits reads up to quickMost digits.
func quickDigits(b []byte) (x int64, ok bool) {
	if len(b) == 0 || len(b) > quickMost {
		return 0, false
	}
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		x = x*10 + int64(c)
	}
	return x, true
}

// quickDecimal reads up to quickMost digits with a point among them, or none.
func quickDecimal(b []byte) (hash uint64, ok bool) {
	x, digits, scale, point := int64(0), 0, int32(0), int32(0)
	for _, c := range b {
		if c == '.' && point == 0 {
			point = 1
			continue
		}
		if c -= '0'; c > 9 {
			return 0, false
		}
		x = x*10 + int64(c)
		digits++
		scale += point
	}
	if digits == 0 || digits > quickMost {
		return 0, false
	}
	return hashDecimal(reduced(x, scale)), true
}
