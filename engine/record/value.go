package record

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// value is a canonical value: nothing shows any more how its level stored it, so that two values of a field are equal exactly if these are. It
// is what is hashed, and what is compared where hashes are not trusted.
type value struct {
	form form
	num  uint64 // number, float, decimal (unscaled), instant (seconds)
	more int64  // decimal (scale), instant (nanoseconds)
	text []byte // the others; it lasts as long as what it was read from, or until the valuer reads the next
}

// form says what a value is.
type form byte

const (
	nullForm    form = iota
	textForm         // a text in a field of texts
	strayForm        // a text that does not read as the type of its field, or that is empty and no null
	numberForm       // an integer, a packed resident ID, a truth value, a day since 1970
	floatForm        // the bits of a float, with one zero and one NaN
	instantForm      // seconds since 1970 and 0 to 999,999,999 nanoseconds
	decimalForm      // num·10^-more without trailing zeros, up to 18 digits
	digitsForm       // a longer decimal
)

func numbered(x uint64) value { return value{form: numberForm, num: x} }

func floating(f float64) value { return value{form: floatForm, num: hashFloat(f)} }

func instant(sec, nsec int64) value { return value{form: instantForm, num: uint64(sec), more: nsec} }

func truth(b bool) value {
	if b {
		return numbered(1)
	}
	return numbered(0)
}

// shortDecimal gives unscaled·10^-scale.
func shortDecimal(unscaled int64, scale int32) value {
	unscaled, scale = reduced(unscaled, scale)
	return value{form: decimalForm, num: uint64(unscaled), more: int64(scale)}
}

// reduced gives unscaled·10^-scale in the form without trailing zeros.
func reduced(unscaled int64, scale int32) (int64, int32) {
	if unscaled == 0 {
		scale = 0
	}
	for unscaled != 0 && unscaled%10 == 0 {
		unscaled /= 10
		scale--
	}
	return unscaled, scale
}

// hash is the value hash.
func (x value) hash() uint64 {
	switch x.form {
	case nullForm:
		return nullHash
	case textForm:
		return xxhash.Sum64(x.text)
	case strayForm:
		return Mix(xxhash.Sum64(x.text) ^ domainText)
	case instantForm:
		return hashTime(int64(x.num), x.more)
	case decimalForm:
		return hashDecimal(int64(x.num), int32(x.more))
	case digitsForm:
		return xxhash.Sum64(x.text) ^ domainDecimal
	}
	return x.num
}

// append writes the value so that two are equal exactly if their bytes are.
func (x value) append(dst []byte) []byte {
	dst = append(dst, byte(x.form))
	switch x.form {
	case numberForm, floatForm:
		return binary.AppendUvarint(dst, x.num)
	case instantForm, decimalForm:
		return binary.AppendVarint(binary.AppendVarint(dst, int64(x.num)), x.more)
	}
	return append(dst, x.text...)
}

// valueOf reads what append wrote.
func valueOf(b []byte) value {
	x := value{form: form(b[0])}
	switch b = b[1:]; x.form {
	case numberForm, floatForm:
		x.num, _ = binary.Uvarint(b)
	case instantForm, decimalForm:
		num, n := binary.Varint(b)
		x.num = uint64(num)
		x.more, _ = binary.Varint(b[n:])
	default:
		x.text = b
	}
	return x
}
