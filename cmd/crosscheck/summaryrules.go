package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"crosscheck/engine"
)

// rosters counts the members of rosters whom levels lack and of whom something is overdue, the worst roster first.
func (o outcome) rosters(s style) string {
	rosters := slices.Clone(o.summary.Rosters)
	if len(rosters) == 0 {
		return ""
	}
	share := func(r engine.RosterCount) float64 {
		return float64(max(r.Uncovered, r.Overdue)) / float64(max(r.Members, 1))
	}
	slices.SortStableFunc(rosters, func(a, b engine.RosterCount) int { return cmp.Compare(share(b), share(a)) })
	header := []string{"roster", "members", "not covered", "of all"}
	ages := slices.ContainsFunc(o.summary.Rules, func(r engine.RuleCount) bool { return r.Kind == string(engine.RuleOverdue) })
	if ages {
		header = append(header, "overdue", "of all")
	}
	for _, l := range o.summary.Levels {
		header = append(header, "lacking on "+l.Level)
	}
	var notes []string
	t := s.table("l"+strings.Repeat("r", len(header)-1), header...)
	for _, r := range rosters {
		cells := row(r.Roster, thousands(r.Members), thousands(r.Uncovered), percentOf(r.Uncovered, r.Members))
		if ages {
			cells = append(cells, thousands(r.Overdue), percentOf(r.Overdue, r.Members))
		}
		for l, n := range r.Lacking {
			text := s.dim("–")
			if r.Required[l] {
				text = thousands(n)
			}
			cells = append(cells, text)
		}
		t.AppendRow(cells)
		for _, odd := range []struct {
			n    int64
			what string
		}{{r.NoKey, "without a key"}, {r.Malformed, "with a malformed key"}, {r.Repeated, "of a member it lists already"}} {
			if odd.n > 0 {
				notes = append(notes, fmt.Sprintf("\n  %s has %s %s", r.Roster, plural(odd.n, "row"), odd.what))
			}
		}
		bad := 0
		for _, g := range r.Groups {
			if g.Uncovered+g.Overdue > 0 {
				bad++
			}
		}
		if len(r.Groups) > 0 {
			notes = append(notes, fmt.Sprintf("\n  %s of %s of %s have such members", thousands(int64(bad)), plural(int64(len(r.Groups)), "group"), r.Roster))
		}
	}
	return rendered(t) + strings.Join(notes, "")
}

// rules counts the findings of rules, most first.
func (o outcome) rules(s style) string {
	rules := slices.Clone(o.summary.Rules)
	if len(rules) == 0 {
		return ""
	}
	slices.SortStableFunc(rules, func(a, b engine.RuleCount) int { return cmp.Compare(b.Findings, a.Findings) })
	header := []string{"rule", "kind", "findings"}
	undecided := slices.ContainsFunc(rules, func(r engine.RuleCount) bool { return r.Undecided > 0 })
	if undecided {
		header = append(header, "rows undecided")
	}
	t := s.table("llrr", header...)
	for _, r := range rules {
		cells := row(r.Rule, r.Kind, thousands(r.Findings))
		if undecided {
			cells = append(cells, thousands(r.Undecided))
		}
		t.AppendRow(cells)
	}
	return rendered(t)
}
