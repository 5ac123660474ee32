// Package waiver decides which findings are known differences: those that a waiver covers stay in the report as waived and are
// counted apart. It is pure: no files, no clock, no goroutines, and it knows neither who waived what nor why.
//
// A waiver covers the findings that meet everything it names. What it leaves out, every finding meets.
//
// # Levels
//
// A waiver that names levels covers the findings that are about those levels alone:
//
//	missing                    every level that lacks the record is named
//	differs, key_typo          the outlier is named, or one of the two levels where no more than two have a say
//	duplicate, not_covered     the level is named
//	invalid_key                the level of the row is named
//	inconsistent               every level that contradicts the key or fails the rule is named
//	overdue                    the level that the rule looks at is named
//
// So a record that two levels lack is not waived by a waiver for one of them, and a difference among three levels that all
// disagree by none that names a level.
//
// # Records
//
// A record that is missing on a level or differs is waived if every finding of these two kinds about it is: what is known of one field
// hides no other. Findings of other kinds are waived one by one.
package waiver

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"

	"crosscheck/engine/privacy/secret"
	"crosscheck/engine/verdict"
)

// Waiver says what is known. Empty parts say nothing.
type Waiver struct {
	Line    int  // in the waiver file, for Outcome
	Expired bool // it covers nothing any more

	Kinds   []verdict.Kind
	Fields  []int          // indexes of Header.Fields
	Levels  uint32         // bit by bit
	Reasons []string       // what Finding.Reason may be: rules, rosters, why a key is invalid
	Groups  []string       // what Finding.Group may be
	Keys    []string       // canonical
	Key     *regexp.Regexp // matches the canonical key
	Value   *regexp.Regexp // matches one of the values shown: of the levels named, or of any
	Carry   []Carried      // all of them
}

// Format implements fmt.Formatter: what a waiver covers is never printed.
func (w Waiver) Format(s fmt.State, _ rune) { _, _ = fmt.Fprintf(s, "waiver of line %d", w.Line) }

// Carried says what a carried column may hold.
type Carried struct {
	Column int // index of Header.Carry
	Values []string
}

// Shape is what must be known of a run to tell what its findings are about.
type Shape struct {
	Header    verdict.Header
	Holds     []uint32       // a compared field: the levels that have it, bit by bit
	RuleLevel map[string]int // a rule that looks at one level → that level

	RuleRoster map[string]string // a rule about the members of a roster → that roster
}

// Pattern compiles a regular expression in RE2 syntax. The error says what is wrong without the expression, which may hold a key.
func Pattern(text string) (*regexp.Regexp, error) {
	p, err := regexp.Compile(text)
	if at, ok := errors.AsType[*syntax.Error](err); ok {
		return nil, errors.New(at.Code.String())
	}
	return p, err
}

// Set is waivers made ready to be held against findings. It may be used by many goroutines.
type Set struct {
	shape   Shape
	all     uint32 // every level
	waivers secret.Value[[]ready]
	keyed   secret.Value[map[string][]int32] // a key → the waivers that name it
	others  []int32                          // the waivers that name no key
}

// ready is a Waiver whose long lists are sets.
type ready struct {
	Waiver
	groups map[string]bool
	carry  []map[string]bool // along Waiver.Carry
}

// New makes a set. It takes time and memory in proportion to the keys.
func New(waivers []Waiver, shape Shape) *Set {
	s := &Set{shape: shape, all: 1<<len(shape.Header.Levels) - 1, keyed: secret.New(map[string][]int32{})}
	made, keyed := make([]ready, 0, len(waivers)), s.keyed.Reveal()
	for i, w := range waivers {
		r := ready{Waiver: w}
		if len(w.Groups) > 0 {
			r.groups = setOf(w.Groups)
		}
		for _, c := range w.Carry {
			r.carry = append(r.carry, setOf(c.Values))
		}
		made = append(made, r)
		if len(w.Keys) == 0 {
			s.others = append(s.others, int32(i))
		}
		for key := range setOf(w.Keys) {
			keyed[key] = append(keyed[key], int32(i))
		}
	}
	s.waivers = secret.New(made)
	return s
}

func setOf(texts []string) map[string]bool {
	set := make(map[string]bool, len(texts))
	for _, t := range texts {
		set[t] = true
	}
	return set
}
