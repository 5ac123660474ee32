package job

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// limits says which limits a gate on a metric may have, and whether it may name a level.
var limits = map[string]struct {
	words []string // one of them is required
	level bool
}{
	MismatchRate:    {[]string{"max"}, false},
	MissingRate:     {[]string{"max"}, true},
	UnparseableRate: {[]string{"max"}, true},
	NewMismatches:   {[]string{"max", "max_change"}, false},
	RecordsMetric:   {[]string{"min", "max", "min_change", "max_change"}, true},
	RowsMetric:      {[]string{"min", "max", "min_change", "max_change"}, true},
	AgeMetric:       {[]string{"max_age"}, true},
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
