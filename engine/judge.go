package engine

import (
	"slices"

	"crosscheck/engine/verdict"
)

// What findings of rules and rosters say in the column of a level that has no value to show.
var (
	absentText = []byte("absent") // a level lacks the member of a roster
	failsText  = []byte("fails")  // a row fails an expression
)

// inconsistent makes the findings of the rows of the suspect that fail a rule: one a rule, in the order of ruleRank. A row counts
// where it stands for its level.
func (a *assembler) inconsistent() {
	last, open := int32(-1), (*verdict.Finding)(nil)
	failed := a.f.failed[a.rare.failed.begin:a.rare.failed.end]
	for i := range failed {
		x := &failed[i]
		if x.ref != a.f.row(a.s, int(x.level)) {
			continue
		}
		rule := &a.r.plan.rules[x.rule]
		if x.rule != last {
			last, open = x.rule, a.add(verdict.Inconsistent)
			open.Field, open.Reason = rule.field, rule.Name
			open.Values = a.texts()
			a.counts.rules[last]++
		}
		open.Values[x.level] = a.keep(&x.text)
		if rule.Kind == RuleExpression {
			open.Values[x.level] = failsText
		}
	}
}

// members makes the findings of the rosters that list the suspect: the levels that lack it, then what is overdue.
func (a *assembler) members() {
	members := a.f.members[a.rare.members.begin:a.rare.members.end]
	if len(members) == 0 {
		return
	}
	r := a.r
	for i := range members {
		m := &members[i]
		roster := &r.plan.rosters[m.roster]
		lacking := roster.levels &^ a.in
		for l := range r.plan.Levels {
			if lacking>>l&1 == 0 {
				continue
			}
			finding := a.add(verdict.NotCovered)
			finding.Reason, finding.Group = roster.name, a.keep(&m.group.text)
			finding.Values = a.texts()
			finding.Values[l] = absentText
			a.counts.rosters[m.roster].lacking[l]++
		}
	}
	overdue := make([]bool, len(members))
	for _, rule := range r.order {
		i := slices.IndexFunc(members, func(m member) bool { return m.roster == r.plan.rules[rule].roster })
		if r.plan.rules[rule].Kind != RuleOverdue || i < 0 {
			continue
		}
		m, planned := &members[i], &r.plan.rules[rule]
		last, at := m.latest(rule, &r.texts)
		if last != nil && !at.Before(planned.since) {
			continue
		}
		finding := a.add(verdict.Overdue)
		finding.Field, finding.Reason, finding.Group = planned.field, planned.Name, a.keep(&m.group.text)
		finding.Values = a.texts()
		if last != nil {
			finding.Values[planned.level], finding.Rows[planned.level] = a.keep(&last.cell.text), last.ref
		}
		a.counts.rules[rule]++
		overdue[i] = true
	}
	for i := range members {
		m := &members[i]
		a.counts.rosters[m.roster].count(r.texts.of(&m.group.text), r.plan.rosters[m.roster].levels&^a.in != 0, overdue[i])
	}
}

// rosterCounts counts the members of a roster.
type rosterCounts struct {
	members   int64
	uncovered int64
	overdue   int64
	lacking   []int64                // a level
	groups    map[string]*GroupCount // "" is the group of members that have none
}

// count counts a member.
func (c *rosterCounts) count(group []byte, uncovered, overdue bool) {
	g := c.group(string(group))
	g.Members++
	c.members++
	if uncovered {
		g.Uncovered++
		c.uncovered++
	}
	if overdue {
		g.Overdue++
		c.overdue++
	}
}

func (c *rosterCounts) group(name string) *GroupCount {
	if c.groups == nil {
		c.groups = map[string]*GroupCount{}
	}
	g, ok := c.groups[name]
	if !ok {
		g = &GroupCount{Group: name}
		c.groups[name] = g
	}
	return g
}

// merge adds o to c.
func (c *rosterCounts) merge(o *rosterCounts) {
	c.members += o.members
	c.uncovered += o.uncovered
	c.overdue += o.overdue
	for l, n := range o.lacking {
		c.lacking[l] += n
	}
	for name, n := range o.groups {
		g := c.group(name)
		g.Members += n.Members
		g.Uncovered += n.Uncovered
		g.Overdue += n.Overdue
	}
}
