package job

import (
	"crosscheck/engine"
	"crosscheck/engine/record"

	"github.com/goccy/go-yaml/ast"
)

// key reads a column, a mapping, or a list of either.
func (r *reader) key(n ast.Node, j *Job) []engine.Field {
	part := func(n ast.Node) engine.Field { return r.keyPart(n, j) }
	return r.columns(r.oneOrMore(n, "key", "column"), part, "key")
}

func (r *reader) keyPart(n ast.Node, j *Job) engine.Field {
	var regions ast.Node
	f := r.column(n, "column", keys{what: "key", later: later["key"], known: map[string]func(ast.Node){
		"regions": func(n ast.Node) {
			regions = n
			j.StrictRegions = r.choice(n, "regions", []string{"any", "strict"}, nil) == "strict" || j.StrictRegions
		},
	}}, KeyTypes())
	if regions != nil && f.Type != record.CNID {
		r.fault(regions, "regions has a meaning only for a key of the type cn_id")
	}
	return f
}

// fields reads the list of fields.
func (r *reader) fields(n ast.Node) []engine.Field {
	nodes, ok := r.list(n, "fields")
	if ok && len(nodes) == 0 {
		r.fault(n, "fields must name at least one field; leave it out to compare every column that two levels share")
	}
	return r.columns(nodes, r.field, "fields")
}

func (r *reader) field(n ast.Node) engine.Field {
	var rule engine.Field
	at := map[string]ast.Node{} // where each part of the rule stands
	note := func(key string, read func(ast.Node)) func(ast.Node) {
		return func(n ast.Node) {
			at[key] = n
			read(n)
		}
	}
	f := r.column(n, "name", keys{what: "a field", known: map[string]func(ast.Node){
		"formats":     note("formats", func(n ast.Node) { rule.Canon.Formats = r.words(n, "formats") }),
		"normalize":   note("normalize", func(n ast.Node) { rule.Canon.Steps = r.steps(n) }),
		"null_values": note("null_values", func(n ast.Node) { rule.Canon.Nulls = r.words(n, "null_values") }),
		"map":         note("map", func(n ast.Node) { rule.Canon.Map = r.wordMap(n, "map") }),
		"list": note("list", func(n ast.Node) {
			if rule.Canon.List, _ = r.word(n, "list"); rule.Canon.List == "" {
				r.fault(n, "list must be the character between the items, such as \",\"")
			}
		}),
		"ignore_null": func(n ast.Node) { rule.IgnoreNull = r.yes(n, "ignore_null") },
		"tolerance":   note("tolerance", func(ast.Node) {}),
	}}, record.TypeNames())
	f.Canon, f.IgnoreNull = rule.Canon, rule.IgnoreNull
	for _, fault := range f.Canon.Validate(f.Type) {
		r.fault(at[fault.Key], "%s", fault.Msg)
	}
	if n := at["tolerance"]; n != nil {
		f.Tolerance = r.tolerance(n, f.Type)
	}
	return f
}

// words reads a list of texts, which may be empty.
func (r *reader) words(n ast.Node, what string) []string {
	nodes, _ := r.list(n, what)
	all := []string{}
	for _, node := range nodes {
		if s, ok := r.word(node, "each of "+what); ok {
			all = append(all, s)
		}
	}
	return all
}

// wordMap reads text → the text it stands for.
func (r *reader) wordMap(n ast.Node, what string) map[string]string {
	entries, _ := r.mapping(n, what)
	all := map[string]string{}
	for _, e := range entries {
		all[e.name], _ = r.word(e.value, "what a text of "+what+" stands for")
	}
	return all
}

// steps reads a list of normalisations; an empty one is none, and that on purpose.
func (r *reader) steps(n ast.Node) record.Steps {
	nodes, _ := r.list(n, "normalize")
	steps := record.AsIs
	for _, node := range nodes {
		if name := r.choice(node, "step of normalize", record.StepNames(), nil); name != "" {
			step, _ := record.ParseStep(name)
			steps |= step
		}
	}
	return steps
}

// yes reads true or false.
func (r *reader) yes(n ast.Node, what string) bool {
	if n = r.resolve(n); n == nil {
		return false
	}
	b, ok := n.(*ast.BoolNode)
	if !ok {
		r.fault(n, "%s must be true or false, not %s", what, kindOf(n))
		return false
	}
	return b.Value
}

// tolerance reads a number, a share or a duration.
func (r *reader) tolerance(n ast.Node, typ record.Type) record.Tolerance {
	var text string
	switch s := r.resolve(n).(type) {
	case nil:
		return record.Tolerance{}
	case *ast.IntegerNode, *ast.FloatNode:
		text = s.(ast.ScalarNode).GetToken().Value
	case *ast.StringNode:
		text = s.Value
	default:
		r.fault(n, "tolerance must be a number such as 0.05, a share such as 1%%, or a duration such as 1s, not %s", kindOf(s))
		return record.Tolerance{}
	}
	t, err := record.ParseTolerance(text, typ)
	if err != nil {
		r.fault(n, "%v", err)
		return record.Tolerance{}
	}
	return t
}

// column reads a bare name or a mapping of a name and a type; nameKey is the key of the name.
func (r *reader) column(n ast.Node, nameKey string, k keys, types []string) (f engine.Field) {
	if n = r.resolve(n); n == nil {
		return f
	}
	if _, ok := n.(ast.MapNode); !ok {
		f.Name, _ = r.text(n, k.what)
		return f
	}
	k.required = []string{nameKey}
	if k.known == nil {
		k.known = map[string]func(ast.Node){}
	}
	k.known[nameKey] = func(n ast.Node) { f.Name, _ = r.text(n, nameKey) }
	k.known["type"] = func(n ast.Node) {
		if name := r.choice(n, "type", types, nil); name != "" {
			f.Type, _ = record.ParseType(name)
		}
	}
	r.object(n, k)
	return f
}
