package job

import (
	"path/filepath"
	"slices"
	"strings"

	"crosscheck/engine"
	"crosscheck/loaders"

	"github.com/goccy/go-yaml/ast"
)

// later lists what the contract of the job file has and this version cannot do, by the mapping it belongs to. Saying so is safer
// than to compare otherwise than asked.
var later = map[string][]string{
	"key": {"normalize", "formats", "null_values", "map", "tolerance"},
}

// job reads the whole file.
func (r *reader) job(n ast.Node, j *Job) {
	latestBy := ""
	var gates, rosters, rules, lineage ast.Node // read last, gates after the others: they name what may stand below them
	r.object(n, keys{
		what:     "the job file",
		required: []string{"job", "key", "levels"},
		known: map[string]func(ast.Node){
			"job": func(n ast.Node) {
				name, ok := r.text(n, "job")
				if ok && !isJobName(name) {
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
			"cache":   func(n ast.Node) { j.Cache = r.yes(n, "cache") },
			"exact":   func(n ast.Node) { j.Exact = r.yes(n, "exact") },
			"notify":  func(n ast.Node) { j.Notify = r.notify(n) },
			"lineage": func(n ast.Node) { lineage = n },
			"privacy": func(n ast.Node) { r.privacy(n, &j.Privacy) },
			"workers": func(n ast.Node) {
				x, ok := r.number(n, "workers", 1, MaxWorkers)
				if ok && x != float64(int(x)) {
					r.fault(n, "workers must be a whole number")
				}
				j.Workers = int(x)
			},
			"memory": func(n ast.Node) {
				text, ok := r.text(n, "memory")
				if !ok {
					return
				}
				var err error
				if j.Memory, err = ParseSize(text); err != nil {
					r.fault(n, "memory: %v", err)
				}
				r.memory = j.Memory
			},
			"spill_dir": func(n ast.Node) {
				if dir, ok := r.text(n, "spill_dir"); ok {
					j.SpillDir = r.relative(dir)
				}
			},
		},
	})
	if j.Cache && j.Privacy.Encrypt != nil {
		r.discreet(func() {
			r.fault(r.encryptNode, "with cache: true the keys of all records lie in the restricted tier as they are; take one of the two out")
		})
	}
	for i := range j.Levels {
		if l := &j.Levels[i]; l.LatestBy == "" {
			l.LatestBy = latestBy
		}
	}
	if rosters != nil {
		j.Rosters = r.rosters(rosters, j)
	}
	if rules != nil {
		j.Rules = r.rules(rules, j)
	}
	if lineage != nil {
		j.Lineage = r.lineage(lineage, j)
	}
	if gates != nil {
		j.Gates = r.gates(gates, j)
	}
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
