package job

import (
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// word reads a text as it stands.
func (r *reader) word(n ast.Node, what string) (string, bool) {
	if n = r.resolve(n); n == nil {
		return "", false
	}
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		return s.Value.Value, true
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		r.fault(n, "%s must be text, not %s; put it in quotes", what, kindOf(n))
	case *ast.NullNode:
		r.fault(n, "%s must be text, not null; put it in quotes if you mean the word", what)
	default:
		r.fault(n, "%s must be text, not %s", what, kindOf(n))
	}
	return "", false
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}?`)
var variableName = regexp.MustCompile(`^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`)

// text reads a text that is not empty, with ${NAME} replaced by that variable of the environment.
func (r *reader) text(n ast.Node, what string) (string, bool) {
	s, ok := r.word(n, what)
	if !ok {
		return "", false
	}
	s = variable.ReplaceAllStringFunc(s, func(ref string) string {
		if !variableName.MatchString(ref) {
			r.fault(n, "%q is not a variable; write ${NAME} with letters, digits and underscores", ref)
			ok = false
			return ""
		}
		value, set := r.env(ref[2 : len(ref)-1])
		if !set {
			r.fault(n, "the environment variable %s is not set", ref[2:len(ref)-1])
			ok = false
		}
		return value
	})
	if ok && s == "" {
		r.fault(n, "%s must not be empty", what)
		ok = false
	}
	return s, ok
}

// texts reads a list of texts without repeats.
func (r *reader) texts(n ast.Node, what string) []string {
	nodes, _ := r.list(n, what)
	all := []string{}
	for _, node := range nodes {
		s, ok := r.text(node, "each of "+what)
		if ok && slices.Contains(all, s) {
			r.fault(node, "%q stands in %s twice", s, what)
		} else if ok {
			all = append(all, s)
		}
	}
	return all
}

// choice reads one of a fixed list of words.
func (r *reader) choice(n ast.Node, what string, words, later []string) string {
	s, ok := r.word(n, what)
	switch {
	case !ok || slices.Contains(words, s):
		return s
	case slices.Contains(later, s):
		r.fault(n, "%s %q is not supported by this version%s", what, s, "; it can be "+oneOf(words))
	default:
		r.fault(n, "unknown %s%s%s", what, r.shown(strconv.Quote(s)), suggest(s, words))
	}
	return ""
}

// number reads a number within bounds.
func (r *reader) number(n ast.Node, what string, low, high float64) (float64, bool) {
	if n = r.resolve(n); n == nil {
		return 0, false
	}
	var x float64
	switch s := n.(type) {
	case *ast.FloatNode:
		x = s.Value
	case *ast.IntegerNode:
		x = asFloat(s.Value)
	case *ast.InfinityNode, *ast.NanNode:
		x = math.NaN()
	case *ast.StringNode:
		// The library takes 1e-2 for text; quotes mean text.
		var err error
		if x, err = strconv.ParseFloat(s.Value, 64); err != nil || s.Token.Type != token.StringType {
			r.fault(n, "%s must be a number, not text", what)
			return 0, false
		}
	default:
		r.fault(n, "%s must be a number, not %s", what, kindOf(n))
		return 0, false
	}
	if math.IsNaN(x) || x < low || x > high {
		r.fault(n, "%s must be from %v to %v", what, low, high)
		return 0, false
	}
	return x, true
}

func asFloat(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return math.NaN()
}
