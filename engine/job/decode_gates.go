package job

import (
	"slices"

	"crosscheck/engine"

	"github.com/goccy/go-yaml/ast"
)

// limits says which limits a gate on a metric may have, one of which is required, and what it may name.
var limits = map[string]struct {
	words                []string
	level, field, roster bool
}{
	MismatchRate:    {words: []string{"max"}, field: true},
	MissingRate:     {words: []string{"max"}, level: true},
	UnparseableRate: {words: []string{"max"}, level: true},
	NewMismatches:   {words: []string{"max", "max_change"}},
	RecordsMetric:   {words: []string{"min", "max", "min_change", "max_change"}, level: true},
	RowsMetric:      {words: []string{"min", "max", "min_change", "max_change"}, level: true},
	AgeMetric:       {words: []string{"max_age"}, level: true},
	NotCoveredRate:  {words: []string{"max"}, roster: true},
	OverdueRate:     {words: []string{"max"}, roster: true},
}

// maxCount bounds limits on counts: every reader of JSON holds them exactly.
const maxCount = 1<<53 - 1

// gates reads the list of gates.
func (r *reader) gates(n ast.Node, j *Job) []Gate {
	nodes, _ := r.list(n, "gates")
	var all []Gate
	for _, node := range nodes {
		all = append(all, r.gate(node, j))
	}
	return all
}

func (r *reader) gate(n ast.Node, j *Job) (g Gate) {
	given := map[string]ast.Node{}
	var order []string // of given
	note := func(word string) func(ast.Node) {
		return func(n ast.Node) {
			given[word] = n
			order = append(order, word)
		}
	}
	r.object(n, keys{
		what:     "a gate",
		required: []string{"metric"},
		known: map[string]func(ast.Node){
			"metric":     func(n ast.Node) { g.Metric = r.choice(n, "metric", Metrics(), nil) },
			"level":      note("level"),
			"field":      note("field"),
			"roster":     note("roster"),
			"group":      note("group"),
			"min":        note("min"),
			"max":        note("max"),
			"min_change": note("min_change"),
			"max_change": note("max_change"),
			"max_age":    note("max_age"),
			"before":     func(n ast.Node) { g.Before = r.choice(n, "before", []string{BeforePublish}, nil) },
		},
	})
	l, known := limits[g.Metric]
	if !known {
		return g // what its limits mean is not known
	}
	some := false
	for _, word := range order {
		node := given[word]
		switch {
		case word == "level":
			g.Level = r.gateLevel(node, g.Metric, l.level, j.Levels)
			continue
		case word == "roster", word == "group":
			if !l.roster {
				r.fault(node, "the metric %s is not about a roster; not_covered_rate and overdue_rate are", g.Metric)
			}
			continue
		case word == "field":
			if g.Field, _ = r.word(node, "field"); !l.field {
				r.fault(node, "the metric %s is not about a field; mismatch_rate can be", g.Metric)
			}
			if r.gateFields == nil {
				r.gateFields = map[string]ast.Node{}
			}
			r.gateFields[g.Field] = node
			continue
		case !slices.Contains(l.words, word):
			r.fault(node, "%s has no meaning for the metric %s, which can have %s", word, g.Metric, oneOf(l.words))
		default:
			r.limit(node, word, &g)
		}
		some = true
	}
	switch {
	case some:
	case len(l.words) == 1:
		r.fault(n, "a gate lacks the key %q", l.words[0])
	default:
		r.fault(n, "a gate on %s lacks a limit: %s", g.Metric, oneOf(l.words))
	}
	if l.roster {
		r.gateRoster(n, given["roster"], given["group"], &g, j)
	}
	return g
}

// gateRoster reads which members a gate is about: those of a roster, which need not be named where there is one, or of a group of it.
func (r *reader) gateRoster(n, roster, group ast.Node, g *Gate, j *Job) {
	var names []string
	for _, o := range j.Rosters {
		names = append(names, o.Name)
	}
	at := n
	switch {
	case roster != nil:
		at = roster
		g.Roster = r.choice(roster, "roster", names, nil)
	case len(names) == 1:
		g.Roster = names[0]
	case len(names) == 0:
		r.fault(n, "the metric %s is about a roster, and the job has none", g.Metric)
	default:
		r.fault(n, "a gate on %s lacks the key \"roster\": the job has %s", g.Metric, oneOf(names))
	}
	if g.Roster != "" && g.Metric == OverdueRate && !slices.ContainsFunc(j.Rules, func(o engine.Rule) bool { return o.Roster == g.Roster }) {
		r.fault(at, "no rule of the kind overdue is about the roster %s", g.Roster)
	}
	if group == nil {
		return
	}
	g.Group, _ = r.text(group, "group")
	if g.Roster != "" && j.groupOf(g.Roster) == "" {
		r.fault(group, "the roster %s has no groups: 'group: COLUMN' there says which column has them", g.Roster)
	}
	if r.gateGroups == nil {
		r.gateGroups = map[string]ast.Node{}
	}
	r.gateGroups[g.Group] = group
}

// CheckGates holds the fields of gates against those that are compared. The error is an *Error.
func (j *Job) CheckGates(plan *engine.Plan) error {
	var names []string
	for _, f := range plan.Fields {
		names = append(names, f.Name)
	}
	var faults []Fault
	for _, g := range j.Gates {
		if g.Field != "" && !slices.Contains(names, g.Field) {
			faults = append(faults, j.reader.faultOf(j.reader.gateFields[g.Field], "no field %q is compared%s", g.Field, suggest(g.Field, names)))
		}
	}
	if len(faults) > 0 {
		return &Error{Faults: order(faults)}
	}
	return nil
}

func (r *reader) gateLevel(n ast.Node, metric string, may bool, of []Level) string {
	var levels []string
	for _, l := range of {
		levels = append(levels, l.Name)
	}
	level, ok := r.word(n, "level")
	switch {
	case !ok:
	case !may:
		r.fault(n, "the metric %s is about the whole job and has no level", metric)
	case len(levels) > 0 && !slices.Contains(levels, level):
		r.fault(n, "unknown level %q%s", level, suggest(level, levels))
	}
	return level
}

// limit reads one limit of a gate whose metric is known.
func (r *reader) limit(n ast.Node, word string, g *Gate) {
	within := func(low, high float64) *float64 {
		if x, ok := r.number(n, word, low, high); ok {
			return &x
		}
		return nil
	}
	top := 1.0 // of a rate
	if !g.isRate() {
		top = maxCount
	}
	switch word {
	case "min":
		g.Min = within(0, top)
	case "max":
		g.Max = within(0, top)
	case "min_change":
		g.MinChange = within(-1, 0)
	case "max_change":
		g.MaxChange = within(0, maxCount)
	case "max_age":
		g.MaxAge = r.age(n).Seconds()
	}
}
