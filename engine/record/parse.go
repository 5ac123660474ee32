package record

import (
	"bytes"
	"math"
	"strconv"
)

// The parsers read the text of a value strictly: the whole text, no surrounding white space, no surprises.

const secondsPerDay = 86400

// parseInt reads an optional sign and decimal digits. If the number does not fit, ok is true and canon is its canonical text.
func parseInt(b []byte) (x int64, canon []byte, ok bool) {
	digits, neg := sign(b)
	if len(digits) == 0 || !onlyDigits(digits) {
		return 0, nil, false
	}
	digits = bytes.TrimLeft(digits, "0")
	if len(digits) <= 18 {
		for _, c := range digits {
			x = x*10 + int64(c-'0')
		}
		if neg {
			x = -x
		}
		return x, nil, true
	}
	if neg {
		canon = append(canon, '-')
	}
	canon = append(canon, digits...)
	if x, err := strconv.ParseInt(string(canon), 10, 64); err == nil {
		return x, nil, true
	}
	return 0, canon, true
}

func sign(b []byte) (rest []byte, neg bool) {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		return b[1:], b[0] == '-'
	}
	return b, false
}

func onlyDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// decimal is digits·10^-scale, without leading or trailing zeros; zero has no digits and scale 0.
type decimal struct {
	neg    bool
	digits []byte
	scale  int32
}

// maxExponent bounds the exponents of decimals.
const maxExponent = 9999

// parseDecimal reads a sign, digits of any number with a fraction, and an exponent. The digits point into b or into buf, which is
// given back, longer if need be.
func parseDecimal(b []byte, buf []byte) (d decimal, scratch []byte, ok bool) {
	rest, neg := sign(b)
	exponent := int64(0)
	if i := bytes.IndexAny(rest, "eE"); i >= 0 {
		var beyond []byte
		if exponent, beyond, ok = parseInt(rest[i+1:]); !ok || beyond != nil || exponent > maxExponent || exponent < -maxExponent {
			return d, buf, false
		}
		rest = rest[:i]
	}
	whole, frac, _ := bytes.Cut(rest, []byte{'.'})
	if len(whole)+len(frac) == 0 || !onlyDigits(whole) || !onlyDigits(frac) {
		return d, buf, false
	}
	digits := whole
	if len(frac) > 0 {
		buf = append(append(buf[:0], whole...), frac...)
		digits = buf
	}
	d = decimal{neg: neg, digits: digits, scale: int32(len(frac)) - int32(exponent)}
	d.reduce()
	return d, buf, true
}

func (d *decimal) reduce() {
	d.digits = bytes.TrimLeft(d.digits, "0")
	n := len(d.digits)
	d.digits = bytes.TrimRight(d.digits, "0")
	d.scale -= int32(n - len(d.digits))
	if len(d.digits) == 0 {
		d.neg, d.scale = false, 0
	}
}

// parseDay reads the day that a text begins with as days since 1970, and gives what follows it: a year of four digits, a month and a day of one
// or two, between two "-" or two "/" (2006-01-02, 2006/1/2).
func parseDay(b []byte) (days int64, rest []byte, ok bool) {
	if len(b) < len("2006-1-2") || b[4] != '-' && b[4] != '/' {
		return 0, nil, false
	}
	y, ok := digitsOf(b[:4])
	m, rest, ok1 := oneOrTwo(b[5:])
	if !ok || !ok1 || len(rest) == 0 || rest[0] != b[4] {
		return 0, nil, false
	}
	d, rest, ok := oneOrTwo(rest[1:])
	if !ok || !validDay(y, m, d) {
		return 0, nil, false
	}
	return civilDays(y, m, d), rest, true
}

// oneOrTwo reads the number of one or two digits that a text begins with, and gives what follows.
func oneOrTwo(b []byte) (n int64, rest []byte, ok bool) {
	digits := 0
	for digits < min(2, len(b)) && digit(b[digits]) {
		digits++
	}
	n, ok = digitsOf(b[:digits])
	return n, b[digits:], ok
}

// validDay tells whether the proleptic Gregorian calendar has the day.
func validDay(y, m, d int64) bool {
	return m >= 1 && m <= 12 && d >= 1 && d <= int64(monthDays[m]) && (m != 2 || d < 29 || leap(y))
}

func leap(y int64) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

// civilDays gives the days from 1970-01-01 to a day of the proleptic Gregorian calendar (Hinnant, days_from_civil).
func civilDays(y, m, d int64) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

func digitsOf(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(b) > 0
}

// parseTimestamp reads a day, or a day, "T" or a space, 15:04[:05[.fffffffff]] with an hour of one or two digits, and a zone (none, Z, +08, +08:00,
// +0800).
func parseTimestamp(b []byte) (sec, nsec int64, ok bool) {
	days, b, ok := parseDay(b)
	if !ok {
		return 0, 0, false
	}
	sec = days * secondsPerDay
	if len(b) == 0 {
		return sec, 0, true
	}
	if b[0] != 'T' && b[0] != ' ' {
		return 0, 0, false
	}
	hour, b, ok := oneOrTwo(b[1:])
	if !ok || len(b) < 3 || b[0] != ':' {
		return 0, 0, false
	}
	minute, ok := digitsOf(b[1:3])
	if !ok || hour > 23 || minute > 59 {
		return 0, 0, false
	}
	b = b[3:]
	sec += hour*3600 + minute*60
	if len(b) >= 3 && b[0] == ':' {
		s, ok := digitsOf(b[1:3])
		if !ok || s > 59 {
			return 0, 0, false
		}
		sec += s
		b = b[3:]
		if len(b) > 0 && b[0] == '.' {
			n := 1
			for n < len(b) && b[n] >= '0' && b[n] <= '9' {
				n++
			}
			if n == 1 || n > 10 {
				return 0, 0, false
			}
			nsec, _ = digitsOf(b[1:n])
			for range 10 - n {
				nsec *= 10
			}
			b = b[n:]
		}
	}
	offset, ok := parseZone(b)
	return sec - offset, nsec, ok
}

// parseZone gives the seconds east of UTC.
func parseZone(b []byte) (seconds int64, ok bool) {
	switch {
	case len(b) == 0, len(b) == 1 && b[0] == 'Z':
		return 0, true
	case b[0] != '+' && b[0] != '-':
		return 0, false
	}
	digits := b[1:]
	if len(digits) == 5 && digits[2] == ':' {
		digits = []byte{digits[0], digits[1], digits[3], digits[4]}
	}
	n, ok := digitsOf(digits)
	if len(digits) == 2 {
		n *= 100
	} else if len(digits) != 4 {
		return 0, false
	}
	seconds = n/100*3600 + n%100*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, ok && n%100 < 60 && n/100 < 24
}

func parseBool(b []byte) (v, ok bool) {
	switch {
	case bytes.EqualFold(b, []byte("true")):
		return true, true
	case bytes.EqualFold(b, []byte("false")):
		return false, true
	}
	return false, false
}

func parseFloat(b []byte) (float64, bool) {
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, err == nil
}
