package job

import (
	"fmt"
	"regexp"
	"slices"

	"crosscheck/engine/privacy"

	"github.com/goccy/go-yaml/ast"
)

var (
	variablePlain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	keyID         = regexp.MustCompile(`^k[0-9a-v]{12}$`)
)

// privacy reads who may see what. No fault shows a line on which the key may have been put by mistake.
func (r *reader) privacy(n ast.Node, p *Privacy) {
	defer func() {
		for _, secret := range []ast.Node{r.keyNode, r.encryptNode} {
			if secret == nil {
				continue
			}
			line := start(secret).Position.Line
			for i := range r.faults {
				if r.faults[i].Line == line {
					r.faults[i].Source = ""
				}
			}
		}
	}()
	var linked ast.Node // link_table, where it is true
	defer func() {
		if linked != nil && p.Key == nil {
			r.fault(linked, "link_table says whose pseudonym is whose, but there is no pseudonym_key")
		}
	}()
	r.object(n, keys{what: "privacy", known: map[string]func(ast.Node){
		"pseudonym_key": func(n ast.Node) { r.keyNode, p.Key = n, r.keySource(n, "pseudonym_key") },
		"encrypt":       func(n ast.Node) { r.encryptNode, p.Encrypt = n, r.encrypt(n) },
		"link_table": func(n ast.Node) {
			if p.Links = r.yes(n, "link_table"); p.Links {
				linked = n
			}
		},
		"rotate_from": func(n ast.Node) {
			id, ok := r.word(n, "rotate_from")
			if ok && !keyID.MatchString(id) {
				r.fault(n, "rotate_from must be the id of a key as manifests and 'crosscheck keygen' give it: k and 12 characters")
			}
			p.RotateFrom = id
		},
		"classes": func(n ast.Node) { p.Classes = r.readClasses(n) },
		"tiers":   func(n ast.Node) { p.Internal, p.Owners = r.tiers(n) },
		"min_cell": func(n ast.Node) {
			x, ok := r.number(n, "min_cell", MinCellLeast, MinCellMost)
			if ok && x != float64(int64(x)) {
				r.fault(n, "min_cell must be a whole number")
			}
			p.MinCell = int64(x)
		},
		"lookups_per_hour": func(n ast.Node) {
			x, ok := r.number(n, "lookups_per_hour", 1, LookupsMost)
			if ok && x != float64(int(x)) {
				r.fault(n, "lookups_per_hour must be a whole number")
			}
			p.Lookups = int(x)
		},
	}})
}

// keySource reads where a key is. Its faults show no line.
func (r *reader) keySource(n ast.Node, what string) *KeySource {
	before := len(r.faults)
	defer func() {
		for i := range r.faults[before:] {
			r.faults[before+i].Source = ""
		}
	}()
	var s KeySource
	ways := 0
	r.object(n, keys{what: what, known: map[string]func(ast.Node){
		"file": func(n ast.Node) {
			ways++
			if path, ok := r.text(n, "file"); ok {
				s.File = r.relative(path)
			}
		},
		"env": func(n ast.Node) {
			ways++
			name, ok := r.word(n, "env")
			if s.Env = name; ok && !variablePlain.MatchString(name) {
				r.fault(n, "env must be the name of a variable: letters, digits and underscores") // it may be the key itself: not told
			}
		},
		"command": func(n ast.Node) {
			ways++
			s.Command = r.command(n)
		},
	}})
	if ways != 1 && r.resolve(n) != nil {
		if _, ok := r.resolve(n).(ast.MapNode); ok {
			r.fault(n, "%s must have one of file, env and command", what)
		}
	}
	return &s
}

// readClasses reads column → class.
func (r *reader) readClasses(n ast.Node) map[string]privacy.Class {
	entries, _ := r.mapping(n, "classes")
	all := map[string]privacy.Class{}
	r.classes = map[string]ast.Node{}
	for _, e := range entries {
		c, ok := r.class(e.value, fmt.Sprintf("class of %s", e.name))
		if ok {
			all[e.name], r.classes[e.name] = c, e.key
		}
	}
	return all
}

// class reads the word for a class.
func (r *reader) class(n ast.Node, what string) (privacy.Class, bool) {
	var words []string
	for _, c := range privacy.Classes() {
		words = append(words, c.Word())
	}
	word := r.choice(n, what, words, nil)
	c, err := privacy.ParseClass(word)
	return c, err == nil
}

// tiers reads whose the tiers are and how they show classes. Only the internal one is open to choice in the latter.
func (r *reader) tiers(n ast.Node) (privacy.Policy, Owners) {
	entries, _ := r.mapping(n, "tiers")
	var policy privacy.Policy
	owners := Owners{}
	for _, e := range entries {
		tier := privacy.Tier(e.name)
		if !slices.Contains(privacy.Tiers(), tier) {
			var names []string
			for _, t := range privacy.Tiers() {
				names = append(names, string(t))
			}
			r.fault(e.key, "unknown tier %q%s", e.name, suggest(e.name, names))
			continue
		}
		parts, _ := r.mapping(e.value, e.name)
		var shown []entry
		for _, part := range parts {
			switch {
			case part.name == "owner" || part.name == "group":
				r.readOwner(part.value, tier, part.name, owners)
			case tier == privacy.Internal:
				shown = append(shown, part)
			default:
				r.fault(part.key, "what the tier %s shows is not open to choice: restricted shows all in full, public nothing but counts; it can have an owner and a group", e.name)
			}
		}
		if tier == privacy.Internal {
			policy = r.policy(shown)
		}
	}
	return policy, owners
}

// policy reads class → how it is shown.
func (r *reader) policy(entries []entry) privacy.Policy {
	policy := privacy.Policy{}
	var classes []string
	for _, c := range privacy.Classes() {
		classes = append(classes, c.Word())
	}
	for _, e := range entries {
		c, err := privacy.ParseClass(e.name)
		if err != nil {
			r.fault(e.key, "unknown class %q%s", e.name, suggest(e.name, classes))
			continue
		}
		var words []string
		for _, s := range c.Choices() {
			words = append(words, string(s))
		}
		word, ok := r.word(e.value, "how "+e.name+" is shown")
		switch {
		case !ok:
		case c.Allows(privacy.Show(word)):
			policy[c] = privacy.Show(word)
		case word == string(privacy.Full):
			r.fault(e.value, "%s cannot be shown in full in the internal tier, beside pseudonyms that hide it; it can be %s", e.name, oneOf(words))
		default:
			r.fault(e.value, "unknown way %q to show %s%s", word, e.name, suggest(word, words))
		}
	}
	return policy
}
