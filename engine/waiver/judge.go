package waiver

import (
	"bytes"
	"math/bits"
	"regexp"
	"slices"

	"crosscheck/engine/verdict"
)

// Tally holds findings against a set and counts what is waived. Each goroutine has its own.
type Tally struct {
	set      *Set
	met      []bool // a waiver: whether a finding met it
	cells    map[cell]int64
	members  map[Member]int64
	findings int64 // waived
	missing  int64 // waived records that lack on a level
	differs  int64 // waived records on every level
	again    int64 // findings that an expired waiver alone would cover
}

// NewTally makes a tally of nothing.
func (s *Set) NewTally() *Tally {
	return &Tally{set: s, met: make([]bool, len(s.waivers.Reveal())), cells: map[cell]int64{}, members: map[Member]int64{}}
}

// Judge sets the status of findings in report order. All findings of a record lie in one call. A finding costs a look-up of its key,
// and a look at each waiver that names no key.
func (t *Tally) Judge(findings []verdict.Finding) {
	for len(findings) > 0 {
		n := 1
		for n < len(findings) && bytes.Equal(findings[n].Key, findings[0].Key) {
			n++
		}
		t.record(findings[:n])
		findings = findings[n:]
	}
}

// record judges the findings of one record, or of rows without a key.
func (t *Tally) record(findings []verdict.Finding) {
	named := t.set.keyed.Reveal()[string(findings[0].Key)]
	mismatches, waived, missing, met := 0, 0, false, t.findings
	for i := range findings {
		f := &findings[i]
		t.finding(f, named)
		if f.Kind == verdict.Missing || f.Kind == verdict.Differs {
			mismatches++
			missing = missing || f.Kind == verdict.Missing
			if f.Status == verdict.Waived {
				waived++
			}
		}
	}
	if t.findings > met {
		t.countMembers(findings)
	}
	switch {
	case mismatches == 0 || waived < mismatches:
	case missing:
		t.missing++
	default:
		t.differs++
	}
}

// finding holds a finding against the waivers that name its key and those that name none. It looks at all of them, so that each
// is known to be of use or not.
func (t *Tally) finding(f *verdict.Finding, named []int32) {
	waived, expired := false, false
	all := t.set.waivers.Reveal()
	for _, waivers := range [2][]int32{named, t.set.others} {
		for _, i := range waivers {
			w := &all[i]
			if !t.set.meets(w, f) {
				continue
			}
			t.met[i] = true
			waived = waived || !w.Expired
			expired = expired || w.Expired
		}
	}
	switch {
	case waived:
		f.Status = verdict.Waived
		t.count(f)
	case expired:
		t.again++
	}
}

// meets tells whether a finding meets all that a waiver names, its keys aside; what costs least comes first.
func (s *Set) meets(w *ready, f *verdict.Finding) bool {
	switch {
	case len(w.Kinds) > 0 && !slices.Contains(w.Kinds, f.Kind),
		len(w.Fields) > 0 && !slices.Contains(w.Fields, f.Field),
		w.Levels != 0 && !s.about(f, w.Levels),
		len(w.Reasons) > 0 && !slices.Contains(w.Reasons, f.Reason),
		w.groups != nil && (f.Group == nil || !w.groups[string(f.Group)]):
		return false
	}
	for i, c := range w.Carry {
		if c.Column >= len(f.Carry) || f.Carry[c.Column] == nil || !w.carry[i][string(f.Carry[c.Column])] {
			return false
		}
	}
	return (w.Key == nil || w.Key.Match(f.Key)) && (w.Value == nil || shows(f, w.Value, w.Levels))
}

// shows tells whether a value of one of the levels, of any if there are none, matches a pattern.
func shows(f *verdict.Finding, pattern *regexp.Regexp, levels uint32) bool {
	for l, v := range f.Values {
		if v != nil && (levels == 0 || levels>>l&1 != 0) && pattern.Match(v) {
			return true
		}
	}
	return false
}

// about tells whether a finding is about these levels alone.
func (s *Set) about(f *verdict.Finding, levels uint32) bool {
	concerned := s.concerned(f)
	if f.Kind == verdict.Differs || f.Kind == verdict.KeyTypo {
		if f.Outlier == verdict.NoLevel {
			return bits.OnesCount32(concerned) == 2 && concerned&levels != 0
		}
		concerned = 1 << f.Outlier
	}
	return concerned != 0 && concerned&^levels == 0
}

// concerned gives the levels that a finding is about, for one that levels vote on those that have a say.
func (s *Set) concerned(f *verdict.Finding) uint32 {
	switch f.Kind {
	case verdict.Missing:
		return s.all &^ f.In
	case verdict.Differs:
		return f.In & s.shape.Holds[f.Field]
	case verdict.Overdue:
		if l, ok := s.shape.RuleLevel[f.Reason]; ok {
			return 1 << l
		}
		return 0
	}
	shown := uint32(0)
	for l, v := range f.Values {
		if v != nil {
			shown |= 1 << l
		}
	}
	if shown == 0 && f.Kind == verdict.InvalidKey {
		return f.In // a row whose key is null shows nothing, and is on one level
	}
	return shown
}
