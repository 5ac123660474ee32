package engine

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"crosscheck/engine/level"
	"crosscheck/engine/record"
	"crosscheck/engine/rule"
	"crosscheck/engine/verdict"
)

// Roster is a list of keys that levels must know: key persons, the staff of enterprises. A member whom a level lacks is a
// finding of the kind not_covered.
type Roster struct {
	Name    string
	Source  level.Source      // the members; the caller closes it
	Columns map[string]string // source column → the name it has in the job: the roster has the key columns under their names
	Group   string            // column by which results are counted, under its name in the job; "" for none
	Levels  []string          // levels that must know each member; empty: all
}

// RuleKind says what a rule checks.
type RuleKind string

// The kinds of rules.
const (
	// RuleOverdue holds for each member of a roster that a level has a value of a field that is recent enough.
	RuleOverdue RuleKind = "overdue"
	// RuleInconsistent holds a field against what the resident ID in the key states.
	RuleInconsistent RuleKind = "inconsistent"
	// RuleExpression holds an expression over the columns of each row of a level. What fails is a finding of the kind
	// inconsistent without a field.
	RuleExpression RuleKind = "expr"
)

// RuleKinds lists all kinds of rules.
func RuleKinds() []RuleKind { return []RuleKind{RuleOverdue, RuleInconsistent, RuleExpression} }

// Cadence is how often a calendar period must bring a value. A value is recent enough if it lies in the last full period before
// the one that Options.AsOf ends, or later.
type Cadence string

// The cadences. A week begins on Monday.
const (
	Daily   Cadence = "daily"
	Weekly  Cadence = "weekly"
	Monthly Cadence = "monthly"
)

// Cadences lists all cadences.
func Cadences() []Cadence { return []Cadence{Daily, Weekly, Monthly} }

// Rule is a check beyond the comparison of levels.
type Rule struct {
	Name string // short and unique: it stands in the report
	Kind RuleKind

	Level string // the level that is looked at; "" for a RuleInconsistent: every level that has the field
	Field string // the column that is looked at, under its name in the job; not of a RuleExpression

	Roster  string        // of a RuleOverdue: whose members are looked at
	MaxAge  time.Duration // of a RuleOverdue: the oldest value that is recent enough, before Options.AsOf; or
	Cadence Cadence       // how often there must be one

	Against string // of a RuleInconsistent: what the field must agree with, one of rule.Statements

	Expr string // of a RuleExpression: see package rule
}

// plannedRoster is a roster with its columns resolved. It is read as a level that has nothing but a key.
type plannedRoster struct {
	name   string
	level  int    // among plan.levels
	group  string // its column in the job, "" for none
	levels uint32 // levels that must know each member
}

// plannedRule is a rule with its columns resolved.
type plannedRule struct {
	Rule
	about  Option
	roster int       // of a RuleOverdue: among plan.rosters
	level  int       // of a RuleOverdue and RuleExpression: among plan.levels
	since  time.Time // of a RuleOverdue: the oldest time that is recent enough
	field  int       // Rule.Field among the fields of the report, verdict.NoField for an expression
	column int       // of a RuleOverdue: of Field on the level
	expr   *rule.Expr
	at     [][]int // a level: the columns that a RuleInconsistent or RuleExpression reads there, nil where it reads none
}

// rosters plans the rosters. The plan's key is known.
func (p *planner) rosters() {
	if n := len(p.opt.Rosters); n > maxLevels {
		p.fail(Option{}, "there are %d rosters: give at most %d", n, maxLevels)
		return
	}
	for i, r := range p.opt.Rosters {
		about := Option{List: "rosters", Index: i}
		if r.Name == "" || slices.ContainsFunc(p.plan.rosters, func(o plannedRoster) bool { return o.name == r.Name }) {
			p.fail(about, "roster %q: the name is empty or used twice", r.Name)
		}
		columns := p.columnsOf(about, "roster "+r.Name, r.Source.Schema(), r.Columns)
		out := plannedRoster{name: r.Name, level: len(p.plan.levels), group: r.Group, levels: p.levelSet(about.part("levels"), "roster "+r.Name, r.Levels)}
		pl := p.newLevel(about, "roster "+r.Name, r.Name, r.Source)
		for _, k := range p.plan.Key {
			c, ok := columns[k.Name]
			if !ok {
				p.fail(about.part("key"), "roster %s has no key column %q%s", r.Name, k.Name, like(k.Name, sorted(columns)))
			} else if _, err := record.TypeOf(pl.stored[c]); err != nil {
				p.fail(about.part("key"), "roster %s, column %q: %v", r.Name, k.Name, err)
			}
			pl.key = append(pl.key, c)
		}
		for range p.plan.Fields {
			pl.fields = append(pl.fields, -1)
		}
		for range p.plan.Carry {
			pl.carry = append(pl.carry, -1)
		}
		if r.Group != "" {
			c, ok := columns[r.Group]
			if !ok {
				p.fail(about.part("group"), "roster %s has no column %q to group by%s", r.Name, r.Group, like(r.Group, sorted(columns)))
			}
			pl.group = c
		}
		p.plan.levels = append(p.plan.levels, pl)
		p.plan.rosters = append(p.plan.rosters, out)
	}
}

// levelSet gives named levels as bits, all of them for no names.
func (p *planner) levelSet(about Option, what string, names []string) (set uint32) {
	for _, name := range names {
		if l := p.levelNamed(about, what, name); l >= 0 {
			set |= 1 << l
		}
	}
	if len(names) == 0 {
		set = 1<<len(p.plan.Levels) - 1
	}
	return set
}

// levelNamed gives the index of a level, -1 after a fault.
func (p *planner) levelNamed(about Option, what, name string) int {
	l := slices.Index(p.plan.Levels, name)
	if l < 0 {
		p.fail(about, "%s: there is no level %q%s", what, name, like(name, p.plan.Levels))
	}
	return l
}

// rules plans the rules. Key, fields and rosters are planned.
func (p *planner) rules() {
	seen := map[string]bool{}
	for i, r := range p.opt.Rules {
		about := Option{List: "rules", Index: i}
		if r.Name == "" || seen[r.Name] {
			p.fail(about.part("name"), "rule %q: the name is empty or used twice", r.Name)
		}
		seen[r.Name] = true
		out := plannedRule{Rule: r, about: about, field: verdict.NoField, level: -1, at: make([][]int, len(p.plan.Levels))}
		if r.Level != "" {
			if out.level = p.levelNamed(about.part("level"), "rule "+r.Name, r.Level); out.level < 0 {
				continue
			}
		}
		if r.Field != "" {
			if p.holders(r.Field) == 0 {
				p.fail(about.part("field"), "rule %s: no level has the field %q%s", r.Name, r.Field, like(r.Field, p.allNames()))
				continue
			}
			out.field = p.reported(r.Field)
		}
		switch r.Kind {
		case RuleOverdue:
			p.overdue(&out)
		case RuleInconsistent:
			p.inconsistent(&out)
		case RuleExpression:
			p.expression(&out)
		default:
			p.fail(about.part("kind"), "rule %s: there is no kind of rule %q%s", r.Name, r.Kind, like(string(r.Kind), ruleKindNames()))
		}
		p.plan.rules = append(p.plan.rules, out)
	}
}

func ruleKindNames() (names []string) {
	for _, k := range RuleKinds() {
		names = append(names, string(k))
	}
	return names
}

// reported gives the index of a field in the report's header, where fields that only rules look at follow the compared ones.
func (p *planner) reported(name string) int {
	for i, f := range p.plan.Fields {
		if f.Name == name {
			return i
		}
	}
	i := slices.Index(p.plan.ruled, name)
	if i < 0 {
		i = len(p.plan.ruled)
		p.plan.ruled = append(p.plan.ruled, name)
	}
	return len(p.plan.Fields) + i
}

func (p *planner) overdue(r *plannedRule) {
	r.roster = slices.IndexFunc(p.plan.rosters, func(o plannedRoster) bool { return o.name == r.Roster })
	if r.roster < 0 {
		var names []string
		for _, o := range p.plan.rosters {
			names = append(names, o.name)
		}
		p.fail(r.about.part("roster"), "rule %s: there is no roster %q%s", r.Name, r.Roster, like(r.Roster, names))
	}
	if r.Level == "" || r.Field == "" {
		p.fail(r.about, "rule %s: name the level and the field whose values must be recent", r.Name)
		return
	}
	var ok bool
	if r.column, ok = p.columns[r.level][r.Field]; !ok {
		p.fail(r.about.part("field"), "rule %s: level %s has no column %q%s", r.Name, r.Level, r.Field, like(r.Field, sorted(p.columns[r.level])))
	}
	if p.opt.AsOf.IsZero() {
		p.fail(r.about, "rule %s: no time is given that ages are measured from", r.Name)
	}
	switch {
	case (r.MaxAge > 0) == (r.Cadence != ""):
		p.fail(r.about, "rule %s: give either a maximal age or a cadence", r.Name)
	case r.Cadence == "":
		r.since = p.opt.AsOf.Add(-r.MaxAge)
	default:
		if r.since, ok = r.Cadence.since(p.opt.AsOf); !ok {
			p.fail(r.about.part("cadence"), "rule %s: there is no cadence %q", r.Name, r.Cadence)
		}
	}
}

// since gives the beginning of the last full period before the one that t ends or lies in.
func (c Cadence) since(t time.Time) (time.Time, bool) {
	t = t.Add(-1) // midnight ends the day before
	year, month, day := t.Date()
	switch c {
	case Daily:
		day--
	case Weekly:
		day -= (int(t.Weekday())+6)%7 + 7
	case Monthly:
		month, day = month-1, 1
	default:
		return t, false
	}
	return time.Date(year, month, day, 0, 0, 0, 0, t.Location()), true
}

func (p *planner) inconsistent(r *plannedRule) {
	if !slices.Contains(rule.Statements(), r.Against) {
		p.fail(r.about.part("against"), "rule %s: a resident ID does not state %q: give one of %s", r.Name, r.Against, strings.Join(rule.Statements(), ", "))
	}
	if r.Field == "" {
		p.fail(r.about, "rule %s: name the field that must agree with the resident ID", r.Name)
		return
	}
	some := false
	for l, columns := range p.columns {
		if c, ok := columns[r.Field]; ok && (r.Level == "" || l == r.level) {
			r.at[l] = []int{c}
			some = true
		}
	}
	if !some {
		p.fail(r.about.part("field"), "rule %s: level %s has no column %q%s", r.Name, r.Level, r.Field, like(r.Field, sorted(p.columns[r.level])))
	}
}

func (p *planner) expression(r *plannedRule) {
	if r.Level == "" {
		p.fail(r.about, "rule %s: name the level whose rows it checks", r.Name)
		return
	}
	names, err := rule.Names(r.Expr)
	if err != nil {
		p.expressionFault(r, err)
		return
	}
	columns := []rule.Column{}
	for _, name := range names {
		c, ok := p.columns[r.level][name]
		if !ok {
			continue // Compile says so, with its place
		}
		typ, err := record.TypeOf(p.plan.levels[r.level].stored[c])
		if err != nil {
			p.fail(r.about.part("expr"), "rule %s, column %q: %v", r.Name, name, err)
			return
		}
		for _, f := range p.plan.Fields {
			if f.Name == name && f.Type != record.Auto {
				typ = f.Type
			}
		}
		// Where a type will be inferred it is text here: whether an expression compiles must not depend on what the levels hold tonight.
		columns = append(columns, rule.Column{Name: name, Type: typ})
		r.at[r.level] = append(r.at[r.level], c)
	}
	if r.expr, err = rule.Compile(r.Expr, columns); err != nil {
		p.expressionFault(r, err)
	} else if len(columns) == 0 {
		p.fail(r.about.part("expr"), "rule %s: its expression looks at no column", r.Name)
	}
}

func (p *planner) expressionFault(r *plannedRule, err error) {
	var at *rule.Error
	if errors.As(err, &at) {
		wrong := *at
		if at.Name != "" {
			wrong.Msg += like(at.Name, sorted(p.columns[r.level]))
		}
		p.faults = append(p.faults, &OptionError{Option: r.about.part("expr"), Msg: "rule " + r.Name + ", expr:" + wrong.Error(), Expr: &wrong})
		return
	}
	p.fail(r.about.part("expr"), "rule %s: %v", r.Name, err)
}

// ruleOrder lists the rules in the order in which findings of one kind stand: by the name of the field, those without one first,
// then by their own name.
func (p *Plan) ruleOrder() []int {
	order := make([]int, len(p.rules))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &p.rules[a], &p.rules[b]
		return cmp.Or(strings.Compare(x.Field, y.Field), strings.Compare(x.Name, y.Name))
	})
	return order
}

// keyIsID holds that rules against the resident ID have one to look at, once the type of the key is known.
func (p *planner) keyIsID() {
	if key := p.plan.Key; len(key) == 1 && key[0].Type == record.CNID {
		return
	}
	for _, r := range p.plan.rules {
		if r.Kind == RuleInconsistent {
			p.fail(r.about.part("against"), "rule %s: the key is no resident ID, so nothing can contradict it", r.Name)
		}
	}
}
