package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"crosscheck/engine"
)

// fields counts the differing records by field, the greatest share first, and says who stands alone.
func (o outcome) fields(s style) string {
	var agree []string
	var fields []engine.FieldCount
	for _, f := range o.summary.Fields {
		if f.Differs == 0 {
			name := f.Field
			if f.Inferred {
				name += s.dim(" (" + comparedAs(f) + ")")
			}
			agree = append(agree, name)
		} else {
			fields = append(fields, f)
		}
	}
	var parts []string
	if len(fields) > 0 {
		slices.SortStableFunc(fields, func(a, b engine.FieldCount) int {
			return cmp.Compare(float64(b.Differs)/float64(b.Compared), float64(a.Differs)/float64(a.Compared))
		})
		votes := slices.ContainsFunc(fields, func(f engine.FieldCount) bool { return sum(f.Outlier) > 0 })
		header := []string{"field", "compared as", "differ", "of compared"}
		if votes {
			header = append(header, "stands alone")
		}
		t := s.table("llrrl", header...)
		for _, f := range fields {
			cells := row(f.Field, comparedAs(f), thousands(f.Differs), percentOf(f.Differs, f.Compared))
			if votes {
				cells = append(cells, o.alone(f))
			}
			t.AppendRow(cells)
		}
		parts = append(parts, rendered(t))
	}
	switch n := len(agree); {
	case n == 0:
	case n == len(o.summary.Fields):
		parts = append(parts, "  "+s.dim("no field differs: ")+strings.Join(agree, ", "))
	default:
		parts = append(parts, "  "+s.dim("no difference in ")+strings.Join(agree, ", "))
	}
	return strings.Join(parts, "\n")
}

// comparedAs names the type of a field, and says where nobody gave it.
func comparedAs(f engine.FieldCount) string {
	if f.Inferred {
		return f.Type + ", " + byContent
	}
	return f.Type
}

// alone says how often each level alone disagrees with all others in a field, most first.
func (o outcome) alone(f engine.FieldCount) string {
	type count struct {
		level string
		n     int64
	}
	var counts []count
	for l, n := range f.Outlier {
		if n > 0 {
			counts = append(counts, count{o.summary.Levels[l].Level, n})
		}
	}
	slices.SortStableFunc(counts, func(a, b count) int { return cmp.Compare(b.n, a.n) })
	var words []string
	for _, c := range counts {
		words = append(words, c.level+" "+thousands(c.n))
	}
	return strings.Join(words, ", ")
}

// unparsedShown is how many places of unreadable values are shown.
const unparsedShown = 5

// unparsed says where values do not read as their field's type: they are compared as text.
func (o outcome) unparsed(s style) string {
	header := []string{"not readable as", "type"}
	for _, l := range o.summary.Levels {
		header = append(header, l.Level)
	}
	t := s.table("ll"+strings.Repeat("r", len(o.summary.Levels)), header...)
	some := false
	for _, f := range o.summary.Fields {
		if sum(f.Unparseable) == 0 {
			continue
		}
		some = true
		cells := row(f.Field, comparedAs(f))
		for _, n := range f.Unparseable {
			cells = append(cells, thousands(n))
		}
		t.AppendRow(cells)
	}
	if !some {
		return ""
	}
	text := rendered(t)
	for _, u := range o.summary.Unparseable[:min(unparsedShown, len(o.summary.Unparseable))] {
		text += fmt.Sprintf("\n  %s of %s: %s, row %d", u.Field, u.Level, u.File, u.Row)
	}
	return text
}

// reliability says how often each level is the odd one out, the least reliable first, and of which fields most. It is for three
// or more levels: of two that disagree, none is odd.
func (o outcome) reliability(s style) string {
	levels := slices.DeleteFunc(slices.Clone(o.summary.Levels), func(l engine.LevelCount) bool { return l.Voted == 0 })
	if !slices.ContainsFunc(levels, func(l engine.LevelCount) bool { return l.Outlier > 0 }) {
		return ""
	}
	share := func(l engine.LevelCount) float64 { return float64(l.Outlier) / float64(l.Voted) }
	slices.SortStableFunc(levels, func(a, b engine.LevelCount) int { return cmp.Compare(share(b), share(a)) })
	t := s.table("lrrrl", "reliability", "odd one out", "of values", "", "most in")
	for _, l := range levels {
		t.AppendRow(row(l.Level, thousands(l.Outlier), thousands(l.Voted), percentOf(l.Outlier, l.Voted), o.oddest(l.Level)))
	}
	return rendered(t)
}

// oddest names the three fields in which a level is most often the odd one out.
func (o outcome) oddest(level string) string {
	l := slices.IndexFunc(o.summary.Levels, func(c engine.LevelCount) bool { return c.Level == level })
	fields := slices.DeleteFunc(slices.Clone(o.summary.Fields), func(f engine.FieldCount) bool { return f.Outlier[l] == 0 })
	slices.SortStableFunc(fields, func(a, b engine.FieldCount) int { return cmp.Compare(b.Outlier[l], a.Outlier[l]) })
	var words []string
	for _, f := range fields[:min(3, len(fields))] {
		words = append(words, fmt.Sprintf("%s %s", f.Field, percentOf(f.Outlier[l], f.Voted[l])))
	}
	return strings.Join(words, ", ")
}
