package job

import (
	"regexp"
	"strings"
	"time"

	"crosscheck/engine/record"
	"crosscheck/engine/verdict"
	"crosscheck/engine/waiver"

	"github.com/goccy/go-yaml/ast"
)

// waiverList reads the list that a waiver file is.
func (r *reader) waiverList(n ast.Node, j *Job) []waived {
	nodes, _ := r.list(n, r.what)
	names := waiverNames(j)
	all := make([]waived, 0, len(nodes))
	for _, node := range nodes {
		all = append(all, r.waiver(node, j, names))
	}
	return all
}

// names are the words of fixed lists that waivers use.
type names struct{ kinds, levels, rules []string }

func waiverNames(j *Job) (n names) {
	for _, k := range verdict.Kinds() {
		n.kinds = append(n.kinds, k.String())
	}
	for _, l := range j.Levels {
		n.levels = append(n.levels, l.Name)
	}
	for _, rule := range j.Rules {
		n.rules = append(n.rules, rule.Name)
	}
	for _, roster := range j.Rosters {
		n.rules = append(n.rules, roster.Name)
	}
	for s := range record.NumKeyStates {
		if s == record.KeyNone || s.Malformed() {
			n.rules = append(n.rules, s.String())
		}
	}
	return n
}

// waiver reads one waiver.
func (r *reader) waiver(n ast.Node, j *Job, names names) (out waived) {
	covers := false
	part := func(read func(ast.Node)) func(ast.Node) {
		return func(n ast.Node) {
			covers = true
			read(n)
		}
	}
	required := func(key string) func(ast.Node) { return func(n ast.Node) { r.sentence(n, key) } }
	if resolved := r.resolve(n); resolved != nil {
		n = resolved
		out.Line = start(n).Position.Line
	}
	before := len(r.faults)
	r.object(n, keys{
		what:     "a waiver",
		required: []string{"reason", "author", "until"},
		known: map[string]func(ast.Node){
			"kind": part(func(n ast.Node) {
				for _, i := range r.choices(n, "kind", names.kinds) {
					out.Kinds = append(out.Kinds, verdict.Kinds()[i])
				}
			}),
			"field": part(func(n ast.Node) { out.fields = r.placed(n, "field") }),
			"level": part(func(n ast.Node) {
				for _, i := range r.choices(n, "level", names.levels) {
					out.Levels |= 1 << i
				}
			}),
			"rule": part(func(n ast.Node) {
				for _, i := range r.choices(n, "rule", names.rules) {
					out.Reasons = append(out.Reasons, names.rules[i])
				}
			}),
			"group":         part(func(n ast.Node) { out.Groups = r.sentences(n, "group") }),
			"key":           part(func(n ast.Node) { out.keys = append(out.keys, r.keyParts(n)) }),
			"keys":          part(func(n ast.Node) { out.keys = append(out.keys, r.keyList(n)...) }),
			"key_pattern":   part(func(n ast.Node) { out.Key = r.pattern(n, "key_pattern") }),
			"value_pattern": part(func(n ast.Node) { out.Value = r.pattern(n, "value_pattern") }),
			"carry":         part(func(n ast.Node) { out.Carry = r.carried(n, j.Reports.Carry) }),
			"reason":        required("reason"),
			"author":        required("author"),
			"until":         func(n ast.Node) { out.until = r.date(n, "until") },
		},
	})
	if !covers && len(r.faults) == before {
		r.fault(n, "a waiver must say what it covers: kind, field, level, key, keys, key_pattern, value_pattern, carry, group or rule")
	}
	return out
}

// sentence reads a text as it stands that is not blank.
func (r *reader) sentence(n ast.Node, what string) (string, bool) {
	s, ok := r.word(n, what)
	if ok && strings.TrimSpace(s) == "" {
		r.fault(n, "%s must not be empty", what)
		ok = false
	}
	return s, ok
}

// sentences reads one such text or a list of them.
func (r *reader) sentences(n ast.Node, what string) (all []string) {
	for _, p := range r.placed(n, what) {
		all = append(all, p.text)
	}
	return all
}

// placed reads one such text or a list of them, with their places.
func (r *reader) placed(n ast.Node, what string) (all []placed) {
	for _, node := range r.oneOrMore(n, what, what) {
		if s, ok := r.sentence(node, what); ok {
			at := start(r.resolve(node)).Position
			all = append(all, placed{s, int32(at.Line), int32(at.Column)})
		}
	}
	return all
}

// keyParts reads a key: a text, or the list of its parts where the job's key has several columns. Keys are in quotes: 007 would be a
// number.
func (r *reader) keyParts(n ast.Node) placedKey {
	key := placedKey{}
	if resolved := r.resolve(n); resolved != nil {
		at := start(resolved).Position
		key.line, key.column = int32(at.Line), int32(at.Column)
	}
	for _, node := range r.oneOrMore(n, "key", "part") {
		if s, ok := r.sentence(node, "key"); ok {
			key.parts = append(key.parts, s)
		}
	}
	return key
}

// keyList reads a list of keys.
func (r *reader) keyList(n ast.Node) []placedKey {
	nodes, ok := r.list(n, "keys")
	if ok && len(nodes) == 0 {
		r.fault(n, "keys must name at least one key")
	}
	all := make([]placedKey, len(nodes))
	for i, node := range nodes {
		all[i] = r.keyParts(node)
	}
	return all
}

// choices reads one of a fixed list of words or a list of them and gives their indexes.
func (r *reader) choices(n ast.Node, what string, words []string) (all []int) {
	index := make(map[string]int, len(words))
	for i := range words {
		index[words[i]] = i
	}
	for _, node := range r.oneOrMore(n, what, what) {
		if len(words) == 0 { // a fault of the job file
			r.word(node, what)
		} else if s := r.choice(node, what, words, nil); s != "" {
			all = append(all, index[s])
		}
	}
	return all
}

// pattern reads a regular expression.
func (r *reader) pattern(n ast.Node, what string) *regexp.Regexp {
	s, ok := r.sentence(n, what)
	if !ok {
		return nil
	}
	p, err := waiver.Pattern(s)
	if err != nil {
		r.fault(n, "%s is no regular expression: %v", what, err)
	}
	return p
}

// date reads a day.
func (r *reader) date(n ast.Node, what string) time.Time {
	s, ok := r.word(n, what)
	if !ok {
		return time.Time{}
	}
	day, err := time.Parse(DateLayout, s)
	if err != nil {
		r.fault(n, "%s must be a date such as 2026-12-31", what)
	}
	return day
}

// carried reads carried column → the text, or texts, that it holds. Unlike others, such a text may be empty.
func (r *reader) carried(n ast.Node, columns []string) (all []waiver.Carried) {
	entries, ok := r.mapping(n, "carry")
	if ok && len(entries) == 0 {
		r.fault(n, "carry must name at least one column")
	}
	for _, e := range entries {
		column := -1
		for i, name := range columns {
			if name == e.name {
				column = i
			}
		}
		switch {
		case len(columns) == 0:
			r.fault(e.key, "carry of a waiver needs columns that the job carries: name them in reports.carry")
			continue
		case column < 0:
			r.fault(e.key, "carry names a column that reports.carry does not%s", suggest(e.name, columns))
			continue
		}
		c := waiver.Carried{Column: column}
		for _, node := range r.oneOrMore(e.value, "carry", "text") {
			if s, ok := r.word(node, "carry"); ok {
				c.Values = append(c.Values, s)
			}
		}
		all = append(all, c)
	}
	return all
}
