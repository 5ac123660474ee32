package record

import (
	"bytes"
	"cmp"
	"math/big"
)

// Compare orders the texts of two values as a type: times by when they are, numbers by what they are, other texts by their bytes.
// A text that does not read as the type comes before all that do. -1: a is less, 0: neither, 1: a is greater.
func Compare(typ Type, a, b []byte) int {
	switch typ {
	case Date, Timestamp:
		x, okX := ParseTime(bytes.TrimSpace(a))
		y, okY := ParseTime(bytes.TrimSpace(b))
		if c := cmp.Or(compareBool(okX, okY), x.Compare(y)); c != 0 || okX {
			return c
		}
	case Int, Decimal, Float:
		x, okX := number(a)
		y, okY := number(b)
		if c := compareBool(okX, okY); c != 0 {
			return c
		}
		if okX {
			return x.Cmp(y)
		}
	}
	return bytes.Compare(a, b)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// number reads a decimal number exactly.
func number(text []byte) (*big.Rat, bool) {
	text = bytes.TrimSpace(text)
	if _, _, ok := parseDecimal(text, nil); !ok {
		return nil, false
	}
	return new(big.Rat).SetString(string(bytes.TrimPrefix(text, []byte{'+'})))
}
