package record

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// syntheticID makes a valid ID of the region that no real one has.
func syntheticID(rng *rand.Rand) []byte {
	b := fmt.Appendf(nil, "99%04d%04d%02d%02d%03d", rng.IntN(10000), 1900+rng.IntN(120), 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(1000))
	return append(b, CheckChar(b))
}

func TestPackIDRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 20000 {
		id := syntheticID(rng)
		packed, fault, ok := PackID(id)
		if !ok || fault != IDValid {
			t.Fatalf("case %d: valid ID: fault %v, ok %v", i, fault, ok)
		}
		if packed>>61 != 0 {
			t.Fatalf("case %d: packed ID needs more than 61 bits", i)
		}
		if !bytes.Equal(AppendID(nil, packed), id) {
			t.Fatalf("case %d: unpacked ID is not the packed one", i)
		}
		// Any other check character is a fault.
		for c := range 11 {
			wrong := slices.Clone(id)
			wrong[17] = "0123456789X"[c]
			if _, fault, ok := PackID(wrong); wrong[17] != id[17] && (!ok || fault != FaultCheck) {
				t.Fatalf("case %d: check character %c: fault %v, ok %v", i, wrong[17], fault, ok)
			}
		}
	}
}

func TestPackedIDsSortAsText(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for i := range 5000 {
		a, b := syntheticID(rng), syntheticID(rng)
		if i%2 == 0 { // the same digits, another check character
			b = slices.Clone(a)
			b[17] = "0123456789X"[rng.IntN(11)]
		}
		pa, _, _ := PackID(a)
		pb, _, _ := PackID(b)
		if got, want := pa < pb, bytes.Compare(a, b) < 0; got != want {
			t.Fatalf("case %d: packed order is not the order of the texts", i)
		}
	}
}

func TestPackIDForms(t *testing.T) {
	full := []byte("99010119900307001")
	id := string(append(full, CheckChar(full)))
	short := "990101900307001"
	var withX string
	for seq := range 1000 {
		d := fmt.Appendf(nil, "99010119900307%03d", seq)
		if CheckChar(d) == 'X' {
			withX = string(d) + "X"
			break
		}
	}
	wide := strings.Map(func(r rune) rune { return r + 0xfee0 }, withX)
	for _, c := range []struct {
		name, in, want string
		fault          IDFault
		ok             bool
	}{
		{"18 digits", id, id, IDValid, true},
		{"15 digits", short, id, IDValid, true},
		{"white space", " \t" + id + "\u3000\n", id, IDValid, true},
		{"lower-case x", strings.ToLower(withX), withX, IDValid, true},
		{"full width", wide, withX, IDValid, true},
		{"too short", id[:17], "", FaultLength, false},
		{"too long", id + "0", "", FaultLength, false},
		{"empty", "", "", FaultLength, false},
		{"a letter", "9901A1" + id[6:], "", FaultCharacter, false},
		{"x inside", "99x101" + id[6:], "", FaultCharacter, false},
		{"a letter in digit 17", id[:16] + "a" + id[17:], "", FaultCharacter, false},
		{"a letter as check", id[:17] + "Y", "", FaultCharacter, false},
		{"colon", "99010:" + id[6:], "", FaultCharacter, false},
		{"15 with x", "99010190030700x", "", FaultCharacter, false},
		{"month 13", "990101199013070018", "990101199013070018", FaultDate, true},
		{"29 February 1900", "990101190002290018", "990101190002290018", FaultDate, true},
	} {
		packed, fault, ok := PackID([]byte(c.in))
		if fault != c.fault || ok != c.ok {
			t.Errorf("%s: fault %v, ok %v, want %v, %v", c.name, fault, ok, c.fault, c.ok)
			continue
		}
		if ok && string(AppendID(nil, packed)) != c.want {
			t.Errorf("%s: another ID than expected", c.name)
		}
	}
}

// FuzzPackID holds the packer against a slow reading of the standard.
func FuzzPackID(f *testing.F) {
	f.Add([]byte("990101199003070018"))
	f.Add([]byte("990101900307001"))
	f.Add([]byte("９９0101199003070018x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		packed, fault, ok := PackID(b)
		want, wantOK := slowID(string(b))
		if ok != wantOK {
			t.Fatalf("ok = %v, want %v (fault %v)", ok, wantOK, fault)
		}
		if ok && string(AppendID(nil, packed)) != want {
			t.Fatal("packs into another ID")
		}
		if ok && fault != FaultDate && (fault == IDValid) != (CheckChar([]byte(want)) == want[17]) {
			t.Fatalf("fault %v does not agree with the check character", fault)
		}
		plain := withCheck("99010119900307001")
		four := []string{plain, plain, plain, plain}
		four[len(b)%4] = string(b)
		packedAlike(t, "among plain IDs", four, 0, false)
	})
}

func slowID(s string) (string, bool) {
	s = strings.TrimSpace(s)
	s = strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' || r == 'Ｘ' || r == 'ｘ' {
			r -= 0xfee0
		}
		if r == 'x' {
			r = 'X'
		}
		return r
	}, s)
	digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	if len(s) == 15 && digits(s) {
		s = s[:6] + "19" + s[6:]
		s += string(CheckChar([]byte(s)))
	}
	return s, len(s) == 18 && digits(s[:17]) && (digits(s[17:]) || s[17] == 'X')
}
