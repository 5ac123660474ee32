package record

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal256"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestCanon holds which texts are one value under a rule, and which are not.
func TestCanon(t *testing.T) {
	for _, c := range []struct {
		name  string
		typ   Type
		rule  Canon
		a, b  string
		equal bool
	}{
		{"no step", String, Canon{}, "王明", " 王明", false},
		{"trim", String, Canon{Steps: Trim}, "王明", "\u3000王明 ", true},
		{"trim leaves the middle", String, Canon{Steps: Trim}, "王明", "王 明", false},
		{"collapse", String, Canon{Steps: Collapse}, "Li Ming", "Li \t\u00a0Ming", true},
		{"collapse keeps a space", String, Canon{Steps: Collapse}, "Li Ming", "LiMing", false},
		{"upper", String, Canon{Steps: Upper}, "Straße é", "STRAßE É", true},
		{"lower", String, Canon{Steps: Lower}, "ÀB", "àb", true},
		{"width", String, Canon{Steps: Width}, "ＡＢ１２，ｶ", "AB12,カ", true},
		{"width is not case", String, Canon{Steps: Width}, "Ａ", "a", false},
		{"nfc", String, Canon{Steps: NFC}, "é", "e\u0301", true},
		{"nfc is not nfkc", String, Canon{Steps: NFC}, "①", "1", false},
		{"nfkc", String, Canon{Steps: NFKC}, "①ﬁ", "1fi", true},
		{"width, then nfc", String, Canon{Steps: Width | NFC}, "ｶﾞ", "ガ", true},
		{"digits", String, Canon{Steps: Digits}, "No. 12-３４", "1234", true},
		{"digits leaves words alone", String, Canon{Steps: Digits}, "none", "n/a", false},
		{"digits keeps zeros", String, Canon{Steps: Digits}, "007", "7", false},
		{"phone, country code", String, Canon{Steps: Phone}, "13800138000", "+86 138-0013-8000", true},
		{"phone, 0086", String, Canon{Steps: Phone}, "13800138000", "0086 138 0013 8000", true},
		{"phone, bare 86", String, Canon{Steps: Phone}, "13800138000", "8613800138000", true},
		{"phone, full width", String, Canon{Steps: Phone}, "13800138000", "１３８００１３８０００", true},
		{"phone, landline", String, Canon{Steps: Phone}, "(010) 6552-9988", "+86 10 65529988", true},
		{"phone, service", String, Canon{Steps: Phone}, "400-123-4567", "+86 4001234567", true},
		{"phone, abroad", String, Canon{Steps: Phone}, "+852 1234 5678", "0085212345678", true},
		{"phone, abroad is not at home", String, Canon{Steps: Phone}, "+852 1234 5678", "85212345678", false},
		{"phone, extension", String, Canon{Steps: Phone}, "65529988转12", "6552998812", false},
		{"phone, one digit off", String, Canon{Steps: Phone}, "13800138000", "13800138001", false},
		{"empty is null by default", String, Canon{}, "", "\x00null", true},
		{"empty is null in a date", Date, Canon{}, "", "\x00null", true},
		{"a blank is not", String, Canon{}, " ", "\x00null", false},
		{"a trimmed blank is not looked up", String, Canon{Steps: Trim}, " ", "\x00null", true},
		{"empty is no null", String, Canon{Nulls: []string{}}, "", "\x00null", false},
		{"empty is empty", String, Canon{Nulls: []string{}}, "", "", true},
		{"empty date is no null", Date, Canon{Nulls: []string{}}, "", "\x00null", false},
		{"null word", String, Canon{Nulls: []string{"无", "-"}}, "无", "-", true},
		{"null word trimmed", String, Canon{Nulls: []string{"无"}, Steps: Trim}, " 无", "\x00null", true},
		{"null word as held", String, Canon{Nulls: []string{"N/A"}, Steps: Lower}, "N/A", "\x00null", true},
		{"null word normalised", String, Canon{Nulls: []string{"n/a"}, Steps: Lower}, "N/A", "\x00null", true},
		{"null word of a date", Date, Canon{Nulls: []string{"无"}}, "无", "\x00null", true},
		{"map", String, Canon{Map: map[string]string{"男": "M", "女": "F"}}, "男", "M", true},
		{"map apart", String, Canon{Map: map[string]string{"男": "M", "女": "F"}}, "男", "女", false},
		{"map after trim", String, Canon{Map: map[string]string{"男": "M"}, Steps: Trim}, " 男", "M", true},
		{"map, then steps", String, Canon{Map: map[string]string{"男": "m"}, Steps: Upper}, "男", "M", true},
		{"map to a type", Bool, Canon{Map: map[string]string{"是": "true", "否": "false"}}, "是", "TRUE", true},
		{"map to null", String, Canon{Map: map[string]string{"未知": ""}}, "未知", "\x00null", true},
		{"format", Date, Canon{Formats: []string{"2006-01-02", "2006/1/2"}}, "2022-11-02", "2022/11/2", true},
		{"formats take the place of the standard", Date, Canon{Formats: []string{"2006/1/2"}}, "2022-11-02", "2022/11/2", false},
		{"format in Chinese", Date, Canon{Formats: []string{"2006年1月2日", "02.01.2006"}}, "2022年11月2日", "02.11.2022", true},
		{"format with a name", Date, Canon{Formats: []string{"2006-01-02", "2 Jan 2006"}}, "2022-11-02", "2 Nov 2022", true},
		{"first format wins", Date, Canon{Formats: []string{"02/01/2006", "01/02/2006"}}, "03/04/2022", "04/03/2022", false},
		{"format of a timestamp", Timestamp, Canon{Formats: []string{"20060102150405", time.RFC3339}}, "20221102102030", "2022-11-02T18:20:30+08:00", true},
		{"format and trim", Date, Canon{Formats: []string{"2006/1/2", "20060102"}, Steps: Trim}, " 2022/11/2", "20221102", true},
		{"no such day", Date, Canon{Formats: []string{"2006/1/2"}}, "2022/2/30", "2022/3/2", false},
		{"trimmed number", Decimal, Canon{Steps: Trim | Width}, " １．50", "1.5", true},
		{"list", String, Canon{List: ","}, "a, b,,b", "b,a", true},
		{"list, one more", String, Canon{List: ","}, "a,b", "a,b,c", false},
		{"list of none", String, Canon{List: ";"}, " ; ", "\x00null", true},
		{"list, full width", String, Canon{List: ",", Steps: Width}, "a，b", "b,a", true},
		{"list of phones", String, Canon{List: "/", Steps: Phone}, "+86 13800138000/010-65529988", "01065529988/13800138000", true},
		{"list with words", String, Canon{List: ",", Nulls: []string{"无"}, Map: map[string]string{"感冒": "J00"}}, "无,感冒", "J00", true},
		{"34 places", Decimal, Canon{Steps: Trim}, "1234567890123456789012345678901234", "1234567890123456789012345678901235", false},
	} {
		h := NewHasher(c.typ, c.rule, 2)
		for _, f := range c.rule.Validate(c.typ) {
			t.Errorf("%s: %s: %s", c.name, f.Key, f.Msg)
		}
		hash := func(s string) uint64 {
			b := array.NewStringBuilder(memory.DefaultAllocator)
			if s == "\x00null" {
				b.AppendNull()
			} else {
				b.Append(s)
			}
			arr := b.NewArray()
			fp, syn := []uint64{0}, []uint64{0}
			h.Add(arr, fp, syn)
			if fp[0] != h.At(arr, 0) {
				t.Errorf("%s: Add and At disagree", c.name)
			}
			return fp[0]
		}
		if equal := hash(c.a) == hash(c.b); equal != c.equal {
			t.Errorf("%s: equal is %v", c.name, equal)
		}
	}
}

// TestCanonOfTypedColumns holds that rules reach columns that are no text, and that formats are for text alone.
func TestCanonOfTypedColumns(t *testing.T) {
	date, i32 := arrow.FixedWidthTypes.Date32, arrow.PrimitiveTypes.Int32
	for _, c := range []struct {
		name  string
		typ   Type
		rule  Canon
		dt    arrow.DataType
		typed string
		text  string // "" for null
		equal bool
	}{
		{"formats", Date, Canon{Formats: []string{"2006/1/2"}}, date, "2022-11-02", "2022/11/2", true},
		{"formats of an instant", Date, Canon{Formats: []string{"2006/1/2"}}, micros, "2022-11-02", "2022/11/2", true},
		{"formats of a number", Date, Canon{Formats: []string{"20060102", "2006-01-02"}}, i32, "20221102", "2022-11-02", true},
		{"null word", Date, Canon{Nulls: []string{"1900-01-01"}}, date, "1900-01-01", "", true},
		{"null number", Int, Canon{Nulls: []string{"-1"}}, i32, "-1", "", true},
		{"map", String, Canon{Map: map[string]string{"1": "M"}}, i32, "1", "M", true},
		{"map of a date", Date, Canon{Map: map[string]string{"9999-12-31": "2099/1/1"}, Formats: []string{"2006/1/2"}}, date, "9999-12-31", "2099/1/1", true},
		{"phone in a number", String, Canon{Steps: Phone}, arrow.PrimitiveTypes.Int64, "13800138000", "+86 13800138000", true},
		{"trim", Decimal, Canon{Steps: Trim}, dec1, "36.5", " 36.50", true},
	} {
		h := NewHasher(c.typ, c.rule, 0)
		a, b := build(t, c.dt, c.typed), build(t, text, c.text)
		if equal := h.At(a, 0) == h.At(b, 0); equal != c.equal {
			t.Errorf("%s: equal is %v", c.name, equal)
		}
		fp, syn := []uint64{0}, []uint64{0}
		if h.Add(a, fp, syn); fp[0] != h.At(a, 0) {
			t.Errorf("%s: Add and At disagree", c.name)
		}
	}
}

// TestUnparsed holds which rows are told not to read as their type.
func TestUnparsed(t *testing.T) {
	texts := []string{"2022-11-02", "x", "", "2022-02-30", "2022-11-02", "x"}
	for _, dt := range []arrow.DataType{text, views, dict} {
		arr := build(t, dt, texts...)
		h := NewHasher(Date, Canon{Nulls: []string{"2022-02-30"}}, 0)
		for range 2 {
			h.Add(arr, make([]uint64, 6), make([]uint64, 6))
			if got := h.Unparsed(); len(got) != 2 || got[0] != 1 || got[1] != 5 {
				t.Errorf("%s: rows %v, want 1 and 5", dt, got)
			}
		}
	}
	h := NewHasher(Date, Canon{}, 0)
	h.Add(build(t, arrow.PrimitiveTypes.Int32, "1", "", "2"), make([]uint64, 3), make([]uint64, 3))
	if got := h.Unparsed(); len(got) != 2 || got[0] != 0 || got[1] != 2 {
		t.Errorf("int32: rows %v, want 0 and 2", got)
	}
}

// TestWideDecimals holds that decimals of 38 digits and more are exact, whatever they are stored as.
func TestWideDecimals(t *testing.T) {
	const digits = "12345678901234567890123456789012345678"
	at := func(dt arrow.DataType, s string) uint64 { return NewHasher(Decimal, Canon{}, 0).At(build(t, dt, s), 0) }
	d256 := func(scale int32, unscaled string) arrow.Array {
		n, err := decimal256.FromString(unscaled, 76, 0)
		if err != nil {
			t.Fatal(err)
		}
		b := array.NewDecimal256Builder(memory.DefaultAllocator, &arrow.Decimal256Type{Precision: 76, Scale: scale})
		b.Append(n)
		return b.NewArray()
	}
	for _, scale := range []int{0, 1, 19, 37, 38} {
		whole := strings.Repeat("0", max(0, scale+1-len(digits))) + digits
		written := whole[:len(whole)-scale] + "." + whole[len(whole)-scale:]
		next := written[:len(written)-1] + "9"
		want := at(text, written)
		if at(text, next) == want {
			t.Errorf("scale %d: the last digit does not count", scale)
		}
		arr := d256(int32(scale), digits)
		if NewHasher(Decimal, Canon{}, 0).At(arr, 0) != want {
			t.Errorf("scale %d: decimal256 is not its text", scale)
		}
		if got, _ := AppendText(nil, arr, 0); string(got) != strings.TrimSuffix(written, ".") {
			t.Errorf("scale %d: the text of decimal256 is wrong", scale)
		}
		if d := (&arrow.Decimal128Type{Precision: 38, Scale: int32(scale)}); at(d, strings.TrimSuffix(written, ".")) != want {
			t.Errorf("scale %d: decimal128 is not its text", scale)
		}
	}
	if NewHasher(Decimal, Canon{}, 0).At(d256(-3, digits), 0) != at(text, digits+"000") {
		t.Error("a negative scale is not its text")
	}
	if at(arrow.PrimitiveTypes.Int64, "-9223372036854775808") != at(text, "-9223372036854775808.0") {
		t.Error("the least int64 is not its text")
	}
}

// TestCanonFaults holds that contradictions are found.
func TestCanonFaults(t *testing.T) {
	for _, c := range []struct {
		typ  Type
		rule Canon
		key  string
		says string
	}{
		{Date, Canon{Formats: []string{"YYYY-MM-DD"}}, "formats", "does not say which day"},
		{Date, Canon{Formats: []string{"2006-01"}}, "formats", "does not say which day"},
		{Int, Canon{Formats: []string{"2006-01-02"}}, "formats", "not for type int64"},
		{Decimal, Canon{Steps: Digits}, "normalize", "digits would change"},
		{String, Canon{Steps: NFC | NFKC}, "normalize", "nfkc, nfc exclude each other"},
		{Auto, Canon{Steps: Upper | Lower}, "normalize", "exclude"},
		{Date, Canon{List: ","}, "list", "make the type string"},
		{String, Canon{List: ", "}, "list", "one ASCII character"},
		{String, Canon{List: "a"}, "list", "one ASCII character"},
		{String, Canon{Map: map[string]string{"a": "b", "b": "c"}}, "map", "leads to"},
		{String, Canon{Map: map[string]string{"a": "b", "B": "c"}, Steps: Upper}, "map", "leads to"},
		{String, Canon{Map: map[string]string{"": "b"}}, "map", "null_values too"},
		{String, Canon{Map: map[string]string{"a": "b,c"}, List: ","}, "map", "separator"},
	} {
		faults := c.rule.Validate(c.typ)
		if len(faults) != 1 || faults[0].Key != c.key || !strings.Contains(faults[0].Msg, c.says) {
			t.Errorf("%+v: %v", c.rule, faults)
		}
	}
}

// TestGuess holds that names and content decide together.
func TestGuess(t *testing.T) {
	sample := func(values ...string) (s Sample) {
		s.Take(build(t, text, values...), 100, nil)
		return s
	}
	phones, names, words := sample("13800138000", "+86 10 6552 9988"), sample("王小明", "Li Ming", ""), sample("w1", "w2")
	for _, c := range []struct {
		name    string
		samples []Sample
		want    Steps
	}{
		{"phone", []Sample{phones, phones}, Phone}, {"手机号码", []Sample{phones}, Phone}, {"contact_phone", []Sample{phones}, Phone},
		{"phone", []Sample{phones, words}, 0}, {"phone", []Sample{{}, {}}, 0}, {"phone", []Sample{phones, {}}, Phone},
		{"phone_model", []Sample{names}, 0}, {"code", []Sample{phones}, 0}, {"microphone", []Sample{phones}, 0},
		{"name", []Sample{names}, Trim | Width | NFC}, {"Full_Name", []Sample{names}, Trim | Width | NFC}, {"患者姓名", []Sample{names}, Trim | Width | NFC},
		{"name", []Sample{words}, 0}, {"institution_name", []Sample{names}, 0}, {"city", []Sample{names}, 0},
	} {
		if got := Guess(c.name, c.samples); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// rules are steps that make sense together.
var rules = []Steps{Trim, Collapse | Trim, Upper, Lower, Width, NFC, NFKC, Digits, Phone, Trim | Width | NFC, Width | NFKC | Upper | Collapse | Trim, NFC | Lower | Trim | Digits, Width | Phone}

// FuzzNormalize holds that normalising twice is normalising once, and that the fast path and the steps agree.
func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"", " ", "王小明", "e\u0301", "ＡＢ　１", "ｶﾞ", "+86 (0)138-0013-8000", "86008613800138000", "\xff\xe4a", "ᾳ\u0345", "℡①", "a  b", "İ"} {
		for i := range rules {
			f.Add([]byte(s), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, rule uint8) {
		n := newNormalizer(rules[int(rule)%len(rules)])
		before := bytes.Clone(b)
		once := bytes.Clone(n.apply(b))
		if !bytes.Equal(b, before) {
			t.Fatal("the input was overwritten")
		}
		if twice := n.apply(once); !bytes.Equal(once, twice) {
			t.Errorf("steps %s: normalising twice is not normalising once", n.steps)
		}
		if n.clean(b) && !bytes.Equal(n.round(nil, b), b) {
			t.Errorf("steps %s: the fast path passes over a text that a step changes", n.steps)
		}
	})
}

// TestCleanViews holds that texts passed over by their views alone are ones that no step changes, whatever lies behind them in their views, and
// that names and phone numbers are passed over.
func TestCleanViews(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	view := func(text []byte) []byte {
		v := make([]byte, viewSize)
		for i := range v {
			v[i] = "\x80\xe5012"[rng.IntN(5)]
		}
		binary.LittleEndian.PutUint32(v, uint32(len(text)))
		copy(v[4:], text)
		return v
	}
	edges := []string{"\xe3\xbf\xbf", "\xe4\x80\x80", "\xe9\xbf\xbf", "\xea\x80\x80", "\xe4\xc0\x80", "\xe4\x80\x7f", "\xf4\x80\x80", "王", "伟", "1", "9", ":", "/", "a", "Ａ", " "}
	var normalizers []normalizer
	for _, steps := range rules {
		if n := newNormalizer(steps); n.wide || steps&Phone != 0 {
			normalizers = append(normalizers, n)
		}
	}
	var none, passed [viewInline + 2]int
	for range 100_000 {
		var text []byte
		for range rng.IntN(6) {
			text = append(text, edges[rng.IntN(len(edges))]...)
		}
		if rng.IntN(4) == 0 {
			text = fmt.Appendf(nil, "1%010d", rng.Int64N(1e10))
			text[rng.IntN(len(text))] = "0123456789/:1 a"[rng.IntN(15)]
			text = text[:9+rng.IntN(3)]
		}
		text = text[:min(len(text), viewInline+1)]
		for i := range normalizers {
			n := &normalizers[i]
			switch n.cleanViews(view(text), rng.IntN(4)) {
			case 0:
				none[len(text)]++
			case 1:
				passed[len(text)]++
				if !n.clean(text) || !bytes.Equal(n.round(nil, text), text) {
					t.Fatalf("steps %s: a text of %d bytes is passed over that a step changes", n.steps, len(text))
				}
			}
		}
	}
	for _, size := range []int{3, 6, 9, 11, 12} {
		if none[size] == 0 || passed[size] == 0 {
			t.Errorf("of the texts of %d bytes, %d are passed over and %d not", size, passed[size], none[size])
		}
	}
	name, phone := view([]byte("王小明")), view([]byte("13800138000"))
	for steps, v := range map[Steps][]byte{Trim | Width | NFC: name, Phone: phone} {
		n := newNormalizer(steps)
		if got := n.cleanViews(slices.Concat(v, v, view([]byte(" x")), v), 0); got != 2 {
			t.Errorf("steps %s: %d of the first two texts are passed over", steps, got)
		}
		if n.cleanViews(v, 11) != 0 {
			t.Errorf("steps %s: a text that may be a word is passed over", steps)
		}
	}
}

// FuzzCanonText holds that canonicalising twice is canonicalising once, whatever the rule.
func FuzzCanonText(f *testing.F) {
	f.Add([]byte(" 男,b，,a"), uint8(9), true, true)
	f.Add([]byte("N/A"), uint8(3), false, true)
	f.Fuzz(func(t *testing.T, b []byte, rule uint8, list, words bool) {
		c := Canon{Steps: rules[int(rule)%len(rules)]}
		if list {
			c.List = ","
		}
		if words {
			c.Nulls, c.Map = []string{"", "-", "N/A"}, map[string]string{"男": "m", "a": "b"}
		}
		canon := newCanon(&c)
		once, null := canon.text(b)
		if null {
			return
		}
		once = bytes.Clone(once)
		if twice, null := canon.text(once); null || !bytes.Equal(once, twice) {
			t.Errorf("steps %s, list %v, words %v: canonicalising twice is not canonicalising once", c.Steps, list, words)
		}
	})
}

// FuzzLayout holds what reads numbers fast against package time.
func FuzzLayout(f *testing.F) {
	texts := []string{"2006-01-02", "2006/1/2", "02.01.2006", "20060102", "2006年1月2日", "2006-01-02 15:04:05", "2/1/2006 15:04", "20060102150405", "2006-01-02T15:04:05Z07:00", "06-1-2", "2006-01-02 15:04:05.000", "Jan 2 2006"}
	for i, l := range texts {
		if err := CheckLayout(l); err != nil {
			f.Fatal(err)
		}
		f.Add(l, uint8(i))
		f.Add("2024/2/29", uint8(i))
		f.Add("0000-00-00", uint8(i))
	}
	f.Fuzz(func(t *testing.T, s string, which uint8) {
		l := newLayout(texts[int(which)%len(texts)])
		sec, nsec, ok := l.parse([]byte(s))
		want, err := time.Parse(l.text, s)
		if ok != (err == nil) || ok && (sec != want.Unix() || nsec != int64(want.Nanosecond())) {
			t.Errorf("layout %q: read is %v, package time says %v", l.text, ok, err == nil)
		}
	})
}
