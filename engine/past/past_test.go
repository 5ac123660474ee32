package past

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"crosscheck/engine/verdict"
)

var header = verdict.Header{Levels: []string{"city", "street"}, Fields: []string{"name", "phone"}, Carry: []string{"area"}}

// made gives a finding of a record.
func made(key string, kind verdict.Kind, field int, level int, reason string) verdict.Finding {
	f := verdict.Finding{Key: []byte(key), Kind: kind, Field: field, In: 3, Outlier: verdict.NoLevel, Reason: reason, Carry: [][]byte{[]byte("01")}}
	if level >= 0 {
		f.In = 1 << level
		if key != "" {
			f.Values = make([][]byte, 2)
			f.Values[level] = []byte("x")
		}
	}
	return f
}

// night gives findings of an earlier night, first seen on day 7, in runs of so many.
func night(findings []verdict.Finding, run int) *Night {
	for i := range findings {
		findings[i].FirstSeen = 7
	}
	runs := slices.Collect(slices.Chunk(findings, run))
	var given []verdict.Finding
	return &Night{Fields: header.Fields, Carry: header.Carry, Next: func() ([]verdict.Finding, error) {
		for i := range given { // they were lent
			clear(given[i].Values)
			clear(given[i].Carry)
			given[i] = verdict.Finding{Key: []byte("lent"), FirstSeen: -1}
		}
		if len(runs) == 0 {
			return nil, nil
		}
		next := runs[0]
		given = next
		runs = runs[1:]
		return next, nil
	}}
}

// merged merges blocks of so many records with a night, and gives what is said of each finding.
func merged(t *testing.T, tonight []verdict.Finding, last *Night, records int) (said []string, counts Counts) {
	t.Helper()
	m := New(header, last)
	say := func(findings []verdict.Finding) {
		for _, f := range findings {
			said = append(said, fmt.Sprintf("%s %s %d %d %s: %s %d", f.Key, f.Kind, f.Field, levelOf(&f), f.Reason, f.Status, f.FirstSeen))
		}
	}
	for len(tonight) > 0 {
		n, left := 0, records
		for n < len(tonight) && (left > 0 || len(tonight[n].Key) > 0 && string(tonight[n].Key) == string(tonight[n-1].Key)) {
			n, left = n+1, left-1
		}
		resolved, err := m.Block(tonight[:n])
		if err != nil {
			t.Fatal(err)
		}
		say(resolved)
		say(tonight[:n])
		tonight = tonight[n:]
	}
	for more := true; more; {
		resolved, again, err := m.Rest()
		if err != nil {
			t.Fatal(err)
		}
		say(resolved)
		more = again
	}
	return said, m.Counts()
}

func TestMerge(t *testing.T) {
	const none = verdict.NoField
	waived := func(f verdict.Finding) verdict.Finding { f.Status = verdict.Waived; return f }
	last := func() []verdict.Finding {
		return []verdict.Finding{
			made("", verdict.InvalidKey, none, 0, "no key"), made("", verdict.InvalidKey, none, 0, "no key"), made("", verdict.InvalidKey, none, 1, "no key"),
			made("99a", verdict.Differs, 0, -1, ""), made("99a", verdict.Differs, 1, -1, ""),
			made("99b", verdict.Duplicate, none, 0, ""), made("99b", verdict.Missing, none, -1, ""),
			waived(made("99c", verdict.Missing, none, -1, "")),
			made("99d", verdict.InvalidKey, none, 0, "length"), made("99d", verdict.InvalidKey, none, 0, "length"),
			waived(made("99e", verdict.Missing, none, -1, "")),
			made("99f", verdict.Overdue, 1, -1, "tested"), made("99f", verdict.Overdue, 1, -1, "vaccinated"),
		}
	}
	tonight := func() []verdict.Finding {
		return []verdict.Finding{
			made("", verdict.InvalidKey, none, 0, "no key"), made("", verdict.InvalidKey, none, 1, "no key"), made("", verdict.InvalidKey, none, 1, "no key"),
			made("99A", verdict.Missing, none, -1, ""),
			made("99a", verdict.Differs, 1, -1, ""),
			made("99b", verdict.Duplicate, none, 1, ""), waived(made("99b", verdict.Missing, none, -1, "")),
			made("99c", verdict.Missing, none, -1, ""),
			made("99d", verdict.InvalidKey, none, 1, "length"), made("99d", verdict.InvalidKey, none, 0, "length"),
			made("99f", verdict.Overdue, 1, -1, "tested"),
		}
	}
	want := []string{
		" invalid_key -1 0 no key: persisting 7", " invalid_key -1 1 no key: persisting 7", " invalid_key -1 1 no key: new 0",
		" invalid_key -1 0 no key: resolved 7",
		"99A missing -1 -1 : new 0",
		"99a differs 0 -1 : resolved 7", "99a differs 1 -1 : persisting 7",
		"99b duplicate -1 0 : resolved 7", "99b duplicate -1 1 : new 0", "99b missing -1 -1 : waived 7",
		"99c missing -1 -1 : persisting 7",
		"99d invalid_key -1 1 length: new 0", "99d invalid_key -1 0 length: persisting 7", "99d invalid_key -1 0 length: resolved 7",
		"99f overdue 1 -1 tested: persisting 7", "99f overdue 1 -1 vaccinated: resolved 7",
	}
	slices.Sort(want)
	for _, run := range []int{1, 2, 5, 100} {
		for _, records := range []int{1, 3, 100} {
			got, counts := merged(t, tonight(), night(last(), run), records)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("runs of %d, blocks of %d: got\n%q, want\n%q", run, records, got, want)
			}
			if counts.New != 4 || counts.Persisting != 6 || counts.Waived != 1 || counts.Resolved != 5 || counts.Open != 11 || counts.Unlooked != 0 {
				t.Errorf("counted %+v", counts)
			}
		}
	}
	l := night(last(), 4)
	l.Fields = []string{"phone", "name"} // they are told by name
	l.Looked = func(f *verdict.Finding) bool { return f.Reason != "vaccinated" }
	got, counts := merged(t, tonight(), l, 2)
	if !slices.Contains(got, "99a differs 0 -1 : resolved 7") || counts.Unlooked != 1 || counts.Resolved != 5 {
		t.Errorf("fields in another order: %q, %+v", got, counts)
	}
	l = night(last(), 4)
	l.Fields = []string{"name", "dropped"}
	if _, counts = merged(t, tonight(), l, 2); counts.Unlooked != 3 || counts.New != 6 {
		t.Errorf("a field that is no longer compared: %+v", counts)
	}
	got, counts = merged(t, tonight(), nil, 4)
	if counts.New != 10 || counts.Waived != 1 || counts.Open+counts.Resolved != 0 || len(got) != 11 {
		t.Errorf("without an earlier night: %q, %+v", got, counts)
	}
	if got := reflect.TypeFor[verdict.Finding]().Size(); got > 232 {
		t.Errorf("a finding has %d bytes, which a night of millions feels", got)
	}
}

// TestMergeAgainstSets holds random nights against what multisets of identities say.
func TestMergeAgainstSets(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		draw := func() (out []verdict.Finding) {
			for range r.IntN(60) {
				key := []string{"", "99a", "99b", "99c", "99d"}[r.IntN(5)]
				kind := verdict.Kinds()[r.IntN(int(verdict.NumKinds))]
				f := made(key, kind, verdict.NoField, r.IntN(2), []string{"", "r", "s"}[r.IntN(3)])
				if kind == verdict.Differs {
					f.Field = r.IntN(2)
				}
				if key == "" {
					f = made(key, verdict.InvalidKey, verdict.NoField, r.IntN(2), "no key")
				}
				out = append(out, f)
			}
			slices.SortStableFunc(out, func(a, b verdict.Finding) int {
				if string(a.Key) != string(b.Key) {
					return slices.Compare(a.Key, b.Key)
				}
				if a.Kind != b.Kind {
					return int(a.Kind) - int(b.Kind)
				}
				if a.Field != b.Field || len(a.Key) > 0 {
					return a.Field - b.Field
				}
				return levelOf(&a) - levelOf(&b)
			})
			return out
		}
		last, tonight := draw(), draw()
		count := map[string]int{}
		name := func(f *verdict.Finding) string {
			id := identify(f, 0)
			return fmt.Sprint(string(f.Key), id)
		}
		for i := range last {
			count[name(&last[i])]++
		}
		want := Counts{Open: int64(len(last))}
		for i := range tonight {
			if n := name(&tonight[i]); count[n] > 0 {
				count[n]--
				want.Persisting++
			} else {
				want.New++
			}
		}
		want.Resolved = want.Open - want.Persisting
		_, got := merged(t, tonight, night(last, 1+r.IntN(9)), 1+r.IntN(9))
		got.Kinds, got.kinds = nil, want.kinds
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: got %+v, want %+v", seed, got, want)
		}
	}
}
