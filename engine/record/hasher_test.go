package record

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// build makes an array of a type from texts, "" for null, as array.Builder.AppendValueFromString reads them.
func build(t testing.TB, dt arrow.DataType, texts ...string) arrow.Array {
	t.Helper()
	b := array.NewBuilder(memory.DefaultAllocator, dt)
	defer b.Release()
	for _, s := range texts {
		if s == "" {
			b.AppendNull()
			continue
		}
		if v, ok := b.(*array.StringViewBuilder); ok {
			v.Append(s)
			continue
		}
		if v, ok := b.(*array.Decimal128Builder); ok {
			n, err := decimal128.FromString(s, 38, dt.(*arrow.Decimal128Type).Scale)
			if err != nil {
				t.Fatal(err)
			}
			v.Append(n)
			continue
		}
		if err := b.AppendValueFromString(s); err != nil {
			t.Fatalf("%s: %v", dt, err)
		}
	}
	return b.NewArray()
}

var (
	text   = arrow.BinaryTypes.String
	views  = arrow.BinaryTypes.StringView
	dict   = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	micros = &arrow.TimestampType{Unit: arrow.Microsecond}
	millis = &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
	dec1   = &arrow.Decimal128Type{Precision: 10, Scale: 1}
	dec3   = &arrow.Decimal128Type{Precision: 38, Scale: 3}
)

func canonical(h *Hasher, arr arrow.Array, i int) []byte {
	c := h.Canonicals(arr)
	return c.Append(nil, i)
}

// TestSameValue holds values that mean the same, from any Arrow type or text, to one hash, and others to another.
func TestSameValue(t *testing.T) {
	type value struct {
		dt   arrow.DataType
		text string
	}
	for _, c := range []struct {
		typ   Type
		name  string
		a, b  value
		equal bool
	}{
		{String, "layouts", value{text, "a longer text than twelve"}, value{views, "a longer text than twelve"}, true},
		{String, "short layouts", value{text, "short"}, value{views, "short"}, true},
		{String, "dictionary", value{text, "阴性"}, value{dict, "阴性"}, true},
		{String, "007 is not 7", value{text, "007"}, value{text, "7"}, false},
		{String, "number beside text", value{text, "7"}, value{arrow.PrimitiveTypes.Int32, "7"}, true},
		{String, "1.0 is not 1.00 as text", value{text, "1.0"}, value{text, "1.00"}, false},
		{CNID, "x and X", value{text, "99010119900307003x"}, value{text, "99010119900307003X"}, true},
		{CNID, "wrong ones are text", value{text, "ABC"}, value{text, " ABC"}, true},
		{Int, "sizes", value{arrow.PrimitiveTypes.Int8, "-5"}, value{arrow.PrimitiveTypes.Int64, "-5"}, true},
		{Int, "text", value{arrow.PrimitiveTypes.Int16, "7"}, value{text, "007"}, true},
		{Int, "unsigned", value{arrow.PrimitiveTypes.Uint64, "18446744073709551615"}, value{text, "18446744073709551615"}, true},
		{Int, "unsigned is not its complement", value{arrow.PrimitiveTypes.Uint64, "18446744073709551615"}, value{arrow.PrimitiveTypes.Int64, "-1"}, false},
		{Int, "34 places", value{text, "1234567890123456789012345678901234"}, value{text, "1234567890123456789012345678901235"}, false},
		{Int, "not a number", value{text, "seven"}, value{text, "seven"}, true},
		{Decimal, "scales", value{dec1, "36.5"}, value{dec3, "36.500"}, true},
		{Decimal, "text", value{dec1, "36.5"}, value{text, "36.50"}, true},
		{Decimal, "exponent", value{dec1, "1000"}, value{text, "1e3"}, true},
		{Decimal, "exponents", value{text, "12.50e-1"}, value{text, "1.25E+0"}, true},
		{Decimal, "exponents beside long digits", value{text, "1000000000000000000000000000001e3"}, value{text, "1000000000000000000000000000002e3"}, false},
		{Decimal, "no decimal", value{text, "0x1p3"}, value{text, "8"}, false},
		{Decimal, "integer", value{arrow.PrimitiveTypes.Int32, "120"}, value{dec1, "120.0"}, true},
		{Decimal, "negative zero", value{text, "-0.00"}, value{text, "0"}, true},
		{Decimal, "34 places", value{text, "1234567890123456789012345678901.234"}, value{dec3, "1234567890123456789012345678901.234"}, true},
		{Decimal, "34 places, the last one off", value{text, "1234567890123456789012345678901.235"}, value{dec3, "1234567890123456789012345678901.234"}, false},
		{Decimal, "19 digits that reduce", value{text, "1000000000000000000.0"}, value{text, "1000000000000000000"}, true},
		{Decimal, "int64 of 19 digits", value{arrow.PrimitiveTypes.Int64, "1234567890123456789"}, value{text, "1234567890123456789.0"}, true},
		{Decimal, "sign", value{text, "-1.5"}, value{text, "1.5"}, false},
		{Decimal, "scale", value{text, "15"}, value{text, "1.5"}, false},
		{Float, "widths", value{arrow.PrimitiveTypes.Float32, "0.5"}, value{arrow.PrimitiveTypes.Float64, "0.5"}, true},
		{Float, "text", value{arrow.PrimitiveTypes.Float64, "0.1"}, value{text, "1e-1"}, true},
		{Float, "negative zero", value{arrow.PrimitiveTypes.Float64, "-0"}, value{arrow.PrimitiveTypes.Float64, "0"}, true},
		{Float, "NaN", value{arrow.PrimitiveTypes.Float64, "NaN"}, value{text, "nan"}, true},
		{Bool, "text", value{arrow.FixedWidthTypes.Boolean, "true"}, value{text, "TRUE"}, true},
		{Bool, "false", value{arrow.FixedWidthTypes.Boolean, "false"}, value{arrow.FixedWidthTypes.Boolean, "true"}, false},
		{Date, "text", value{arrow.FixedWidthTypes.Date32, "2022-11-02"}, value{text, "2022-11-02"}, true},
		{Date, "slashes", value{arrow.FixedWidthTypes.Date32, "2022-11-02"}, value{text, "2022/11/2"}, true},
		{Date, "needless zeros", value{text, "2022-1-2"}, value{text, "2022-01-02"}, true},
		{Date, "a slash and a hyphen", value{text, "2022-11/02"}, value{text, "2022-11-02"}, false},
		{Date, "three digits", value{text, "2022-011-02"}, value{text, "2022-11-02"}, false},
		{Date, "milliseconds", value{arrow.FixedWidthTypes.Date32, "1960-02-29"}, value{arrow.FixedWidthTypes.Date64, "1960-02-29"}, true},
		{Date, "no such day", value{text, "2022-02-30"}, value{text, "2022-03-02"}, false},
		{Date, "midnight", value{arrow.FixedWidthTypes.Date32, "2022-11-02"}, value{text, "2022-11-02 00:00:00"}, true},
		{Timestamp, "units", value{micros, "2022-11-02 10:20:30"}, value{millis, "2022-11-02 10:20:30"}, true},
		{Timestamp, "before 1970", value{micros, "1969-12-31 23:59:59.5"}, value{text, "1969-12-31T23:59:59.500Z"}, true},
		{Timestamp, "zone", value{millis, "2022-11-02 02:20:30"}, value{text, "2022-11-02T10:20:30+08:00"}, true},
		{Timestamp, "slashes", value{micros, "2022-11-02 09:20:30"}, value{text, "2022/11/2 9:20:30"}, true},
		{Timestamp, "date", value{arrow.FixedWidthTypes.Date32, "2022-11-02"}, value{micros, "2022-11-02"}, true},
		{Timestamp, "a microsecond", value{text, "2022-11-02 10:20:30.000001"}, value{millis, "2022-11-02 10:20:30"}, false},
		{String, "null and null", value{text, ""}, value{arrow.PrimitiveTypes.Int32, ""}, true},
		{Int, "null is not 0", value{arrow.PrimitiveTypes.Int32, ""}, value{arrow.PrimitiveTypes.Int32, "0"}, false},
	} {
		a, b := build(t, c.a.dt, c.a.text), build(t, c.b.dt, c.b.text)
		ha, hb := NewHasher(c.typ, Canon{}, 3), NewHasher(c.typ, Canon{}, 3)
		for what, seed := range map[string]*Seed{"with a seed": NewSeed(64, 64), "without": nil} {
			ha.Use(seed)
			hb.Use(seed)
			if equal := ha.At(a, 0) == hb.At(b, 0); equal != c.equal {
				t.Errorf("%s, %s, %s: equal is %v", c.typ, c.name, what, equal)
			}
			for _, arr := range []arrow.Array{a, b} {
				if hash, null := ha.Of(canonical(ha, arr, 0)); hash != ha.At(arr, 0) || null != arr.IsNull(0) {
					t.Errorf("%s, %s, %s, %s: Of and At disagree", c.typ, c.name, what, arr.DataType())
				}
			}
		}
		ha.Use(nil)
		if equal := bytes.Equal(canonical(ha, a, 0), canonical(hb, b, 0)); equal != c.equal {
			t.Errorf("%s, %s: as canonical values equal is %v", c.typ, c.name, equal)
		}
		for _, arr := range []arrow.Array{a, b} {
			fp, syn := []uint64{0}, []uint64{0}
			ha.Add(arr, fp, syn)
			if fp[0] != ha.At(arr, 0) {
				t.Errorf("%s, %s, %s: Add and At disagree", c.typ, c.name, arr.DataType())
			}
			if syn[0] != WeightsOf(3, math.MaxUint64).Syndrome(fp[0]) {
				t.Errorf("%s, %s, %s: the syndrome is not that of the hash", c.typ, c.name, arr.DataType())
			}
		}
	}
}

// TestAddAgreesWithAt compares the column-wise and the value-wise path on random columns of all types, with nulls, in slices.
func TestAddAgreesWithAt(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	samples := map[arrow.DataType]func() string{
		text:                          func() string { return fmt.Sprint(rng.IntN(50), " 号") },
		views:                         func() string { return fmt.Sprintf("%0*d", 1+rng.IntN(20), rng.IntN(50)) },
		dict:                          func() string { return fmt.Sprint(rng.IntN(5)) },
		arrow.PrimitiveTypes.Int32:    func() string { return fmt.Sprint(rng.Int32()) },
		arrow.PrimitiveTypes.Uint64:   func() string { return fmt.Sprint(rng.Uint64()) },
		arrow.PrimitiveTypes.Float32:  func() string { return fmt.Sprint(rng.Float32()) },
		arrow.PrimitiveTypes.Float64:  func() string { return fmt.Sprint(rng.NormFloat64()) },
		arrow.FixedWidthTypes.Boolean: func() string { return fmt.Sprint(rng.IntN(2) == 0) },
		arrow.FixedWidthTypes.Date32:  func() string { return fmt.Sprintf("20%02d-%02d-11", rng.IntN(100), 1+rng.IntN(12)) },
		micros: func() string {
			return fmt.Sprintf("20%02d-03-04 05:06:%02d.%06d", rng.IntN(100), rng.IntN(60), rng.IntN(1e6))
		},
		dec1:                           func() string { return fmt.Sprintf("%d.%d", rng.IntN(100000)-50000, rng.IntN(10)) },
		dec3:                           func() string { return fmt.Sprintf("%d%018d.%03d", rng.IntN(100), rng.Int64N(1e18), rng.IntN(1000)) },
		arrow.FixedWidthTypes.Time64us: func() string { return fmt.Sprintf("05:06:%02d", rng.IntN(60)) },
	}
	for dt, sample := range samples {
		for typ := String; typ < numTypes; typ++ {
			texts := make([]string, 200)
			for i := range texts {
				if rng.IntN(5) > 0 {
					texts[i] = sample()
				}
			}
			arr := build(t, dt, texts...)
			for n, arr := range []arrow.Array{arr, array.NewSlice(arr, 13, 151), arr} {
				h := NewHasher(typ, Canon{}, 1)
				if n == 2 {
					h.Use(NewSeed(64, 64))
				}
				fp, syn := make([]uint64, arr.Len()), make([]uint64, arr.Len())
				h.Add(arr, fp, syn)
				for i := range fp {
					if fp[i] != h.At(arr, i) || syn[i] != WeightsOf(1, math.MaxUint64).Syndrome(fp[i]) {
						t.Fatalf("%s as %s: row %d of %d: Add and At disagree", dt, typ, i, arr.Len())
					}
					if hash, null := h.Of(canonical(h, arr, i)); hash != fp[i] || null != (fp[i] == NullHash(1)) {
						t.Fatalf("%s as %s: row %d of %d: Add and Of disagree", dt, typ, i, arr.Len())
					}
				}
				h.Release()
			}
		}
	}
}

// TestTextReadsBack holds that the text shown for a typed value means that value.
func TestTextReadsBack(t *testing.T) {
	for _, c := range []struct {
		dt       arrow.DataType
		in, want string
	}{
		{arrow.PrimitiveTypes.Int8, "-5", "-5"},
		{arrow.PrimitiveTypes.Uint64, "18446744073709551615", "18446744073709551615"},
		{arrow.PrimitiveTypes.Float32, "0.1", "0.1"},
		{arrow.PrimitiveTypes.Float64, "1e21", "1e+21"},
		{arrow.FixedWidthTypes.Boolean, "true", "true"},
		{arrow.FixedWidthTypes.Date32, "1969-12-31", "1969-12-31"},
		{arrow.FixedWidthTypes.Date64, "1969-12-31", "1969-12-31"},
		{micros, "1969-12-31 23:59:59.5", "1969-12-31 23:59:59.5"},
		{micros, "2022-11-02 10:20:30", "2022-11-02 10:20:30"},
		{millis, "2022-11-02 10:20:30.25", "2022-11-02 10:20:30.25Z"},
		{dec1, "36.5", "36.5"},
		{dec3, "36.5", "36.500"},
		{dec3, "-0.001", "-0.001"},
		{dec3, "-12.3", "-12.300"},
		{dec3, "0", "0.000"},
		{dec3, "12345678901234567890.123", "12345678901234567890.123"},
		{arrow.FixedWidthTypes.Time32s, "05:06:07", "05:06:07"},
		{text, "文", "文"},
		{dict, "文", "文"},
		{views, "a text of more than twelve bytes", "a text of more than twelve bytes"},
	} {
		got, ok := AppendText(nil, build(t, c.dt, c.in), 0)
		if !ok || string(got) != c.want {
			t.Errorf("%s: got %q, want %q", c.dt, got, c.want)
		}
	}
	b := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	b.Append([]byte{0xff, 0})
	if got, _ := AppendText(nil, b.NewArray(), 0); string(got) != "0xff00" {
		t.Errorf("bytes: got %q", got)
	}
	if _, ok := AppendText(nil, build(t, dict, ""), 0); ok {
		t.Error("a null has a text")
	}
}

// TestInputIsReadOnly holds that hashing the text of a decimal leaves the text as it is.
func TestInputIsReadOnly(t *testing.T) {
	arr := build(t, text, "99999999999999999999", "1234567890.5", "15")
	h := NewHasher(Decimal, Canon{}, 0)
	for range 3 {
		h.Add(arr, make([]uint64, 3), make([]uint64, 3))
		for i := range 3 {
			h.At(arr, i)
		}
	}
	for i, want := range []string{"99999999999999999999", "1234567890.5", "15"} {
		if got, _ := AppendText(nil, arr, i); string(got) != want {
			t.Errorf("row %d was overwritten", i)
		}
	}
}

// TestChanged tells of texts that were compared as other ones since it was asked last, be they entries of a dictionary that was seen before.
func TestChanged(t *testing.T) {
	trim := Canon{Steps: Trim}
	add := func(h *Hasher, arr arrow.Array) bool {
		h.Add(arr, make([]uint64, arr.Len()), make([]uint64, arr.Len()))
		return h.Changed()
	}
	for _, stored := range []arrow.DataType{text, views, dict} {
		h := NewHasher(String, trim, 0)
		plain, other := build(t, stored, "a", "b", "a"), build(t, stored, "a", " b", "a")
		for i, c := range []struct {
			arr  arrow.Array
			want bool
		}{{plain, false}, {other, true}, {other, true}, {plain, false}, {plain, false}, {other, true}} {
			if got := add(h, c.arr); got != c.want {
				t.Errorf("%s, column %d: changed is %v", stored, i, got)
			}
		}
		h.Release()
	}
}
