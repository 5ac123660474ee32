package job

import (
	"slices"

	"crosscheck/engine/notify"
	"crosscheck/engine/privacy/secret"

	"github.com/goccy/go-yaml/ast"
)

// discreet reads a part of the file in which a secret may stand: no fault of it shows its line.
func (r *reader) discreet(read func()) {
	before := len(r.faults)
	read()
	for i := range r.faults[before:] {
		r.faults[before+i].Source = ""
	}
}

// notify reads who is told of a run that went wrong; nil after a fault.
func (r *reader) notify(n ast.Node) *Notify {
	out, before := &Notify{On: Occasions()}, len(r.faults)
	r.discreet(func() {
		r.object(n, keys{what: "notify", required: []string{"webhook"}, known: map[string]func(ast.Node){
			"webhook": func(n ast.Node) { out.Webhook = r.address(n, "webhook") },
			"on": func(n ast.Node) {
				nodes, ok := r.list(n, "on")
				if ok && len(nodes) == 0 {
					r.fault(n, "on must name at least one of %s", oneOf(Occasions()))
				}
				out.On = nil
				for _, node := range nodes {
					word := r.choice(node, "occasion", Occasions(), nil)
					if word != "" && slices.Contains(out.On, word) {
						r.fault(node, "%q stands in on twice", word)
					}
					out.On = append(out.On, word)
				}
			},
		}})
	})
	if len(r.faults) > before {
		return nil
	}
	return out
}

// lineage reads where the events of a run go; nil after a fault.
func (r *reader) lineage(n ast.Node, j *Job) *Lineage {
	out, before := &Lineage{Namespace: DefaultNamespace}, len(r.faults)
	r.discreet(func() {
		r.object(n, keys{what: "lineage", known: map[string]func(ast.Node){
			"url": func(n ast.Node) { out.URL = r.address(n, "url") },
			"file": func(n ast.Node) {
				if path, ok := r.text(n, "file"); ok {
					out.File = r.relative(path)
				}
				if within(j.Reports.Dir)(out.File) {
					r.fault(n, "this file lies in the reports folder, where nobody else may write: name one beside it")
				}
			},
			"namespace": func(n ast.Node) { out.Namespace, _ = r.text(n, "namespace") },
		}})
		if _, ok := r.resolve(n).(ast.MapNode); ok && out.URL == nil && out.File == "" && len(r.faults) == before {
			r.fault(n, "lineage must have url or file or both")
		}
	})
	if len(r.faults) > before {
		return nil
	}
	return out
}

// address reads a URL, or the command that gives it. Its faults show nothing of it.
func (r *reader) address(n ast.Node, what string) *Address {
	if _, ok := r.resolve(n).(ast.MapNode); ok {
		a, before := &Address{}, len(r.faults)
		r.object(n, keys{what: what, required: []string{"command"}, known: map[string]func(ast.Node){
			"command": func(n ast.Node) { a.command = r.command(n) },
		}})
		if len(r.faults) > before {
			return nil
		}
		return a
	}
	text, ok := r.text(n, what)
	if !ok {
		return nil
	}
	if err := notify.CheckURL(text); err != nil {
		r.fault(n, "%s: %v", what, err)
		return nil
	}
	return &Address{url: secret.New(text)}
}

// command reads a program and its arguments.
func (r *reader) command(n ast.Node) (words []string) {
	nodes, ok := r.list(n, "command")
	if ok && len(nodes) == 0 {
		r.fault(n, "command must name a program, then its arguments")
	}
	for i, node := range nodes {
		word, ok := r.word(node, "each of command")
		if ok && i == 0 && word == "" {
			r.fault(node, "command must name a program, then its arguments")
		}
		words = append(words, word)
	}
	return words
}
