package record

import (
	"bytes"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// valuer turns the values of a column into value hashes as one type. Native layouts of the type have a loop of their own;
// everything else goes by way of its text.
type valuer struct {
	typ   Type
	canon *canon // nil: texts are as they are, and the empty one is null
	seed  *Seed  // nil: XXH64
	buf   []byte // scratch for texts
	num   []byte // scratch for digits
	bytes []byte // scratch for value.append

	row      int   // the row that values is at
	unparsed []int // rows, null ones perhaps too, that do not read as the type and so are compared as text
}

// source says whose text it is that is read as a type.
type source bool

const (
	held source = false // the column holds text
	own  source = true  // a number, a date, an instant was written out (AppendText)
)

// values sets out[i] to the value hash of row i; for null rows the result means nothing. len(out) is arr.Len().
func (v *valuer) values(arr arrow.Array, out []uint64) {
	if v.seed != nil {
		v.each(arr, out)
		return
	}
	if t, ok := textsOf(arr); ok {
		v.texts(&t, arr, out)
		return
	}
	if v.byText() {
		v.each(arr, out)
		return
	}
	switch a := arr.(type) {
	case *array.Int8:
		ints(v, a.Int8Values(), out)
	case *array.Int16:
		ints(v, a.Int16Values(), out)
	case *array.Int32:
		ints(v, a.Int32Values(), out)
	case *array.Int64:
		ints(v, a.Int64Values(), out)
	case *array.Uint8:
		ints(v, a.Uint8Values(), out)
	case *array.Uint16:
		ints(v, a.Uint16Values(), out)
	case *array.Uint32:
		ints(v, a.Uint32Values(), out)
	case *array.Float32:
		if v.typ != Float {
			v.each(arr, out)
			return
		}
		for i, x := range a.Float32Values() {
			out[i] = hashFloat(float64(x))
		}
	case *array.Float64:
		if v.typ != Float {
			v.each(arr, out)
			return
		}
		for i, x := range a.Float64Values() {
			out[i] = hashFloat(x)
		}
	case *array.Decimal128:
		scale := a.DataType().(*arrow.Decimal128Type).Scale
		for i, x := range a.Values() {
			if lo := int64(x.LowBits()); v.typ == Decimal && x.HighBits() == lo>>63 {
				out[i] = v.hash64(lo, scale)
			} else if a.IsValid(i) {
				v.row = i
				out[i] = v.at(arr, i).hash()
			}
		}
	case *array.Date32:
		for i, x := range a.Date32Values() {
			if v.typ == Date {
				out[i] = uint64(int64(x))
				continue
			}
			v.row = i
			out[i] = v.date(int64(x)).hash()
		}
	case *array.Timestamp:
		if v.typ == Timestamp {
			hashTimes(a.TimestampValues(), a.DataType().(*arrow.TimestampType).Unit, out)
			return
		}
		for i := range out {
			if a.IsValid(i) {
				v.row = i
				out[i] = v.at(arr, i).hash()
			}
		}
	case *array.Null:
	default:
		v.each(arr, out)
	}
}

// byText tells whether typed values have to go by way of their text to be canonical.
func (v *valuer) byText() bool { return v.canon != nil && v.canon.byText }

// each goes value by value.
func (v *valuer) each(arr arrow.Array, out []uint64) {
	for i := range out {
		if arr.IsValid(i) {
			v.row = i
			out[i] = v.hash(v.at(arr, i))
		}
	}
}

// hash gives the value hash of a value.
func (v *valuer) hash(x value) uint64 {
	if v.seed == nil || x.form == nullForm {
		return x.hash()
	}
	v.bytes = x.append(v.bytes[:0])
	return v.seed.value(v.bytes)
}

// at gives the value of row i, which is not null. Its hash agrees with values.
func (v *valuer) at(arr arrow.Array, i int) value {
	arr, i = plain(arr, i)
	if t, ok := textsOf(arr); ok {
		return v.text(t.at(i), held)
	}
	if v.byText() {
		v.buf, _ = AppendText(v.buf[:0], arr, i)
		if v.typ == String {
			return v.text(v.buf, own)
		}
		if w, ok := v.canon.lookUp(v.buf); ok {
			return v.word(w, own)
		}
	}
	switch a := arr.(type) {
	case *array.Float32:
		if v.typ == Float {
			return floating(float64(a.Value(i)))
		}
	case *array.Date32:
		return v.date(int64(a.Value(i)))
	case *array.Decimal128:
		if lo := int64(a.Value(i).LowBits()); v.typ == Decimal && a.Value(i).HighBits() == lo>>63 {
			return v.decimal64(lo, a.DataType().(*arrow.Decimal128Type).Scale)
		}
	case *array.Int32:
		if v.typ == Int {
			return numbered(uint64(a.Value(i)))
		}
	case *array.Int64:
		if v.typ == Int {
			return numbered(uint64(a.Value(i)))
		}
	case *array.Timestamp:
		if v.typ == Timestamp {
			return instant(splitTime(int64(a.Value(i)), a.DataType().(*arrow.TimestampType).Unit))
		}
	}
	v.buf, _ = AppendText(v.buf[:0], arr, i)
	return v.text(v.buf, own)
}

// ints hashes integers of any size as v.typ.
func ints[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](v *valuer, values []T, out []uint64) {
	switch v.typ {
	case Int:
		for i, x := range values {
			out[i] = uint64(x)
		}
	case Decimal:
		for i, x := range values {
			out[i] = v.hash64(int64(x), 0)
		}
	default:
		for i, x := range values {
			v.row = i
			v.buf = strconv.AppendInt(v.buf[:0], int64(x), 10)
			out[i] = v.text(v.buf, own).hash()
		}
	}
}

// texts hashes a column of texts as v.typ. arr is nil if no row is null.
func (v *valuer) texts(t *texts, arr arrow.Array, out []uint64) {
	if v.typ == String && v.canon == nil {
		t.hashes(arr, out) // nullHash for the empty one
		return
	}
	nulls := arr != nil && arr.NullN() > 0
	plain := v.typ == String && v.canon != nil && v.canon.list == 0
	if plain {
		t.hashes(arr, out)
	}
	for i := 0; i < len(out); i++ {
		if plain && t.views != nil {
			if i += v.canon.viewsAsTheyAre(t.views[i*viewSize : len(out)*viewSize]); i == len(out) {
				break
			}
		}
		if nulls && arr.IsNull(i) {
			continue
		}
		b := t.at(i)
		if plain && v.canon.asItIs(b) {
			continue
		}
		if v.canon == nil {
			var ok bool
			if out[i], ok = quick(v.typ, b); ok {
				continue
			}
		}
		v.row = i
		out[i] = v.text(b, held).hash()
	}
}

// text gives the value of a text.
func (v *valuer) text(b []byte, whose source) value {
	if v.canon != nil {
		b, null := v.canon.text(b)
		return v.word(word{to: b, null: null}, whose)
	}
	return v.read(b, whose)
}

// word gives the value of a canonical text or null.
func (v *valuer) word(w word, whose source) value {
	if w.null {
		return value{}
	}
	return v.read(w.to, whose)
}

// read gives the value of a canonical text; one that does not read as v.typ is compared as text.
func (v *valuer) read(b []byte, whose source) value {
	switch v.typ {
	case String:
		switch {
		case len(b) > 0:
			return value{form: textForm, text: b}
		case v.canon != nil:
			return value{form: strayForm} // an empty text that is no null
		}
		return value{}
	case CNID:
		if packed, _, ok := PackID(b); ok {
			return numbered(packed)
		}
		b = trimSpace(b)
	case Int:
		if x, canon, ok := parseInt(b); ok {
			if canon != nil {
				return value{form: strayForm, text: canon}
			}
			return numbered(uint64(x))
		}
	case Decimal:
		var d decimal
		var ok bool
		if d, v.num, ok = parseDecimal(b, v.num); ok {
			return v.decimal(d)
		}
	case Float:
		if f, ok := parseFloat(b); ok {
			return floating(f)
		}
	case Bool:
		if x, ok := parseBool(b); ok {
			return truth(x)
		}
	case Date:
		if sec, nsec, ok := v.canon.time(b, whose); ok && nsec == 0 && sec%secondsPerDay == 0 {
			return numbered(uint64(sec / secondsPerDay))
		}
	case Timestamp:
		if sec, nsec, ok := v.canon.time(b, whose); ok {
			return instant(sec, nsec)
		}
	}
	if len(b) == 0 && v.canon.emptyIsNull() {
		return value{} // by default, or a blank in place of an ID
	}
	v.unparsed = append(v.unparsed, v.row)
	return value{form: strayForm, text: b}
}

func (v *valuer) date(days int64) value {
	switch v.typ {
	case Date:
		return numbered(uint64(days))
	case Timestamp:
		return instant(days*secondsPerDay, 0)
	}
	v.buf = appendDate(v.buf[:0], days)
	return v.text(v.buf, own)
}

// maxShortDecimal bounds the digits of decimals that hash as integers; longer ones hash as text.
const maxShortDecimal = int64(1e18)

// decimal64 gives unscaled·10^-scale.
func (v *valuer) decimal64(unscaled int64, scale int32) value {
	if unscaled > -maxShortDecimal && unscaled < maxShortDecimal {
		return shortDecimal(unscaled, scale)
	}
	v.num = strconv.AppendInt(v.num[:0], unscaled, 10)
	digits, neg := sign(v.num)
	d := decimal{neg: neg, digits: digits, scale: scale}
	d.reduce()
	return v.decimal(d)
}

// hash64 gives the value hash of unscaled·10^-scale.
func (v *valuer) hash64(unscaled int64, scale int32) uint64 {
	if unscaled > -maxShortDecimal && unscaled < maxShortDecimal {
		return hashDecimal(reduced(unscaled, scale))
	}
	return v.decimal64(unscaled, scale).hash()
}

// decimal gives a reduced decimal, in agreement with decimal64.
func (v *valuer) decimal(d decimal) value {
	if len(d.digits) <= 18 {
		x, _ := digitsOf(d.digits)
		if d.neg {
			x = -x
		}
		return shortDecimal(x, d.scale)
	}
	v.buf = v.buf[:0]
	if d.neg {
		v.buf = append(v.buf, '-')
	}
	v.buf = append(v.buf, bytes.TrimLeft(d.digits, "0")...)
	v.buf = strconv.AppendInt(append(v.buf, 'e'), -int64(d.scale), 10)
	return value{form: digitsForm, text: v.buf}
}
