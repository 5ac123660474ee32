package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"crosscheck/engine"
)

// levelColumn is a column of the table of levels.
type levelColumn struct {
	header string
	count  func(engine.LevelCount) int64
	always bool // shown even if it is zero on every level
}

// levels counts by level, the one that most is wrong with first.
func (o outcome) levels(s style) string {
	levels := slices.Clone(o.summary.Levels)
	trouble := func(l engine.LevelCount) int64 { return l.Missing + l.Outlier + l.Extra + l.NoKey + l.Malformed }
	slices.SortStableFunc(levels, func(a, b engine.LevelCount) int { return cmp.Compare(trouble(b), trouble(a)) })
	columns := []levelColumn{
		{"keys repeated", func(l engine.LevelCount) int64 { return l.Duplicates }, false},
		{"extra rows", func(l engine.LevelCount) int64 { return l.Extra }, false},
		{"no key", func(l engine.LevelCount) int64 { return l.NoKey }, false},
		{"malformed keys", func(l engine.LevelCount) int64 { return l.Malformed }, false},
		{"records", func(l engine.LevelCount) int64 { return l.Records }, true},
		{"rows", func(l engine.LevelCount) int64 { return l.Rows }, true},
		{"files", func(l engine.LevelCount) int64 { return int64(l.Files) }, true},
	}
	columns = slices.DeleteFunc(columns, func(c levelColumn) bool {
		return !c.always && !slices.ContainsFunc(levels, func(l engine.LevelCount) bool { return c.count(l) > 0 })
	})
	header := []string{"level", "missing", "of all"}
	for _, c := range columns {
		header = append(header, c.header)
	}
	t := s.table("l"+strings.Repeat("r", len(header)-1), header...)
	for _, l := range levels {
		cells := row(l.Level, thousands(l.Missing), percentOf(l.Missing, o.summary.Records))
		for _, c := range columns {
			cells = append(cells, thousands(c.count(l)))
		}
		t.AppendRow(cells)
	}
	return rendered(t)
}

// invalidKeys says why keys are invalid: a reason a line, most rows first, and how many of them each level has.
func (o outcome) invalidKeys(s style) string {
	if len(o.summary.InvalidKeys) == 0 {
		return ""
	}
	header := []string{"invalid key", "rows"}
	column := map[string]int{}
	for i, l := range o.summary.Levels {
		header = append(header, l.Level)
		column[l.Level] = i
	}
	type reason struct {
		name   string
		rows   int64
		levels []int64
	}
	var reasons []reason
	for _, k := range o.summary.InvalidKeys {
		i := slices.IndexFunc(reasons, func(r reason) bool { return r.name == k.Reason })
		if i < 0 {
			i = len(reasons)
			reasons = append(reasons, reason{name: k.Reason, levels: make([]int64, len(column))})
		}
		reasons[i].rows += k.Rows
		reasons[i].levels[column[k.Level]] = k.Rows
	}
	slices.SortStableFunc(reasons, func(a, b reason) int { return cmp.Compare(b.rows, a.rows) })
	t := s.table("l"+strings.Repeat("r", len(header)-1), header...)
	for _, r := range reasons {
		cells := row(r.name, thousands(r.rows))
		for _, n := range r.levels {
			cells = append(cells, thousands(n))
		}
		t.AppendRow(cells)
	}
	return rendered(t)
}

// patternsShown is how many patterns of levels are listed; the rest is added up. With 16 levels there can be 65,535.
const patternsShown = 12

// patterns says which levels hold the records, most records first.
func (o outcome) patterns(s style) string {
	patterns := o.summary.Patterns
	if len(patterns) < 2 {
		return ""
	}
	header := []string{"records", "of all"}
	for _, l := range o.summary.Levels {
		header = append(header, l.Level)
	}
	t := s.table("rr", header...)
	shown := patterns[:min(len(patterns), patternsShown)]
	for _, p := range shown {
		cells := row(thousands(p.Records), percentOf(p.Records, o.summary.Records))
		for _, in := range p.In {
			mark := s.bad("–")
			if in {
				mark = "●"
			}
			cells = append(cells, mark)
		}
		t.AppendRow(cells)
	}
	text := rendered(t)
	if rest := patterns[len(shown):]; len(rest) > 0 {
		var n int64
		for _, p := range rest {
			n += p.Records
		}
		text += fmt.Sprintf("\n  %s held by %s", plural(n, "record"), plural(int64(len(rest)), "other combination"))
	}
	return text
}
