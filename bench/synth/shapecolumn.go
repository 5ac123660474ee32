package synth

import (
	"math"
	"math/bits"
	"strconv"
	"sync"
	"unicode/utf8"
)

// shapeColumn makes the values of a column. A value is a number below distinct; what it looks like follows from it.
type shapeColumn struct {
	*Column
	salt     uint64
	distinct uint64
	nulls    uint64 // of 2^32
	digits   int    // of the part of a text that tells values apart
	dict     bool   // few values: stored with a dictionary
}

// noValue is null.
const noValue = math.MaxUint64

// mostInDictionary is the number of values up to which a Parquet column gets a dictionary, as writers do.
const mostInDictionary = 20000

// dictionaryBytes is what a dictionary of texts has at most.
const dictionaryBytes = 1 << 20

func newShapeColumn(c *Column, records, salt uint64) shapeColumn {
	n := c.Distinct
	if n < 1 {
		n *= float64(records)
	}
	s := shapeColumn{Column: c, salt: salt, distinct: uint64(max(2, math.Round(n))), nulls: uint64(c.Nulls * (1 << 32))}
	if c.Type == "boolean" {
		s.distinct = 2
	}
	s.digits = max(1, (bits.Len64(s.distinct-1)+4)/5)
	s.dict = s.distinct <= mostInDictionary && float64(s.distinct)*c.Width <= dictionaryBytes
	return s
}

// value is that of record r.
func (c *shapeColumn) value(r uint64) uint64 {
	h := mix(c.salt + r*golden)
	if h&(1<<32-1) < c.nulls {
		return noValue
	}
	hi, _ := bits.Mul64(mix(h), c.distinct)
	return hi
}

// other is a value that is not v.
func (c *shapeColumn) other(v uint64) uint64 {
	if v == noValue {
		return 0
	}
	return (v + 1) % c.distinct
}

// Fragments that texts are put together from: they repeat, as words and parts of addresses do.
var fragments = sync.OnceValue(makeFragments)

func makeFragments() (all [2][]string) {
	for i := range 256 {
		h := mix(uint64(i + 1))
		word := ""
		for range 3 + h%4 {
			h = mix(h)
			word += string(rune('a' + h%26))
		}
		all[0] = append(all[0], word)
		all[1] = append(all[1], surnames[i%len(surnames)]+givens[int(h%uint64(len(givens)))])
	}
	return all
}

const base32Digits = "0123456789abcdefghijklmnopqrstuv"

// appendText gives a value as text of about the column's width.
func (c *shapeColumn) appendText(dst []byte, v uint64) []byte {
	switch c.Type {
	case "cn_id":
		w := row{id: v % maxRecords}
		return w.appendID(dst)
	case "int64":
		return strconv.AppendInt(dst, c.int(v), 10)
	case "decimal":
		return c.appendDecimal(dst, c.int(v))
	case "float":
		return strconv.AppendFloat(dst, c.float(v), 'g', -1, 64)
	case "boolean":
		return strconv.AppendBool(dst, v&1 == 1)
	case "date":
		return appendDate(dst, c.day(v))
	case "timestamp":
		return appendTime(dst, c.second(v))
	}
	return c.appendWords(dst, v)
}

// appendWords makes the text of a value: fragments, then the digits that tell it from others. Widths vary by a quarter either way.
func (c *shapeColumn) appendWords(dst []byte, v uint64) []byte {
	h := mix(v + c.salt)
	width := int(c.Width*(0.75+0.5*float64(h>>11)/(1<<53)) + 0.5)
	digits := min(c.digits, max(1, width))
	end := len(dst) + width - digits
	words := fragments()[0]
	if c.Wide {
		words = fragments()[1]
	}
	for len(dst) < end {
		h = mix(h + golden)
		dst = append(dst, words[h%uint64(len(words))]...)
	}
	for len(dst) > end { // a whole character at a time
		_, n := utf8.DecodeLastRune(dst)
		dst = dst[:len(dst)-n]
	}
	for i := digits - 1; i >= 0; i-- {
		dst = append(dst, base32Digits[v>>(5*uint(i))&31])
	}
	return dst
}

func (c *shapeColumn) int(v uint64) int64 { return int64(v) }

func (c *shapeColumn) float(v uint64) float64 { return float64(v) / 8 }

// day is a day since 1970, within some lifetimes.
func (c *shapeColumn) day(v uint64) int64 { return idFirstDay + int64(v%30000) }

// second is a second since 1970.
func (c *shapeColumn) second(v uint64) int64 { return firstTestDay*86400 + int64(v%(1<<30)) }

// appendDecimal gives an unscaled number as a decimal.
func (c *shapeColumn) appendDecimal(dst []byte, x int64) []byte {
	if c.Scale <= 0 {
		return strconv.AppendInt(dst, x, 10)
	}
	unit := int64(1)
	for range c.Scale {
		unit *= 10
	}
	dst = strconv.AppendInt(dst, x/unit, 10)
	return appendDigits(append(dst, '.'), uint64(x%unit), c.Scale)
}
