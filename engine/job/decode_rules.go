package job

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/rule"

	"github.com/goccy/go-yaml/ast"
)

// rosters reads the rosters in the order of the file.
func (r *reader) rosters(n ast.Node, j *Job) []Roster {
	entries, _ := r.mapping(n, "rosters")
	var all []Roster
	for _, e := range entries {
		if !isRosterName(e.name) {
			r.fault(e.key, "roster %q must be named with at most 64 letters, digits, spaces and . _ -", e.name)
		}
		all = append(all, r.roster(e, j))
	}
	return all
}

func (r *reader) roster(e entry, j *Job) Roster {
	out := Roster{Level: Level{Name: e.name}}
	what := "roster " + e.name
	known := r.source(what, &out.Level)
	var key []string
	var keyNode ast.Node
	known["key"] = func(n ast.Node) {
		keyNode = n
		if _, ok := r.resolve(n).(*ast.SequenceNode); ok {
			key = r.texts(n, "key")
		} else if name, ok := r.text(n, "key"); ok {
			key = []string{name}
		}
	}
	known["group"] = func(n ast.Node) { out.Group, _ = r.text(n, "group") }
	known["levels"] = func(n ast.Node) { out.Levels = r.levelNames(n, j) }
	r.object(e.value, keys{what: what, required: []string{"path"}, known: known})
	if keyNode == nil {
		return out
	}
	if len(key) != len(j.Key) && len(j.Key) > 0 {
		r.fault(keyNode, "key of %s must name %d columns, as many as the key of the job has", what, len(j.Key))
		return out
	}
	if out.Columns == nil {
		out.Columns = map[string]string{}
	}
	for i := range min(len(key), len(j.Key)) {
		out.Columns[key[i]] = j.Key[i].Name
	}
	return out
}

// levelNames reads a list of names of levels.
func (r *reader) levelNames(n ast.Node, j *Job) []string {
	nodes, ok := r.list(n, "levels")
	if ok && len(nodes) == 0 {
		r.fault(n, "levels must name at least one level; leave it out for all of them")
	}
	var all []string
	for _, node := range nodes {
		if name := r.levelName(node, j); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// levelName reads the name of a level of the job.
func (r *reader) levelName(n ast.Node, j *Job) string {
	var names []string
	for _, l := range j.Levels {
		names = append(names, l.Name)
	}
	if len(names) == 0 { // a fault of its own
		name, _ := r.word(n, "level")
		return name
	}
	return r.choice(n, "level", names, nil)
}

// rules reads the list of rules.
func (r *reader) rules(n ast.Node, j *Job) []engine.Rule {
	nodes, _ := r.list(n, "rules")
	var all []engine.Rule
	for _, node := range nodes {
		rule := r.rule(node, j)
		if rule.Name != "" && slices.ContainsFunc(all, func(o engine.Rule) bool { return o.Name == rule.Name }) {
			r.fault(node, "two rules are called %q", rule.Name)
		}
		all = append(all, rule)
	}
	return all
}

// needs says which keys a kind of rule must have and which it may have besides name and kind.
var needs = map[engine.RuleKind]struct{ must, may []string }{
	engine.RuleOverdue:      {[]string{"level", "field", "roster"}, []string{"max_age", "cadence"}},
	engine.RuleInconsistent: {[]string{"field", "against"}, []string{"level"}},
	engine.RuleExpression:   {[]string{"level", "expr"}, nil},
}

func (r *reader) rule(n ast.Node, j *Job) (out engine.Rule) {
	given := map[string]ast.Node{}
	note := func(key string, read func(ast.Node)) func(ast.Node) {
		return func(n ast.Node) {
			given[key] = n
			read(n)
		}
	}
	var kinds, cadences, rosters []string
	for _, k := range engine.RuleKinds() {
		kinds = append(kinds, string(k))
	}
	for _, c := range engine.Cadences() {
		cadences = append(cadences, string(c))
	}
	for _, o := range j.Rosters {
		rosters = append(rosters, o.Name)
	}
	r.object(n, keys{
		what:     "a rule",
		required: []string{"name"},
		known: map[string]func(ast.Node){
			"name": func(n ast.Node) {
				name, ok := r.text(n, "name")
				if ok && !isRosterName(name) {
					r.fault(n, "name must be at most 64 letters, digits, spaces and . _ -")
				}
				out.Name = name
			},
			"kind":    note("kind", func(n ast.Node) { out.Kind = engine.RuleKind(r.choice(n, "kind of rule", kinds, nil)) }),
			"level":   note("level", func(n ast.Node) { out.Level = r.levelName(n, j) }),
			"field":   note("field", func(n ast.Node) { out.Field, _ = r.text(n, "field") }),
			"roster":  note("roster", func(n ast.Node) { out.Roster = r.choice(n, "roster", rosters, nil) }),
			"max_age": note("max_age", func(n ast.Node) { out.MaxAge = r.age(n) }),
			"cadence": note("cadence", func(n ast.Node) { out.Cadence = engine.Cadence(r.choice(n, "cadence", cadences, nil)) }),
			"against": note("against", func(n ast.Node) { out.Against = r.choice(n, "against", rule.Statements(), nil) }),
			"expr":    note("expr", func(n ast.Node) { out.Expr = r.expression(n) }),
		},
	})
	if given["kind"] == nil && given["expr"] != nil {
		out.Kind = engine.RuleExpression
	}
	need, ok := needs[out.Kind]
	if !ok {
		if given["kind"] == nil && len(given) > 0 {
			r.fault(n, `a rule lacks the key "kind"; it can be %s`, oneOf(kinds))
		}
		return out
	}
	for _, key := range need.must {
		if given[key] == nil {
			r.fault(n, "a rule of the kind %s lacks the key %q", out.Kind, key)
		}
	}
	for key, node := range given {
		if key != "kind" && !slices.Contains(need.must, key) && !slices.Contains(need.may, key) {
			r.fault(node, "%s has no meaning in a rule of the kind %s", key, out.Kind)
		}
	}
	if out.Kind == engine.RuleOverdue && (given["max_age"] == nil) == (given["cadence"] == nil) {
		r.fault(n, "a rule of the kind overdue needs either max_age or cadence")
	}
	return out
}

// age reads a duration such as 72h, 30m or 14d.
func (r *reader) age(n ast.Node) time.Duration {
	s, ok := r.text(n, "max_age")
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(s)
	if days, isDays := strings.CutSuffix(s, "d"); isDays {
		var x float64
		x, err = strconv.ParseFloat(days, 64)
		d = time.Duration(x * 24 * float64(time.Hour))
	}
	if err != nil || d <= 0 {
		r.fault(n, "max_age must be a duration such as 72h, 30m or 14d")
		return 0
	}
	return d
}

// expression reads an expression and sees whether it can be parsed. It has a language of its own: ${ has no meaning in it.
func (r *reader) expression(n ast.Node) string {
	s, ok := r.word(n, "expr")
	if !ok {
		return ""
	}
	if strings.TrimSpace(s) == "" {
		r.fault(n, "expr must not be empty")
		return ""
	}
	if _, err := rule.Names(s); err != nil {
		var at *rule.Error
		if errors.As(err, &at) {
			r.faults = append(r.faults, r.expressionFault(n, at))
		} else {
			r.fault(n, "expr: %v", err)
		}
		return ""
	}
	return s
}
