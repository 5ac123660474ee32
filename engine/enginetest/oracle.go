package enginetest

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/record"
	"crosscheck/engine/verdict"
)

// Oracle works out what a report on the tables says, and the counts of its summary (times are left out). Of the options
// it looks at Key, Fields, Carry, Rosters, Rules and AsOf; Fields lists what is compared, and no type is record.Auto. rosters are
// the tables of Options.Rosters. Of expressions it knows those of Random. Nothing of the engine is used for
// it but names: keys and values are texts, rows are found by maps.
func Oracle(tables []Table, opt engine.Options, rosters ...Table) ([]Finding, *engine.Summary) {
	o := &oracle{tables: tables, opt: opt, rosters: rosters, sum: &engine.Summary{}}
	o.begin()
	o.readKeys()
	for _, r := range o.records {
		o.choose(r)
	}
	o.readRosters()
	for _, key := range slices.Sorted(maps.Keys(o.records)) {
		r := o.records[key]
		if r.in() != 0 {
			o.record(key, r)
			o.judge(key, r)
		}
		o.cover(key, r)
	}
	o.typos()
	slices.SortStableFunc(o.findings, func(a, b Finding) int { return order(&a, &b) })
	o.end()
	return o.findings, o.sum
}

type oracle struct {
	tables   []Table
	rosters  []Table
	opt      engine.Options
	fields   [][]*Column // field, level: the column, nil if the level lacks it
	carry    [][]*Column // likewise
	readings []readings  // a field
	records  map[string]*recordRows
	patterns map[uint32]int64
	invalid  []map[string]int64 // a level: rows with an invalid key, by why
	findings []Finding
	sum      *engine.Summary
}

// recordRows is where a record lies.
type recordRows struct {
	rows      [][]int // a level: its rows, in file order
	first     []int   // a level: the row that stands for it; -1 where there is none
	malformed bool
	reasons   [][]string // a level: why the key in each of rows is malformed
	raw       [][]Text   // a level: the key in each of rows, as held
	members   []int      // a roster: its first row with the key plus one, 0 for none; nil if no roster lists the record
}

// in gives the levels that hold the record, bit by bit.
func (r *recordRows) in() (in uint32) {
	for l, rows := range r.rows {
		if len(rows) > 0 {
			in |= 1 << l
		}
	}
	return in
}

func (o *oracle) begin() {
	o.records, o.patterns = map[string]*recordRows{}, map[uint32]int64{}
	for _, k := range verdict.Kinds() {
		o.sum.Kinds = append(o.sum.Kinds, engine.KindCount{Kind: k.String()})
	}
	columns := func(name string) (cols []*Column) {
		for l := range o.tables {
			cols = append(cols, o.tables[l].column(name))
		}
		return cols
	}
	for _, f := range o.opt.Fields {
		cols := columns(f.Name)
		count := engine.FieldCount{Field: f.Name, Type: f.Type.String(), Outlier: make([]int64, len(cols)), Voted: make([]int64, len(cols))}
		for _, c := range cols {
			count.HeldBy = append(count.HeldBy, c != nil)
		}
		o.fields = append(o.fields, cols)
		o.readings = append(o.readings, readings{})
		o.sum.Fields = append(o.sum.Fields, count)
	}
	for _, name := range o.opt.Carry {
		o.carry = append(o.carry, columns(name))
	}
	for l := range o.tables {
		o.invalid = append(o.invalid, map[string]int64{})
		o.sum.Levels = append(o.sum.Levels, engine.LevelCount{Level: o.tables[l].Name, Files: 1, Rows: int64(o.tables[l].Rows())})
	}
}

// readKeys sorts rows into records and finds those without a key.
func (o *oracle) readKeys() {
	var types []record.Type
	for _, k := range o.opt.Key {
		types = append(types, k.Type)
	}
	for l := range o.tables {
		var cols []*Column
		for _, k := range o.opt.Key {
			cols = append(cols, o.tables[l].column(k.Name))
		}
		for row := range o.tables[l].Rows() {
			key, raw, state, reason := keyOf(types, cols, row, o.opt.StrictRegions)
			if state == keyNone {
				f := o.finding("", verdict.InvalidKey, 1<<l)
				f.Values = o.texts()
				f.Values[l] = raw
				f.Rows[l] = int64(row + 1)
				f.Reason = reason
				o.invalid[l][reason]++
				o.findings = append(o.findings, f)
				o.sum.Levels[l].NoKey++
				continue
			}
			r := o.keyed(key)
			r.malformed = state == keyMalformed
			if r.malformed {
				o.invalid[l][reason]++
			}
			r.rows[l] = append(r.rows[l], row)
			r.raw[l] = append(r.raw[l], raw)
			r.reasons[l] = append(r.reasons[l], reason)
		}
	}
}

// choose finds the rows that stand for the levels.
func (o *oracle) choose(r *recordRows) {
	for l, rows := range r.rows {
		r.first = append(r.first, -1)
		for i, row := range rows {
			if i == 0 || o.tables[l].LatestBy != "" && o.later(o.tables[l].column(o.tables[l].LatestBy), row, r.first[l]) {
				r.first[l] = row
			}
		}
	}
}

// later tells whether column c says more in row a than in row b.
func (o *oracle) later(c *Column, a, b int) bool {
	if c.Cells[a] == nil || c.Cells[b] == nil {
		return c.Cells[b] == nil && c.Cells[a] != nil
	}
	x, y := c.text(a), c.text(b)
	typ, _ := record.TypeOf(c.Type)
	for _, f := range o.opt.Fields {
		if f.Name == c.Name {
			typ = f.Type
		}
	}
	switch typ {
	case record.Timestamp, record.Date:
		t, okT := parseTime(x)
		u, okU := parseTime(y)
		return t.After(u) && okT && okU
	case record.Int, record.Decimal, record.Float:
		m, okM := parseDecimal(x)
		n, okN := parseDecimal(y)
		if okM && okN {
			return m.Cmp(n) > 0
		}
		if okM || okN {
			return okM
		}
	}
	return x > y
}

// keyed gives the record of a key, a new one if need be.
func (o *oracle) keyed(key string) *recordRows {
	r := o.records[key]
	if r == nil {
		r = &recordRows{rows: make([][]int, len(o.tables)), raw: make([][]Text, len(o.tables)), reasons: make([][]string, len(o.tables))}
		o.records[key] = r
	}
	return r
}

// record finds what is wrong with one record.
func (o *oracle) record(key string, r *recordRows) {
	in := r.in()
	o.patterns[in]++
	o.sum.Records++
	found := func(kind verdict.Kind) Finding { return o.found(key, r, kind) }

	differs := false
	for i := range o.opt.Fields {
		if f := found(verdict.Differs); o.compare(i, r, &f) {
			differs = true
			o.findings = append(o.findings, f)
		}
	}
	for l, rows := range r.rows {
		count := &o.sum.Levels[l]
		if len(rows) == 0 {
			count.Missing++
			continue
		}
		count.Records++
		count.Extra += int64(len(rows) - 1)
		if len(rows) > 1 {
			count.Duplicates++
			f := found(verdict.Duplicate)
			f.Count = int64(len(rows))
			f.Values = o.texts()
			f.Values[l] = Text{true, "identical"}
			if o.conflict(l, rows) {
				f.Values[l].Text = "conflicting"
			}
			o.findings = append(o.findings, f)
		}
	}
	if r.malformed {
		for l, rows := range r.rows {
			for i, row := range rows {
				f := found(verdict.InvalidKey)
				f.Values = o.texts()
				f.Values[l] = r.raw[l][i]
				f.Rows[l] = int64(row + 1)
				f.Reason = r.reasons[l][i]
				o.findings = append(o.findings, f)
				o.sum.Levels[l].Malformed++
			}
		}
	}
	switch {
	case in != 1<<len(o.tables)-1:
		o.sum.Missing++
		o.findings = append(o.findings, found(verdict.Missing))
	case differs:
		o.sum.Differing++
	default:
		o.sum.Matched++
	}
}

// compare fills in what the levels say of field i and tells whether they differ.
func (o *oracle) compare(i int, r *recordRows, f *Finding) bool {
	count := &o.sum.Fields[i]
	f.Field = o.opt.Fields[i].Name
	f.Values = o.texts()
	values := make([]reading, len(o.tables))
	var present, voters []int
	for l, c := range o.fields[i] {
		if c == nil || len(r.rows[l]) == 0 {
			continue
		}
		present = append(present, l)
		row := r.first[l]
		if c.Cells[row] != nil {
			f.Values[l] = Text{true, c.text(row)}
		}
		values[l] = o.read(i, c, row)
		if !o.opt.Fields[i].IgnoreNull || !values[l].null {
			voters = append(voters, l)
		}
	}
	if len(present) >= 2 {
		count.Compared++
	}
	for _, l := range present {
		if len(present) >= 3 {
			o.sum.Levels[l].Voted++
			count.Voted[l]++
		}
	}
	differs, most := false, 0
	var alone []int
	for _, l := range voters {
		same := 0
		for _, m := range voters {
			if values[l].value == values[m].value || near(&o.opt.Fields[i], values[l], values[m]) {
				same++
			}
		}
		differs = differs || same < len(voters)
		if same == 1 {
			alone = append(alone, l)
		}
		if 2*same > len(voters) && same > most {
			most, f.Consensus = same, f.Values[l]
		}
	}
	if !differs {
		return false
	}
	count.Differs++
	if len(alone) == 1 && len(voters) >= 3 {
		f.Outlier = alone[0]
		count.Outlier[alone[0]]++
		o.sum.Levels[alone[0]].Outlier++
	}
	return true
}

// conflict tells whether rows of level l do not agree in all fields that it has.
func (o *oracle) conflict(l int, rows []int) bool {
	for i, cols := range o.fields {
		c := cols[l]
		if c == nil {
			continue
		}
		values := map[string]bool{}
		for _, row := range rows {
			values[o.read(i, c, row).value] = true
		}
		if len(values) > 1 {
			return true
		}
	}
	return false
}

// found begins a finding of a record.
func (o *oracle) found(key string, r *recordRows, kind verdict.Kind) Finding {
	f := o.finding(key, kind, r.in())
	for l, rows := range r.rows {
		if len(rows) > 0 {
			f.Rows[l] = int64(r.first[l] + 1)
		}
	}
	f.Carry = o.carried(r)
	return f
}

// carried gives the carried values, each from the first level that holds the record and has the column.
func (o *oracle) carried(r *recordRows) []Text {
	var out []Text
	for _, cols := range o.carry {
		value := Text{}
		for l, c := range cols {
			if c != nil && len(r.rows[l]) > 0 {
				if row := r.first[l]; c.Cells[row] != nil {
					value = Text{true, c.text(row)}
				}
				break
			}
		}
		out = append(out, value)
	}
	return out
}

func (o *oracle) finding(key string, kind verdict.Kind, in uint32) Finding {
	return Finding{Key: key, Kind: kind, In: in, Outlier: verdict.NoLevel, Rows: make([]int64, len(o.tables))}
}

func (o *oracle) texts() []Text { return make([]Text, len(o.tables)) }

// end fills in the counts that follow from others.
func (o *oracle) end() {
	for i := range o.sum.Rosters {
		sortGroups(o.sum.Rosters[i].Groups)
	}
	o.unparsed()
	for i, name := range o.opt.Carry {
		o.sum.Carry = append(o.sum.Carry, engine.CarryCount{Column: name, Values: o.blame(i)})
	}
	for l, by := range o.invalid {
		for _, reason := range []string{"no key", "length", "character", "date", "region", "check character", "number"} {
			if by[reason] > 0 {
				o.sum.InvalidKeys = append(o.sum.InvalidKeys, engine.InvalidKeyCount{Level: o.tables[l].Name, Reason: reason, Rows: by[reason]})
			}
		}
	}
	o.sum.Findings = int64(len(o.findings))
	for _, f := range o.findings {
		o.sum.Kinds[f.Kind].Findings++
	}
	for in, n := range o.patterns {
		p := engine.PatternCount{Records: n}
		for l := range o.tables {
			p.In = append(p.In, in>>l&1 != 0)
		}
		o.sum.Patterns = append(o.sum.Patterns, p)
	}
	slices.SortFunc(o.sum.Patterns, func(a, b engine.PatternCount) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), strings.Compare(patternText(b), patternText(a)))
	})
}

// unparsed counts the values that do not read as the type of their field, and tells where the first ten of a level are.
func (o *oracle) unparsed() {
	o.sum.Unparseable = []engine.Unparseable{}
	for i, f := range o.opt.Fields {
		count := &o.sum.Fields[i]
		count.Unparseable = make([]int64, len(o.tables))
		for l, c := range o.fields[i] {
			for row := range o.tables[l].Rows() {
				if c == nil || !o.read(i, c, row).unparsed {
					continue
				}
				if count.Unparseable[l]++; count.Unparseable[l] <= 10 {
					o.sum.Unparseable = append(o.sum.Unparseable, engine.Unparseable{Field: f.Name, Level: o.tables[l].Name, File: o.tables[l].Name, Row: int64(row + 1)})
				}
			}
		}
	}
}

// blame counts the findings by the values of carried column i.
func (o *oracle) blame(i int) []engine.BlameCount {
	counts := map[string]engine.BlameCount{}
	for _, f := range o.findings {
		if len(f.Carry) == 0 || !f.Carry[i].Valid || f.Kind == verdict.Differs && f.Outlier == verdict.NoLevel {
			continue
		}
		if f.Kind != verdict.Differs && f.Kind != verdict.Missing {
			continue
		}
		value := f.Carry[i].Text
		c, ok := counts[value]
		if !ok {
			c = engine.BlameCount{Value: value, Outlier: make([]int64, len(o.tables)), Missing: make([]int64, len(o.tables))}
			counts[value] = c
		}
		for l := range o.tables {
			if f.Kind == verdict.Missing && f.In>>l&1 == 0 {
				c.Missing[l]++
			}
		}
		if f.Kind == verdict.Differs {
			c.Outlier[f.Outlier]++
		}
	}
	wrong := func(c engine.BlameCount) (n int64) {
		for l := range c.Outlier {
			n += c.Outlier[l] + c.Missing[l]
		}
		return n
	}
	return slices.SortedFunc(maps.Values(counts), func(a, b engine.BlameCount) int {
		return cmp.Or(cmp.Compare(wrong(b), wrong(a)), strings.Compare(a.Value, b.Value))
	})
}

// patternText sorts as the pattern does where as many records have it.
func patternText(p engine.PatternCount) string {
	var b strings.Builder
	for _, in := range p.In {
		if in {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}
