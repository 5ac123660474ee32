package record

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
)

// takeTyped counts as what types a text reads.
func (s *Sample) takeTyped(b []byte) {
	if _, ok := parseBool(b); ok {
		s.Bools++
	}
	if _, rest, ok := parseDay(b); ok && len(rest) == 0 {
		s.Days++
	}
	if _, _, ok := parseTimestamp(b); ok {
		s.Times++
	}
	if _, _, ok := parseDecimal(b, nil); !ok {
		return
	}
	s.Numbers++
	digits, _ := sign(b)
	whole, fraction, point := bytes.Cut(digits, []byte{'.'})
	if len(whole) == 0 || len(whole) > 1 && whole[0] == '0' || !onlyDigits(whole) || point && (len(fraction) == 0 || !onlyDigits(fraction)) {
		return
	}
	s.Plain++
	if point {
		s.Fractions++
	}
}

// Infer gives the type of a field that has none, neither by the job nor by a level, from its name, its tolerance and samples of all levels that hold it.
//
//	boolean    all values are true or false
//	date       all are days, as 2006-01-02 or 2006/1/2; eight digits may be anything
//	timestamp  all are days or days with a time, at least one with a time
//	decimal    all are plain numbers, at least one with a fraction, and the column is not called after codes (IsCode) or telephone numbers: 1.10 and 1.1
//	           may be two versions
//
// One value that does not fit, and it is text. Whole numbers are text: equal ones have equal texts, and 0731 is no number. A field with a tolerance is
// measured, so that nine of ten values are enough, whatever its name: a duration makes it a timestamp, a number a date where most values are days and
// else a decimal. With no values at all it is what the tolerance is for.
func Infer(name string, tolerance Tolerance, samples []Sample) Type {
	if !tolerance.IsZero() {
		return inferMeasured(tolerance, samples)
	}
	var all Sample
	for _, s := range samples {
		all.Present += s.Present
		all.Bools += s.Bools
		all.Days += s.Days
		all.Times += s.Times
		all.Plain += s.Plain
		all.Fractions += s.Fractions
	}
	switch all.Present {
	case 0:
		return String
	case all.Bools:
		return Bool
	case all.Days:
		return Date
	case all.Times:
		return Timestamp
	case all.Plain:
		if all.Fractions > 0 && !IsCode(name) && GuessByName(name) != Phone {
			return Decimal
		}
	}
	return String
}

func inferMeasured(tolerance Tolerance, samples []Sample) Type {
	empty := !slices.ContainsFunc(samples, func(s Sample) bool { return s.Present > 0 })
	fits := func(typ Type, count func(Sample) int) bool {
		_, err := ParseTolerance(tolerance.text, typ)
		return err == nil && (empty || most(samples, count))
	}
	switch {
	case fits(Timestamp, func(s Sample) int { return s.Times }):
		return Timestamp
	case !empty && fits(Date, func(s Sample) int { return s.Days }):
		return Date
	case fits(Decimal, func(s Sample) int { return s.Numbers }):
		return Decimal
	}
	return String
}

// Words that stand in the names of columns of identifiers, codes and versions, the ends of such words, and what such names have in Chinese.
var (
	codeWords = []string{"id", "ids", "idcard", "idno", "userid", "personid", "patientid", "residentid", "recordid", "orderid", "key", "no", "nr", "num",
		"line", "seq", "sequence", "serial", "ver", "rev", "revision", "release", "icd", "zip", "ip"}
	codeEnds  = []string{"code", "codes", "number", "version"}
	codeParts = []string{"号", "编码", "代码", "序", "版本", "邮编"}
)

// IsCode tells whether a column is called after identifiers, codes or versions, whose digits are names and no quantities.
func IsCode(name string) bool {
	code := func(word string) bool {
		return slices.Contains(codeWords, word) || slices.ContainsFunc(codeEnds, func(end string) bool { return strings.HasSuffix(word, end) })
	}
	return slices.ContainsFunc(wordsOf(name), code) || slices.ContainsFunc(codeParts, func(part string) bool { return strings.Contains(name, part) })
}

// wordsOf gives the words of a name in lower case: order_no, orderNo, OrderNo, ORDER-NO.
func wordsOf(name string) []string {
	var spaced strings.Builder
	before := ' '
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r):
			r = ' ' // numbered ones too: code2
		case unicode.IsUpper(r) && unicode.IsLower(before):
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(unicode.ToLower(r))
		before = r
	}
	return strings.Fields(spaced.String())
}
