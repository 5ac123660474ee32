package job

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"crosscheck/engine/nearest"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// reader turns YAML nodes into Go values and collects what is wrong with them. Its methods give the zero value after a fault, so
// that reading goes on to the next one.
type reader struct {
	what        string // the sort of file, for messages: "a job file"
	private     bool   // it may name records: no message holds anything that stands in it
	file        string
	lines       []string
	env         func(string) (string, bool)
	anchors     map[string]ast.Node
	faults      []Fault
	top         ast.Node            // the whole file
	memory      int64               // as the file says
	waivers     ast.Node            // the path of the waiver file
	keyNode     ast.Node            // where the pseudonym key is
	encryptNode ast.Node            // how the restricted tier is encrypted
	classes     map[string]ast.Node // the columns that the job classifies
	gateFields  map[string]ast.Node // the fields that gates name
	gateGroups  map[string]ast.Node // the groups of rosters that gates name
}

// maxFaults is how many faults of a private file are told: such a file can be long, with the same fault in each line.
const maxFaults = 20

func newReader(file string, src []byte, env func(string) (string, bool)) *reader {
	text := strings.ReplaceAll(strings.TrimPrefix(string(src), "\ufeff"), "\r\n", "\n")
	return &reader{what: "a job file", file: file, lines: strings.Split(text, "\n"), env: env, anchors: map[string]ast.Node{}}
}

// err gives all faults, or nil.
func (r *reader) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	return &Error{Faults: order(r.faults)}
}

// root parses the text and gives the one document that the file is, or nil if there is none or after a fault.
func (r *reader) root() ast.Node {
	file, err := parser.ParseBytes([]byte(strings.Join(r.lines, "\n")), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax *yaml.SyntaxError
		located := errors.As(err, &syntax)
		switch {
		case located && r.private: // what the library says may quote the file
			r.faultAt(syntax.Token, "this is not YAML: see to the indentation, quotes and brackets here and above")
		case located:
			r.faultAt(syntax.Token, "this is not YAML: %s", syntax.Message)
		case r.private:
			r.faults = append(r.faults, Fault{File: r.file, Msg: "this is not YAML"})
		default:
			r.faults = append(r.faults, Fault{File: r.file, Msg: "this is not YAML: " + err.Error(), Err: err})
		}
		return nil
	}
	var roots []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			roots = append(roots, doc.Body)
		}
	}
	if len(roots) == 0 {
		return nil
	}
	if len(roots) > 1 {
		r.fault(roots[1], "%s is one YAML document; this begins a second one", r.what)
	}
	return roots[0]
}

// fault notes what is wrong with a node.
func (r *reader) fault(n ast.Node, format string, args ...any) {
	r.faultAt(start(n), format, args...)
}

// faultOf gives what is wrong with a node without noting it: what is found out long after the file was read.
func (r *reader) faultOf(n ast.Node, format string, args ...any) Fault {
	noted := r.faults
	defer func() { r.faults = noted }()
	r.faults = nil
	r.fault(n, format, args...)
	return r.faults[0]
}

func (r *reader) faultAt(tk *token.Token, format string, args ...any) {
	f := Fault{File: r.file, Line: tk.Position.Line, Column: tk.Position.Column, Width: 1, Msg: fmt.Sprintf(format, args...)}
	if r.private {
		switch n := len(r.faults); {
		case n > maxFaults:
			return
		case n == maxFaults:
			f.Msg = "there is more to mend from here on: mend what stands above first"
		}
		r.faults = append(r.faults, f)
		return
	}
	if f.Line >= 1 && f.Line <= len(r.lines) {
		f.Source = r.lines[f.Line-1]
	}
	// A token's origin has the white space before it and what follows up to the next token.
	if shown, _, _ := strings.Cut(strings.TrimSpace(tk.Origin), "\n"); shown != "" {
		f.Width = len([]rune(shown))
	}
	r.faults = append(r.faults, f)
}

// shown gives what stands in the file for a message, with a space before it; nothing of a private file.
func (r *reader) shown(text string) string {
	if r.private {
		return ""
	}
	return " " + text
}

// start gives the token that a person would point at. The library gives a block mapping the place of its first colon.
func start(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

// resolve follows anchors and aliases; nil after a fault.
func (r *reader) resolve(n ast.Node) ast.Node {
	for {
		switch node := n.(type) {
		case *ast.AnchorNode:
			r.anchors[node.Name.String()] = node.Value
			n = node.Value
		case *ast.AliasNode:
			target, ok := r.anchors[node.Value.String()]
			if !ok {
				r.fault(node.Value, "no anchor%s stands before this alias", r.shown("&"+node.Value.String()))
				return nil
			}
			n = target
		case *ast.TagNode:
			r.fault(n, "tags%s have no meaning in %s", r.shown("such as "+node.Start.Value), r.what)
			return nil
		default:
			return n
		}
	}
}

// kindOf names the YAML type of a node for a message.
func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.NullNode:
		return "null"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	}
	return "text"
}

// entry is one key of a mapping with its value, resolved.
type entry struct {
	name  string
	key   ast.Node
	value ast.Node
}

// mapping gives the entries of a mapping; what names it in messages. An entry of a name that was there is a fault and left out.
func (r *reader) mapping(n ast.Node, what string) ([]entry, bool) {
	if n = r.resolve(n); n == nil {
		return nil, false
	}
	m, ok := n.(ast.MapNode)
	if !ok {
		r.fault(n, "%s must be a mapping, not %s", what, kindOf(n))
		return nil, false
	}
	var entries []entry
	for it := m.MapRange(); it.Next(); {
		e := entry{key: it.Key(), value: it.Value()}
		switch key := e.key.(type) {
		case *ast.StringNode:
			e.name = key.Value
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
			e.name = key.GetToken().Value
		default:
			r.fault(key, "a key of %s must be plain text", what)
			continue
		}
		if slices.ContainsFunc(entries, func(old entry) bool { return old.name == e.name }) {
			r.fault(e.key, "key%s is already there", r.shown(strconv.Quote(e.name)))
			continue
		}
		entries = append(entries, e)
	}
	return entries, true
}

// keys says what a mapping of fixed keys may hold.
type keys struct {
	what     string                    // names the mapping in messages
	known    map[string]func(ast.Node) // reads the value of a key
	required []string                  // keys that must be there
	later    []string                  // keys that the contract has and this version has not
}

// object reads a mapping of fixed keys.
func (r *reader) object(n ast.Node, k keys) {
	entries, ok := r.mapping(n, k.what)
	if !ok {
		return
	}
	words := make([]string, 0, len(k.known))
	for name := range k.known {
		words = append(words, name)
	}
	slices.Sort(words)
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.name] = true
		read, ok := k.known[e.name]
		switch {
		case ok:
			read(e.value)
		case slices.Contains(k.later, e.name):
			r.fault(e.key, "%q in %s is not supported by this version: leave it out", e.name, k.what)
		default:
			r.fault(e.key, "unknown key%s in %s%s", r.shown(strconv.Quote(e.name)), k.what, suggest(e.name, words))
			seen[nearest.Name(e.name, words)] = true // one fault, not two
		}
	}
	for _, name := range k.required {
		if !seen[name] {
			r.fault(n, "%s lacks the key %q", k.what, name)
		}
	}
}

// list gives the elements of a list.
func (r *reader) list(n ast.Node, what string) ([]ast.Node, bool) {
	if n = r.resolve(n); n == nil {
		return nil, false
	}
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fault(n, "%s must be a list, not %s", what, kindOf(n))
		return nil, false
	}
	return s.Values, true
}

// oneOrMore gives the elements of a list, or the node itself if it is none; each names an element in messages.
func (r *reader) oneOrMore(n ast.Node, what, each string) []ast.Node {
	resolved := r.resolve(n)
	if _, ok := resolved.(*ast.SequenceNode); !ok {
		return []ast.Node{n}
	}
	nodes, _ := r.list(resolved, what)
	if len(nodes) == 0 {
		r.fault(resolved, "%s must name at least one %s", what, each)
	}
	return nodes
}
