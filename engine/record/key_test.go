package record

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// packOne packs a single row.
func packOne(p *KeyPacker, cols ...arrow.Array) (Key, KeyState) {
	keys, states := make([]Key, 1), make([]KeyState, 1)
	p.Pack(cols, keys, states)
	return keys[0], states[0]
}

func TestKeys(t *testing.T) {
	i64, dec := arrow.PrimitiveTypes.Int64, dec1
	for _, c := range []struct {
		name  string
		types []Type
		a, b  []arrow.Array
		state KeyState // of a
		equal bool
		text  string // canonical text of a
	}{
		{"007 is not 7", []Type{String}, row(t, text, "007"), row(t, text, "7"), KeyValid, false, "007"},
		{"white space", []Type{String}, row(t, text, " k1\t"), row(t, views, "k1"), KeyValid, true, "k1"},
		{"ideographic space", []Type{String}, row(t, text, "\u3000k1"), row(t, dict, "k1"), KeyValid, true, "k1"},
		{"null", []Type{String}, row(t, text, ""), row(t, text, "x"), KeyNone, false, ""},
		{"blank", []Type{String}, row(t, text, " \u3000"), row(t, text, "x"), KeyNone, false, ""},
		{"blank ID", []Type{CNID}, row(t, text, "  "), row(t, text, "x"), KeyNone, false, ""},
		{"null ID", []Type{CNID}, row(t, text, ""), row(t, text, "x"), KeyNone, false, ""},
		{"null number", []Type{Int}, row(t, i64, ""), row(t, i64, "0"), KeyNone, false, ""},
		{"15 digits", []Type{CNID}, row(t, text, "990101900307001"), row(t, text, withCheck("99010119900307001")), KeyValid, true, withCheck("99010119900307001")},
		{"wrong check character", []Type{CNID}, row(t, text, wrongCheck("99010119900307001")), row(t, text, withCheck("99010119900307001")), KeyCheck, false, wrongCheck("99010119900307001")},
		{"malformed ID", []Type{CNID}, row(t, text, "E123 "), row(t, views, " E123"), KeyCharacter, true, "E123"},
		{"malformed IDs differ", []Type{CNID}, row(t, text, "E123"), row(t, text, "e123"), KeyCharacter, false, "E123"},
		{"malformed is not the ID zero", []Type{CNID}, row(t, text, "E"), row(t, text, strings.Repeat("0", 18)), KeyCharacter, false, "E"},
		{"17 digits", []Type{CNID}, row(t, text, "99010119900307001"), row(t, text, "x"), KeyLength, false, "99010119900307001"},
		{"no such day", []Type{CNID}, row(t, text, withCheck("99010119901307001")), row(t, text, "x"), KeyDate, false, withCheck("99010119901307001")},
		{"a passport", []Type{CNID}, row(t, text, "E12345678"), row(t, text, " E12345678 "), KeyDocument, true, "E12345678"},
		{"documents keep their case", []Type{CNID}, row(t, text, "A123456(7)"), row(t, text, "a123456(7)"), KeyDocument, false, "A123456(7)"},
		{"a word is no document", []Type{CNID}, row(t, text, "n/a"), row(t, text, "N/A"), KeyCharacter, false, "n/a"},
		{"a region is not looked at", []Type{CNID}, row(t, text, withCheck("00010119900307001")), row(t, text, "x"), KeyValid, false, withCheck("00010119900307001")},
		{"malformed part", []Type{String, Int, CNID}, append(rows(t, text, "a", text, "1x"), build(t, text, "99")), append(rows(t, text, "a", text, "1x"), build(t, text, "99")), KeyNumber, true, "a|1x|99"},
		{"malformed ID in a part", []Type{String, CNID}, rows(t, text, "a", text, "99"), rows(t, text, "a", text, "99"), KeyLength, true, "a|99"},
		{"number as text", []Type{Int}, row(t, text, "+007"), row(t, i64, "7"), KeyValid, true, "7"},
		{"number zero is not malformed", []Type{Int}, row(t, text, "seven"), row(t, i64, "0"), KeyNumber, false, "seven"},
		{"small integers", []Type{Int}, row(t, arrow.PrimitiveTypes.Int16, "-7"), row(t, i64, "-7"), KeyValid, true, "-7"},
		{"two columns", []Type{String, Int}, rows(t, text, "a", i64, "1"), rows(t, views, "a", text, "01"), KeyValid, true, "a|1"},
		{"two columns do not run together", []Type{String, String}, rows(t, text, "a|b", text, "c"), rows(t, text, "a", text, "b|c"), KeyValid, false, `a\|b|c`},
		{"backslash", []Type{String, String}, rows(t, text, `a\`, text, "c"), rows(t, text, `a`, text, `\c`), KeyValid, false, `a\\|c`},
		{"half a key", []Type{String, String}, rows(t, text, "a", text, ""), rows(t, text, "a", text, "b"), KeyNone, false, ""},
		{"dates and decimals", []Type{Date, Decimal}, rows(t, arrow.FixedWidthTypes.Date32, "2022-11-02", dec, "1.0"), rows(t, text, "2022-11-02", text, "1"), KeyValid, true, "2022-11-02|1"},
	} {
		var intern Interner
		p := NewKeyPacker(c.types, &intern)
		ka, sa := packOne(p, c.a...)
		kb, sb := packOne(p, c.b...)
		if sa != c.state {
			t.Errorf("%s: state %d, want %d", c.name, sa, c.state)
		}
		if equal := ka == kb && sa != KeyNone && sb != KeyNone; equal != c.equal {
			t.Errorf("%s: equal is %v", c.name, equal)
		}
		if sa == KeyNone {
			continue
		}
		got, ok := p.AppendCanonical(nil, c.a, 0)
		if !ok || string(got) != c.text {
			t.Errorf("%s: another canonical text than expected", c.name)
		}
		if r := NewKeyText(c.types, &intern); r.Reversible() && string(r.Append(nil, ka)) != c.text {
			t.Errorf("%s: the packed key gives back another text", c.name)
		} else if p.KeepTexts = true; !r.Reversible() {
			if packOne(p, c.a...); string(p.Text(0)) != c.text {
				t.Errorf("%s: another canonical text is kept", c.name)
			}
		}
	}
}

// TestStrictRegions: only where it is asked for, a region that does not exist is a fault; 99 exists.
func TestStrictRegions(t *testing.T) {
	for region, want := range map[string]KeyState{"11": KeyValid, "65": KeyValid, "99": KeyValid, "83": KeyValid, "16": KeyRegion, "00": KeyRegion, "98": KeyRegion} {
		var intern Interner
		p := NewKeyPacker([]Type{CNID}, &intern)
		p.StrictRegions = true
		if _, got := packOne(p, row(t, text, withCheck(region+"000019900307001"))...); got != want {
			t.Errorf("region %s: %v, want %v", region, got, want)
		}
	}
}

func row(t *testing.T, dt arrow.DataType, s string) []arrow.Array {
	return []arrow.Array{build(t, dt, s)}
}

func rows(t *testing.T, a arrow.DataType, x string, b arrow.DataType, y string) []arrow.Array {
	return []arrow.Array{build(t, a, x), build(t, b, y)}
}

func withCheck(digits string) string { return digits + string(CheckChar([]byte(digits))) }

func wrongCheck(digits string) string {
	if CheckChar([]byte(digits)) == '1' {
		return digits + "2"
	}
	return digits + "1"
}

// FuzzPackKey holds that two texts have one key exactly if their canonical texts are the same, and that a packed key
// gives its text back.
func FuzzPackKey(f *testing.F) {
	f.Add("007", "7", uint8(Int))
	f.Add("99010119900307001X", "99010119900307001x", uint8(CNID))
	f.Add("a", " a", uint8(String))
	f.Add("1.0", "1.00", uint8(Decimal))
	f.Fuzz(func(t *testing.T, x, y string, typ uint8) {
		types := []Type{String + Type(typ)%(numTypes-1)}
		var intern Interner
		p := NewKeyPacker(types, &intern)
		cols := []arrow.Array{build(t, text, x, y)}
		keys, states := make([]Key, 2), make([]KeyState, 2)
		p.KeepTexts = true
		p.Pack(cols, keys, states)
		var texts [2]string
		for i := range texts {
			c, ok := p.AppendCanonical(nil, cols, i)
			if ok != (states[i] != KeyNone) {
				t.Fatalf("row %d: canonical text and state disagree", i)
			}
			texts[i] = string(c)
			if r := NewKeyText(types, &intern); ok && r.Reversible() && string(r.Append(nil, keys[i])) != texts[i] {
				t.Fatalf("row %d: the packed key gives back another text", i)
			} else if !r.Reversible() && string(p.Text(i)) != texts[i] {
				t.Fatalf("row %d: another canonical text is kept", i)
			}
		}
		if states[0] != KeyNone && states[1] != KeyNone && (keys[0] == keys[1]) != (texts[0] == texts[1]) {
			t.Fatal("keys and canonical texts disagree")
		}
	})
}

func TestHashedKeysSpread(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	var intern Interner
	p := NewKeyPacker([]Type{String}, &intern)
	seen := map[Key]bool{}
	var parts [16]int
	const n = 20000
	for range n {
		k, _ := packOne(p, build(t, text, fmt.Sprint(rng.Uint64())))
		seen[k] = true
		parts[k.Hash()>>60]++
	}
	if len(seen) != n {
		t.Errorf("%d texts have %d keys", n, len(seen))
	}
	for i, c := range parts {
		if c < n/16/2 || c > n/16*2 {
			t.Errorf("partition %d of 16 holds %d of %d", i, c, n)
		}
	}
}

// TestKeyOf holds that a key follows from its hash and high half.
func TestKeyOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 10_000 {
		k := Key{Lo: rng.Uint64(), Hi: rng.Uint64()}
		if rng.IntN(2) == 0 {
			k.Hi = 0
		}
		if KeyOf(k.Hash(), k.Hi) != k {
			t.Fatal("another key comes of it")
		}
	}
}
