package waiver

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"crosscheck/engine/verdict"
)

var header = verdict.Header{Levels: []string{"a", "b", "c"}, Fields: []string{"name", "phone"}, Carry: []string{"street"},
	Key: func(parts []string) ([]byte, bool) {
		key := strings.ToUpper(strings.Join(parts, "|"))
		return []byte(key), key != ""
	}}

var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func TestMatch(t *testing.T) {
	text := func(s string) []byte { return []byte(s) }
	missing := verdict.Finding{Key: text("K1"), Kind: verdict.Missing, Field: verdict.NoField, In: 5, Outlier: verdict.NoLevel, Carry: [][]byte{text("0101")}}
	differs := verdict.Finding{Key: text("K2"), Kind: verdict.Differs, Field: 1, In: 7, Outlier: 2, Values: [][]byte{text("1"), text("1"), text("200")}, Carry: [][]byte{nil}}
	torn := differs
	torn.Outlier = verdict.NoLevel
	member := verdict.Finding{Key: text("K3"), Kind: verdict.NotCovered, Field: verdict.NoField, Outlier: verdict.NoLevel, Reason: "staff", Group: text("E1"), Values: [][]byte{nil, text("absent"), nil}}
	for _, c := range []struct {
		name  string
		entry Entry
		f     *verdict.Finding
		want  bool
	}{
		{"anything", Entry{}, &missing, true},
		{"kind", Entry{Kinds: []string{"missing"}}, &missing, true},
		{"other kind", Entry{Kinds: []string{"differs", "duplicate"}}, &missing, false},
		{"the level that lacks it", Entry{Level: "b"}, &missing, true},
		{"a level that has it", Entry{Level: "a"}, &missing, false},
		{"the odd one out", Entry{Level: "c"}, &differs, true},
		{"one of the others", Entry{Level: "a"}, &differs, false},
		{"no odd one out", Entry{Level: "a"}, &torn, true},
		{"a member's level", Entry{Level: "b"}, &member, true},
		{"a member's other level", Entry{Level: "a"}, &member, false},
		{"field", Entry{Field: "phone"}, &differs, true},
		{"other field", Entry{Field: "name"}, &differs, false},
		{"no field", Entry{Field: "name"}, &missing, false},
		{"key in another spelling", Entry{Keys: [][]string{{"x"}, {"k1"}}}, &missing, true},
		{"another key", Entry{Keys: [][]string{{"k2"}}}, &missing, false},
		{"key pattern", Entry{KeyPattern: regexp.MustCompile("^K[13]$")}, &missing, true},
		{"another key pattern", Entry{KeyPattern: regexp.MustCompile("^K[13]$")}, &differs, false},
		{"value", Entry{Value: regexp.MustCompile("^200$")}, &differs, true},
		{"value of the level", Entry{Level: "a", Value: regexp.MustCompile("^200$")}, &torn, false},
		{"no value", Entry{Value: regexp.MustCompile("")}, &missing, false},
		{"carried", Entry{Carry: map[string]string{"street": "0101"}}, &missing, true},
		{"carried otherwise", Entry{Carry: map[string]string{"street": "0102"}}, &missing, false},
		{"carried null", Entry{Carry: map[string]string{"street": ""}}, &differs, false},
		{"group", Entry{Group: "E1"}, &member, true},
		{"no group", Entry{Group: "E1"}, &missing, false},
		{"roster", Entry{Rule: "staff"}, &member, true},
		{"another rule", Entry{Rule: "staf"}, &member, false},
		{"expired", Entry{Until: today.AddDate(0, 0, -1)}, &missing, false},
		{"its last day", Entry{Until: today}, &missing, true},
		{"all of it", Entry{Kinds: []string{"differs"}, Field: "phone", Level: "c", Keys: [][]string{{"k2"}}, Value: regexp.MustCompile("2")}, &differs, true},
	} {
		if c.entry.Until.IsZero() {
			c.entry.Until = today
		}
		s, err := Compile([]Entry{c.entry}, header, today)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := s.Match(c.f) == 0; got != c.want {
			t.Errorf("%s: waived is %v", c.name, got)
		}
	}
	s, err := Compile([]Entry{{Until: today, Kinds: []string{"differs"}}, {Until: today}, {Until: today, Keys: [][]string{{"k1"}}}, {Until: today.AddDate(-1, 0, 0)}}, header, today)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Match(&missing); got != 1 {
		t.Errorf("entry %d waives, want the first that does", got)
	}
	if len(s.Expired) != 1 || s.Expired[0] != 3 {
		t.Errorf("expired: %v", s.Expired)
	}
}

func TestCompileFaults(t *testing.T) {
	for want, e := range map[string]Entry{
		`line 7: no field of the run is called "nme"`:                {Line: 7, Field: "nme"},
		`line 8: no level of the run is called "d"`:                  {Line: 8, Level: "d"},
		`line 9: the reports do not carry the column "city"`:         {Line: 9, Carry: map[string]string{"city": "x"}},
		`line 10: a key has not as many parts as the key of the run`: {Line: 10, Keys: [][]string{{""}}, Until: today},
	} {
		if _, err := Compile([]Entry{e}, header, today); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
