package engine

import (
	"time"

	"crosscheck/engine/record"
)

// Summary is what a run counted. For each level Rows = NoKey + Extra + Records; over the run
// Records = Matched + Missing + Differing. Groups of rosters and values of carried columns left aside, it
// holds no key and no value of a record.
type Summary struct {
	Records   int64 `json:"records"`   // distinct keys over all levels
	Matched   int64 `json:"matched"`   // on every level, all fields agree
	Missing   int64 `json:"missing"`   // lacking on at least one level
	Differing int64 `json:"differing"` // on every level, at least one field differs
	Findings  int64 `json:"findings"`  // rows of the report

	Kinds    []KindCount    `json:"kinds"`    // every kind, in report order
	Fields   []FieldCount   `json:"fields"`   // every field, in the order compared
	Levels   []LevelCount   `json:"levels"`   // every level, in order
	Patterns []PatternCount `json:"patterns"` // which levels hold the records: every combination that occurs, most records first

	InvalidKeys []InvalidKeyCount `json:"invalid_keys"` // every level and reason that occurs, in order

	Carry   []CarryCount  `json:"carry"`             // every carried column, in order
	Rosters []RosterCount `json:"rosters,omitempty"` // every roster, in order
	Rules   []RuleCount   `json:"rules,omitempty"`   // every rule, in order

	// Where values lie that do not read as their field's type: by field and level the first in file order, at most 10.
	Unparseable []Unparseable `json:"unparseable"`

	Spilled int64 `json:"spilled_bytes"` // what did not fit into memory and went to disk; 0: all fitted
	// Rows of each level whose fingerprints were kept from an earlier run, so that they were not read; nil: nothing is kept.
	Kept []int64 `json:"kept_rows,omitempty"`
	// Values and keys were compared themselves (Options.Exact); otherwise rows with one fingerprint were taken for equal.
	Exact bool `json:"exact"`

	Phases  []Phase       `json:"phases"`
	Elapsed time.Duration `json:"elapsed_ns"`
}

// Rows is the number of rows read over all levels.
func (s *Summary) Rows() int64 {
	var n int64
	for _, l := range s.Levels {
		n += l.Rows
	}
	return n
}

// Unparsed counts the values of typed fields that do not read as their type, on a level or, for "", on all; of is all their values,
// nulls among them. Types that were inferred are no promise that a value could break, so that their fields do not count.
func (s *Summary) Unparsed(level string) (n, of int64) {
	for _, f := range s.Fields {
		for l, bad := range f.Unparseable {
			if f.HeldBy[l] && f.Type != record.String.String() && !f.Inferred && (level == "" || level == s.Levels[l].Level) {
				n += bad
				of += s.Levels[l].Rows
			}
		}
	}
	return n, of
}

// MissingRate is the share of records that level l lacks, 0 to 1.
func (s *Summary) MissingRate(l int) float64 { return ratio(s.Levels[l].Missing, s.Records) }

func ratio(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// KindCount counts the findings of one kind.
type KindCount struct {
	Kind     string `json:"kind"`
	Findings int64  `json:"findings"`
}

// FieldCount counts the findings of one field.
type FieldCount struct {
	Field    string  `json:"field"`
	Type     string  `json:"type"`
	Inferred bool    `json:"inferred,omitempty"` // the type was found by what the levels hold (record.Infer)
	Differs  int64   `json:"differs"`            // records in which the field differs
	Compared int64   `json:"compared"`           // records that at least two levels with this field hold
	Outlier  []int64 `json:"outlier"`            // a level: how often it alone disagrees with all others
	Voted    []int64 `json:"voted"`              // a level: its values that two or more other levels could disagree with
	HeldBy   []bool  `json:"held_by"`            // a level: whether it has the field

	Unparseable []int64 `json:"unparseable"` // a level: rows whose value does not read as the type and is compared as text
}

// Unparseable is where a value lies that does not read as its field's type.
type Unparseable struct {
	Field string `json:"field"`
	Level string `json:"level"`
	File  string `json:"file"`
	Row   int64  `json:"row"` // counted from 1, a header not counted
}

// LevelCount counts one level.
type LevelCount struct {
	Level      string `json:"level"`
	Files      int    `json:"files"`
	Rows       int64  `json:"rows"`
	NoKey      int64  `json:"no_key"`         // rows without a key (null or blank)
	Malformed  int64  `json:"malformed_keys"` // rows whose key is malformed; they take part as text
	Extra      int64  `json:"extra_rows"`     // rows beyond the first of their key
	Duplicates int64  `json:"duplicates"`     // keys held more than once
	Records    int64  `json:"records"`        // distinct keys
	Missing    int64  `json:"missing"`        // records that this level lacks
	Outlier    int64  `json:"outlier"`        // field values in which it alone disagrees with all others
	Voted      int64  `json:"voted"`          // field values of it that two or more other levels could disagree with
}

// CarryCount says what the levels got wrong by the values of a carried column. They are for restricted outputs.
type CarryCount struct {
	Column string       `json:"column"`
	Many   bool         `json:"many"` // the findings have too many values of it to count by them: 65,536 are counted
	Values []BlameCount `json:"-"`    // values that come with a finding, those with most wrong first
}

// BlameCount is what each level got wrong where a carried column has one value.
type BlameCount struct {
	Value   string
	Outlier []int64 // a level: how often it alone disagrees with all others
	Missing []int64 // a level: records that it lacks
}

// InvalidKeyCount counts the rows of a level whose key is invalid for one reason.
type InvalidKeyCount struct {
	Level  string `json:"level"`
	Reason string `json:"reason"` // record.KeyState
	Rows   int64  `json:"rows"`
}

// PatternCount counts the records that exactly these levels hold.
type PatternCount struct {
	In      []bool `json:"in"`
	Records int64  `json:"records"`
}

// RosterCount counts a roster: Rows = NoKey + Repeated + Members.
type RosterCount struct {
	Roster    string       `json:"roster"`
	Rows      int64        `json:"rows"`
	NoKey     int64        `json:"no_key"`         // rows without a key (null or blank)
	Malformed int64        `json:"malformed_keys"` // rows whose key is malformed; they take part as text
	Repeated  int64        `json:"repeated"`       // rows beyond the first of their key
	Members   int64        `json:"members"`        // distinct keys
	Uncovered int64        `json:"uncovered"`      // members whom a level lacks that must know them
	Overdue   int64        `json:"overdue"`        // members for whom a rule finds no value that is recent enough
	Required  []bool       `json:"required"`       // a level: whether it must know each member
	Lacking   []int64      `json:"lacking"`        // a level: members it must know and lacks
	Groups    []GroupCount `json:"-"`              // every group, worst first; empty for a roster without groups
}

// GroupCount counts the members of a group of a roster. The name is a value of the roster's column: it is for restricted outputs.
type GroupCount struct {
	Group     string // "" for members without one
	Members   int64
	Uncovered int64
	Overdue   int64
}

// RuleCount counts the findings of a rule.
type RuleCount struct {
	Rule      string `json:"rule"`
	Kind      string `json:"kind"`
	Level     string `json:"level,omitempty"`
	Field     string `json:"field,omitempty"`
	Roster    string `json:"roster,omitempty"`
	Findings  int64  `json:"findings"`
	Undecided int64  `json:"undecided"` // rows for which an expression has no answer
}

// Phase is a stretch of the run.
type Phase struct {
	Name          string        `json:"name"` // verify, load, join, gather, write
	Elapsed       time.Duration `json:"elapsed_ns"`
	Rows          int64         `json:"rows"` // verify: read, in all passes; load: read; join: read again from disk; gather: read again; write: records with a finding
	RowsPerSecond float64       `json:"rows_per_second"`
}

// add adds a part of the phase.
func (p *Phase) add(elapsed time.Duration, rows int64) {
	p.Elapsed += elapsed
	p.Rows += rows
	if p.Elapsed > 0 {
		p.RowsPerSecond = float64(p.Rows) / p.Elapsed.Seconds()
	}
}
