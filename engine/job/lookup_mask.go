package job

import (
	"bytes"
	"slices"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/privacy"
	"crosscheck/engine/record"
	"crosscheck/engine/report"
)

// mask turns findings of the restricted table into what the internal tier may show. The tags are under a key of their own, which is
// forgotten: they tell the values of a finding apart, and nothing beyond it.
func (l *looker) mask(rec *report.Record) error {
	key, err := privacy.ParseKey(privacy.NewKey())
	if err != nil {
		return err
	}
	m := privacy.NewMasker(key, treatments(l.columns(rec)), rec.Header)
	for i := range rec.Findings {
		f := &rec.Findings[i]
		m.Record(f.Finding.Key, nil)
		masked := m.Mask(&f.Finding)
		// What the masker gives lives until its next call.
		f.Values, f.Carry = cloneAll(masked.Values), cloneAll(masked.Carry)
		f.Consensus, f.Group, f.Key = bytes.Clone(masked.Consensus), bytes.Clone(masked.Group), nil
		for s, source := range f.Sources {
			if at := strings.LastIndexByte(source, ':'); at >= 0 {
				source = source[:at] // the place of a row in a sorted file tells whose it is
			}
			f.Sources[s] = privacy.File(source)
		}
	}
	return nil
}

func cloneAll(texts [][]byte) [][]byte {
	out := make([][]byte, len(texts))
	for i, t := range texts {
		out[i] = bytes.Clone(t)
	}
	return out
}

// columns says how the columns of findings are treated by what the job and their names tell. There are no values to go by, as there are when
// a night is published, so that a column of which nothing is known is masked.
func (l *looker) columns(rec *report.Record) []Column {
	var all []Column
	add := func(name, role string, typ record.Type) {
		c := Column{Name: name, Role: role}
		if typ == record.CNID {
			c.Evidence = privacy.Evidence{Class: privacy.ResidentID}
		}
		c.look(name, nil)
		c.settle(&l.j.Privacy, slices.ContainsFunc(l.j.Key, func(k engine.Field) bool { return k.Name == name }))
		if c.Guarded {
			c.Treatment = privacy.Treatment{Class: privacy.Other, Show: privacy.Masked}
		}
		all = append(all, c)
	}
	for _, f := range l.j.Key {
		add(f.Name, "key", f.Type)
	}
	for _, name := range rec.Header.Fields {
		add(name, "field", record.Auto)
	}
	for _, name := range rec.Header.Carry {
		add(name, "carried", record.Auto)
	}
	for _, r := range l.j.Rosters {
		if r.Group != "" {
			add(r.Group, "group", record.Auto)
		}
	}
	return all
}
