package enginetest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"golang.org/x/text/width"
)

// kind is a kind of values that fields are drawn from: a pool of values, each of which has a spelling in every stored type.
type kind struct {
	typ    record.Type
	stored []arrow.DataType
	spell  func(r *rand.Rand, n int, dt arrow.DataType) any // n: any number, taken round the pool
}

var (
	decimal2  = &arrow.Decimal128Type{Precision: 18, Scale: 2}
	decimal0  = &arrow.Decimal128Type{Precision: 38, Scale: 0}
	decimal4  = &arrow.Decimal128Type{Precision: 38, Scale: 4}
	secondsAt = &arrow.TimestampType{Unit: arrow.Second}
	millisAt  = &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
	microsAt  = &arrow.TimestampType{Unit: arrow.Microsecond}
	microsIn  = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "Asia/Shanghai"}
	nanosAt   = &arrow.TimestampType{Unit: arrow.Nanosecond}
)

// fieldKinds are the kinds of fields, one a canonical type.
var fieldKinds = []kind{
	{record.String, []arrow.DataType{arrow.BinaryTypes.String, arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.Binary, arrow.PrimitiveTypes.Int32}, spellString},
	{record.Int, []arrow.DataType{arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Uint8,
		arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64, arrow.BinaryTypes.String}, spellInt},
	{record.Decimal, []arrow.DataType{decimal2, decimal0, decimal4, arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String}, spellDecimal},
	{record.Float, []arrow.DataType{arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Int32, decimal2, arrow.BinaryTypes.String}, spellFloat},
	{record.Bool, []arrow.DataType{arrow.FixedWidthTypes.Boolean, arrow.BinaryTypes.String}, spellBool},
	{record.Date, []arrow.DataType{arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Date64, arrow.BinaryTypes.String}, spellDate},
	{record.Timestamp, []arrow.DataType{secondsAt, millisAt, microsAt, microsIn, nanosAt, arrow.FixedWidthTypes.Date32, arrow.BinaryTypes.String}, spellTimestamp},
	{record.CNID, []arrow.DataType{arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.PrimitiveTypes.Int64}, spellID},
}

// pick gives element n of a pool, round and round.
func pick[T any](pool []T, n int) T { return pool[n%len(pool)] }

var texts = []string{"", " ", "a", "A", "é", "e\u0301", "王小明", "王小名", "twelve bytes", "thirteen byte", "0xff", "\xff", "null", "x\x00y",
	strings.Repeat("long ", 60), strings.Repeat("long ", 60) + "!", strings.Repeat("字", 1500), "a,b\n\"c\"", "😀",
	"\u3000王小明", "王小明 ", "Ａ", "ａ", "É", "ｶﾞ", "カ\u3099", "①", "Li  Ming", "Li\u00a0Ming", "NULL", "无", "-", "男", "M",
	"a,b", "b, a", "b,,a,b ", ",", "No. 12", "１２", "12", "13800138000", "+86 138-0013-8000", "0086 13800138000", "(010) 6552-9988",
	"+86 10 65529988", "8613800138000转1", "+852 12345678", "０0852-12345678", "400 123 4567", "+864001234567"}

func spellString(r *rand.Rand, n int, dt arrow.DataType) any {
	if dt.ID() == arrow.INT32 {
		return int32(n % 4)
	}
	if n%5 == 0 {
		return strconv.Itoa(n % 4)
	}
	s := pick(texts, n)
	switch r.IntN(16) { // spellings that some rules fold
	case 0:
		return " " + s
	case 1:
		if utf8.ValidString(s) { // other bytes would become U+FFFD, which no step does
			return strings.ToUpper(s)
		}
	case 2:
		return width.Widen.String(s)
	}
	return s
}

var ints = []int64{0, 1, -1, 7, 127, -128, 255, 32767, 65535, 1 << 31, math.MaxInt64, math.MinInt64, 1e18, -1e18}

func spellInt(r *rand.Rand, n int, dt arrow.DataType) any {
	x := pick(ints, n)
	if dt.ID() != arrow.STRING {
		return integerOf(x, dt)
	}
	s := strconv.FormatInt(x, 10)
	switch r.IntN(8) {
	case 0:
		return strings.Repeat("0", r.IntN(20)) + strings.TrimPrefix(s, "-")
	case 1:
		return "+" + strings.TrimPrefix(s, "-")
	case 2:
		return pick([]string{"", "-", "x", " 7", "7 ", "1.0", "9223372036854775808", "-0", "00018446744073709551616", "１"}, r.IntN(10))
	}
	return s
}

// integerOf gives the low bits of x as a cell of an integer type.
func integerOf(x int64, dt arrow.DataType) any {
	switch dt.ID() {
	case arrow.INT8:
		return int8(x)
	case arrow.INT16:
		return int16(x)
	case arrow.INT32:
		return int32(x)
	case arrow.UINT8:
		return uint8(x)
	case arrow.UINT16:
		return uint16(x)
	case arrow.UINT32:
		return uint32(x)
	case arrow.UINT64:
		return uint64(x)
	}
	return x
}

var hundredths = []string{"0", "100", "150", "-7", "5", "-150", "123456789012", "10000", "99999999999999900", "100000000000000000"}

// hugeHundredths do not fit 64 bits; one has the low bits of a small one, one is an integer of 19 digits.
var hugeHundredths = []string{"18446744073709551716", "123456789012345678900", "99999999999999999999999999999900", "-12345678901234567890123456789000"}

func spellDecimal(r *rand.Rand, n int, dt arrow.DataType) any {
	digits := pick(hundredths, n)
	if n%6 == 0 && dt != decimal2 && dt.ID() != arrow.INT64 {
		digits = pick(hugeHundredths, n/6)
	}
	x, _ := new(big.Int).SetString(digits, 10)
	switch dt {
	case decimal2:
		return decimal128.FromBigInt(x)
	case decimal4:
		return decimal128.FromBigInt(x.Mul(x, big.NewInt(100)))
	}
	whole := new(big.Int).Quo(x, big.NewInt(100))
	switch dt {
	case decimal0:
		return decimal128.FromBigInt(whole)
	case arrow.PrimitiveTypes.Int64:
		return whole.Int64()
	}
	s := new(big.Rat).SetFrac(x, big.NewInt(100)).FloatString(2)
	switch r.IntN(8) {
	case 0:
		return s + strings.Repeat("0", r.IntN(30))
	case 1:
		return strings.TrimSuffix(strings.TrimSuffix(s, "0"), ".0")
	case 2:
		return strings.Replace(s, "0.", ".", 1)
	case 3:
		return "00" + strings.TrimPrefix(s, "-")
	case 4:
		return pick([]string{"", ".", "1.", "+", "-0.000", "1,50", " 1.5", "1.5 ", "NaN"}, r.IntN(9))
	}
	return s
}

var floats = []float64{0, math.Copysign(0, -1), 1, -1, 0.1, float64(float32(0.1)), 1e300, 1e21, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1), 1 << 53, 12345678.25}

func spellFloat(r *rand.Rand, n int, dt arrow.DataType) any {
	x := pick(floats, n)
	switch dt.ID() {
	case arrow.FLOAT64:
		if x != x && r.IntN(2) == 0 {
			return math.Float64frombits(0xfff8000000000001) // another NaN
		}
		return x
	case arrow.FLOAT32:
		return float32(x)
	case arrow.INT32:
		return int32(n % 3)
	case arrow.DECIMAL128:
		return decimal128.FromI64(int64(n%3) * 50)
	}
	switch r.IntN(6) {
	case 0:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case 1:
		return strconv.FormatFloat(x, 'e', 20, 64)
	case 2:
		return pick([]string{"", "x", " 1", "1e999", "1.", ".5", "-nan"}, r.IntN(7))
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func spellBool(r *rand.Rand, n int, dt arrow.DataType) any {
	if dt.ID() == arrow.BOOL {
		return n%2 == 0
	}
	return pick([]string{"true", "false", "True", "FALSE", "1", "yes", ""}, n%2+2*r.IntN(3))
}

// otherDates are layouts that a field's rule may name; the last two read the same texts as different days.
var otherDates = []string{"2006/1/2", "20060102", "2006年1月2日", "2 Jan 2006", "02.01.2006", "01.02.2006"}

var days = []int32{0, -1, 1, 11016, 20780, 20781, -25567, -135140, 2932896}

func spellDate(r *rand.Rand, n int, dt arrow.DataType) any {
	d := pick(days, n)
	switch dt.ID() {
	case arrow.DATE32:
		return arrow.Date32(d)
	case arrow.DATE64:
		return arrow.Date64(int64(d) * 86400000)
	}
	if r.IntN(8) == 0 {
		return pick([]string{"", "2001-02-29", "2026-1-2", "2026/01/02", "20260102", " 2026-01-02", "2026-13-01", "0000-00-00"}, r.IntN(8))
	}
	if r.IntN(8) == 0 {
		return time.Unix(int64(d)*86400, 0).UTC().Format(pick(otherDates, r.IntN(len(otherDates))))
	}
	return time.Unix(int64(d)*86400, 0).UTC().Format("2006-01-02")
}

var instants = []time.Time{
	time.Unix(0, 0), time.Unix(0, -1), time.Unix(1.7e9, 0), time.Unix(1.7e9, 5e8), time.Unix(1.7e9, 123456789), time.Unix(1.7e9, 123456000),
	time.Unix(-5e9, 1e6), time.Unix(86400*20000, 0), time.Unix(86400*20000-3600*8, 0),
}

func spellTimestamp(r *rand.Rand, n int, dt arrow.DataType) any {
	t := pick(instants, n).UTC()
	switch dt := dt.(type) {
	case *arrow.Date32Type:
		return arrow.Date32(math.Floor(float64(t.Unix()) / 86400))
	case *arrow.TimestampType:
		switch dt.Unit {
		case arrow.Second:
			return arrow.Timestamp(t.Unix())
		case arrow.Millisecond:
			return arrow.Timestamp(t.UnixMilli())
		case arrow.Microsecond:
			return arrow.Timestamp(t.UnixMicro())
		}
		return arrow.Timestamp(t.UnixNano())
	}
	east := time.FixedZone("", 8*3600)
	switch r.IntN(10) {
	case 9:
		return t.Format("2006/1/2 15:04:05.999999999")
	case 0:
		return t.In(east).Format(time.RFC3339Nano)
	case 1:
		return t.In(east).Format("2006-01-02 15:04:05.999999999-0700")
	case 2:
		return t.Format("2006-01-02 15:04")
	case 3:
		return t.Format("2006-01-02")
	case 4:
		return t.Format("2006-01-02T15:04:05.000000Z")
	case 5:
		return pick([]string{"", "x", "2026-01-02T", "2026-01-02 24:00:00", "2026-01-02 10:00:60", "2026-01-02 10:00:00 +08:00", "2026-01-02 10:00:00.", "2026-01-02_10:00:00", "2026-01-02 10"}, r.IntN(9))
	}
	return t.Format("2006-01-02 15:04:05.999999999")
}

// residentID gives the 18 characters of synthetic ID n; the first 9 of 20 have a birth year in the 1900s.
func residentID(n int) string {
	digits := fmt.Sprintf("99%04d%d%02d%02d%03d", n/28%10000, 1991+n%20, n%12+1, n%28+1, n%999+1)
	return digits + checkCharacter(digits)
}

func spellID(r *rand.Rand, n int, dt arrow.DataType) any {
	id := residentID(n)
	if dt.ID() == arrow.INT64 {
		x, _ := strconv.ParseInt(strings.TrimSuffix(id, "X"), 10, 64)
		return x
	}
	switch r.IntN(10) {
	case 0:
		if id[6:8] == "19" {
			return id[:6] + id[8:17]
		}
	case 1:
		return strings.ToLower(id)
	case 2:
		return pick([]string{" ", "\t", "\u3000", "\u00a0"}, r.IntN(4)) + id + "  "
	case 3:
		return strings.Map(func(c rune) rune { return c - '0' + '０' }, id)
	case 4:
		if r.IntN(4) == 0 {
			return malformedID(r, id)
		}
	}
	return id
}

// malformedID spoils an ID.
func malformedID(r *rand.Rand, id string) string {
	switch r.IntN(10) {
	case 7: // other documents, one of them hardly
		return pick([]string{"E12345678", "H0123456789", "a123456(7)", "n/a", "E1234"}, r.IntN(5))
	case 8: // no such region
		digits := "00" + id[2:17]
		return digits + checkCharacter(digits)
	case 9:
		return id[:10] + "X" + id[11:]
	case 0: // another check character
		return id[:17] + pick([]string{"0", "1", "X", "x", "５"}, r.IntN(5))
	case 1: // no such day
		digits := id[:10] + "13" + id[12:17]
		return digits + checkCharacter(digits)
	case 2:
		return id[:17]
	case 3:
		return id + "0"
	case 4:
		return id[:4] + "A" + id[5:]
	case 5:
		return pick([]string{"x", "X", "n/a", "９", "无", "0", " ", "\u3000"}, r.IntN(8))
	}
	return id[:6] + "990230" + id[14:17] // 15 digits, no such day
}
