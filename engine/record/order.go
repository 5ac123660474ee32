package record

import (
	"math/bits"
	"strconv"
)

// Order gives a number for a key of which Append works: of two texts the lesser one never has the greater number. Where two have the same, the
// texts must be compared.
func (t KeyText) Order(k Key) uint64 {
	switch {
	case t.typ == CNID && k.Lo&internedID != 0:
		return orderOfID(t.intern.text(k.Lo &^ internedID))
	case t.typ == CNID:
		return k.Lo
	case k.Hi != 0:
		return orderOfInt(t.intern.text(k.Lo))
	case int64(k.Lo) < 0:
		return leadingOf(-k.Lo)
	default:
		return leadingOf(k.Lo) | notNegative
	}
}

// OrderOfInt gives what Order gives for the key of a column of integers with a canonical text.
func OrderOfInt(text []byte) uint64 {
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return KeyText{typ: Int}.Order(Key{Lo: uint64(n)})
	}
	return orderOfInt(string(text))
}

// notNegative is set in the order of whole numbers and of texts behind "-".
const notNegative = 1 << 60

// orderOfID puts a text that is no resident ID among packed ones.
func orderOfID(text string) uint64 {
	number, rest, beyond := leading(text, 17)
	switch {
	case rest < "0" && !beyond:
		return number * 11
	case beyond || rest[0] > '9':
		return number*11 + 10
	}
	return number*11 + uint64(rest[0]-'0')
}

// orderOfInt puts a text that is no number of 64 bits among such.
func orderOfInt(text string) uint64 {
	switch {
	case text < "-":
		return 0
	case text[0] == '-':
		number, _, _ := leading(text[1:], leadingDigits)
		return number
	case text < "0":
		return notNegative
	}
	number, _, _ := leading(text, leadingDigits)
	return number | notNegative
}

// leadingDigits is how many digits of a number are looked at.
const leadingDigits = 18

// leadingOf gives what leading gives for the text of a number.
func leadingOf(n uint64) uint64 {
	digits := bits.Len64(n) * 1233 >> 12 // or one more: 1233 / 4096 is the logarithm of 2
	if n >= powers[digits] {
		digits++
	}
	if digits > leadingDigits {
		return n / powers[digits-leadingDigits]
	}
	return n * powers[leadingDigits-digits]
}

var powers = func() (p [20]uint64) {
	p[0] = 1
	for i := range p[1:] {
		p[i+1] = 10 * p[i]
	}
	return p
}()

// leading gives the number that the first n characters of a text spell. What comes before "0", as the end of the text does, counts as zeroes
// to the end, and what comes behind "9" as nines to the end and is beyond. What follows the n characters is the rest.
func leading(text string, n int) (number uint64, rest string, beyond bool) {
	for i := range n {
		switch {
		case i == len(text) || text[i] < '0':
			return number * powers[n-i], "", false
		case text[i] > '9':
			return number*powers[n-i] + powers[n-i] - 1, "", true
		}
		number = 10*number + uint64(text[i]-'0')
	}
	return number, text[n:], false
}
