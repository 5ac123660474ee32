package job

import (
	"context"
	"slices"

	"crosscheck/engine"
	"crosscheck/engine/level"
	"crosscheck/engine/privacy"
	"crosscheck/engine/record"
)

// Privacy says who may see what of the findings.
type Privacy struct {
	Key        *KeySource               // where the pseudonym key is; nil: there is none, and no internal tier
	RotateFrom string                   // the id of the key that Key takes the place of, "" for none
	Classes    map[string]privacy.Class // what columns hold, as the job says; nil: it says nothing
	Internal   privacy.Policy           // how the internal tier shows each class; nil: as by default
	Owners     Owners                   // to whom the tiers belong; nil: to whoever runs the job
	MinCell    int64                    // the smallest count above zero that a public table shows; 0: DefaultMinCell
	Links      bool                     // a restricted table says whose pseudonym is whose
	Encrypt    *Encryption              // of the restricted tier; nil: it is not encrypted
	Lookups    int                      // records that a user may look up in an hour; 0: DefaultLookups
}

// MinCellLeast and MinCellMost bound Privacy.MinCell.
const (
	MinCellLeast = 2
	MinCellMost  = 1_000_000
)

// Column is a column that findings show, and what is known of its sensitivity.
type Column struct {
	Name     string
	Role     string           // key, field, carried or group
	Evidence privacy.Evidence // of what was found; its class is that of the treatment unless the job says otherwise
	InJob    bool             // the job says the class
	privacy.Treatment
}

// sampledRows is how many rows of each level are looked at for what columns hold.
const sampledRows = 300

// Columns looks at what the findings of a plan will show and says how the internal tier treats it: the key, the fields, those that only
// rules look at, the carried columns, the groups of rosters. It reads the first rows of each level. The error is an *Error over a class
// for a column that nobody has, or an *level.InputError.
func (j *Job) Columns(ctx context.Context, plan *engine.Plan, levels []engine.Level) ([]Column, error) {
	var all []Column
	add := func(name, role string, typ record.Type) {
		c := Column{Name: name, Role: role}
		if typ == record.CNID {
			c.Evidence = privacy.Evidence{Class: privacy.ResidentID}
		}
		all = append(all, c)
	}
	for _, f := range plan.Key {
		add(f.Name, "key", f.Type)
	}
	header := plan.Header()
	for i, name := range header.Fields {
		typ := record.Auto
		if i < len(plan.Fields) {
			typ = plan.Fields[i].Type
		}
		add(name, "field", typ)
	}
	for _, name := range header.Carry {
		add(name, "carried", record.Auto)
	}
	known := []string{}
	for _, r := range j.Rosters {
		if r.Group != "" {
			add(r.Group, "group", record.Auto)
			known = append(known, r.Group)
		}
	}
	shown := map[string]bool{}
	for _, c := range all {
		shown[c.Name] = shown[c.Name] || c.Role != "group"
	}
	for _, l := range levels {
		var columns []sampled
		for c, f := range l.Source.Schema().Fields() {
			name := f.Name
			if to, ok := l.Columns[name]; ok {
				name = to
			}
			known = append(known, name)
			if shown[name] {
				columns = append(columns, sampled{column: c, source: f.Name, name: name})
			}
		}
		if err := sample(ctx, l, columns); err != nil {
			return nil, err
		}
		for _, s := range columns {
			for i := range all {
				if all[i].Name == s.name && all[i].Role != "group" {
					all[i].look(s.source, s.values)
				}
			}
		}
	}
	if err := j.checkClasses(known); err != nil {
		return nil, err
	}
	for i := range all {
		all[i].look(all[i].Name, nil)
		isKey := slices.ContainsFunc(plan.Key, func(k engine.PlannedField) bool { return k.Name == all[i].Name })
		all[i].settle(&j.Privacy, isKey)
	}
	return all, nil
}

// look takes up what a level has under a column: what values say counts more than what a name says.
func (c *Column) look(name string, values []string) {
	e := privacy.Look(name, values)
	switch old := &c.Evidence; {
	case e.Class == privacy.None:
		if old.Class == privacy.None {
			old.Of += e.Of
		}
	case old.Class == privacy.None, e.Alike > 0 && old.Alike == 0 && old.Class != privacy.ResidentID:
		*old = e
	case old.Class == e.Class:
		old.ByName = old.ByName || e.ByName
		old.Alike, old.Of = old.Alike+e.Alike, old.Of+e.Of
	}
}

// settle decides how the internal tier treats the column; isKey says that it is a part of the key, in whichever role: it may be carried too.
func (c *Column) settle(p *Privacy, isKey bool) {
	c.Class, c.InJob = p.Classes[c.Name]
	if !c.InJob {
		c.Class = c.Evidence.Class
	}
	c.Show = p.Internal.Show(c.Class, privacy.Internal)
	c.Guarded = c.Show == privacy.Full && c.Class == privacy.None && !c.InJob
	if isKey && c.Show == privacy.Full {
		// Beside a pseudonym no key stands in full.
		c.Show, c.Guarded = privacy.Masked, false
		if c.Class == privacy.None {
			c.Class = privacy.Other
		}
	}
}

// checkClasses holds the columns that the job classifies against those there are. The error is an *Error.
func (j *Job) checkClasses(known []string) error {
	var faults []Fault
	for name := range j.Privacy.Classes {
		if !slices.Contains(known, name) {
			faults = append(faults, j.reader.faultOf(j.reader.classes[name], "no level has the column %q%s", name, suggest(name, slices.Compact(slices.Sorted(slices.Values(known))))))
		}
	}
	if len(faults) > 0 {
		return &Error{Faults: order(faults)}
	}
	return nil
}

// treatments gives what the maskers need. The parts of a key of several columns may stand in one text, so the strictest treatment is that
// of all, and no part is shown.
func treatments(columns []Column) privacy.Columns {
	var t privacy.Columns
	keys, groups := 0, 0
	for _, c := range columns {
		switch c.Role {
		case "key":
			if keys++; keys == 1 {
				t.Key = c.Treatment
			} else {
				t.Key = privacy.Stricter(t.Key, privacy.Stricter(c.Treatment, privacy.Treatment{Class: privacy.Other, Show: privacy.Masked}))
			}
		case "field":
			t.Fields = append(t.Fields, c.Treatment)
		case "carried":
			t.Carry = append(t.Carry, c.Treatment)
		case "group":
			if groups++; groups == 1 {
				t.Group = c.Treatment
			} else {
				t.Group = privacy.Stricter(t.Group, c.Treatment)
			}
		}
	}
	return t
}

// sampled is a column of a level with some of its values.
type sampled struct {
	column int    // of the source
	source string // its name there
	name   string // its name in the job
	values []string
}

// sample fills in values of columns of a level, from its first rows; nulls and empty texts are left out.
func sample(ctx context.Context, l engine.Level, columns []sampled) error {
	if len(columns) == 0 {
		return nil
	}
	var want []int
	for _, s := range columns {
		want = append(want, s.column)
	}
	batch, _, err := level.Sample(ctx, l.Source, want, sampledRows)
	if batch == nil {
		return err
	}
	defer batch.Release()
	var texts record.Reader
	for c := range columns {
		for row := range min(sampledRows, int(batch.NumRows())) {
			if text, ok := texts.Text(batch.Column(c), row); ok && len(text) > 0 {
				columns[c].values = append(columns[c].values, string(text))
			}
		}
	}
	return nil
}
