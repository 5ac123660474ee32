package job

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/record"
	"crosscheck/loaders"

	"github.com/goccy/go-yaml/ast"
)

// later lists what the contract of the job file has and this version cannot do, by the mapping it belongs to. Saying so is safer
// than to compare otherwise than asked.
var later = map[string][]string{
	"key": {"normalize", "formats", "null_values", "map", "tolerance"},
}

var (
	levelName = regexp.MustCompile(`^[\p{L}\p{N}_]{1,64}$`)
	jobName   = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,63}$`)
)

// IsLevelName says whether a level may be called so: 1 to 64 letters, digits and underscores.
func IsLevelName(name string) bool { return levelName.MatchString(name) }

// job reads the whole file.
func (r *reader) job(n ast.Node, j *Job) {
	latestBy := ""
	var gates, rosters, rules ast.Node // read last: they name levels, which may stand below them
	r.object(n, keys{
		what:     "the job file",
		required: []string{"job", "key", "levels"},
		known: map[string]func(ast.Node){
			"job": func(n ast.Node) {
				name, ok := r.text(n, "job")
				if ok && !jobName.MatchString(name) {
					r.fault(n, "job must be a name of at most 64 letters, digits, spaces and . _ -, a letter or digit first")
				}
				j.Name = name
			},
			"key":    func(n ast.Node) { j.Key = r.key(n, j) },
			"levels": func(n ast.Node) { j.Levels = r.levels(n) },
			"fields": func(n ast.Node) { j.Fields = r.fields(n) },
			"key_typo": func(n ast.Node) {
				r.object(n, keys{what: "key_typo", required: []string{"agree"}, known: map[string]func(ast.Node){
					"agree": func(n ast.Node) {
						if j.Typo = r.texts(n, "agree"); len(j.Typo) == 0 {
							r.fault(n, "agree must name at least one field, such as name and birth_date")
						}
					},
				}})
			},
			"latest_by": func(n ast.Node) { latestBy, _ = r.text(n, "latest_by") },
			"ignore":    func(n ast.Node) { j.Ignore = r.texts(n, "ignore") },
			"reports":   func(n ast.Node) { r.reports(n, &j.Reports) },
			"gates":     func(n ast.Node) { gates = n },
			"rosters":   func(n ast.Node) { rosters = n },
			"rules":     func(n ast.Node) { rules = n },
			"waivers": func(n ast.Node) {
				if path, ok := r.text(n, "waivers"); ok {
					j.Waivers, r.waivers = &Waivers{File: r.relative(path)}, n
				}
			},
			"privacy": func(n ast.Node) { r.privacy(n, &j.Privacy) },
			"workers": func(n ast.Node) {
				x, ok := r.number(n, "workers", 1, MaxWorkers)
				if ok && x != float64(int(x)) {
					r.fault(n, "workers must be a whole number")
				}
				j.Workers = int(x)
			},
		},
	})
	for i := range j.Levels {
		if l := &j.Levels[i]; l.LatestBy == "" {
			l.LatestBy = latestBy
		}
	}
	if gates != nil {
		j.Gates = r.gates(gates, j.Levels)
	}
	if rosters != nil {
		j.Rosters = r.rosters(rosters, j)
	}
	if rules != nil {
		j.Rules = r.rules(rules, j)
	}
}

// key reads a column, a mapping, or a list of either.
func (r *reader) key(n ast.Node, j *Job) []engine.Field {
	part := func(n ast.Node) engine.Field { return r.keyPart(n, j) }
	return r.columns(r.oneOrMore(n, "key", "column"), part, "key")
}

// fields reads the list of fields.
func (r *reader) fields(n ast.Node) []engine.Field {
	nodes, ok := r.list(n, "fields")
	if ok && len(nodes) == 0 {
		r.fault(n, "fields must name at least one field; leave it out to compare every column that two levels share")
	}
	return r.columns(nodes, r.field, "fields")
}

// columns reads one column a node and reports the names that come twice.
func (r *reader) columns(nodes []ast.Node, read func(ast.Node) engine.Field, what string) []engine.Field {
	var all []engine.Field
	for _, n := range nodes {
		f := read(n)
		if f.Name == "" {
			continue
		}
		if slices.ContainsFunc(all, func(g engine.Field) bool { return g.Name == f.Name }) {
			r.fault(n, "%q stands in %s twice", f.Name, what)
		}
		all = append(all, f)
	}
	return all
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

func (r *reader) field(n ast.Node) engine.Field {
	var rule engine.Field
	var tolerance ast.Node
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
		"tolerance":   func(n ast.Node) { tolerance = n },
	}}, record.TypeNames())
	f.Canon, f.IgnoreNull = rule.Canon, rule.IgnoreNull
	for _, fault := range f.Canon.Validate(f.Type) {
		r.fault(at[fault.Key], "%s", fault.Msg)
	}
	if tolerance != nil {
		f.Tolerance = r.tolerance(tolerance, f.Type)
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

// levels reads the levels in the order of the file.
func (r *reader) levels(n ast.Node) []Level {
	entries, ok := r.mapping(n, "levels")
	if ok && (len(entries) < MinLevels || len(entries) > MaxLevels) {
		r.fault(n, "there are %d levels; a job compares %d to %d", len(entries), MinLevels, MaxLevels)
	}
	var all []Level
	for _, e := range entries {
		if !IsLevelName(e.name) {
			r.fault(e.key, "level %q must be named with 1 to 64 letters, digits and underscores", e.name)
		}
		if slices.ContainsFunc(all, func(l Level) bool { return strings.EqualFold(l.Name, e.name) }) {
			r.fault(e.key, "level %q differs from another one in case only: most readers of the report cannot tell their columns apart", e.name)
		}
		all = append(all, r.level(e))
	}
	return all
}

func (r *reader) level(e entry) Level {
	l := Level{Name: e.name}
	what := "level " + e.name
	known := r.source(what, &l)
	known["latest_by"] = func(n ast.Node) { l.LatestBy, _ = r.text(n, "latest_by") }
	r.object(e.value, keys{what: what, required: []string{"path"}, known: known})
	return l
}

// source reads what says where rows lie and how they are read; what names it in messages.
func (r *reader) source(what string, l *Level) map[string]func(ast.Node) {
	return map[string]func(ast.Node){
		"path":     func(n ast.Node) { l.Paths = r.paths(n) },
		"format":   func(n ast.Node) { l.Format = r.choice(n, "format", loaders.Formats(), nil) },
		"encoding": func(n ast.Node) { l.Encoding = r.choice(n, "encoding", loaders.Encodings(), nil) },
		"delimiter": func(n ast.Node) {
			s, ok := r.word(n, "delimiter")
			if ok && (len(s) != 1 || s[0] >= 0x80 || strings.ContainsAny(s, "\"\r\n\x00")) {
				r.fault(n, `delimiter must be one ASCII character, such as "," or ";" or "\t"`)
			} else if ok {
				l.Delimiter = s[0]
			}
		},
		"null_values": func(n ast.Node) { l.NullValues = r.nullValues(n) },
		"columns":     func(n ast.Node) { l.Columns = r.renames(n, what) },
	}
}

// paths reads one path or a list of them and makes them relative to the working directory.
func (r *reader) paths(n ast.Node) []string {
	var all []string
	for _, n := range r.oneOrMore(n, "path", "file") {
		if path, ok := r.text(n, "path"); ok {
			all = append(all, r.relative(path))
		}
	}
	return all
}

// relative gives a path of the job file as the working directory sees it.
func (r *reader) relative(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.file), path)
}

// nullValues reads the texts that are null: unlike other texts, one may be empty, and ${ has no meaning.
func (r *reader) nullValues(n ast.Node) []string {
	nodes, _ := r.list(n, "null_values")
	all := []string{}
	for _, node := range nodes {
		if s, ok := r.word(node, "each of null_values"); ok {
			all = append(all, s)
		}
	}
	return all
}

// renames reads source column → name in the job.
func (r *reader) renames(n ast.Node, what string) map[string]string {
	entries, _ := r.mapping(n, "columns of "+what)
	names, taken := map[string]string{}, map[string]bool{}
	for _, e := range entries {
		name, ok := r.text(e.value, "the name of column "+e.name)
		if !ok {
			continue
		}
		if taken[name] {
			r.fault(e.value, "two columns of %s are to be named %q", what, name)
		}
		names[e.name], taken[name] = name, true
	}
	return names
}

func (r *reader) reports(n ast.Node, to *Reports) {
	r.object(n, keys{what: "reports", known: map[string]func(ast.Node){
		"dir": func(n ast.Node) {
			if dir, ok := r.text(n, "dir"); ok {
				to.Dir = r.relative(dir)
			}
		},
		"carry": func(n ast.Node) { to.Carry = r.texts(n, "carry") },
	}})
}
