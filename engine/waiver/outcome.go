package waiver

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"

	"crosscheck/engine/verdict"
)

// Outcome is what the waivers of a run came to. It holds no key and no value of a record.
type Outcome struct {
	Holding int   `json:"holding"`       // waivers that hold
	Expired []int `json:"expired_lines"` // lines of the waivers that have expired
	Unused  []int `json:"unused_lines"`  // lines of the waivers that hold and that no finding met

	Findings        int64   `json:"findings"`         // waived findings
	Missing         int64   `json:"missing"`          // waived records that lack on a level
	Differing       int64   `json:"differing"`        // waived records on every level that differ
	ExpiredFindings int64   `json:"expired_findings"` // findings that count and that an expired waiver would cover
	Counts          []Count `json:"counts"`           // waived findings: the cells that are not 0, by kind, field, level and reason

	Members map[Member]int64 `json:"-"` // waived members of rosters; groups are values, for restricted outputs alone
}

// Member is what waived members of rosters are counted by. A member is waived in a kind, not_covered or overdue, if every finding of that kind
// and roster about it is.
type Member struct{ Kind, Roster, Group string }

// OfMembers counts the waived members of a group of a roster, or of all its groups. A nil Outcome waives nobody.
func (o *Outcome) OfMembers(kind, roster, group string, all bool) (n int64) {
	if o == nil {
		return 0
	}
	for m, k := range o.Members {
		if m.Kind == kind && m.Roster == roster && (all || m.Group == group) {
			n += k
		}
	}
	return n
}

// Count counts waived findings as a summary counts all: of a kind; of differs by field, and by field and outlier; of missing, duplicate and
// invalid_key by level, of invalid_key also by level and reason; of not_covered by level and roster; of inconsistent and overdue by
// rule. A missing finding counts on every level that lacks the record.
type Count struct {
	Kind     string `json:"kind"`
	Field    string `json:"field,omitempty"`
	Level    string `json:"level,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Findings int64  `json:"findings"`
}

// Of gives the count of a cell, "" for what it has not, and 0 where there is none. No waivers at all, a nil Outcome, waive nothing.
func (o *Outcome) Of(kind, field, level, reason string) int64 {
	if o == nil {
		return 0
	}
	for _, c := range o.Counts {
		if c.Kind == kind && c.Field == field && c.Level == level && c.Reason == reason {
			return c.Findings
		}
	}
	return 0
}

// Records counts the records that are waived, 0 for a nil Outcome.
func (o *Outcome) Records() int64 {
	if o == nil {
		return 0
	}
	return o.Missing + o.Differing
}

// cell is what is counted: -1 for no field and no level.
type cell struct {
	kind         verdict.Kind
	field, level int16
	reason       string
}

// count counts a waived finding.
func (t *Tally) count(f *verdict.Finding) {
	t.findings++
	add := func(field, level int, reason string) {
		t.cells[cell{f.Kind, int16(field), int16(level), reason}]++
	}
	add(-1, -1, "")
	switch f.Kind {
	case verdict.Differs:
		add(f.Field, -1, "")
		if f.Outlier != verdict.NoLevel {
			add(f.Field, f.Outlier, "")
		}
	case verdict.Inconsistent, verdict.Overdue:
		add(-1, -1, f.Reason)
	case verdict.Missing, verdict.Duplicate, verdict.InvalidKey, verdict.NotCovered:
		for rest := t.set.concerned(f); rest != 0; rest &= rest - 1 {
			l := bits.TrailingZeros32(rest)
			if f.Kind != verdict.NotCovered {
				add(-1, l, "")
			}
			if f.Kind == verdict.InvalidKey || f.Kind == verdict.NotCovered {
				add(-1, l, f.Reason)
			}
		}
	}
}

// countMembers counts what the findings of a record say about members of rosters, where all of one kind are waived.
func (t *Tally) countMembers(findings []verdict.Finding) {
	type said struct{ all, waived int }
	var about map[Member]said
	for i := range findings {
		f := &findings[i]
		if f.Kind != verdict.NotCovered && f.Kind != verdict.Overdue {
			continue
		}
		m := Member{Kind: f.Kind.String(), Roster: f.Reason, Group: string(f.Group)}
		if f.Kind == verdict.Overdue {
			m.Roster = t.set.shape.RuleRoster[f.Reason]
		}
		if about == nil {
			about = map[Member]said{}
		}
		n := about[m]
		n.all++
		if f.Status == verdict.Waived {
			n.waived++
		}
		about[m] = n
	}
	for m, n := range about {
		if n.waived == n.all {
			t.members[m]++
		}
	}
}

// merge adds o to t.
func (t *Tally) merge(o *Tally) {
	for i, met := range o.met {
		t.met[i] = t.met[i] || met
	}
	for c, n := range o.cells {
		t.cells[c] += n
	}
	for m, n := range o.members {
		t.members[m] += n
	}
	t.findings += o.findings
	t.missing += o.missing
	t.differs += o.differs
	t.again += o.again
}

// Outcome adds up the tallies of a run, in whatever order.
func (s *Set) Outcome(tallies []*Tally) *Outcome {
	t := s.NewTally()
	for _, o := range tallies {
		t.merge(o)
	}
	out := &Outcome{Expired: []int{}, Unused: []int{}, Findings: t.findings, Missing: t.missing, Differing: t.differs, ExpiredFindings: t.again, Counts: []Count{}}
	if len(t.members) > 0 {
		out.Members = t.members
	}
	for i, w := range s.waivers.Reveal() {
		switch {
		case w.Expired:
			out.Expired = append(out.Expired, w.Line)
		case !t.met[i]:
			out.Unused = append(out.Unused, w.Line)
		}
	}
	out.Holding = len(s.waivers.Reveal()) - len(out.Expired)
	name := func(names []string, i int16) string {
		if i < 0 {
			return ""
		}
		return names[i]
	}
	cells := slices.SortedFunc(maps.Keys(t.cells), func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.field, b.field), cmp.Compare(a.level, b.level), cmp.Compare(a.reason, b.reason))
	})
	for _, c := range cells {
		out.Counts = append(out.Counts, Count{
			Kind: c.kind.String(), Field: name(s.shape.Header.Fields, c.field), Level: name(s.shape.Header.Levels, c.level), Reason: c.reason,
			Findings: t.cells[c],
		})
	}
	return out
}
