// Package past tells which findings of a night an earlier night had too, and which of that night are gone. It is pure: both nights come as
// streams in report order and are merged, so that memory does not grow with them.
//
// # What makes two findings the same
//
// The key, the kind, the field, the reason (the rule, the roster, why a key is invalid), and, of a duplicate, an invalid_key and a not_covered,
// the level. Values are not part of it: a phone number that differs today in another way than yesterday is the same finding, and so are a
// missing finding whose record now lacks on another level, a duplicate of three rows that had two, and a key_typo of the record with another
// key. Where several findings are the same in all of this (rows without a key, rows that spell one invalid key, two typos of a record), they
// are taken in order: of three tonight where there were two, two persist and one is new.
//
// A finding that the last night had is Persisting, whatever its status was then, and keeps its first night; one that is waived stays Waived
// and keeps it too. All others are New. What was open the last night, New or Persisting, and is no more is Resolved, unless nobody looked: a
// finding about a field, a rule or a roster that the job no longer has is neither.
package past

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"

	"crosscheck/engine/verdict"
)

// Night is an earlier night.
type Night struct {
	Fields []string // Finding.Field indexes it
	Carry  []string // Finding.Carry runs along it

	// Next gives the next findings in report order, none at the end. They and their lists of values are the caller's until the next call.
	Next func() ([]verdict.Finding, error)
	// Looked says whether a finding that is gone would have been found tonight, its field aside. Nil: always.
	Looked func(*verdict.Finding) bool
}

// Merge holds the findings of tonight, block by block, against those of an earlier night of the same levels and key.
type Merge struct {
	last   *Night
	fields []int // a field of last → that of tonight, gone where there is none
	carry  []int // a carried column of tonight → that of last, -1 where there is none; nil: they are the same
	run    []verdict.Finding
	ended  bool
	counts Counts

	group        []verdict.Finding // of last, of the record under way
	mine, theirs []identity
	out          []verdict.Finding // resolved
}

// gone is the field of a finding whose field tonight does not have.
const gone = -2

// New begins a merge of findings that h describes with those of an earlier night; with nil, all are new.
func New(h verdict.Header, last *Night) *Merge {
	m := &Merge{last: last, ended: last == nil}
	if last == nil {
		return m
	}
	for _, name := range last.Fields {
		if f := slices.Index(h.Fields, name); f >= 0 {
			m.fields = append(m.fields, f)
		} else {
			m.fields = append(m.fields, gone)
		}
	}
	if !slices.Equal(h.Carry, last.Carry) {
		m.carry = []int{}
		for _, name := range h.Carry {
			m.carry = append(m.carry, slices.Index(last.Carry, name))
		}
	}
	return m
}

// identity is what makes two findings of one key the same.
type identity struct {
	kind   verdict.Kind
	field  int
	level  int
	reason string
	at     int // of the finding, not part of it
}

func identify(f *verdict.Finding, at int) identity {
	return identity{kind: f.Kind, field: f.Field, level: levelOf(f), reason: f.Reason, at: at}
}

// levelOf gives the level that a finding of a kind that has one is about, else -1.
func levelOf(f *verdict.Finding) int {
	if f.Kind != verdict.Duplicate && f.Kind != verdict.InvalidKey && f.Kind != verdict.NotCovered {
		return verdict.NoLevel
	}
	for l, v := range f.Values {
		if v != nil {
			return l
		}
	}
	if f.Kind == verdict.InvalidKey && f.In != 0 {
		return bits.TrailingZeros32(f.In) // a row whose key is null shows nothing, and is on one level
	}
	return verdict.NoLevel
}

func (a identity) compare(b identity) int {
	if a.kind != b.kind {
		return int(a.kind) - int(b.kind)
	}
	return cmp.Or(cmp.Compare(a.field, b.field), cmp.Compare(a.level, b.level), cmp.Compare(a.reason, b.reason))
}

// Block gives the findings of a block their status and first night, and gives those of the last night that come before the end of the block
// and are gone; the slice lives until the next call. All findings of a record with a key lie in one block. Errors are those of Night.Next.
func (m *Merge) Block(findings []verdict.Finding) ([]verdict.Finding, error) {
	m.out = m.out[:0]
	for len(findings) > 0 {
		if m.ended && len(m.run) == 0 { // nothing is left to hold them against
			m.settleNew(findings)
			break
		}
		n := 1
		for n < len(findings) && bytes.Equal(findings[n].Key, findings[0].Key) {
			n++
		}
		merge := m.record
		if len(findings[0].Key) == 0 {
			merge = m.keyless
		}
		if err := merge(findings[:n]); err != nil {
			return nil, err
		}
		findings = findings[n:]
	}
	return m.out, nil
}

// Rest gives some of what is left of the last night once all blocks were merged, more false at the end. The slice lives until the next call.
func (m *Merge) Rest() (resolved []verdict.Finding, more bool, err error) {
	m.out = m.out[:0]
	for range 4096 {
		f, err := m.peek()
		if f == nil || err != nil {
			return m.out, false, err
		}
		m.resolve(f)
		m.run = m.run[1:]
	}
	return m.out, true, nil
}

// peek gives the next finding of the last night, nil at the end.
func (m *Merge) peek() (*verdict.Finding, error) {
	if len(m.run) == 0 && !m.ended {
		for i := range m.group {
			detach(&m.group[i])
		}
		var err error
		if m.run, err = m.last.Next(); err != nil {
			return nil, err
		}
		m.ended = len(m.run) == 0
		for i := range m.run {
			m.adopt(&m.run[i])
		}
	}
	if m.ended {
		return nil, nil
	}
	return &m.run[0], nil
}

// detach gives a finding lists of its own, so that it can outlive its run.
func detach(f *verdict.Finding) {
	f.Values, f.Carry = slices.Clone(f.Values), slices.Clone(f.Carry)
}

// adopt turns a finding of the last night into one of tonight's header.
func (m *Merge) adopt(f *verdict.Finding) {
	if f.Field != verdict.NoField {
		f.Field = m.fields[f.Field]
	}
	if f.Status != verdict.Waived {
		m.counts.Open++
	}
	if m.carry == nil {
		return
	}
	old := f.Carry
	f.Carry = make([][]byte, len(m.carry))
	for c, at := range m.carry {
		if at >= 0 && at < len(old) {
			f.Carry[c] = old[at]
		}
	}
}

// record merges the findings of one record.
func (m *Merge) record(findings []verdict.Finding) error {
	key := findings[0].Key
	m.group = m.group[:0]
	for {
		f, err := m.peek()
		if err != nil {
			return err
		}
		if f == nil {
			break
		}
		c := bytes.Compare(f.Key, key)
		if c > 0 {
			break
		}
		if c < 0 {
			m.resolve(f)
		} else {
			m.group = append(m.group, *f)
		}
		m.run = m.run[1:]
	}
	if len(m.group) == 0 {
		m.settleNew(findings)
		return nil
	}
	m.mine, m.theirs = identities(m.mine[:0], findings), identities(m.theirs[:0], m.group)
	a, b := m.mine, m.theirs
	found := 0
	for len(a) > 0 {
		c := -1
		if len(b) > 0 {
			c = a[0].compare(b[0])
		}
		switch f := &findings[a[0].at]; {
		case c < 0:
			m.settle(f, nil)
			a = a[1:]
		case c > 0:
			b = b[1:]
		default:
			m.settle(f, &m.group[b[0].at])
			m.group[b[0].at].Key = nil // not gone
			found++
			a, b = a[1:], b[1:]
		}
	}
	if found < len(m.group) {
		for i := range m.group {
			if m.group[i].Key != nil {
				m.resolve(&m.group[i])
			}
		}
	}
	return nil
}

// identities gives the identities of findings in their order.
func identities(out []identity, findings []verdict.Finding) []identity {
	for i := range findings {
		out = append(out, identify(&findings[i], i))
	}
	if !slices.IsSortedFunc(out, identity.compare) {
		slices.SortStableFunc(out, identity.compare)
	}
	return out
}

// keyless merges findings about rows without a key. They can be many and lie in several blocks, and differ by their level alone, in whose
// order they come.
func (m *Merge) keyless(findings []verdict.Finding) error {
	for i := range findings {
		mine := identify(&findings[i], 0)
		for {
			f, err := m.peek()
			if err != nil {
				return err
			}
			c := -1
			if f != nil && len(f.Key) == 0 {
				c = mine.compare(identify(f, 0))
			}
			if c < 0 {
				m.settle(&findings[i], nil)
				break
			}
			if c == 0 {
				m.settle(&findings[i], f)
				m.run = m.run[1:]
				break
			}
			m.resolve(f)
			m.run = m.run[1:]
		}
	}
	return nil
}

// settleNew settles findings that the last night did not have.
func (m *Merge) settleNew(findings []verdict.Finding) {
	for i := range findings {
		m.settle(&findings[i], nil)
	}
}

// settle says what a finding of tonight is; last is what it was, or nil.
func (m *Merge) settle(f, last *verdict.Finding) {
	if last != nil {
		f.FirstSeen = last.FirstSeen
		if f.Status == verdict.New {
			f.Status = verdict.Persisting
		}
	}
	m.counts.add(f)
}

// resolve takes note of a finding of the last night that is gone.
func (m *Merge) resolve(f *verdict.Finding) {
	switch {
	case f.Status == verdict.Waived:
	case f.Field == gone, m.last.Looked != nil && !m.last.Looked(f):
		m.counts.Unlooked++
	default:
		detach(f)
		f.Status = verdict.Resolved
		m.counts.add(f)
		m.out = append(m.out, *f)
	}
}
