// Package waiver tells which findings are known: by whom, why and until when somebody said so. It is pure: entries in, verdicts
// about findings out.
package waiver

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"crosscheck/engine/verdict"
)

// Entry is one thing that is known. A finding is waived if all that the entry names is so; what it leaves out may be anything.
type Entry struct {
	Line   int       // where it stands in its file, counted from 1
	Reason string    // why it is waived; required
	Author string    // by whom; required
	Until  time.Time // the last day on which it holds, as midnight UTC; required

	Kinds      []string          // kinds of findings
	Field      string            // name of the field
	Level      string            // the level that is to blame, see Blames
	Keys       [][]string        // keys, each by its parts, in any spelling of the key's type
	KeyPattern *regexp.Regexp    // of the canonical key
	Value      *regexp.Regexp    // of the value that the level holds, or any level if none is named
	Carry      map[string]string // carried column → value
	Group      string            // the member's group in a roster
	Rule       string            // the finding's reason: a rule, a roster, why a key is invalid
}

// Set is the entries that hold on a day, ready to be matched. It is read by many goroutines at once.
type Set struct {
	Expired []int // indexes of the entries that do not hold any more

	entries []compiled
	byKey   map[string][]int // canonical key → entries that name it
	anyKey  []int            // entries that name no key
}

type compiled struct {
	Entry
	kinds []verdict.Kind
	field int // verdict.NoField where none is named
	level int // verdict.NoLevel where none is named
	carry []string
	wants []bool // a carried column: whether its value is named
}

// Compile makes entries ready for the findings of a run on a day. The error names the entry's line and what the run does not have.
func Compile(entries []Entry, h verdict.Header, day time.Time) (*Set, error) {
	s := &Set{byKey: map[string][]int{}}
	for i, e := range entries {
		c := compiled{Entry: e, field: verdict.NoField, level: verdict.NoLevel, carry: make([]string, len(h.Carry)), wants: make([]bool, len(h.Carry))}
		for _, k := range verdict.Kinds() {
			if slices.Contains(e.Kinds, k.String()) {
				c.kinds = append(c.kinds, k)
			}
		}
		if e.Field != "" {
			if c.field = slices.Index(h.Fields, e.Field); c.field < 0 {
				return nil, fmt.Errorf("line %d: no field of the run is called %q", e.Line, e.Field)
			}
		}
		if e.Level != "" {
			if c.level = slices.Index(h.Levels, e.Level); c.level < 0 {
				return nil, fmt.Errorf("line %d: no level of the run is called %q", e.Line, e.Level)
			}
		}
		for column, value := range e.Carry {
			at := slices.Index(h.Carry, column)
			if at < 0 {
				return nil, fmt.Errorf("line %d: the reports do not carry the column %q", e.Line, column)
			}
			c.carry[at], c.wants[at] = value, true
		}
		s.entries = append(s.entries, c)
		if e.Until.Before(day) {
			s.Expired = append(s.Expired, i)
			continue
		}
		if len(e.Keys) == 0 {
			s.anyKey = append(s.anyKey, i)
		}
		for _, parts := range e.Keys {
			key, ok := h.Key(parts)
			if !ok {
				return nil, fmt.Errorf("line %d: a key has not as many parts as the key of the run, or a blank one", e.Line)
			}
			if at := s.byKey[string(key)]; !slices.Contains(at, i) {
				s.byKey[string(key)] = append(at, i)
			}
		}
	}
	return s, nil
}

// Match gives the index of the first entry that waives a finding, -1 for none.
func (s *Set) Match(f *verdict.Finding) int {
	first := -1
	for _, list := range [][]int{s.byKey[string(f.Key)], s.anyKey} {
		for _, i := range list {
			if first >= 0 && i > first {
				break
			}
			if s.entries[i].waives(f) {
				first = i
				break
			}
		}
	}
	return first
}

func (c *compiled) waives(f *verdict.Finding) bool {
	switch {
	case c.kinds != nil && !slices.Contains(c.kinds, f.Kind),
		c.field != verdict.NoField && f.Field != c.field,
		c.level != verdict.NoLevel && !Blames(f, c.level),
		c.KeyPattern != nil && !c.KeyPattern.Match(f.Key),
		c.Group != "" && string(f.Group) != c.Group,
		c.Rule != "" && f.Reason != c.Rule,
		c.Value != nil && !c.holds(f):
		return false
	}
	for i, wanted := range c.wants {
		if wanted && (i >= len(f.Carry) || f.Carry[i] == nil || string(f.Carry[i]) != c.carry[i]) {
			return false
		}
	}
	return true
}

// holds tells whether the level, or any level, holds a value of the pattern.
func (c *compiled) holds(f *verdict.Finding) bool {
	for l, v := range f.Values {
		if v != nil && (c.level == verdict.NoLevel || c.level == l) && c.Value.Match(v) {
			return true
		}
	}
	return false
}

// Blames tells whether a finding is about a level: it lacks the record, it is the odd one out of a difference or of two spellings of a
// key (or, where none is odd, has the record), or the finding shows what it holds.
func Blames(f *verdict.Finding, level int) bool {
	switch f.Kind {
	case verdict.Missing:
		return f.In>>level&1 == 0
	case verdict.Differs, verdict.KeyTypo:
		if f.Outlier != verdict.NoLevel {
			return f.Outlier == level
		}
		return f.In>>level&1 != 0
	}
	return level < len(f.Values) && f.Values[level] != nil
}
