package privacy

import (
	"bytes"
	"encoding/binary"

	"crosscheck/engine/verdict"
)

// Columns says how the columns of a table of findings are treated in the internal tier.
type Columns struct {
	Key    Treatment   // of the columns that identify a record
	Fields []Treatment // along verdict.Header.Fields
	Carry  []Treatment // along verdict.Header.Carry
	Group  Treatment   // of the groups of rosters
}

// File gives the name of a file as outputs beside the restricted ones show it: * if it looks like an identifier.
func File(name string) string {
	if Telling([]byte(name)) {
		return "*"
	}
	return name
}

// InternalHeader gives the header of the internal table of the findings that h describes: files without rows, and none whose name looks like
// an identifier.
func InternalHeader(h verdict.Header) verdict.Header {
	shown := make([]string, len(h.Files))
	for i, f := range h.Files {
		shown[i] = File(f)
	}
	h.Files, h.FilesOnly = shown, true
	return h
}

// Masker turns findings into those of the internal tier. It keeps scratch space, so each goroutine has its own.
type Masker struct {
	columns    Columns
	fields     []string
	pseudonyms *Pseudonyms

	key  []byte // of the record under way; nil: none yet
	mine Pseudonym
	name []byte // its pseudonym as text; empty where the record has no key

	out    verdict.Finding
	values [][]byte // of out
	carry  [][]byte // of out
	tags   []tag    // a level
	first  []int    // a level: the first one with the same value
	texts  []byte   // what out points into
	hash   [8]byte
	buf    []byte
}

// NewMasker makes a masker for findings that h describes.
func NewMasker(k *Key, columns Columns, h verdict.Header) *Masker {
	n := len(h.Levels)
	return &Masker{columns: columns, fields: h.Fields, pseudonyms: k.Pseudonyms(),
		values: make([][]byte, n), carry: make([][]byte, len(h.Carry)), tags: make([]tag, n), first: make([]int, n)}
}

// Mask gives a finding as the internal tier shows it. It lives until the next call; the given one is left as it is.
func (m *Masker) Mask(f *verdict.Finding) *verdict.Finding {
	if m.key == nil || !bytes.Equal(m.key, f.Key) {
		m.record(f.Key)
	}
	m.texts = m.texts[:0]
	m.out = *f
	m.out.Key, m.out.Hashes = m.name, nil
	if f.Values != nil {
		m.out.Values = m.values
		m.mask(f)
	}
	m.out.Group = m.show(m.columns.Group, f.Group)
	if f.Carry != nil {
		m.out.Carry = m.carry
		for c, v := range f.Carry {
			m.carry[c] = m.show(m.columns.Carry[c], v)
		}
	}
	return &m.out
}

// record begins a record. One without a key has no pseudonym either, but its tags are keyed like all others.
func (m *Masker) record(key []byte) {
	m.key = append(m.key[:0], key...)
	m.pseudonyms.Of(key, &m.mine)
	m.name = m.name[:0]
	if len(key) > 0 {
		m.name = m.mine.AppendText(m.name)
	}
	if m.key == nil {
		m.key = []byte{}
	}
	if m.name == nil {
		m.name = []byte{}
	}
}

// treatment says how the values of a finding are treated, and in which column they stand.
func (m *Masker) treatment(f *verdict.Finding) (t Treatment, column string) {
	switch {
	case f.Kind == verdict.InvalidKey || f.Kind == verdict.KeyTypo:
		t = m.columns.Key
		if t.Show == Full { // beside a pseudonym
			t = Treatment{Class: Other, Show: Masked}
		}
		return t, "" // no field has an empty name
	case f.Kind == verdict.Duplicate || f.Kind == verdict.NotCovered || f.Field == verdict.NoField:
		return Treatment{Show: Full}, "" // a word of the engine's: identical, absent, fails
	}
	return m.columns.Fields[f.Field], m.fields[f.Field]
}

// mask fills in the values and the consensus of a finding.
func (m *Masker) mask(f *verdict.Finding) {
	t, column := m.treatment(f)
	clear(m.values)
	m.out.Consensus = nil
	tagLen := 0
	for l, v := range f.Values {
		m.first[l] = -1
		if v == nil || t.Show == Hidden {
			continue
		}
		at := t
		if t.Show == Full && t.Guarded && Telling(v) {
			at = Treatment{Class: Other, Show: Masked}
		}
		if at.Show == Full || len(v) == 0 {
			m.values[l] = v
			continue
		}
		m.first[l] = m.same(f, l)
		if m.first[l] == l {
			if tagLen == 0 {
				tagLen = shortTag
			}
			m.tags[l] = m.tag(f, l, column)
			tagLen = m.apart(l, tagLen)
		}
		if e := m.first[l]; e != l && bytes.Equal(v, f.Values[e]) {
			continue // its mask is that of level e
		}
		from := len(m.texts)
		m.texts = at.Class.AppendMasked(m.texts, v)
		m.values[l] = m.texts[from:len(m.texts):len(m.texts)]
	}
	for l, v := range m.values {
		switch at := m.first[l]; {
		case at >= 0 && v == nil:
			m.values[l] = m.values[at]
		case at >= 0:
			from := len(m.texts)
			m.texts = append(append(append(m.texts, v...), '#'), m.tags[at][:tagLen]...)
			m.values[l] = m.texts[from:len(m.texts):len(m.texts)]
		}
	}
	for l, v := range f.Values {
		if f.Consensus != nil && v != nil && bytes.Equal(v, f.Consensus) {
			m.out.Consensus = m.values[l]
			break
		}
	}
}

// shortTag is how many characters of a tag are shown where they tell all values of a finding apart; longer ones grow by tagStep.
const (
	shortTag = 4
	tagStep  = 2
)

// same gives the first level that holds the same value as level l and has a tag, or l.
func (m *Masker) same(f *verdict.Finding, l int) int {
	for e := range l {
		if m.first[e] != e {
			continue
		}
		if f.Hashes != nil && f.Hashes[e] == f.Hashes[l] || f.Hashes == nil && bytes.Equal(f.Values[e], f.Values[l]) {
			return e
		}
	}
	return l
}

// tag gives the tag of a level's value: by its canonical form where the finding has that, else by its text.
func (m *Masker) tag(f *verdict.Finding, l int, column string) tag {
	if f.Hashes == nil {
		return m.mine.tag(&m.buf, column, f.Values[l])
	}
	binary.BigEndian.PutUint64(m.hash[:], f.Hashes[l])
	return m.mine.tag(&m.buf, column, m.hash[:])
}

// apart gives the length, n or more, at which the tag of level l is another one than those before it.
func (m *Masker) apart(l, n int) int {
	for e := range l {
		for m.first[e] == e && n < PseudonymLen && string(m.tags[e][:n]) == string(m.tags[l][:n]) {
			n += tagStep
		}
	}
	return n
}

// show gives a value that stands alone, without a tag.
func (m *Masker) show(t Treatment, v []byte) []byte {
	switch {
	case v == nil || t.Show == Hidden:
		return nil
	case t.Show == Full && !(t.Guarded && Telling(v)):
		return v
	case t.Show == Full:
		t.Class = Other
	}
	from := len(m.texts)
	m.texts = t.Class.AppendMasked(m.texts, v)
	return m.texts[from:len(m.texts):len(m.texts)]
}
