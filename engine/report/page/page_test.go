package page

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func ptr[T any](x T) *T { return &x }

// sample is a night with a bit of everything, names that are no HTML among it.
func sample() *Night {
	n := &Night{
		Job: "residents <script>alert(1)</script>", Date: "2026-11-18", Version: "v1",
		Records: 400000, Matched: ptr(int64(396790)), Missing: ptr(int64(738)), Differing: ptr(int64(2472)), Mismatch: ptr(0.008025),
		Gates: []Gate{
			{Metric: "mismatch_rate", Unit: Share, Value: ptr(0.008025), Limits: []Limit{{AtMost, 0.03}}, Passed: true},
			{Metric: "rows", Of: "street", Value: ptr(399959.0), Limits: []Limit{{LessBy, -0.2}, {AtLeast, 1000}}},
			{Metric: "new_mismatches", Limits: []Limit{{OpenBy, 3}}, Passed: true},
			{Metric: "age", Of: "city", Unit: Seconds, Value: ptr(5400.0), Limits: []Limit{{AtMost, 129600}}, Passed: true},
		},
		Changes: Changes{Against: "2026-11-17", New: ptr(int64(12)), Persisting: ptr(int64(3992))},
		Waived:  ptr(int64(40)),
		Kinds:   []Kind{{Kind: "differs", Count: ptr(int64(2660)), Waived: ptr(int64(40))}, {Kind: "key_typo"}},
		Fields: []Field{
			{Field: "phone", Differs: ptr(int64(450)), Of: 400000, Alone: []*int64{ptr(int64(200)), nil, ptr(int64(30))}, Holds: []bool{true, true, true}},
			{Field: "a&b", Of: 400000, Alone: []*int64{ptr(int64(0)), ptr(int64(77)), nil}, Holds: []bool{true, true, false}},
			{Field: "name", Differs: ptr(int64(99)), Of: 400000},
		},
		Levels:  []Level{{"city", 399955, ptr(int64(240)), nil, ptr(int64(76))}, {"district", 399942, nil, ptr(int64(11)), ptr(int64(0))}, {"street", 399959, ptr(int64(246)), ptr(int64(133)), nil}},
		Groups:  []Group{{Column: "street_code", Values: []GroupValue{{"0713", []*int64{ptr(int64(10)), nil, nil}}, {"0102", []*int64{nil, ptr(int64(12)), nil}}}, More: 318}, {Column: "area", More: 2081}},
		Inputs:  []Input{{"city", []string{"data/city-1.parquet", "data/city-2.parquet"}, 399955, 24_100_000, ptr(time.Date(2026, 11, 18, 1, 2, 3, 0, time.UTC))}, {"district", []string{"*"}, 399942, 999, nil}},
		Started: time.Date(2026, 11, 18, 2, 0, 0, 0, time.UTC), Seconds: 0.31, Rows: 1199856, Memory: 187_000_000,
		Phases: []Phase{{"load", 0.2}, {"write", 0.1}},
	}
	for i := range 9 {
		night := Past{Date: fmt.Sprintf("2026-11-%02d", 10+i), Records: 400000, Mismatch: ptr(0.005 + 0.004*float64(i%4)), New: ptr(int64(100 * i)), Passed: i != 4}
		if i == 2 {
			night.Mismatch = nil
		}
		n.Nights = append(n.Nights, night)
	}
	return n
}

func render(t *testing.T, n *Night) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, n); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPageStandsForItself: nothing in a page is loaded from anywhere, and names cannot be more than text.
func TestPageStandsForItself(t *testing.T) {
	html := render(t, sample())
	for _, bad := range []string{"http:", "https:", "//cdn", "@import", "url(", "<script>alert"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, want := range []string{"residents &lt;script&gt;", "default-src 'none'", "a&amp;b", "A gate is broken", "数据核对"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if !strings.HasPrefix(html, "<!DOCTYPE html>") {
		t.Error("the page does not begin with its type")
	}
}

// TestWithheldCounts: a count that is nil shows nowhere as a number, and has words for who does not see the dash.
func TestWithheldCounts(t *testing.T) {
	n := sample()
	n.Fields = []Field{{Field: "phone", Of: 4711}}
	html := render(t, n)
	row := regexp.MustCompile(`<tr><th scope="row">phone</th>.*`).FindString(html)
	if strings.Count(row, string(withheld)) != 2 || strings.Contains(row, `class="bar"`) {
		t.Errorf("a field whose count is withheld shows as %s", row)
	}
}

// TestWithoutMuch: a night with nothing before it and nothing found is a page too.
func TestWithoutMuch(t *testing.T) {
	html := render(t, &Night{Job: "j", Date: "2026-11-18", Matched: ptr(int64(0)), Nights: []Past{{Date: "2026-11-18"}}})
	for _, want := range []string{"No differences were found.", "There is no earlier night"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(html, `class="trend"`) || strings.Contains(html, "Reliability") {
		t.Error("the page has sections without content")
	}
	var b strings.Builder
	if err := WriteAll(&b, &All{Job: "j", Nights: []Past{{Date: "2026-11-18", Mismatch: ptr(0.0)}}, Pages: []bool{true}}); err != nil || !strings.Contains(b.String(), `href="run_date=2026-11-18/index.html"`) {
		t.Errorf("the page of all nights has no link to the night, %v", err)
	}
}

// TestEveryTextIsTranslated: what the templates ask to be translated has a translation, and no translation is left over.
func TestEveryTextIsTranslated(t *testing.T) {
	used := map[string]bool{}
	for _, name := range []string{"night.html", "all.html"} {
		text, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\{\{t "([^"]+)"\}\}`).FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
			if chinese[m[1]] == "" {
				t.Errorf("%s: %q has no translation", name, m[1])
			}
		}
	}
	code := []string{"too small to be public", "at least", "at most", "less than the last night", "more than the last night", "of those open the last night", "no limit"}
	names := []string{"differs", "duplicate", "inconsistent", "invalid_key", "key_typo", "missing", "not_covered", "overdue",
		"mismatch_rate", "missing_rate", "unparseable_rate", "new_mismatches", "records", "rows", "age", "not_covered_rate", "overdue_rate", "load", "join", "gather", "verify", "write"}
	for english := range chinese {
		if !used[english] && !slices.Contains(code, english) && !slices.Contains(names, english) {
			t.Errorf("nobody asks for %q", english)
		}
	}
}

func TestCeiling(t *testing.T) {
	for share, want := range map[float64]float64{0: 0.01, 0.0021: 0.005, 0.01: 0.01, 0.044: 0.05, 0.5: 0.5, 0.51: 1} {
		if got := ceiling(share); got < want*0.999999 || got > want*1.000001 {
			t.Errorf("ceiling of %v is %v, want %v", share, got, want)
		}
	}
}
