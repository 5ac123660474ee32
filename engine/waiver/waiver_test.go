package waiver

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/verdict"
)

// shape has three levels; the field phone is on the last two of them.
var shape = Shape{
	Header:    verdict.Header{Levels: []string{"city", "district", "street"}, Fields: []string{"name", "phone"}, Carry: []string{"area", "block"}},
	Holds:     []uint32{0b111, 0b110},
	RuleLevel: map[string]int{"tested": 2},

	RuleRoster: map[string]string{"tested": "staff"},
}

const (
	city     = 1
	district = 2
	street   = 4
)

func pattern(t testing.TB, text string) *regexp.Regexp {
	t.Helper()
	p, err := Pattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func values(texts ...string) [][]byte {
	out := make([][]byte, len(texts))
	for i, v := range texts {
		if v != "-" {
			out[i] = []byte(v)
		}
	}
	return out
}

// The findings of the table test, by name.
var samples = map[string]verdict.Finding{
	"missing on street":     {Key: []byte("99a"), Kind: verdict.Missing, Field: -1, Outlier: -1, In: city | district, Carry: values("01", "-")},
	"missing on two":        {Key: []byte("99b"), Kind: verdict.Missing, Field: -1, Outlier: -1, In: city, Carry: values("02", "7")},
	"name differs":          {Key: []byte("99c"), Kind: verdict.Differs, Field: 0, Outlier: 2, In: 7, Values: values("Li", "Li", "Lee"), Carry: values("01", "7")},
	"name differs on two":   {Key: []byte("99d"), Kind: verdict.Differs, Field: 0, Outlier: -1, In: city | street, Values: values("Li", "-", "-")},
	"name differs on all":   {Key: []byte("99e"), Kind: verdict.Differs, Field: 0, Outlier: -1, In: 7, Values: values("Li", "Lo", "Lu")},
	"phone differs":         {Key: []byte("99f"), Kind: verdict.Differs, Field: 1, Outlier: -1, In: 7, Values: values("-", "1", "2")},
	"duplicate on district": {Key: []byte("99a"), Kind: verdict.Duplicate, Field: -1, Outlier: -1, In: 7, Count: 2, Values: values("-", "identical", "-")},
	"no key on street":      {Key: []byte{}, Kind: verdict.InvalidKey, Field: -1, Outlier: -1, In: street, Values: values("-", "-", "-"), Reason: "no key"},
	"bad key on city":       {Key: []byte("99x"), Kind: verdict.InvalidKey, Field: -1, Outlier: -1, In: 7, Values: values("99x", "-", "-"), Reason: "length"},
	"typo":                  {Key: []byte("99g"), Kind: verdict.KeyTypo, Field: -1, Outlier: -1, In: city, Values: values("99g", "99h", "-")},
	"typo of three":         {Key: []byte("99i"), Kind: verdict.KeyTypo, Field: -1, Outlier: 1, In: city | street, Values: values("99i", "99j", "99i")},
	"rule fails":            {Key: []byte("99k"), Kind: verdict.Inconsistent, Field: -1, Outlier: -1, In: 7, Values: values("fails", "fails", "-"), Reason: "adult"},
	"not covered":           {Key: []byte("99l"), Kind: verdict.NotCovered, Field: -1, Outlier: -1, In: city, Values: values("-", "absent", "-"), Reason: "staff", Group: []byte("G1")},
	"overdue":               {Key: []byte("99l"), Kind: verdict.Overdue, Field: 1, Outlier: -1, In: city, Values: values("-", "-", "-"), Reason: "tested"},
}

// TestCovers holds each part of a waiver against one finding of each sort.
func TestCovers(t *testing.T) {
	of := func(names ...string) []string { return names }
	for _, c := range []struct {
		about  string
		w      Waiver
		covers []string
	}{
		{"a kind", Waiver{Kinds: []verdict.Kind{verdict.Missing}}, of("missing on street", "missing on two")},
		{"two kinds", Waiver{Kinds: []verdict.Kind{verdict.Duplicate, verdict.Overdue}}, of("duplicate on district", "overdue")},
		{"a field", Waiver{Fields: []int{1}}, of("phone differs", "overdue")},
		{"city", Waiver{Levels: city}, of("name differs on two", "bad key on city", "typo")},
		{"district", Waiver{Levels: district}, of("phone differs", "duplicate on district", "typo", "typo of three", "not covered")},
		{"street", Waiver{Levels: street}, of("missing on street", "name differs", "name differs on two", "phone differs", "no key on street", "overdue")},
		{"district and street", Waiver{Levels: district | street, Kinds: []verdict.Kind{verdict.Missing}}, of("missing on street", "missing on two")},
		{"city and district", Waiver{Levels: city | district, Kinds: []verdict.Kind{verdict.Inconsistent, verdict.Differs}}, of("rule fails", "name differs on two", "phone differs")},
		{"a reason", Waiver{Reasons: []string{"staff", "length"}}, of("not covered", "bad key on city")},
		{"a group", Waiver{Groups: []string{"G0", "G1"}}, of("not covered")},
		{"a group of nobody", Waiver{Groups: []string{""}}, nil},
		{"a key", Waiver{Keys: []string{"99a", "99z"}}, of("missing on street", "duplicate on district")},
		{"a key and a kind", Waiver{Keys: []string{"99a"}, Kinds: []verdict.Kind{verdict.Missing}}, of("missing on street")},
		{"a pattern of keys", Waiver{Key: pattern(t, "99[ab]$")}, of("missing on street", "missing on two", "duplicate on district")},
		{"part of a key", Waiver{Key: pattern(t, "9[xk]")}, of("bad key on city", "rule fails")},
		{"no key", Waiver{Key: pattern(t, "^$")}, of("no key on street")},
		{"alternatives", Waiver{Key: pattern(t, "99c|99d")}, of("name differs", "name differs on two")},
		{"a value", Waiver{Value: pattern(t, "^L[eo]")}, of("name differs", "name differs on all")},
		{"a value of a level", Waiver{Value: pattern(t, "Li"), Levels: street}, of()},
		{"a value of city", Waiver{Value: pattern(t, "Li"), Levels: city}, of("name differs on two")},
		{"carried", Waiver{Carry: []Carried{{0, []string{"01", "03"}}}}, of("missing on street", "name differs")},
		{"two carried", Waiver{Carry: []Carried{{0, []string{"01", "02"}}, {1, []string{"7"}}}}, of("missing on two", "name differs")},
		{"null carried", Waiver{Carry: []Carried{{1, []string{""}}}}, nil},
		{"expired", Waiver{Kinds: verdict.Kinds(), Expired: true}, nil},
	} {
		set := New([]Waiver{c.w}, shape)
		for name, f := range samples {
			tally := set.NewTally()
			findings := []verdict.Finding{f}
			tally.Judge(findings)
			want := verdict.New
			if slices.Contains(c.covers, name) {
				want = verdict.Waived
			}
			if findings[0].Status != want {
				t.Errorf("%s: %s is %s, want %s", c.about, name, findings[0].Status, want)
			}
		}
	}
}

// TestRecords holds which records are waived: those whose missing and differs findings all are.
func TestRecords(t *testing.T) {
	missing := verdict.Finding{Key: []byte("99a"), Kind: verdict.Missing, Field: -1, Outlier: -1, In: city | district}
	name := verdict.Finding{Key: []byte("99a"), Kind: verdict.Differs, Field: 0, Outlier: -1, In: city | district, Values: values("a", "b", "-")}
	duplicate := verdict.Finding{Key: []byte("99a"), Kind: verdict.Duplicate, Field: -1, Outlier: -1, In: city | district, Values: values("identical", "-", "-")}
	phone := name
	phone.Field = 1
	kind := func(k ...verdict.Kind) []Waiver { return []Waiver{{Line: 1, Kinds: k}} }
	for _, c := range []struct {
		about    string
		findings []verdict.Finding
		waivers  []Waiver
		findingN int64
		missing  int64
		differs  int64
	}{
		{"all of them", []verdict.Finding{name, missing}, kind(verdict.Differs, verdict.Missing), 2, 1, 0},
		{"one of two", []verdict.Finding{name, missing}, kind(verdict.Missing), 1, 0, 0},
		{"the other kinds do not matter", []verdict.Finding{duplicate, missing}, kind(verdict.Missing), 1, 1, 0},
		{"no missing or differs", []verdict.Finding{duplicate}, kind(verdict.Duplicate), 1, 0, 0},
		{"two waivers together", []verdict.Finding{name, missing}, []Waiver{{Fields: []int{0}}, {Levels: street}}, 2, 1, 0},
		{"every field", []verdict.Finding{name, phone}, kind(verdict.Differs), 2, 0, 1},
		{"one of two fields", []verdict.Finding{name, phone}, []Waiver{{Fields: []int{0}}}, 1, 0, 0},
		{"two waivers for the same", []verdict.Finding{missing}, []Waiver{{Keys: []string{"99a"}}, {Levels: street}}, 1, 1, 0},
		{"none", []verdict.Finding{missing}, nil, 0, 0, 0},
	} {
		set := New(c.waivers, shape)
		tally := set.NewTally()
		tally.Judge(slices.Clone(c.findings))
		if o := set.Outcome([]*Tally{tally}); o.Findings != c.findingN || o.Missing != c.missing || o.Differing != c.differs || o.Records() != c.missing+c.differs {
			t.Errorf("%s: %d findings, %d missing and %d differing records are waived, want %d, %d and %d", c.about, o.Findings, o.Missing, o.Differing, c.findingN, c.missing, c.differs)
		}
	}
}

// TestOutcome holds what is said about waivers, and the cells that are counted.
func TestOutcome(t *testing.T) {
	set := New([]Waiver{
		{Line: 2, Kinds: []verdict.Kind{verdict.Missing, verdict.NotCovered, verdict.InvalidKey}},
		{Line: 5, Keys: []string{"99z"}},
		{Line: 8, Levels: street, Kinds: []verdict.Kind{verdict.Missing}},
		{Line: 9, Fields: []int{0}, Expired: true},
		{Line: 12, Reasons: []string{"tested"}},
		{Line: 15, Keys: []string{"99a", "99a"}, Expired: true},
	}, shape)
	tally := set.NewTally()
	for _, name := range []string{"missing on street", "missing on two", "name differs", "not covered", "no key on street", "bad key on city", "overdue", "phone differs"} {
		tally.Judge([]verdict.Finding{samples[name]})
	}
	want := &Outcome{
		Holding: 4, Expired: []int{9, 15}, Unused: []int{5},
		Findings: 6, Missing: 2, ExpiredFindings: 1,
		Counts: []Count{
			{Kind: "invalid_key", Findings: 2},
			{Kind: "invalid_key", Level: "city", Findings: 1},
			{Kind: "invalid_key", Level: "city", Reason: "length", Findings: 1},
			{Kind: "invalid_key", Level: "street", Findings: 1},
			{Kind: "invalid_key", Level: "street", Reason: "no key", Findings: 1},
			{Kind: "missing", Findings: 2},
			{Kind: "missing", Level: "district", Findings: 1},
			{Kind: "missing", Level: "street", Findings: 2},
			{Kind: "not_covered", Findings: 1},
			{Kind: "not_covered", Level: "district", Reason: "staff", Findings: 1},
			{Kind: "overdue", Findings: 1},
			{Kind: "overdue", Reason: "tested", Findings: 1},
		},
		Members: map[Member]int64{{Kind: "not_covered", Roster: "staff", Group: "G1"}: 1, {Kind: "overdue", Roster: "staff"}: 1},
	}
	got := set.Outcome([]*Tally{tally})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if got.Of("missing", "", "street", "") != 2 || got.Of("differs", "", "", "") != 0 || (*Outcome)(nil).Of("missing", "", "", "") != 0 {
		t.Error("Of does not give the cells")
	}
}

// TestPattern holds that an error does not hold the expression.
func TestPattern(t *testing.T) {
	for _, text := range []string{"99(", "99)|(.*", `99\8`, "99[z-a]", "99**", "(?<99", "99{2000}", strings.Repeat("(", 2000) + "99"} {
		if _, err := Pattern(text); err == nil || strings.Contains(err.Error(), "99") {
			t.Errorf("%.20q gave the error %v", text, err)
		}
	}
}

// random gives findings in report order and waivers of which some cover them.
func random(t testing.TB, seed uint64) ([]verdict.Finding, []Waiver) {
	r := rand.New(rand.NewPCG(seed, 4))
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range samples {
			if !yield(name) {
				return
			}
		}
	})
	var findings []verdict.Finding
	for key := range r.IntN(40) {
		for range 1 + r.IntN(3) {
			f := samples[names[r.IntN(len(names))]]
			f.Key = fmt.Appendf(nil, "99%03d", key)
			findings = append(findings, f)
		}
	}
	var waivers []Waiver
	for i := range r.IntN(6) {
		w := Waiver{Line: i + 1, Expired: r.IntN(4) == 0}
		if r.IntN(3) == 0 {
			w.Kinds = []verdict.Kind{verdict.Kinds()[r.IntN(len(verdict.Kinds()))]}
		}
		if r.IntN(3) == 0 {
			w.Levels = 1 + r.Uint32N(7)
		}
		for range r.IntN(10) {
			w.Keys = append(w.Keys, fmt.Sprintf("99%03d", r.IntN(40)))
		}
		if r.IntN(4) == 0 {
			w.Key = pattern(t, fmt.Sprintf("99.*%d$", r.IntN(10)))
		}
		waivers = append(waivers, w)
	}
	return findings, waivers
}

// TestRandom holds that a finding is waived exactly if one of the waivers alone covers it, and that neither the order of the waivers
// nor how the records are dealt out to tallies changes anything.
func TestRandom(t *testing.T) {
	for seed := range uint64(300) {
		findings, waivers := random(t, seed)
		whole := slices.Clone(findings)
		set := New(waivers, shape)
		tally := set.NewTally()
		tally.Judge(whole)
		for i := range findings {
			alone := false
			for _, w := range waivers {
				one := []verdict.Finding{findings[i]}
				New([]Waiver{w}, shape).NewTally().Judge(one)
				alone = alone || one[0].Status == verdict.Waived
			}
			if alone != (whole[i].Status == verdict.Waived) {
				t.Fatalf("seed %d: finding %d is %s, and waived alone: %v", seed, i, whole[i].Status, alone)
			}
		}
		r := rand.New(rand.NewPCG(seed, 5))
		r.Shuffle(len(waivers), func(i, j int) { waivers[i], waivers[j] = waivers[j], waivers[i] })
		other := New(waivers, shape)
		tallies := []*Tally{other.NewTally(), other.NewTally(), other.NewTally()}
		dealt := slices.Clone(findings)
		for begin := 0; begin < len(dealt); {
			end := begin + 1
			for end < len(dealt) && (string(dealt[end].Key) == string(dealt[end-1].Key) || r.IntN(3) > 0) {
				end++
			}
			tallies[r.IntN(3)].Judge(dealt[begin:end])
			begin = end
		}
		if !reflect.DeepEqual(dealt, whole) {
			t.Fatalf("seed %d: the statuses differ", seed)
		}
		a, b := set.Outcome([]*Tally{tally}), other.Outcome(tallies)
		slices.Sort(b.Expired)
		slices.Sort(b.Unused)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("seed %d: got\n%+v\nwant\n%+v", seed, b, a)
		}
	}
}

// BenchmarkJudge judges findings of 100,000 records against as many keys, and against ten patterns.
func BenchmarkJudge(b *testing.B) {
	var keys []string
	findings := make([]verdict.Finding, 100_000)
	for i := range findings {
		findings[i] = samples["missing on street"]
		findings[i].Key = fmt.Appendf(nil, "99%016d", i)
		keys = append(keys, fmt.Sprintf("99%016d", i*10))
	}
	for _, c := range []struct {
		name    string
		waivers []Waiver
	}{
		{"waivers=keys", []Waiver{{Keys: keys}}},
		{"waivers=patterns", slices.Repeat([]Waiver{{Kinds: []verdict.Kind{verdict.Missing}, Key: pattern(b, "^990[0-9]*5$")}}, 10)},
	} {
		b.Run(c.name, func(b *testing.B) {
			set := New(c.waivers, shape)
			for b.Loop() {
				tally := set.NewTally()
				tally.Judge(findings)
				if tally.findings != int64(len(findings))/10 {
					b.Fatalf("%d findings are waived", tally.findings)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(findings)), "ns/finding")
		})
	}
}
