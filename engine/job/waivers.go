package job

import (
	"context"
	"os"
	"regexp"
	"slices"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"
	"crosscheck/engine/waiver"

	"github.com/goccy/go-yaml/ast"
)

// LoadWaivers reads a file of waivers: a YAML list of mappings, see waivers in the package comment. An error is an *Error with every
// fault of the file.
func LoadWaivers(path string, env func(string) (string, bool)) ([]waiver.Entry, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{Faults: []Fault{{File: path, Msg: "cannot be read: " + cause(err), Err: err}}}
	}
	r := newReader(path, src, env)
	r.what, r.private, r.empty = "a file of waivers", true, "the file of waivers is empty; write [] for none"
	var entries []waiver.Entry
	if root := r.root(); root != nil {
		nodes, _ := r.list(root, "a file of waivers")
		for _, n := range nodes {
			entries = append(entries, r.waiver(n))
		}
	}
	return entries, r.err()
}

// WaiversExposed tells whether the job's file of waivers names keys and may be read by anybody on the machine.
func (j *Job) WaiversExposed() bool {
	info, err := os.Stat(j.WaiverFile)
	return err == nil && info.Mode()&0o004 != 0 && slices.ContainsFunc(j.Waivers, func(e waiver.Entry) bool { return len(e.Keys) > 0 })
}

// waiver reads one entry.
func (r *reader) waiver(n ast.Node) (e waiver.Entry) {
	e.Line = start(n).Position.Line
	var kinds []string
	for _, k := range verdict.Kinds() {
		kinds = append(kinds, k.String())
	}
	text := func(to *string, what string) func(ast.Node) {
		return func(n ast.Node) { *to, _ = r.text(n, what) }
	}
	pattern := func(to **regexp.Regexp, what string) func(ast.Node) {
		return func(n ast.Node) { *to = r.pattern(n, what) }
	}
	named := 0
	known := map[string]func(ast.Node){
		"kind": func(n ast.Node) {
			for _, node := range r.oneOrMore(n, "kind") {
				e.Kinds = append(e.Kinds, r.choice(node, "kind", kinds, nil))
			}
		},
		"field":         text(&e.Field, "field"),
		"level":         text(&e.Level, "level"),
		"key":           func(n ast.Node) { e.Keys = append(e.Keys, r.keyParts(n)) },
		"keys":          func(n ast.Node) { e.Keys = append(e.Keys, r.keyList(n)...) },
		"key_pattern":   pattern(&e.KeyPattern, "key_pattern"),
		"value_pattern": pattern(&e.Value, "value_pattern"),
		"carry":         func(n ast.Node) { e.Carry = r.values(n, "carry") },
		"group":         text(&e.Group, "group"),
		"rule":          text(&e.Rule, "rule"),
	}
	for name, read := range known {
		known[name] = func(n ast.Node) {
			named++
			read(n)
		}
	}
	known["reason"], known["author"] = text(&e.Reason, "reason"), text(&e.Author, "author")
	known["until"] = func(n ast.Node) {
		s, ok := r.text(n, "until")
		var err error
		if e.Until, err = time.Parse(DateLayout, s); ok && err != nil {
			r.fault(n, "until must be a date such as 2026-12-31")
		}
	}
	r.object(n, keys{what: "a waiver", required: []string{"reason", "author", "until"}, known: known})
	if named == 0 {
		r.fault(n, "a waiver must name what it waives: kind, field, level, key, keys, key_pattern, value_pattern, carry, group or rule")
	}
	return e
}

// oneOrMore gives the elements of a list, or a node that is none.
func (r *reader) oneOrMore(n ast.Node, what string) []ast.Node {
	if _, ok := r.resolve(n).(*ast.SequenceNode); !ok {
		return []ast.Node{n}
	}
	nodes, _ := r.list(n, what)
	if len(nodes) == 0 {
		r.fault(n, "%s must not be empty", what)
	}
	return nodes
}

// keyParts reads a key: a text, or a list of the texts of its parts. Keys are in quotes: 007 would be a number.
func (r *reader) keyParts(n ast.Node) (parts []string) {
	for _, node := range r.oneOrMore(n, "key") {
		part, _ := r.word(node, "key")
		parts = append(parts, part)
	}
	return parts
}

func (r *reader) keyList(n ast.Node) (all [][]string) {
	nodes, ok := r.list(n, "keys")
	if ok && len(nodes) == 0 {
		r.fault(n, "keys must not be empty")
	}
	for _, node := range nodes {
		all = append(all, r.keyParts(node))
	}
	return all
}

// pattern reads a regular expression (RE2); ${ has no meaning in it.
func (r *reader) pattern(n ast.Node, what string) *regexp.Regexp {
	s, ok := r.word(n, what)
	if !ok {
		return nil
	}
	re, err := regexp.Compile(s)
	if err != nil {
		r.fault(n, "%s is no regular expression", what)
	}
	return re
}

// values reads a mapping of columns to texts.
func (r *reader) values(n ast.Node, what string) map[string]string {
	entries, _ := r.mapping(n, what)
	all := map[string]string{}
	for _, e := range entries {
		all[e.name], _ = r.word(e.value, "the value of column "+e.name)
	}
	return all
}

// WaiverNote is what a run says of a waiver that does not do what its author may think.
type WaiverNote struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Note string `json:"note"` // expired or unused
}

// waive stands between the engine and a report: it marks the findings that are known and counts them.
type waive struct {
	report.Writer
	entries []waiver.Entry
	day     time.Time
	file    string

	set    *waiver.Set
	levels int
	counts engine.WaivedCount

	key     []byte // of the record under way
	in      uint32
	missing bool // its finding missing is waived
	differs int  // its findings differs that are waived, -1 once one is not
}

func (w *waive) Begin(h verdict.Header) error {
	set, err := waiver.Compile(w.entries, h, w.day)
	if err != nil {
		return &Error{Faults: []Fault{{File: w.file, Msg: err.Error(), Err: err}}}
	}
	w.set, w.levels = set, len(h.Levels)
	w.counts.Lacking, w.counts.Entries = make([]int64, w.levels), make([]int64, len(w.entries))
	return w.Writer.Begin(h)
}

func (w *waive) Write(ctx context.Context, b *verdict.Block) error {
	for i := range b.Findings {
		f := &b.Findings[i]
		if string(f.Key) != string(w.key) {
			w.settle()
			w.key, w.in, w.missing, w.differs = append(w.key[:0], f.Key...), f.In, false, 0
		}
		entry := w.set.Match(f)
		if f.Waived = entry >= 0; f.Waived {
			w.counts.Findings++
			w.counts.Entries[entry]++
		}
		switch f.Kind {
		case verdict.Missing:
			w.missing = f.Waived
		case verdict.Differs:
			if f.Waived && w.differs >= 0 {
				w.differs++
			} else if !f.Waived {
				w.differs = -1
			}
		}
	}
	return w.Writer.Write(ctx, b)
}

// settle counts the record whose findings have all come.
func (w *waive) settle() {
	all := uint32(1)<<w.levels - 1
	switch {
	case w.missing:
		w.counts.Missing++
		for l := range w.levels {
			if w.in>>l&1 == 0 {
				w.counts.Lacking[l]++
			}
		}
	case w.in == all && w.differs > 0:
		w.counts.Differing++
	}
	w.missing, w.differs = false, 0
}

// notes tells, once all findings have come, which waivers are expired and which waive nothing.
func (w *waive) notes() (notes []WaiverNote) {
	for i, e := range w.entries {
		switch {
		case slices.Contains(w.set.Expired, i):
			notes = append(notes, WaiverNote{w.file, e.Line, "expired"})
		case w.counts.Entries[i] == 0:
			notes = append(notes, WaiverNote{w.file, e.Line, "unused"})
		}
	}
	return notes
}
