package privacy

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppendMasked(t *testing.T) {
	for _, c := range []struct {
		class      Class
		value, out string
	}{
		{ResidentID, "99010119900101006X", "990*************6X"},
		{ResidentID, "990101900101006", "990**********06"},
		{ResidentID, "99010119", "********"},
		{ResidentID, "990101199", "990****99"},
		{Phone, "10012348888", "100****8888"},
		{Phone, "1001234888", "**********"},
		{Phone, "+86 10012348888", "+86********8888"},
		{Phone, strings.Repeat("1", 1000), "111****************1111"},
		{BankCard, "4000000000000002", "************0002"},
		{BankCard, "4000", "****"},
		{Name, "张三", "张*"},
		{Name, "张三丰", "张**"},
		{Name, "张", "*"},
		{Name, "", ""},
		{Name, "\xff\xfe", "\ufffd*"},
		{Name, "\xff", "*"},
		{Name, "e\u0301ve", "e***"},
		{Email, "zhang.san@mail.example.org", "z*@*.org"},
		{Email, "z@example.org", "*@*.org"},
		{Email, "@example.org", "*@*.org"},
		{Email, "z@y@example.org", "z*@*.org"},
		{Email, "zhang@localhost", "z*@*"},
		{Email, "zhang@example.secretsecret", "z*@*"},
		{Email, "zhang@10.0.0.1", "z*@*"},
		{Email, "zhang", "*"},
		{Address, "青浦湾区花溪街道桂花社区科技大道2770弄360号1001室", "青浦湾区花溪街道桂花社区*"},
		{Address, "青浦湾区花溪街道科技大道2770弄360号1001室", "青浦湾区花溪街道*"},
		{Address, "某某省某某市某某县某某镇某某村一组王二家", "某某省某某市某某县某某镇某某村*"},
		{Address, "某某省某某市某某村", "某某省某某市某某村*"},
		{Address, "某某自治区某某市某某区幸福小区3栋", "某某自治区某某市某某区*"},
		{Address, "幸福小区3栋", "*"},
		{Address, "某某市3号楼某某区", "某某市*"},
		{Address, "某某区某某省", "某某区*"},
		{Address, "王二的家在某某省的一个很小的地方的村", "*"},
		{Address, "很长很长很长很长很长很长的名字省", "*"},
		{Address, "12 Garden Road", "*"},
		{Address, "市", "*"},
		{Health, "positive", "*"},
		{Other, "x", "*"},
		{None, "x", "*"},
	} {
		if got := string(c.class.AppendMasked(nil, []byte(c.value))); got != c.out {
			t.Errorf("%s %q: %q, want %q", c.class, c.value, got, c.out)
		}
	}
}

// FuzzMasked holds masks to what they say: UTF-8, bounded, nothing of a number but its ends, nothing of a name but its beginning, and of
// two values that differ in what is hidden alone, one mask.
func FuzzMasked(f *testing.F) {
	for _, v := range []string{"", "张", "张三丰", "99010119900101006X", "10012348888", "\xff\xfe\xfd", "a@b.cn", "某某省某某市某某村3号", "*", strings.Repeat("长", 300)} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		for _, c := range Classes() {
			masked := string(c.AppendMasked(nil, []byte(v)))
			n := utf8.RuneCountInString(v)
			switch {
			case !utf8.ValidString(masked):
				t.Errorf("%s %q: %q is not UTF-8", c, v, masked)
			case len(masked) > 400:
				t.Errorf("%s %q: %d bytes", c, v, len(masked))
			case (v == "") != (masked == ""):
				t.Errorf("%s %q: %q", c, v, masked)
			case v != "" && !strings.Contains(masked, "*"):
				t.Errorf("%s %q: %q hides nothing", c, v, masked)
			}
			shown := utf8.RuneCountInString(masked) - strings.Count(masked, "*") + strings.Count(v, "*")
			if most := map[Class]int{ResidentID: 5, Phone: 7, BankCard: 4, Name: 1, Health: 0, Other: 0, None: 0}; c != Email && c != Address && shown > most[c]+strings.Count(v, "*") {
				t.Errorf("%s %q: %q shows %d characters", c, v, masked, shown)
			}
			if c == Address {
				kept, _ := strings.CutSuffix(masked, "*")
				if !strings.HasPrefix(v, kept) {
					t.Errorf("address %q: %q is not its beginning", v, masked)
				}
				for _, r := range kept {
					if r < 0x4e00 || r > 0x9fff {
						t.Errorf("address %q: %q has %q", v, masked, r)
					}
				}
			}
			if c == ResidentID && n >= 9 { // what is in the middle makes no difference
				runes := []rune(v)
				for i := 3; i < n-2; i++ {
					runes[i] = 'x'
				}
				if other := string(c.AppendMasked(nil, []byte(string(runes)))); other != masked {
					t.Errorf("%q and %q: %q and %q", v, string(runes), masked, other)
				}
			}
		}
	})
}

// TestTellingQuickly holds that Telling, which looks at bytes as long as that will do, comes to what a look at characters does.
func TestTellingQuickly(t *testing.T) {
	r := rand.New(rand.NewPCG(99, 1))
	pieces := []string{"1", "3", "86", "0123456789", "１", "３", "８６１", "@", "＠", "a", "张", "é", "\xef", " ", "-"}
	found := 0
	for range 200_000 {
		var v []byte
		for range r.IntN(16) {
			v = append(v, pieces[r.IntN(len(pieces))]...)
		}
		if want := tellingWide(v); want != Telling(v) {
			t.Fatalf("%q: %v, %v by bytes", v, want, !want)
		} else if want {
			found++
		}
	}
	if found < 1000 {
		t.Errorf("%d values were telling", found)
	}
}

func TestTelling(t *testing.T) {
	for v, want := range map[string]bool{
		"": false, "F": false, "10012345679": true, "20012345679": false, "8610012345679": true, "2026-11-23 10:00:00": false, "110101001001": false,
		"99010119900101006X": true, "990101900101006": true, "a@b": true, "１００１２３４５６７９": true, "tel. 10012345679, ask for W.": true, "4000000000000002": true,
		"20261123100000": false, "990101198001010014x": true,
	} {
		if got := Telling([]byte(v)); got != want {
			t.Errorf("%q: %v", v, got)
		}
	}
}

func TestPolicy(t *testing.T) {
	var none Policy
	for _, c := range Classes() {
		if none.Show(c, Restricted) != Full || none.Show(c, Public) != Counted || none.Show(c, Internal) == Full != (c == None) {
			t.Errorf("%s: %s, %s, %s", c, none.Show(c, Restricted), none.Show(c, Internal), none.Show(c, Public))
		}
		if parsed, err := ParseClass(c.Word()); err != nil || parsed != c {
			t.Errorf("%s: %v, %v", c, parsed, err)
		}
	}
	p := Policy{Name: Hidden, None: Masked}
	if p.Show(Name, Internal) != Hidden || p.Show(None, Internal) != Masked || p.Show(Phone, Internal) != Masked || p.Show(Name, Restricted) != Full {
		t.Error(p)
	}
}
