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
	counts counts       // of the block made last
	mem    *blockMemory // of the block under way

	// Of the suspect under way.
	f      *partFindings
	s      *suspect
	rare   *rare
	in     uint32 // the compared levels that hold it
	key    []byte
	values []*cell  // what is known of it: field by field in the order of names, level by level
	known  []uint64 // the fields of which something is, by their places in that order, bit by bit

	buf     []byte
	spare   []place
	toucher toucher
	ballot  *ballot
}

func newAssembler(r *run) *assembler {
	fields := len(r.plan.Fields)
	return &assembler{r: r, values: make([]*cell, fields*len(r.plan.Levels)), known: make([]uint64, (fields+63)/64), ballot: newBallot(r.plan, &r.texts)}
}

// noKey makes the findings of rows without a key, those from begin to end of run.noKey.
func (a *assembler) noKey(begin, end int) *blockMemory {
	a.counts = newCounts(a.r)
	a.mem = a.r.blocks.Get()
	a.key = []byte{}
	for i := begin; i < end; i++ {
		n := a.r.noKey[i]
		a.in = 1 << n.level
		f := a.next(verdict.InvalidKey)
		f.Values = a.texts()
		f.Values[n.level] = a.keep(&a.r.noKeyCells[i].text)
		f.Reason = record.KeyNone.String()
		clear(f.Rows)
		f.Rows[n.level] = n.ref
	}
	return a.mem
}

// records adds the findings of suspects to a block.
func (a *assembler) records(mem *blockMemory, places []place) *blockMemory {
	a.counts = newCounts(a.r)
	a.mem = mem
	a.mem.findings = slices.Grow(a.mem.findings, len(places)+len(places)/4)
	for some := range slices.Chunk(places, ahead) {
		a.toucher.touch(a.r, some)
		for _, p := range some {
			a.record(&a.r.findings[p.part], p.index)
		}
	}
	a.r.progress.add("", int64(len(places)))
	return a.mem
}

// record makes the findings of one suspect, in report order.
func (a *assembler) record(f *partFindings, index int32) {
	s := &f.suspects[index]
	a.f, a.s, a.rare, a.in = f, s, f.rareOf(s), a.r.in(s)
	a.key = a.keyText()

	differs := a.differs()
	if s.rare != 0 {
		a.duplicates()
		a.inconsistent()
		a.malformed()
		a.typos()
	}
	if a.in != a.r.allLevels && a.in != 0 {
		a.blameMissing(a.add(verdict.Missing).Carry, a.in)
	} else if differs {
		a.counts.differing++
	}
	if s.rare != 0 {
		a.members()
	}
}

// keyRoom is room for the text of most keys.
const keyRoom = 32

// keyText gives the key of the suspect in the memory of the block.
func (a *assembler) keyText() []byte {
	free := &a.mem.bytes.free
	if len(*free) < keyRoom {
		a.buf = a.r.appendKey(a.buf[:0], a.f, a.s)
		return a.mem.keep(a.buf)
	}
	text := a.r.appendKey((*free)[:0:keyRoom], a.f, a.s)
	if len(text) <= keyRoom { // else it lies elsewhere
		*free = (*free)[len(text):]
	}
	return slices.Clip(text)
}

// differs makes the findings of the fields in which the levels differ, and tells whether there are any.
func (a *assembler) differs() (some bool) {
	a.collect()
	levels := len(a.r.plan.Levels)
	for word, fields := range a.known {
		for ; fields != 0; fields &= fields - 1 {
			at := word*64 + bits.TrailingZeros64(fields)
			values := a.values[at*levels:][:levels]
			some = a.differ(a.r.byName[at], values) || some
			for i := len(values) - 1; i >= 0; i-- { // few, so sooner than by a call of clear
				values[i] = nil
			}
		}
		a.known[word] = 0
	}
	return some
}

// differ makes the finding of a field, of which these values are known, one a level, unless the levels agree. A level whose value is not known
// agrees with the base, the first of the levels that hold the field, and spells its value alike. The base's is always known.
func (a *assembler) differ(field int, values []*cell) bool {
	held := a.in & a.r.shape.Groups[a.r.shape.Group[field]]
	base := bits.TrailingZeros32(held)
	for rest := held; rest != 0; rest &= rest - 1 {
		if l := bits.TrailingZeros32(rest); values[l] == nil {
			values[l] = values[base]
		}
	}
	differ, outlier, consensus := a.ballot.vote(field, values, held)
	if !differ {
		return false
	}
	finding := a.add(verdict.Differs)
	finding.Field, finding.Outlier = field, outlier
	texts, hashes := a.mem.texts.take(len(values)), a.mem.sums.take(len(values))
	for l, value := range values {
		switch {
		case held>>l&1 == 0:
			texts[l], hashes[l] = nil, 0
		case l > base && value == values[base]:
			texts[l], hashes[l] = texts[base], value.hash
		default:
			texts[l], hashes[l] = a.keep(&value.text), value.hash
		}
	}
	finding.Values, finding.Hashes = texts, hashes
	if consensus != verdict.NoLevel {
		finding.Consensus = texts[consensus]
	}
	a.counts.differs[field]++
	if outlier != verdict.NoLevel {
		a.counts.outlier[field][outlier]++
		a.blameOutlier(finding.Carry, outlier)
	}
	return true
}

// duplicates makes the findings of the levels that hold the suspect more than once.
func (a *assembler) duplicates() {
	for _, d := range a.f.duplicates[a.rare.duplicates.begin:a.rare.duplicates.end] {
		finding := a.add(verdict.Duplicate)
		finding.Count = d.rows
		finding.Values = a.texts()
		finding.Values[d.level] = duplicateTexts[d.conflicting]
		a.counts.duplicates[d.level]++
		a.counts.extra[d.level] += d.rows - 1
	}
}

// malformed makes the findings of the rows whose key is malformed.
func (a *assembler) malformed() {
	for _, o := range a.f.odds[a.rare.odds.begin:a.rare.odds.end] {
		finding := a.add(verdict.InvalidKey)
		finding.Values = a.texts()
		finding.Values[o.level] = a.keep(&a.f.cells[o.raw].text)
		finding.Rows[o.level] = o.ref
		finding.Reason = o.state.String()
		a.counts.malformed[o.level][o.state]++
	}
}

// keep copies a text next to those of the findings before it, so that who writes them does not go all over memory again, and what is known of the
// suspects can go. It gives nil if there is none.
func (a *assembler) keep(x *text) []byte {
	switch {
	case x.none():
		return nil
	case x.long():
		return a.mem.keep(a.r.texts.of(x))
	}
	out := a.mem.bytes.take(shortText)
	*(*[shortText]byte)(out) = x.bytes // sooner than as many as there are
	return out[:x.size-1]              // what is behind it is its own too, so that who copies it may do likewise
}

// duplicateTexts is what a duplicate says in the column of its level: whether its rows conflict.
var duplicateTexts = map[bool][]byte{false: []byte("identical"), true: []byte("conflicting")}

// next makes the next finding of the block, of the suspect under way but with any rows. It stays where it is until the one after it is made.
func (a *assembler) next(kind verdict.Kind) *verdict.Finding {
	a.counts.kinds[kind]++
	finding := a.mem.next()
	finding.Key, finding.Kind, finding.In = a.key, kind, a.in
	finding.Field, finding.Outlier = verdict.NoField, verdict.NoLevel
	finding.Rows = a.mem.refs.take(len(a.r.plan.Levels))
	return finding
}

// add makes the next finding of the suspect, with its rows and what is carried, without values.
func (a *assembler) add(kind verdict.Kind) *verdict.Finding {
	finding := a.next(kind)
	for l := range finding.Rows {
		finding.Rows[l] = a.f.row(a.s, l)
	}
	finding.Carry = a.carried()
	return finding
}

// texts gives room for a text a level, all null.
func (a *assembler) texts() [][]byte { return a.mem.texts.zeroes(len(a.r.plan.Levels)) }

// carried gives the carried values of the suspect, nil if nothing is carried.
func (a *assembler) carried() [][]byte {
	if len(a.r.plan.Carry) == 0 {
		return nil
	}
	out := a.mem.texts.zeroes(len(a.r.plan.Carry))
	cells := a.f.cells[a.s.cells.begin:a.s.cells.end]
	for i := range cells {
		if column := int(cells[i].field) - a.r.carryColumn(0); column >= 0 && column < len(out) {
			out[column] = a.keep(&cells[i].text)
		}
	}
	return out
}

// collect lays out the values that are known of the suspect by field and level: those of fields, not carried ones and texts of keys.
func (a *assembler) collect() {
	cells := a.f.cells[a.s.cells.begin:a.s.cells.end]
	for i := range cells {
		c := &cells[i]
		if int(c.field) < len(a.r.rank) {
			at := a.r.rank[c.field]
			a.values[at*len(a.r.plan.Levels)+int(c.level)] = c
			a.known[at>>6] |= 1 << (at & 63)
		}
	}
}
