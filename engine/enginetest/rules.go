package enginetest

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/record"
	"crosscheck/engine/verdict"

	"github.com/apache/arrow/go/v17/arrow"
)

// readRosters finds the members of the rosters.
func (o *oracle) readRosters() {
	var types []record.Type
	for _, k := range o.opt.Key {
		types = append(types, k.Type)
	}
	for i, t := range o.rosters {
		var cols []*Column
		for _, k := range o.opt.Key {
			cols = append(cols, t.column(k.Name))
		}
		count := engine.RosterCount{Roster: o.opt.Rosters[i].Name, Rows: int64(t.Rows()), Lacking: make([]int64, len(o.tables))}
		for l := range o.tables {
			levels := o.opt.Rosters[i].Levels
			count.Required = append(count.Required, len(levels) == 0 || slices.Contains(levels, o.tables[l].Name))
		}
		for row := range t.Rows() {
			key, _, state, _ := keyOf(types, cols, row, o.opt.StrictRegions)
			if state == keyNone {
				count.NoKey++
				continue
			}
			if state == keyMalformed {
				count.Malformed++
			}
			r := o.keyed(key)
			if r.members == nil {
				r.members = make([]int, len(o.rosters))
			}
			if r.members[i] > 0 {
				count.Repeated++
				continue
			}
			r.members[i] = row + 1
			count.Members++
		}
		o.sum.Rosters = append(o.sum.Rosters, count)
	}
	for _, rule := range o.opt.Rules {
		o.sum.Rules = append(o.sum.Rules, engine.RuleCount{Rule: rule.Name, Kind: string(rule.Kind), Level: rule.Level, Field: rule.Field, Roster: rule.Roster})
	}
}

// judge holds the rows that stand for a record against the rules about single rows, and counts those without an answer, which
// may be any row.
func (o *oracle) judge(key string, r *recordRows) {
	for i, rule := range o.opt.Rules {
		if rule.Kind == engine.RuleOverdue {
			continue
		}
		f := o.found(key, r, verdict.Inconsistent)
		f.Field, f.Reason, f.Values = rule.Field, rule.Name, o.texts()
		fails := false
		for l := range o.tables {
			if rule.Level != "" && rule.Level != o.tables[l].Name || len(r.rows[l]) == 0 {
				continue
			}
			if rule.Kind == engine.RuleExpression {
				if !o.holds(rule.Expr, &o.tables[l], r.first[l]) {
					f.Values[l], fails = Text{true, "fails"}, true
				}
				continue
			}
			c := o.tables[l].column(rule.Field)
			if c != nil && !r.malformed && digits18.MatchString(key) && contradicts(rule.Against, key, c, r.first[l]) {
				f.Values[l], fails = Text{true, c.text(r.first[l])}, true
			}
		}
		if fails {
			o.findings = append(o.findings, f)
			o.sum.Rules[i].Findings++
		}
	}
}

// contradicts tells whether a cell contradicts a valid resident ID.
func contradicts(what, id string, c *Column, row int) bool {
	if c.Cells[row] == nil {
		return false
	}
	text := strings.TrimSpace(c.text(row))
	if what == "sex" {
		odd := strings.Contains("13579", id[16:17])
		switch strings.ToLower(text) {
		case "男", "m", "1":
			return !odd
		case "女", "f", "2":
			return odd
		}
		return false
	}
	t, ok := parseTime(text)
	return ok && t.UTC().Format("20060102") != id[6:14]
}

// The expressions that Random draws.
var notNil, belowFive = regexp.MustCompile(`^(\w+) != nil$`), regexp.MustCompile(`^(\w+) == nil or (\w+) < 5$`)

func (o *oracle) holds(expr string, t *Table, row int) bool {
	if m := notNil.FindStringSubmatch(expr); m != nil {
		return o.integerOf(t.column(m[1]), row) != nil
	}
	if m := belowFive.FindStringSubmatch(expr); m != nil {
		x := o.integerOf(t.column(m[1]), row)
		return x == nil || *x < 5
	}
	panic("the oracle does not know the expression " + expr)
}

// integerOf gives a cell as an integer of 64 bits, nil if it is none.
func (o *oracle) integerOf(c *Column, row int) *int64 {
	if c.Cells[row] == nil {
		return nil
	}
	x, ok := parseInt(strings.TrimSpace(c.text(row)))
	if !ok || !x.IsInt64() {
		return nil
	}
	n := x.Int64()
	return &n
}

// cover finds the levels that lack a member and what is overdue.
func (o *oracle) cover(key string, r *recordRows) {
	for i, row := range r.members {
		if row == 0 {
			continue
		}
		roster, count := &o.opt.Rosters[i], &o.sum.Rosters[i]
		group := Text{}
		if roster.Group != "" {
			if c := o.rosters[i].column(roster.Group); c.Cells[row-1] != nil {
				group = Text{true, c.text(row - 1)}
			}
		}
		uncovered, overdue := false, false
		for l := range o.tables {
			if len(r.rows[l]) > 0 || len(roster.Levels) > 0 && !slices.Contains(roster.Levels, o.tables[l].Name) {
				continue
			}
			f := o.found(key, r, verdict.NotCovered)
			f.Reason, f.Group, f.Values = roster.Name, group, o.texts()
			f.Values[l] = Text{true, "absent"}
			o.findings = append(o.findings, f)
			count.Lacking[l]++
			uncovered = true
		}
		for j := range o.opt.Rules {
			if rule := &o.opt.Rules[j]; rule.Kind == engine.RuleOverdue && rule.Roster == roster.Name && o.overdue(key, r, j, group) {
				overdue = true
			}
		}
		count.Uncovered += b2n(uncovered)
		count.Overdue += b2n(overdue)
		if roster.Group != "" {
			o.groupOf(count, group.Text).add(1, b2n(uncovered), b2n(overdue))
		}
	}
}

// overdue holds a member against a rule.
func (o *oracle) overdue(key string, r *recordRows, j int, group Text) bool {
	rule := &o.opt.Rules[j]
	f := o.found(key, r, verdict.Overdue)
	f.Field, f.Reason, f.Group, f.Values = rule.Field, rule.Name, group, o.texts()
	l := slices.IndexFunc(o.tables, func(t Table) bool { return t.Name == rule.Level })
	c, last := o.tables[l].column(rule.Field), time.Time{}
	for _, row := range r.rows[l] {
		if c.Cells[row] == nil {
			continue
		}
		t, _ := parseTime(c.text(row))
		if !f.Values[l].Valid || t.After(last) {
			last, f.Values[l], f.Rows[l] = t, Text{true, c.text(row)}, int64(row+1)
		}
	}
	if f.Values[l].Valid && !last.Before(o.since(rule)) {
		return false
	}
	o.findings = append(o.findings, f)
	o.sum.Rules[j].Findings++
	return true
}

// since gives the oldest time that is recent enough.
func (o *oracle) since(rule *engine.Rule) time.Time {
	day := o.opt.AsOf.Add(-time.Nanosecond).UTC().Truncate(24 * time.Hour)
	switch rule.Cadence {
	case engine.Daily:
		return day.AddDate(0, 0, -1)
	case engine.Weekly:
		for day.Weekday() != time.Monday {
			day = day.AddDate(0, 0, -1)
		}
		return day.AddDate(0, 0, -7)
	case engine.Monthly:
		return day.AddDate(0, 0, 1-day.Day()).AddDate(0, -1, 0)
	}
	return o.opt.AsOf.Add(-rule.MaxAge)
}

type group engine.GroupCount

func (g *group) add(members, uncovered, overdue int64) {
	g.Members += members
	g.Uncovered += uncovered
	g.Overdue += overdue
}

func (o *oracle) groupOf(count *engine.RosterCount, name string) *group {
	i := slices.IndexFunc(count.Groups, func(g engine.GroupCount) bool { return g.Group == name })
	if i < 0 {
		i = len(count.Groups)
		count.Groups = append(count.Groups, engine.GroupCount{Group: name})
	}
	return (*group)(&count.Groups[i])
}

// sortGroups puts the groups of a roster in the order of a summary.
func sortGroups(groups []engine.GroupCount) {
	share := func(g engine.GroupCount) float64 { return float64(g.Uncovered+g.Overdue) / float64(g.Members) }
	slices.SortFunc(groups, func(a, b engine.GroupCount) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), cmp.Compare(b.Members, a.Members), strings.Compare(a.Group, b.Group))
	})
}

func b2n(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// drawRosters draws lists of some records, and of some that no level has.
func (g *generator) drawRosters() {
	for i := range g.r.IntN(3) {
		t := Table{Name: fmt.Sprintf("roster%d", i)}
		for k, part := range g.key {
			t.Columns = append(t.Columns, Column{Name: g.c.Options.Key[k].Name, Type: pick(part.stored, g.r.IntN(len(part.stored)))})
		}
		groups := Column{Name: "group", Type: arrow.BinaryTypes.String}
		for range g.r.IntN(g.records + 5) {
			rec := g.r.IntN(g.records + 5)
			for k := range g.key {
				t.Columns[k].Cells = append(t.Columns[k].Cells, g.keyCell(g.key[k], rec, t.Columns[k].Type))
			}
			var name any
			if !g.chance(10) {
				name = fmt.Sprintf("group %d", g.r.IntN(4))
			}
			groups.Cells = append(groups.Cells, name)
		}
		roster := engine.Roster{Name: t.Name}
		if !g.chance(4) {
			roster.Group = groups.Name
		}
		if g.chance(3) {
			roster.Levels = []string{g.c.Tables[g.r.IntN(g.levels)].Name}
		}
		t.Columns = append(t.Columns, groups)
		g.c.Rosters = append(g.c.Rosters, t)
		g.c.Options.Rosters = append(g.c.Options.Rosters, roster)
	}
}

// drawRules draws rules that the fields allow.
func (g *generator) drawRules() {
	g.c.Options.AsOf = time.Unix(1.7e9, 0).UTC().Add(time.Duration(g.r.IntN(100)) * time.Hour)
	if g.chance(4) {
		g.c.Options.AsOf = g.c.Options.AsOf.Truncate(24 * time.Hour)
	}
	add := func(r engine.Rule) {
		r.Name = fmt.Sprintf("rule%d", len(g.c.Options.Rules))
		g.c.Options.Rules = append(g.c.Options.Rules, r)
	}
	for _, f := range g.fields {
		l := slices.IndexFunc(f.stored, func(dt arrow.DataType) bool { return dt != nil })
		name := g.c.Tables[l].Name
		switch {
		case (f.kind.typ == record.Timestamp || f.kind.typ == record.Date) && len(g.c.Rosters) > 0 && g.chance(2):
			r := engine.Rule{Kind: engine.RuleOverdue, Level: name, Field: f.name, Roster: g.c.Rosters[g.r.IntN(len(g.c.Rosters))].Name}
			if g.chance(2) {
				r.MaxAge = pick([]time.Duration{time.Second, 24 * time.Hour, 100000 * time.Hour}, g.r.IntN(3))
			} else {
				r.Cadence = pick(engine.Cadences(), g.r.IntN(3))
			}
			add(r)
		case f.kind.typ == record.Int && g.chance(2):
			add(engine.Rule{Kind: engine.RuleExpression, Level: name, Expr: pick([]string{f.name + " != nil", f.name + " == nil or " + f.name + " < 5"}, g.r.IntN(2))})
		}
	}
	if len(g.fields) == 0 || len(g.key) != 1 || g.key[0].typ != record.CNID { // without fields, all columns are compared
		return
	}
	for _, what := range slices.Sorted(maps.Keys(stated)) {
		if g.chance(3) {
			continue
		}
		r := engine.Rule{Kind: engine.RuleInconsistent, Field: "stated " + what, Against: what}
		for l := range g.c.Tables {
			if l == 0 || !g.chance(4) {
				g.state(&g.c.Tables[l], r.Field, what)
			}
		}
		if g.chance(3) {
			r.Level = g.c.Tables[0].Name
		}
		add(r)
	}
}

// stated spells what an ID states, or something else.
var stated = map[string]func(g *generator, id string) any{
	"birth_date": func(g *generator, id string) any {
		born, _ := time.Parse("20060102", id[6:14])
		if g.chance(5) {
			born = born.AddDate(0, 0, 1-2*g.r.IntN(2))
		}
		return born.Format(pick([]string{"2006-01-02", "2006-01-02 15:04", "2006/01/02"}, max(0, g.r.IntN(12)-9)))
	},
	"sex": func(g *generator, id string) any {
		n := int(id[16] - '0')
		if g.chance(5) {
			n++
		}
		return pick([]string{"女", "男", "F", "m", "2", "1", "?", "??"}, n%2+2*g.r.IntN(4))
	},
}

// state adds a column of what the keys of a table state.
func (g *generator) state(t *Table, name, what string) {
	c := Column{Name: name, Type: arrow.BinaryTypes.String}
	key := t.column("key0")
	for row := range t.Rows() {
		var cell any
		if key.Cells[row] != nil && !g.chance(15) {
			if id, fault := canonicalID(key.text(row), false); fault == "" {
				cell = stated[what](g, id)
			}
		}
		c.Cells = append(c.Cells, cell)
	}
	t.Columns = append(t.Columns, c)
}
