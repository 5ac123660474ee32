package join

import (
	"math"
	"slices"

	"crosscheck/engine/record"
)

// Batch is some rows of one level, hashed.
type Batch struct {
	Level  int
	Ref    uint32            // reference of the first row; the others follow
	Refs   []uint32          // one a row where they do not follow one another; else nil
	Keys   []record.Key      // one a row
	States []record.KeyState // one a row
	FPs    [][]uint64        // a group: one a row; nil where the level lacks the group
	Syns   [][]uint64        // a group: the syndrome of each row; nil where the level lacks the group, of any length where it has one field (Shape.Located)
	Marks  []bool            // one a row: whether its record is asked for in Scratch.Marked; nil: none is
}

// Hit is a row whose fingerprint is not that of its record's base.
type Hit struct {
	Part   uint32
	Record uint32
	Row    uint32 // in the batch
	Fields int    // end of its fields in Scratch.Fields; they begin where those of the hit before end
}

// RowOf says which record a row belongs to.
type RowOf struct {
	Part   uint32
	Record uint32
	Row    uint32
}

// Scratch is what Add needs and what it finds; each goroutine has its own, for one table after the other.
type Scratch struct {
	Begin uint64 // Add begins with the partition of this hash; goroutines that begin apart do not wait for one another

	Hits   []Hit
	Fields []int    // the fields of the hits that seem to differ, in order: all of a group if more than two do, and, by chance, not those that do
	Deltas []uint64 // a hit and a group: fingerprint of the base less that of the row, 0 where they are not compared
	Odds   []RowOf  // rows whose keys are malformed
	Marked []RowOf  // rows of Batch.Marks that have a key
	NoKey  []uint32 // rows without a key

	touched uint64 // keeps loads ahead from being optimised away

	hashes []uint64
	rows   []row // that have a key, by partition
	ends   []uint32
	recs   []uint32 // of the rows of a partition: their records, most likely
	rest   []row    // of a partition: not added yet
	fresh  []row    // likewise, of records that were not there
}

// row is what most rows of a batch need to be added, side by side with those of the same partition.
type row struct {
	hash  uint64
	fp    uint64 // of the first group
	index uint32 // in the batch
	told  bool   // it belongs into Scratch.Odds or Scratch.Marked
}

// Add adds a batch. Batches of one level may be added by many goroutines at once, those of the next level when all are in.
func (t *Table) Add(b *Batch, s *Scratch) error {
	s.Hits, s.Fields, s.Deltas, s.NoKey = s.Hits[:0], s.Fields[:0], s.Deltas[:0], s.NoKey[:0]
	s.Odds, s.Marked = s.Odds[:0], s.Marked[:0]
	if len(t.parts) == 1 {
		return t.addAll(b, s)
	}
	t.sort(b, s)
	first, last := int(s.Begin>>(64-t.bits)), len(s.ends)-1
	for from, to := 0, len(s.ends); from < to; {
		p := (first + from) & last
		rows := s.of(p)
		if from == 0 || p == 0 { // before rows that are no others' next ones
			fetchSlots(t.homes.Load(), rows[:ahead])
		}
		switch {
		case len(rows) == 0:
			from++
			continue
		case t.parts[p].mu.TryLock():
			from++
		default: // another goroutine is there, and would be at the next ones too: the last one meanwhile
			to--
			p = (first + to) & last
			if rows = s.of(p); len(rows) == 0 {
				continue
			}
			fetchSlots(t.homes.Load(), rows)
			t.parts[p].mu.Lock()
		}
		if err := t.addTo(p, rows, b, s); err != nil {
			return err
		}
	}
	return nil
}

// rowsAtATime are so many that what is looked up of them stays in the processor's first caches until they are added.
const rowsAtATime = 512

// addAll is Add where there is one partition.
func (t *Table) addAll(b *Batch, s *Scratch) error {
	var fps []uint64
	if len(b.FPs) > 0 {
		fps = b.FPs[0]
	}
	n := len(b.Keys)
	s.fit(n)
	hashes, rows := s.hashes[:n], s.rows[:0]
	record.HashKeys(b.Keys, hashes)
	for i, h := range hashes {
		if b.States[i] == record.KeyNone {
			s.NoKey = append(s.NoKey, uint32(i))
			continue
		}
		r := row{hash: h, index: uint32(i), told: b.told(i)}
		if fps != nil {
			r.fp = fps[i]
		}
		rows = append(rows, r)
	}
	fetchSlots(t.homes.Load(), rows[:ahead])
	for len(rows) > 0 {
		n := min(len(rows), rowsAtATime)
		t.parts[0].mu.Lock()
		if err := t.addTo(0, rows[:n], b, s); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// of gives the rows of a partition.
func (s *Scratch) of(p int) []row {
	begin := uint32(0)
	if p > 0 {
		begin = s.ends[p-1]
	}
	return s.rows[begin:s.ends[p]]
}

// fit makes room for the rows of a batch.
func (s *Scratch) fit(n int) {
	if cap(s.rows) < n+ahead {
		s.hashes, s.rows, s.fresh = make([]uint64, n), make([]row, n+ahead), make([]row, 0, n+ahead)
	}
}

// told tells whether a row belongs into Scratch.Odds or Scratch.Marked.
func (b *Batch) told(row int) bool {
	return b.States[row].Malformed() || b.Marks != nil && b.Marks[row]
}

// sort orders the rows that have a key by partition: s.ends[p] is where those of p end in s.rows.
func (t *Table) sort(b *Batch, s *Scratch) {
	n := len(b.Keys)
	s.fit(n)
	if len(s.ends) != len(t.parts) {
		s.ends = make([]uint32, len(t.parts))
	}
	states, hashes := b.States[:n], s.hashes[:n]
	record.HashKeys(b.Keys, hashes)
	clear(s.ends)
	shift := (64 - t.bits) & 63 // not 64: there are two partitions at least
	countRows(s.ends, hashes, states, shift)
	sum := uint32(0)
	for p, n := range s.ends { // begin of each partition
		s.ends[p] = sum
		sum += n
	}
	if s.rows = s.rows[:sum]; len(s.rows) < n {
		for i, state := range states {
			if state == record.KeyNone {
				s.NoKey = append(s.NoKey, uint32(i))
			}
		}
	}
	var fps []uint64
	if len(b.FPs) > 0 {
		fps = b.FPs[0]
	}
	if fps == nil {
		fps = hashes // which nobody looks at
	}
	placeRows(s.rows, s.ends, hashes, fps, states, shift)
	if b.Marks != nil {
		for i := range s.rows {
			r := &s.rows[i]
			r.told = r.told || b.Marks[r.index]
		}
	}
}

// countRows counts the rows of each partition that have a key.
func countRows(counts []uint32, hashes []uint64, states []record.KeyState, shift uint) {
	states = states[:len(hashes)]
	for i, h := range hashes {
		if states[i] != record.KeyNone {
			counts[h>>(shift&63)]++
		}
	}
}

// placeRows puts the rows of each partition where it begins, which moves on. It has few variables, which the processor's registers hold.
func placeRows(rows []row, next []uint32, hashes, fps []uint64, states []record.KeyState, shift uint) {
	fps, states = fps[:len(hashes)], states[:len(hashes)]
	for i, h := range hashes {
		state := states[i]
		if state == record.KeyNone {
			continue
		}
		at := next[h>>(shift&63)]
		next[h>>(shift&63)] = at + 1
		rows[at] = row{hash: h, fp: fps[i], index: uint32(i), told: state.Malformed()}
	}
}

// addTo adds the given rows to partition pi, which all belong there. It is locked, and unlocked then.
func (t *Table) addTo(pi int, rows []row, b *Batch, s *Scratch) error {
	p := &t.parts[pi]
	defer p.mu.Unlock()
	simple := t.simple && !t.shape.WideKeys && b.FPs[0] != nil
	if b.Level > 0 && simple {
		s.rest = t.addEqual(p, rows, b, s, s.rest[:0])
		rows = s.rest
	} else if b.Level > 0 {
		s.recs = p.look(t, rows, s.recs[:0])
	} else if simple && p.index.room-p.records >= len(rows) {
		s.rest = t.addNew(p, rows, b, s.rest[:0])
		rows = s.rest
	} else {
		fetchSlots(t.homes.Load(), rows[ahead:len(rows)+ahead])
	}
	begin := len(s.Hits)
	known := t.find(p, rows, b, s)
	s.fresh = s.fresh[:0]
	for i := range rows {
		switch {
		case b.Level > 0 && simple && known[i] == 0:
			s.fresh = append(s.fresh, rows[i])
			continue
		case b.Level > 0 && simple && t.addOther(p, pi, &rows[i], known[i]-1, b, s):
			continue
		}
		if err := t.addRow(p, pi, &rows[i], known[i], b, s); err != nil {
			return err
		}
	}
	if err := t.addFresh(p, pi, s.fresh, b, s); err != nil {
		return err
	}
	t.differing(p, begin, b, s)
	return nil
}

// addFresh adds rows of a later level whose records were not there yet. It is for narrow keys and one fingerprint.
func (t *Table) addFresh(p *partition, pi int, rows []row, b *Batch, s *Scratch) error {
	for len(rows) > 0 && p.index.room-p.records < len(rows) { // until there is more room
		if err := t.addRow(p, pi, &rows[0], 0, b, s); err != nil {
			return err
		}
		rows = rows[1:]
	}
	if len(rows) == 0 {
		return nil
	}
	s.rest = t.addNew(p, rows, b, s.rest[:0])
	for i := range s.rest {
		if err := t.addRow(p, pi, &s.rest[i], 0, b, s); err != nil {
			return err
		}
	}
	return nil
}

// addOther adds a row of a later level that is the first of its key there, as nearly all are, and tells whether it did. It is for narrow keys and one
// fingerprint, and known records.
func (t *Table) addOther(p *partition, pi int, r *row, rec uint32, b *Batch, s *Scratch) bool {
	e := p.entries[int(rec)*t.stride:][:t.stride]
	word, shift := &e[t.rfWord+b.Level>>1], b.Level&1*32
	if r.told || uint32(*word>>shift) != 0 {
		return false
	}
	*word |= uint64(b.RefOf(r.index)) << shift
	if delta := e[1] - r.fp; delta != 0 {
		s.Hits = append(s.Hits, Hit{Part: uint32(pi), Record: rec, Row: r.index})
		s.Deltas = append(s.Deltas, delta)
	}
	return true
}

// addEqual adds the rows that are equal to the base of their record, as nine of ten are, and appends the others to rest, with s.recs the records that they most
// likely belong to. It is for narrow keys and one fingerprint.
func (t *Table) addEqual(p *partition, rows []row, b *Batch, s *Scratch, rest []row) []row {
	if p.records == 0 { // else record 0, which is looked at where there is none, is one
		return append(rest, rows...)
	}
	entries, stride := p.entries, t.stride
	if eightSlots && len(entries) < math.MaxUint32/8 {
		n := len(rest)
		s.recs, rest = extend(s.recs[:0], len(rows)), extend(rest, len(rows))
		m := matching{looking: p.looking(t, rows, s.recs), refAt: 8*t.rfWord + 4*b.Level, ref: b.Ref, rest: &rest[n]}
		if b.Refs != nil {
			m.refs = &b.Refs[0]
		}
		matchNear(&m)
		s.recs = s.recs[:m.rested]
		for i, end := range s.recs {
			s.recs[i] = end/uint32(8*stride) - 1
		}
		return rest[:n+m.rested]
	}
	s.recs = p.look(t, rows, s.recs[:0])
	rested := s.recs[:0]
	word, shift := t.rfWord+b.Level>>1, b.Level&1*32
	for i := range rows {
		r := &rows[i]
		at := int(s.recs[i]) * stride
		e := entries[at : at+stride]
		if e[1] != r.fp || e[0] != r.hash || uint32(e[word]>>shift) != 0 || r.told {
			rest, rested = append(rest, *r), append(rested, s.recs[i])
			continue
		}
		e[word] |= uint64(b.RefOf(r.index)) << shift
	}
	s.recs = rested
	return rest
}

// matching is addEqual under way.
type matching struct {
	looking
	refAt  int     // bytes of an entry before its reference on the level
	refs   *uint32 // of the batch; nil: they follow ref
	ref    uint32
	rest   *row // where the next one goes that is not equal
	rested int  // how many there are
}

// addNew adds the rows that are the first of their key, as nearly all of the first level are, and appends the others to rest. It is for narrow keys
// and one fingerprint. There is room for all rows, and behind them are ahead more.
func (t *Table) addNew(p *partition, rows []row, b *Batch, rest []row) []row {
	x, stride := &p.index, t.stride
	if eightSlots {
		e := entering{
			homes: *t.homes.Load(), slots: &x.slots[0], size: len(x.slots), number: x.number,
			entries: &p.entries[0], stride: 8 * stride, refAt: 8*t.rfWord + 4*b.Level, records: p.records,
			ref: b.Ref, left: len(rows),
		}
		if t.syns > 0 {
			e.syndromes, e.syns = &p.syndromes[0], &b.Syns[0][0]
		}
		if b.Refs != nil {
			e.refs = &b.Refs[0]
		}
		for e.left > 0 {
			e.rows = &rows[len(rows)-e.left]
			if enterNear(&e); e.left > 0 {
				rest = append(rest, rows[len(rows)-e.left])
				e.left--
			}
		}
		p.records = e.records
		return rest
	}
	for i := range rows {
		r := &rows[i]
		tag := x.tag(r.hash)
		n, slot := x.next(tag, x.home(r.hash))
		if n != 0 || r.told {
			rest = append(rest, *r)
			continue
		}
		rec := p.records
		p.records++
		x.set(slot, tag, uint32(p.records))
		e := p.entries[rec*stride:][:stride]
		e[0], e[1] = r.hash, r.fp
		addRef(e[t.rfWord:], b.Level, b.RefOf(r.index))
		if t.syns > 0 {
			p.syndromes[rec] = b.Syns[0][r.index]
		}
	}
	return rest
}

// entering is addNew under way.
type entering struct {
	homes
	slots     *uint32
	size      int // of slots
	number    uint
	rows      *row // of which left are still to be added
	left      int
	entries   *uint64
	stride    int // bytes of an entry
	refAt     int // bytes of it before its reference on the level
	records   int
	syndromes *uint64 // nil: there are none
	syns      *uint64 // of the batch
	refs      *uint32 // of the batch; nil: they follow ref
	ref       uint32
}

// find gives the numbers plus one of the records that the rows belong to, 0 for one that is not there yet or on the first level, and has loaded the syndromes of their bases: those of rows
// that are not equal will be asked for, and one after the other each would be waited for. Behind the first level, s.recs is the records that they most likely
// belong to.
func (t *Table) find(p *partition, rows []row, b *Batch, s *Scratch) []uint32 {
	if b.Level == 0 || p.records == 0 {
		s.recs = extend(s.recs[:0], len(rows))
		clear(s.recs)
		return s.recs
	}
	recs := s.recs[:len(rows)]
	for i := range rows {
		hash, hi := rows[i].hash, t.high(&rows[i], b)
		rec, found := recs[i], true
		if !p.has(t, rec, hash, hi) {
			rec, _, found = p.find(t, hash, hi)
		}
		recs[i] = 0
		if found {
			recs[i] = rec + 1
		}
	}
	if t.syns > 0 {
		sum := uint64(0)
		for _, rec := range recs {
			sum += p.syndromes[int(max(rec, 1)-1)*t.syns]
		}
		s.touched += sum
	}
	return recs
}

// high gives the high half of a row's key, where keys need it.
func (t *Table) high(r *row, b *Batch) uint64 {
	if t.shape.WideKeys {
		return b.Keys[r.index].Hi
	}
	return 0
}

// addRow adds a row of any kind. known is what find gave for it.
func (t *Table) addRow(p *partition, pi int, r *row, known uint32, b *Batch, s *Scratch) error {
	rec, found := known-1, known > 0
	if !found { // unless a row before it was the first of its key
		hi, slot := t.high(r, b), 0
		if rec, slot, found = p.find(t, r.hash, hi); !found {
			var err error
			if rec, err = p.insert(t, r.hash, hi, slot); err != nil {
				return err
			}
		}
	}
	if r.told {
		t.tell(pi, rec, r, b, s)
	}
	refs := t.entry(pi, rec)[t.rfWord:]
	if refOf(refs, b.Level) != 0 {
		t.repeat(p, rec, int(r.index), b)
		return nil
	}
	in := in(refs)
	addRef(refs, b.Level, b.RefOf(r.index))
	t.compare(p, pi, rec, int(r.index), b, s, in)
	return nil
}

// tell notes a row whose key is malformed or that is marked.
func (t *Table) tell(pi int, rec uint32, r *row, b *Batch, s *Scratch) {
	of := RowOf{Part: uint32(pi), Record: rec, Row: r.index}
	if b.States[r.index].Malformed() {
		s.Odds = append(s.Odds, of)
	}
	if b.Marks != nil && b.Marks[r.index] {
		s.Marked = append(s.Marked, of)
	}
}

// compare compares a row with its record group by group, or makes it the base; in is the levels that held the record before.
func (t *Table) compare(p *partition, pi int, rec uint32, row int, b *Batch, s *Scratch, in uint32) {
	begin, differs := len(s.Deltas), false
	fps := t.entry(pi, rec)[t.fpWord:]
	syns := p.syndromes[int(rec)*t.syns:]
	for g, of := range b.FPs {
		delta := uint64(0)
		switch {
		case of == nil:
		case in&t.shape.Groups[g] == 0: // the first level with this group: its base
			fps[g] = of[row]
			if at := t.located[g]; at >= 0 {
				syns[at] = b.Syns[g][row]
			}
		default:
			delta = fps[g] - of[row]
			differs = differs || delta != 0
		}
		s.Deltas = append(s.Deltas, delta)
	}
	if !differs {
		s.Deltas = s.Deltas[:begin]
		return
	}
	s.Hits = append(s.Hits, Hit{Part: uint32(pi), Record: rec, Row: uint32(row)})
}

// differing finds the fields in which the hits from begin on differ, which are all of partition p.
func (t *Table) differing(p *partition, begin int, b *Batch, s *Scratch) {
	groups := len(t.shape.Groups)
	if groups == 1 && t.located[0] >= 0 {
		at, l, syns := t.located[0], &t.locators[0], b.Syns[0]
		for i := begin; i < len(s.Hits); i++ {
			h := &s.Hits[i]
			s.Fields = l.Locate(s.Fields, s.Deltas[i], p.syndromes[int(h.Record)*t.syns+at], syns[h.Row])
			h.Fields = len(s.Fields)
		}
		return
	}
	for i := begin; i < len(s.Hits); i++ {
		h := &s.Hits[i]
		fields := len(s.Fields)
		base := p.syndromes[int(h.Record)*t.syns:]
		for g, delta := range s.Deltas[i*groups : (i+1)*groups] {
			if delta == 0 {
				continue
			}
			of, row := uint64(0), uint64(0)
			if at := t.located[g]; at >= 0 {
				of, row = base[at], b.Syns[g][h.Row]
			}
			s.Fields = t.locators[g].Locate(s.Fields, delta, of, row)
		}
		if groups > 1 {
			slices.Sort(s.Fields[fields:])
		}
		h.Fields = len(s.Fields)
	}
}

// RefOf is the reference of a row.
func (b *Batch) RefOf(row uint32) uint32 {
	if b.Refs != nil {
		return b.Refs[row]
	}
	return b.Ref + row
}

// Sum is the fingerprint of all fields of a row.
func (b *Batch) Sum(row int) (fp uint64) {
	for _, fps := range b.FPs {
		if fps != nil {
			fp += fps[row]
		}
	}
	return fp
}
