package enginetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/verdict"
)

// Text is a text or null.
type Text struct {
	Valid bool
	Text  string
}

// textOf gives the text in b, null for nil.
func textOf(b []byte) Text { return Text{b != nil, string(b)} }

// Finding is a verdict.Finding that can be compared.
type Finding struct {
	Key       string
	Kind      verdict.Kind
	Field     string // "" where the kind has none
	In        uint32
	Values    []Text // nil where the kind has none
	Outlier   int    // or verdict.NoLevel
	Consensus Text
	Count     int64
	Reason    string
	Group     Text
	Rows      []int64 // a level: number of the row in its table, counted from 1, 0 where there is none
	Carry     []Text  // nil where there are none
}

// differences names the parts in which two findings are not the same.
func differences(a, b *Finding) []string {
	var parts []string
	note := func(part string, same bool) {
		if !same {
			parts = append(parts, part)
		}
	}
	note("key", a.Key == b.Key)
	note("kind", a.Kind == b.Kind)
	note("field", a.Field == b.Field)
	note("in", a.In == b.In)
	note("outlier", a.Outlier == b.Outlier)
	note("consensus", a.Consensus == b.Consensus)
	note("count", a.Count == b.Count)
	note("reason", a.Reason == b.Reason)
	note("group", a.Group == b.Group)
	perLevel(note, "values", a.Values, b.Values)
	perLevel(note, "rows", a.Rows, b.Rows)
	perLevel(note, "carry", a.Carry, b.Carry)
	return parts
}

func perLevel[T comparable](note func(string, bool), part string, a, b []T) {
	if (a == nil) != (b == nil) || len(a) != len(b) {
		note(part, false)
		return
	}
	for i := range a {
		note(fmt.Sprintf("%s[%d]", part, i), a[i] == b[i])
	}
}

// order is the order of a report: key, kind, field, then level.
func order(a, b *Finding) int {
	return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Kind.String(), b.Kind.String()), strings.Compare(a.Field, b.Field), compareReasons(a, b))
}

// compareReasons orders the findings of rules; those of rosters stay in the order of the job.
func compareReasons(a, b *Finding) int {
	if a.Kind == verdict.NotCovered {
		return 0
	}
	return strings.Compare(a.Reason, b.Reason)
}

// maxTold is the number of differences that Diff tells.
const maxTold = 5

// Diff tells in a few lines how findings differ from those wanted, by position, kind, field and level, never by values. It gives ""
// if they are the same.
func Diff(got, want []Finding) string {
	var told []string
	differ := 0
	tell := func(format string, args ...any) {
		if differ++; differ <= maxTold {
			told = append(told, fmt.Sprintf(format, args...))
		}
	}
	for g, w := 0, 0; g < len(got) || w < len(want); {
		side := 0
		switch {
		case g == len(got):
			side = 1
		case w == len(want):
			side = -1
		default:
			side = order(&got[g], &want[w])
		}
		switch {
		case side < 0:
			tell("finding %d, %s: not wanted", g, describe(&got[g]))
			g++
		case side > 0:
			tell("wanted finding %d, %s: lacking", w, describe(&want[w]))
			w++
		default:
			if parts := differences(&got[g], &want[w]); parts != nil {
				tell("finding %d, %s: wrong %s", g, describe(&got[g]), strings.Join(parts, ", "))
			}
			g++
			w++
		}
	}
	if differ == 0 {
		return ""
	}
	if differ > maxTold {
		told = append(told, fmt.Sprintf("and %d more", differ-maxTold))
	}
	return fmt.Sprintf("%d findings, want %d:\n\t%s", len(got), len(want), strings.Join(told, "\n\t"))
}

// describe gives "differs of field f2 (in 101)"; levels are counted from the left.
func describe(f *Finding) string {
	s := f.Kind.String()
	if f.Field != "" {
		s += " of field " + f.Field
	}
	in := fmt.Sprintf("%b", f.In)
	levels := []byte(in)
	slices.Reverse(levels)
	s += " (in " + string(levels)
	for l, row := range f.Rows {
		if row > 0 {
			s += fmt.Sprintf(", row %d of level %d", row, l)
			break
		}
	}
	return s + ")"
}

// DiffSummary tells how the counts of a summary differ from those wanted; time is left out. It gives "" if they are the same.
func DiffSummary(got, want *engine.Summary) string {
	var told []string
	tell := func(what string, g, w any) {
		if a, b := fmt.Sprintf("%+v", g), fmt.Sprintf("%+v", w); a != b {
			told = append(told, fmt.Sprintf("%s: got %s, want %s", what, a, b))
		}
	}
	tell("records", got.Records, want.Records)
	tell("matched", got.Matched, want.Matched)
	tell("missing", got.Missing, want.Missing)
	tell("differing", got.Differing, want.Differing)
	tell("findings", got.Findings, want.Findings)
	tellEach(tell, "kinds", got.Kinds, want.Kinds)
	tellEach(tell, "fields", got.Fields, want.Fields)
	tellEach(tell, "levels", got.Levels, want.Levels)
	tellEach(tell, "patterns", got.Patterns, want.Patterns)
	tellEach(tell, "unparseable", got.Unparseable, want.Unparseable)
	tellEach(tell, "carry", got.Carry, want.Carry)
	tellEach(tell, "invalid keys", got.InvalidKeys, want.InvalidKeys)
	tellEach(tell, "rosters", got.Rosters, want.Rosters)
	tellEach(tell, "rules", got.Rules, want.Rules)
	return strings.Join(told, "\n\t")
}

func tellEach[T any](tell func(string, any, any), what string, got, want []T) {
	tell("number of "+what, len(got), len(want))
	for i := range min(len(got), len(want)) {
		tell(fmt.Sprintf("%s[%d]", what, i), got[i], want[i])
	}
}
