package record

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
)

// Sample counts what the first rows of a text column look like.
type Sample struct {
	Present int // values that are not null, not blank and no word for null
	IDs     int // of them valid resident IDs
	Phones  int // telephone numbers
	Names   int // at most 40 characters, none of them a digit

	// Of them, as they are: what reads as a type.
	Bools     int // true or false
	Days      int // a day without a time
	Times     int // a day, with or without a time
	Numbers   int // a decimal number
	Plain     int // of the numbers those that are written as numbers are, not as codes: no exponent, no needless zero before, digits around a point
	Fractions int // of the plain ones those with a point
}

// Take adds the first rows of a column of a field with some words for null (Canon.Nulls). A column that is not text adds nothing.
func (s *Sample) Take(arr arrow.Array, rows int, nulls []string) {
	n := newNormalizer(Width | Trim)
	for i := range min(rows, arr.Len()) {
		if isNull(arr, i) {
			continue
		}
		values, j := plain(arr, i)
		t, ok := textsOf(values)
		if !ok {
			return
		}
		held := t.at(j)
		b := n.apply(held)
		if len(b) == 0 || slices.Contains(nulls, string(held)) {
			continue
		}
		s.Present++
		s.takeTyped(held)
		if _, fault, ok := PackID(b); ok && fault == IDValid {
			s.IDs++
		}
		if isPhone(b) {
			s.Phones++
		}
		if utf8.RuneCount(b) <= 40 && !bytes.ContainsFunc(b, unicode.IsDigit) {
			s.Names++
		}
	}
}

// isPhone tells whether a text is a Chinese mobile or landline number, or a foreign one with its country code.
func isPhone(b []byte) bool {
	p := phone(nil, b)
	if mobile(p) {
		return true
	}
	rest, abroad := bytes.CutPrefix(p, []byte("+"))
	if !abroad && (len(p) < 10 || p[0] != '0') {
		return false
	}
	return len(rest) >= 7 && len(rest) <= 15 && onlyDigits(rest)
}

// Words that stand in the names of columns of phone numbers, and whole names of columns of persons' names.
var (
	phoneWords = []string{"phone", "phones", "phonenumber", "mobile", "mobilephone", "cellphone", "tel", "telephone"}
	phoneEnds  = []string{"电话", "电话号码", "手机", "手机号", "手机号码"}
	personName = []string{"name", "fullname", "personname", "patientname", "residentname", "名字", "xm"}
)

// Guess gives the steps of a text field whose steps are open, from its name and samples of the levels that hold it as text; at
// least one has a value. A guess needs both: the column is called after phone numbers and nine of ten values on every level
// are some (phone, which folds width too), or it is called after persons' names and nine of ten values could be some
// (trim, width, nfc). Otherwise it gives 0: values that are not the same stay different.
func Guess(name string, samples []Sample) Steps {
	steps := GuessByName(name)
	switch {
	case steps == Phone && most(samples, func(s Sample) int { return s.Phones }), steps != 0 && steps != Phone && most(samples, func(s Sample) int { return s.Names }):
		return steps
	}
	return 0
}

// GuessByName gives the steps that the name of a column alone suggests, 0 for none.
func GuessByName(name string) Steps {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '-' || r == '.' || unicode.IsSpace(r) })
	ends := func(suffix string) bool { return strings.HasSuffix(name, suffix) }
	switch {
	case slices.ContainsFunc(words, func(w string) bool { return slices.Contains(phoneWords, w) }) || slices.ContainsFunc(phoneEnds, ends):
		return Phone
	case slices.Contains(personName, strings.Join(words, "")) || ends("姓名"):
		return Trim | Width | NFC
	}
	return 0
}

// AreIDs tells whether nine of ten values on every level are valid resident IDs, and at least one is there.
func AreIDs(samples []Sample) bool { return most(samples, func(s Sample) int { return s.IDs }) }

// most tells whether nine of ten values of every sample count, and at least one value is there.
func most(samples []Sample, count func(Sample) int) bool {
	some := false
	for _, s := range samples {
		some = some || s.Present > 0
		if count(s)*10 < s.Present*9 {
			return false
		}
	}
	return some
}
