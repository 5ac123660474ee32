package record

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Canon says how the values of a field become canonical before they are compared. The zero value is what most fields
// need: the empty text is null, and texts that look like names or phone numbers are normalised (Guess).
//
// A value goes through it in this order. Its text, as the level holds it, is looked up in Map and Nulls; then Steps are applied
// and the result is looked up again; then it is read as the field's type, which for dates and timestamps in text Formats
// say. What does not read as its type is compared as text. Columns that are numbers, dates or timestamps by themselves go the
// same way where Nulls or Map name more than the empty text; their own text is never read by Formats.
type Canon struct {
	Formats []string          // Go layouts of dates and timestamps in text, tried in order; they take the place of the standard forms (Type)
	Steps   Steps             // normalisations of text; 0: open
	Nulls   []string          // texts that are null; nil: the empty one; empty, not nil: none
	Map     map[string]string // text → the text it stands for
	List    string            // one character that separates the items of a set: order and repeats do not matter; "": no set
}

// Default tells whether the rule leaves everything as it is by default.
func (c *Canon) Default() bool {
	return len(c.Formats) == 0 && c.Steps&^AsIs == 0 && c.Nulls == nil && len(c.Map) == 0 && c.List == ""
}

// ForText tells whether the rule makes sense for text alone, so that a field of open type is compared as String.
func (c *Canon) ForText() bool { return c.Steps&stringSteps != 0 || c.List != "" }

// FormatsType is the type of what the formats write: Date, or Timestamp where one of them has a time of the day.
func (c *Canon) FormatsType() Type {
	day := time.Date(2023, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, f := range c.Formats {
		if day.Format(f) != day.Add(13*time.Hour+14*time.Minute+15*time.Second+16*time.Millisecond).Format(f) {
			return Timestamp
		}
	}
	return Date
}

// CanonFault is something wrong with a Canon.
type CanonFault struct {
	Key string // what it is about, as a job file calls it: "formats", "normalize", "null_values", "map", "list"
	Msg string // what is wrong and what to do
}

// Validate gives all that is wrong with the rule for a field of a type; Auto for a type that is not known yet.
func (c *Canon) Validate(typ Type) (faults []CanonFault) {
	fault := func(key, format string, args ...any) {
		faults = append(faults, CanonFault{key, fmt.Sprintf(format, args...)})
	}
	text := typ == String || typ == Auto
	if len(c.Formats) > 0 && typ != Date && typ != Timestamp && typ != Auto {
		fault("formats", "formats are for dates and timestamps, not for type %s", typ)
	}
	for _, f := range c.Formats {
		if err := CheckLayout(f); err != nil {
			fault("formats", "%v", err)
		}
	}
	if s := c.Steps & stringSteps; s != 0 && !text {
		fault("normalize", "%s would change what a value of type %s says; leave it out or make the type string", s, typ)
	}
	for _, both := range []Steps{NFC | NFKC, Upper | Lower, Digits | Phone} {
		if c.Steps&both == both {
			fault("normalize", "%s exclude each other; keep one", both)
		}
	}
	if c.List != "" {
		if !text {
			fault("list", "a list is compared item by item as text, not as type %s; make the type string", typ)
		}
		if len(c.List) != 1 || c.List[0] <= ' ' && c.List != "\t" || c.List[0] >= 0x7f || digit(c.List[0]) || 'a' <= c.List[0]|0x20 && c.List[0]|0x20 <= 'z' {
			fault("list", "list must be the one ASCII character that separates the items, such as \",\", and no letter, digit or space")
		}
	}
	n := newNormalizer(c.Steps)
	for _, from := range slices.Sorted(maps.Keys(c.Map)) {
		to := string(n.apply([]byte(c.Map[from])))
		switch further, chained := c.Map[to]; {
		case slices.Contains(c.nulls(), from):
			fault("map", "%q stands in null_values too; leave it out of one of them", from)
		case chained && further != to && to != from:
			fault("map", "%q leads to %q, which leads to %q; say where each ends", from, to, further)
		case c.List != "" && strings.Contains(c.Map[from], c.List):
			fault("map", "%q leads to a text with the separator of the list in it", from)
		}
	}
	return faults
}

func (c *Canon) nulls() []string {
	if c.Nulls == nil {
		return []string{""}
	}
	return c.Nulls
}

// word is what a text of Map or Nulls stands for.
type word struct {
	null bool
	to   []byte
}

// canon is a Canon made ready. It keeps scratch space, so each goroutine has its own. A nil canon is the default one.
type canon struct {
	steps   normalizer
	items   normalizer // of a list: what is left to do once the text is in pieces
	words   map[string]word
	longest int // length of the longest word
	layouts []layout
	list    byte
	byText  bool // typed columns go by way of their text too
	changed bool // text changed one, see Hasher.Changed

	pieces [][]byte
	joined []byte
}

// newCanon makes a rule ready that Validate has nothing against; nil for the default.
func newCanon(c *Canon) *canon {
	if c.Default() {
		return nil
	}
	steps := c.Steps
	out := &canon{words: map[string]word{}, byText: c.ForText() || len(c.Map) > 0}
	if c.List != "" {
		out.list = c.List[0]
		out.items = newNormalizer(steps&(Digits|Phone) | Trim)
		steps &^= Digits | Phone
	}
	out.steps = newNormalizer(steps)
	for _, n := range c.nulls() {
		out.words[n] = word{null: true}
		out.byText = out.byText || n != ""
	}
	for from, to := range c.Map {
		w := word{to: bytes.Clone(out.steps.apply([]byte(to)))}
		if out.list != 0 {
			w.to = bytes.Clone(out.items.apply(w.to))
		}
		w.null = slices.Contains(c.nulls(), string(w.to))
		out.words[from] = w
	}
	for w := range out.words {
		out.longest = max(out.longest, len(w))
	}
	for _, f := range c.Formats {
		out.layouts = append(out.layouts, newLayout(f))
	}
	return out
}

// lookUp gives what b stands for if it is a word.
func (c *canon) lookUp(b []byte) (word, bool) {
	if len(b) > c.longest || len(c.words) == 0 {
		return word{}, false
	}
	w, ok := c.words[string(b)]
	return w, ok
}

// emptyIsNull tells whether the empty text is null.
func (c *canon) emptyIsNull() bool { return c == nil || c.words[""].null }

// text gives the canonical text of b and whether it is null. The result is b or lasts until the next call.
func (c *canon) text(b []byte) (canonical []byte, null bool) {
	if w, ok := c.lookUp(b); ok {
		c.changed = c.changed || !w.null || len(b) > 0
		return w.to, w.null
	}
	n := c.steps.apply(b)
	if c.list != 0 {
		c.changed = true // perhaps
		return c.set(n)
	}
	if !same(n, b) {
		c.changed = true
		if w, ok := c.lookUp(n); ok {
			return w.to, w.null
		}
	}
	return n, false
}

// asItIs tells that b is a text that is no word and that no step changes; it may be wrong the other way. Few are not.
func (c *canon) asItIs(b []byte) bool { return len(b) > c.longest && c.steps.clean(b) }

// viewsAsTheyAre counts the texts, from the first on, of which asItIs is known by their views alone. There may be nulls among them.
func (c *canon) viewsAsTheyAre(views []byte) int {
	if !c.steps.wide && c.steps.steps&Phone == 0 {
		return 0
	}
	return c.steps.cleanViews(views, c.longest)
}

// same tells whether a step left b where it is.
func same(n, b []byte) bool { return len(n) == len(b) && (len(n) == 0 || &n[0] == &b[0]) }

// set gives the items of a list in a fixed order without repeats, each canonical by itself; none at all is null.
func (c *canon) set(b []byte) (canonical []byte, null bool) {
	if w, ok := c.lookUp(b); ok {
		return w.to, w.null
	}
	c.pieces = c.pieces[:0]
	c.joined = append(c.joined[:0], b...)
	for item := range bytes.SplitSeq(c.joined, []byte{c.list}) {
		item = trimSpace(item)
		w, ok := c.lookUp(item)
		if !ok {
			if n := c.items.apply(item); !same(n, item) {
				item = bytes.Clone(n)
				w, ok = c.lookUp(item)
			}
		}
		if ok {
			item = w.to
		}
		if !w.null && len(item) > 0 {
			c.pieces = append(c.pieces, item)
		}
	}
	slices.SortFunc(c.pieces, bytes.Compare)
	c.pieces = slices.CompactFunc(c.pieces, bytes.Equal)
	canonical = bytes.Join(c.pieces, []byte{c.list})
	return canonical, len(canonical) == 0
}

// time reads a canonical text as seconds since 1970 and nanoseconds; without a zone it is UTC. What a level holds as text is read
// by the rule's formats if it has any; what was written out of a typed column has the standard form.
func (c *canon) time(b []byte, whose source) (sec, nsec int64, ok bool) {
	if c == nil || len(c.layouts) == 0 || whose == own {
		if sec, nsec, ok = parseTimestamp(b); ok || c == nil {
			return sec, nsec, ok
		}
	}
	for i := range c.layouts {
		if sec, nsec, ok = c.layouts[i].parse(b); ok {
			return sec, nsec, true
		}
	}
	return 0, 0, false
}
