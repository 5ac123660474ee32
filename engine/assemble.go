package engine

import (
	"math/bits"
	"slices"

	"crosscheck/engine/record"
	"crosscheck/engine/verdict"
)

// assembler makes the findings of suspects. Each worker has its own.
type assembler struct {
	r      *run
	counts counts // of the block made last

	values []cell // of the suspect under way: field by field, level by level
	known  []bool // which of values are filled in
	filled []int  // their indexes
	fields []int  // the fields they are of, in the order of names
	ballot *ballot

	mem *blockMemory // of the block under way
	buf []byte
}

func newAssembler(r *run) *assembler {
	n := len(r.plan.Levels) * len(r.plan.Fields)
	return &assembler{r: r, values: make([]cell, n), known: make([]bool, n), ballot: newBallot(r.plan)}
}

// noKey makes the findings of rows without a key, those from begin to end of run.noKey.
func (a *assembler) noKey(begin, end int) *blockMemory {
	a.counts = counts{}
	a.mem = a.r.blocks.Get()
	for i := begin; i < end; i++ {
		n := a.r.noKey[i]
		f := a.finding(verdict.InvalidKey, []byte{}, 1<<n.level)
		f.Values = a.texts()
		f.Values[n.level] = a.r.noKeyCells[i].text
		f.Reason = record.KeyNone.String()
		f.Rows[n.level] = n.ref
		a.mem.findings = append(a.mem.findings, f)
	}
	a.counts.kinds[verdict.InvalidKey] = int64(end - begin)
	return a.mem
}

// records adds the findings of suspects to a block.
func (a *assembler) records(mem *blockMemory, places []place) *blockMemory {
	a.counts = newCounts(a.r)
	a.mem = mem
	a.mem.findings = slices.Grow(a.mem.findings, len(places)+len(places)/4)
	for some := range slices.Chunk(places, ahead) {
		a.r.touch(some)
		for _, p := range some {
			f := &a.r.findings[p.part]
			a.mem.findings = a.record(a.mem.findings, f, &f.suspects[p.index])
		}
	}
	a.r.progress.add("", int64(len(places)))
	return a.mem
}

// record appends the findings of one suspect, in report order.
func (a *assembler) record(out []verdict.Finding, f *partFindings, s *suspect) []verdict.Finding {
	r := a.r
	in := r.in(s)
	a.buf = r.appendKey(a.buf[:0], f, s)
	key := a.mem.keep(a.buf)
	add := func(finding verdict.Finding) {
		a.counts.kinds[finding.Kind]++
		out = append(out, finding)
	}
	newFinding := func(kind verdict.Kind) verdict.Finding {
		finding := a.finding(kind, key, in)
		for l := range r.plan.Levels {
			finding.Rows[l] = f.row(s, l)
		}
		finding.Carry = a.carried(f, s)
		return finding
	}

	differs := false
	a.collect(f, s)
	for _, field := range a.fields {
		levels := in & r.shape.Groups[r.shape.Group[field]]
		values, known := a.field(field)
		fill(values, known, levels)
		differ, outlier, consensus := a.ballot.vote(field, values, levels)
		if !differ {
			continue
		}
		differs = true
		finding := newFinding(verdict.Differs)
		finding.Field, finding.Outlier = field, outlier
		finding.Values, finding.Hashes = a.texts(), a.mem.sums.take(len(r.plan.Levels))
		for l := range values {
			if levels>>l&1 != 0 {
				finding.Values[l], finding.Hashes[l] = a.keep(values[:l], finding.Values, values[l].text), values[l].hash
			}
		}
		if consensus != verdict.NoLevel {
			finding.Consensus = finding.Values[consensus]
		}
		a.counts.differs[field]++
		if outlier != verdict.NoLevel {
			a.counts.outlier[field][outlier]++
			a.blameOutlier(finding.Carry, outlier)
		}
		add(finding)
	}
	for _, d := range f.duplicates[s.duplicates.begin:s.duplicates.end] {
		finding := newFinding(verdict.Duplicate)
		finding.Count = d.rows
		finding.Values = a.texts()
		finding.Values[d.level] = duplicateTexts[d.conflicting]
		add(finding)
		a.counts.duplicates[d.level]++
		a.counts.extra[d.level] += d.rows - 1
	}
	a.inconsistent(f, s, newFinding, add)
	for _, o := range f.odds[s.odds.begin:s.odds.end] {
		finding := newFinding(verdict.InvalidKey)
		finding.Values = a.texts()
		finding.Values[o.level] = f.cells[o.raw].text
		finding.Rows[o.level] = o.ref
		finding.Reason = o.state.String()
		add(finding)
		a.counts.malformed[o.level][o.state]++
	}
	a.typos(f.typos[s.typos.begin:s.typos.end], newFinding, add)
	if in != r.allLevels && in != 0 {
		finding := newFinding(verdict.Missing)
		a.blameMissing(finding.Carry, in)
		add(finding)
	} else if differs {
		a.counts.differing++
	}
	a.members(f.members[s.members.begin:s.members.end], in, newFinding, add)
	return out
}

// keep copies a text next to those of the findings before it, so that who writes them does not go all over memory again. Where an
// earlier level of the finding has the text, it gives that copy.
func (a *assembler) keep(earlier []cell, kept [][]byte, text []byte) []byte {
	if len(text) == 0 {
		return text
	}
	for l := range earlier {
		if t := earlier[l].text; len(t) == len(text) && &t[0] == &text[0] && kept[l] != nil {
			return kept[l]
		}
	}
	return a.mem.keep(text)
}

// duplicateTexts is what a duplicate says in the column of its level: whether its rows conflict.
var duplicateTexts = map[bool][]byte{false: []byte("identical"), true: []byte("conflicting")}

// finding makes a finding without values.
func (a *assembler) finding(kind verdict.Kind, key []byte, in uint32) verdict.Finding {
	rows := a.mem.refs.take(len(a.r.plan.Levels))
	return verdict.Finding{Key: key, Kind: kind, Field: verdict.NoField, In: in, Outlier: verdict.NoLevel, Rows: rows}
}

// texts gives room for a text a level, all null.
func (a *assembler) texts() [][]byte { return a.mem.texts.take(len(a.r.plan.Levels)) }

// carried gives the carried values of a suspect, nil if nothing is carried.
func (a *assembler) carried(f *partFindings, s *suspect) [][]byte {
	if len(a.r.plan.Carry) == 0 {
		return nil
	}
	out := a.mem.texts.take(len(a.r.plan.Carry))
	for _, c := range f.cells[s.cells.begin:s.cells.end] {
		if i := int(c.field) - a.r.carryColumn(0); i >= 0 && i < len(out) {
			out[i] = a.keep(nil, nil, c.text)
		}
	}
	return out
}

// collect lays out the values that are known of a suspect by field and level.
func (a *assembler) collect(f *partFindings, s *suspect) {
	for _, i := range a.filled {
		a.known[i] = false
	}
	a.filled, a.fields = a.filled[:0], a.fields[:0]
	if !s.whole {
		for i := s.candidates.begin; i < s.candidates.end; i++ {
			for j := range f.candidates[i].cells {
				a.put(&f.candidates[i].cells[j])
			}
		}
	}
	for i := s.cells.begin; i < s.cells.end; i++ {
		a.put(&f.cells[i])
	}
}

// put takes a value up. The fields of a suspect are few, but for those looked at whole.
func (a *assembler) put(c *cell) {
	field := int(c.field)
	if field >= len(a.r.plan.Fields) {
		return // carried, or the text of a key
	}
	i := field*len(a.r.plan.Levels) + int(c.level)
	a.values[i], a.known[i] = *c, true
	a.filled = append(a.filled, i)
	at, found := slices.BinarySearchFunc(a.fields, field, func(x, y int) int { return a.r.rank[x] - a.r.rank[y] })
	if !found {
		a.fields = slices.Insert(a.fields, at, field)
	}
}

// field gives the values of a field a level, and which of them are known.
func (a *assembler) field(field int) ([]cell, []bool) {
	n := len(a.r.plan.Levels)
	return a.values[field*n : field*n+n], a.known[field*n : field*n+n]
}

// fill gives each of the levels whose value is not known that of the base, the first of the levels: such a level agrees with it and
// spells it alike. The base is always known.
func fill(values []cell, known []bool, levels uint32) {
	base := bits.TrailingZeros32(levels)
	for l := range values {
		if levels>>l&1 != 0 && !known[l] {
			values[l] = values[base]
		}
	}
}
