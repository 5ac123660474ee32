package job

import (
	"slices"

	"crosscheck/engine"

	"github.com/goccy/go-yaml/ast"
)

// limits says which limits a gate on a metric may have, and whether it may name a level or a field.
var limits = map[string]struct {
	words []string // one of them is required
	level bool
	field bool
}{
	MismatchRate:    {[]string{"max"}, false, true},
	MissingRate:     {[]string{"max"}, true, false},
	UnparseableRate: {[]string{"max"}, true, false},
	NewMismatches:   {[]string{"max", "max_change"}, false, false},
	RecordsMetric:   {[]string{"min", "max", "min_change", "max_change"}, true, false},
	RowsMetric:      {[]string{"min", "max", "min_change", "max_change"}, true, false},
	AgeMetric:       {[]string{"max_age"}, true, false},
}

// maxCount bounds limits on counts: every reader of JSON holds them exactly.
const maxCount = 1<<53 - 1

// gates reads the list of gates.
func (r *reader) gates(n ast.Node, levels []Level) []Gate {
	nodes, _ := r.list(n, "gates")
	var names []string
	for _, l := range levels {
		names = append(names, l.Name)
	}
	var all []Gate
	for _, node := range nodes {
		all = append(all, r.gate(node, names))
	}
	return all
}

func (r *reader) gate(n ast.Node, levels []string) (g Gate) {
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
			g.Level = r.gateLevel(node, g.Metric, l.level, levels)
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
	return g
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

func (r *reader) gateLevel(n ast.Node, metric string, may bool, levels []string) string {
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
