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

// InternalHeader gives the header of the internal table of the findings that h describes, masked: files without rows, and none whose name looks like
// an identifier.
func InternalHeader(h verdict.Header) verdict.Header {
	shown := make([]string, len(h.Files))
	for i, f := range h.Files {
		shown[i] = File(f)
	}
	h.Files, h.FilesOnly = shown, true
	h.Locate = func(_ int, ref uint32) (file int, row int64) { return int(ref) - 1, 0 } // as a Masker leaves them
	return h
}

// Masker turns findings into those of the internal tier. It keeps scratch space, so each goroutine has its own.
type Masker struct {
	columns    Columns
	fields     []string
	pseudonyms *Pseudonyms

	locate func(level int, ref uint32) (file int, row int64)

	mine Pseudonym // of the record under way

	out    verdict.Finding
	values [][]byte // of out
	carry  [][]byte // of out
	files  []uint32 // of out: where its rows are, from 1
	tags   []bits   // a level
	first  []int    // a level: the first one with the same value; -1: the value has no tag
	tagged []int    // levels that are the first with their values
	texts  []byte   // what out points into
	hashes [2][8]byte
	tagger tagMaker
}

// NewMasker makes a masker for findings that h describes.
func NewMasker(k *Key, columns Columns, h verdict.Header) *Masker {
	n := len(h.Levels)
	return &Masker{columns: columns, fields: h.Fields, pseudonyms: k.Pseudonyms(), locate: h.Locate,
		values: make([][]byte, n), carry: make([][]byte, len(h.Carry)), tags: make([]bits, n), first: make([]int, n), tagged: make([]int, 0, n), files: make([]uint32, n)}
}

// Record begins the record of a key, with that of the record behind it beside, nil where there is none. One without a key has no pseudonym, nil,
// but its tags are keyed like all others.
func (m *Masker) Record(key, next []byte) *Pseudonym {
	m.pseudonyms.Of(key, next, &m.mine)
	if len(key) == 0 {
		return nil
	}
	return &m.mine
}

// Mask gives a finding of the record as the internal tier shows it, but for its key. It lives until the next call; the given one is left as it is.
func (m *Masker) Mask(f *verdict.Finding) *verdict.Finding {
	m.texts = m.texts[:0]
	m.out = *f
	m.out.Key, m.out.Hashes = nil, nil
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
	if len(f.Rows) > 0 {
		m.out.Rows = m.files
		for l, ref := range f.Rows {
			if m.files[l] = 0; ref != 0 {
				file, _ := m.locate(l, ref)
				m.files[l] = uint32(file) + 1
			}
		}
	}
	return &m.out
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
	m.tagged = m.tagged[:0]
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
		e := m.same(f, l)
		if m.first[l] = e; e == l {
			m.tagged = append(m.tagged, l)
		} else if bytes.Equal(v, f.Values[e]) {
			continue // it is shown as that of level e
		}
		from := len(m.texts)
		m.texts = at.Class.AppendMasked(m.texts, v)
		m.values[l] = m.texts[from:len(m.texts):len(m.texts)]
	}
	if len(m.tagged) > 0 {
		m.tag(f, column)
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
	for _, e := range m.tagged {
		if f.Hashes != nil && f.Hashes[e] == f.Hashes[l] || f.Hashes == nil && bytes.Equal(f.Values[e], f.Values[l]) {
			return e
		}
	}
	return l
}

// tag puts tags behind the masked values, of a length at which they tell all of them apart.
func (m *Masker) tag(f *verdict.Finding, column string) {
	n := shortTag
	for i := 0; i < len(m.tagged); i += 2 {
		pair := m.tagged[i:min(i+2, len(m.tagged))]
		var of [2][]byte // what their tags are made of
		for j, l := range pair {
			of[j] = f.Values[l]
			if f.Hashes != nil { // the canonical value
				of[j] = binary.BigEndian.AppendUint64(m.hashes[j][:0], f.Hashes[l])
			}
		}
		tags := m.mine.tags(&m.tagger, column, of[0], of[1])
		for j, l := range pair {
			m.tags[l] = tags[j]
			n = m.apart(m.tagged[:i+j], l, n)
		}
	}
	for l, v := range m.values {
		switch at := m.first[l]; {
		case at >= 0 && v == nil:
			m.values[l] = m.values[at]
		case at >= 0:
			from := len(m.texts)
			m.texts = m.tags[at].appendText(append(append(m.texts, v...), '#'), n)
			m.values[l] = m.texts[from:len(m.texts):len(m.texts)]
		}
	}
}

// apart gives the length, n or more, at which the tag of level l is another one than those of others.
func (m *Masker) apart(others []int, l, n int) int {
	for _, e := range others {
		for n < PseudonymLen && m.tags[e].alike(m.tags[l], n) {
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
