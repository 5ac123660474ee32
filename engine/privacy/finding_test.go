package privacy

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/verdict"
)

var testHeader = verdict.Header{
	Levels: []string{"a", "b", "c"},
	Fields: []string{"name", "sex", "note"},
	Carry:  []string{"area", "contact"},
	Files:  []string{"0.csv", "uploads/99010119900101006X.csv", "2.csv"},
	Locate: func(l int, ref uint32) (int, int64) { return l, int64(ref) },
}

var testColumns = Columns{
	Key:    Treatment{Class: ResidentID, Show: Masked},
	Fields: []Treatment{{Class: Name, Show: Masked}, {Show: Full, Guarded: true}, {Class: Other, Show: Hidden}},
	Carry:  []Treatment{{Show: Full, Guarded: true}, {Class: Phone, Show: Masked}},
	Group:  Treatment{Show: Full, Guarded: true},
}

func differs(field int, values ...string) *verdict.Finding {
	f := &verdict.Finding{Key: []byte("99010119900101006X"), Kind: verdict.Differs, Field: field, In: 7, Outlier: verdict.NoLevel, Rows: []uint32{1, 2, 3}}
	for _, v := range values {
		f.Hashes = append(f.Hashes, uint64(len(v))<<32|uint64(v[0]))
		f.Values = append(f.Values, []byte(v))
	}
	return f
}

// maskOne masks a finding as one of a record of its own.
func maskOne(m *Masker, f *verdict.Finding) *verdict.Finding {
	m.Record(f.Key, nil)
	return m.Mask(f)
}

// tagOf takes a masked value apart.
func tagOf(v []byte) string {
	_, tag, _ := strings.Cut(string(v), "#")
	return tag
}

func TestMask(t *testing.T) {
	k := keyOf(secretOf(32))
	m := NewMasker(k, testColumns, testHeader)
	f := differs(0, "王一", "王二", "王一")
	f.Hashes = []uint64{1, 2, 1}
	f.Consensus = f.Values[0]
	f.Carry = [][]byte{[]byte("01"), []byte("10012348888")}
	f.Group = []byte("ask 10012348888")
	out := maskOne(m, f)
	tag, other := tagOf(out.Values[0]), tagOf(out.Values[1])
	if string(out.Values[0]) != "王*#"+tag || string(out.Values[1]) != "王*#"+other || tag == other || len(tag) != 4 || len(other) != 4 ||
		!bytes.Equal(out.Values[0], out.Values[2]) || !bytes.Equal(out.Consensus, out.Values[0]) {
		t.Errorf("%q, %q", out.Values, out.Consensus)
	}
	if string(out.Carry[0]) != "01" || string(out.Carry[1]) != "100****8888" || string(out.Group) != "*" || out.Hashes != nil {
		t.Errorf("%q, %q", out.Carry, out.Group)
	}
	if string(f.Values[0]) != "王一" || string(f.Key) != "99010119900101006X" {
		t.Error("the finding was changed")
	}

	// Equal canonical values, spelled in two ways, have one tag; in another record or column it is another one.
	f = differs(0, "王一", "王一 ", "李")
	f.Hashes = []uint64{1, 1, 2}
	out = maskOne(m, f)
	if tagOf(out.Values[0]) != tag || tagOf(out.Values[1]) != tag || tagOf(out.Values[2]) == tag {
		t.Errorf("%q", out.Values)
	}
	f.Key = []byte("990101199001010070")
	if out = maskOne(m, f); tagOf(out.Values[0]) == tag {
		t.Error("two records share a tag")
	}
	if out = maskOne(NewMasker(keyOf(secretOf(33)), testColumns, testHeader), differs(0, "王一", "王二")); tagOf(out.Values[0]) == tag {
		t.Error("two keys share a tag")
	}

	// Full values are guarded, null stays null, hidden ones become it.
	out = maskOne(m, differs(1, "F", "10012348888", "M"))
	if string(out.Values[0]) != "F" || !strings.HasPrefix(string(out.Values[1]), "*#") || string(out.Values[2]) != "M" {
		t.Errorf("%q", out.Values)
	}
	f = differs(0, "王一", "王二", "x")
	f.Values[2], f.Values[1] = nil, []byte{}
	if out = maskOne(m, f); out.Values[2] != nil || out.Values[1] == nil || len(out.Values[1]) != 0 {
		t.Errorf("%q", out.Values)
	}
	f = differs(2, "x", "y", "x")
	f.Consensus = f.Values[0]
	if out = maskOne(m, f); out.Values[0] != nil || out.Values[1] != nil || out.Consensus != nil {
		t.Errorf("%q", out.Values)
	}

	// Keys are never shown in full, whatever their column holds.
	columns := testColumns
	columns.Key = Treatment{Show: Full}
	for _, kind := range []verdict.Kind{verdict.InvalidKey, verdict.KeyTypo} {
		f = &verdict.Finding{Key: []byte("E7"), Kind: kind, Field: verdict.NoField, Values: [][]byte{[]byte("e7"), nil, nil}}
		if out = maskOne(NewMasker(k, columns, testHeader), f); !strings.HasPrefix(string(out.Values[0]), "*#") {
			t.Errorf("%s: %q", kind, out.Values)
		}
	}
	// Rows without a key have no pseudonym; words of the engine are no values.
	f = &verdict.Finding{Key: []byte{}, Kind: verdict.InvalidKey, Field: verdict.NoField, Values: [][]byte{[]byte(" "), nil, nil}}
	if m.Record(f.Key, nil) != nil || !strings.HasPrefix(string(m.Mask(f).Values[0]), "*#") {
		t.Errorf("%q", m.Mask(f).Values)
	}
	f = &verdict.Finding{Key: []byte("99"), Kind: verdict.Duplicate, Field: verdict.NoField, Values: [][]byte{[]byte("identical"), nil, nil}}
	if out = maskOne(m, f); string(out.Values[0]) != "identical" || out.Key != nil {
		t.Errorf("%q", out.Values)
	}
}

// TestTagsTellValuesApart draws findings of many levels and values: tags are equal exactly where canonical values are.
func TestTagsTellValuesApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	h := verdict.Header{Fields: []string{"name"}}
	for range 16 {
		h.Levels = append(h.Levels, "l")
	}
	m := NewMasker(keyOf(secretOf(32)), Columns{Fields: []Treatment{{Class: Other, Show: Masked}}}, h)
	longer := 0
	for i := range 20000 {
		f := &verdict.Finding{Key: fmt.Appendf(nil, "99%d", i), Kind: verdict.Differs}
		for range 16 {
			f.Hashes = append(f.Hashes, rng.Uint64N(40))
			f.Values = append(f.Values, []byte("x"))
		}
		out := maskOne(m, f)
		for a := range 16 {
			for b := range a {
				if (f.Hashes[a] == f.Hashes[b]) != bytes.Equal(out.Values[a], out.Values[b]) {
					t.Fatalf("record %d: %q and %q", i, out.Values[a], out.Values[b])
				}
			}
		}
		if len(tagOf(out.Values[0])) > shortTag {
			longer++
		}
	}
	if longer == 0 {
		t.Error("no tags met, so that nothing was tried")
	}
}

func TestInternalHeader(t *testing.T) {
	h := InternalHeader(testHeader)
	f := maskOne(NewMasker(keyOf(secretOf(32)), testColumns, testHeader), &verdict.Finding{Key: []byte("99"), Kind: verdict.Missing, Field: verdict.NoField, Rows: []uint32{7, 0, 1}})
	for l, want := range []int{0, -1, 2} {
		if file, row := h.Locate(l, f.Rows[l]); file != want || row != 0 {
			t.Errorf("level %d: row %d of file %d, want file %d", l, row, file, want)
		}
	}
	if want := []string{"0.csv", "*", "2.csv"}; !slices.Equal(h.Files, want) || !h.FilesOnly || testHeader.FilesOnly || testHeader.Files[1] == "*" {
		t.Errorf("files are %q, want %q", h.Files, want)
	}
}

func TestStricter(t *testing.T) {
	full, guarded := Treatment{Show: Full}, Treatment{Show: Full, Guarded: true}
	name, phone, hidden := Treatment{Class: Name, Show: Masked}, Treatment{Class: Phone, Show: Masked}, Treatment{Class: Name, Show: Hidden}
	for _, c := range []struct{ a, b, want Treatment }{
		{full, guarded, guarded}, {full, name, name}, {name, hidden, hidden}, {name, phone, Treatment{Class: Other, Show: Masked}}, {name, name, name},
	} {
		if Stricter(c.a, c.b) != c.want || Stricter(c.b, c.a) != c.want {
			t.Errorf("%v and %v: %v", c.a, c.b, Stricter(c.a, c.b))
		}
	}
}
