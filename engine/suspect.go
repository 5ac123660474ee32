package engine

import (
	"context"
	"math/bits"

	"crosscheck/engine/record"
)

// suspect is a record with at least one finding, or with a row that may yet turn out to differ.
type suspect struct {
	key        record.Key
	candidates span            // of partFindings.candidates
	cells      span            // of partFindings.cells: those of its candidates, unless all fields are looked at, and the values that are read again for it
	rows       [ownRows]uint32 // a level, rosters too: the reference of the row that stands for it, 0 for none
	more       int32           // of partFindings.rows: those of further levels
	held       uint32          // the levels that hold it, rosters too, bit by bit
	rare       int32           // of partFindings.rare; 0: it has nothing of this
	whole      bool            // all fields of all levels are looked at, not those of its candidates alone
}

// ownRows is of how many levels a suspect has the rows itself: so many that it is one cache line.
const ownRows = 4

// rare is what few suspects have.
type rare struct {
	duplicates span // of partFindings.duplicates
	odds       span // of partFindings.odds
	failed     span // of partFindings.failed
	members    span // of partFindings.members
	typos      span // of partFindings.typos
}

type span struct{ begin, end int32 }

func (s span) empty() bool { return s.begin == s.end }

// partFindings is what is known of the suspects of one partition.
type partFindings struct {
	suspects   []suspect
	rare       []rare           // the first is that of the others
	rows       []uint32         // a suspect and a level behind ownRows
	candidates []candidate      // by record, level; of suspects of which not all fields are looked at
	duplicates []duplicate      // by record, level
	odds       []oddKey         // by record, level, reference
	failed     []failed         // by record, rule in the order of findings, level, reference
	members    []member         // by record, roster
	repeated   []int64          // a roster: rows beyond the first of their key
	typos      []keyTypo        // by record
	latest     []standing       // by record, level: the rows chosen by Level.LatestBy
	orders     []uint64         // a suspect: see places; empty until they are worked out
	cells      []cell           // of candidates, and values to be read again: field and level say which, gather fills in the rest
	lent       bool             // cells are some of run.groupCells, or were
	read       int              // how many of cells gather has filled in
	kept       int64            // bytes of all this, once counted
	patterns   map[uint32]int64 // which levels hold a record → records; until they are added up
}

// memory gives the memory of what there is most of, for the findings of other records.
func (f *partFindings) memory() *partFindings {
	m := &partFindings{suspects: f.suspects[:0], rows: f.rows[:0], candidates: f.candidates[:0], orders: f.orders[:0]}
	if !f.lent {
		m.cells = f.cells[:0]
	}
	return m
}

// duplicate is a level that holds the record more than once.
type duplicate struct {
	level       int
	rows        int64
	conflicting bool // the rows do not all agree
	moved       bool // another row stands for the level than the one that was compared
}

// Columns that are read again beside the fields: cell.field numbers the fields, then the carried columns, then these.
func (r *run) carryColumn(i int) int  { return len(r.plan.Fields) + i }
func (r *run) keyColumn() int         { return len(r.plan.Fields) + len(r.plan.Carry) }
func (r *run) rawKeyColumn() int      { return r.keyColumn() + 1 }
func (r *run) groupColumn() int       { return r.keyColumn() + 2 }
func (r *run) latestColumn() int      { return r.keyColumn() + 3 }
func (r *run) ageColumn(rule int) int { return r.keyColumn() + 4 + rule }

// in gives the compared levels that hold a suspect, bit by bit.
func (r *run) in(s *suspect) uint32 { return s.held & r.allLevels }

// rareOf gives what few suspects have of one.
func (f *partFindings) rareOf(s *suspect) *rare { return &f.rare[s.rare] }

// row gives the reference of the row that stands for a suspect on a level, 0 if the level lacks it.
func (f *partFindings) row(s *suspect, level int) uint32 {
	if level < ownRows {
		return s.rows[level]
	}
	return f.rows[int(s.more)+level-ownRows]
}

// wantWhole lists all values of a suspect to be read again.
func (r *run) wantWhole(f *partFindings, s *suspect) {
	in := r.in(s)
	s.whole = true
	s.cells.begin = int32(len(f.cells))
	for field, g := range r.shape.Group {
		for levels := in & r.shape.Groups[g]; levels != 0; levels &= levels - 1 {
			f.want(field, bits.TrailingZeros32(levels))
		}
	}
	if r.beside || s.rare != 0 {
		r.wantBeside(f, s)
	}
	s.cells.end = int32(len(f.cells))
}

// want gives a suspect its candidates and lists the values that must be read again.
func (e *examiner) want(s *suspect) {
	f := e.f
	s.candidates.begin, s.cells.begin = int32(len(f.candidates)), int32(len(f.cells))
	for _, i := range e.mine {
		c := &e.candidates[i]
		f.candidates = append(f.candidates, *c)
		f.cells = append(f.cells, e.cells[e.chain[i].cells:][:c.cells]...)
	}
	s.candidates.end = int32(len(f.candidates))
	if len(e.mine) > 0 {
		e.wantDiffering(s)
	}
	if e.r.beside || s.rare != 0 {
		e.r.wantBeside(f, s)
	}
	s.cells.end = int32(len(f.cells))
}

// wantDiffering lists, for each field in which a candidate differs, the levels whose value is not at hand: the base, and
// those that agree with the base but may spell the value in another way, null or not.
func (e *examiner) wantDiffering(s *suspect) {
	r := e.r
	in, cells := r.in(s), e.f.cells[s.cells.begin:]
	if len(e.mine) == 1 { // each is of a field of its own
		for i := range cells {
			e.wantField(s, int(cells[i].field), in, 1<<cells[i].level)
		}
		return
	}
	if e.holds == nil {
		e.holds = make([]uint32, len(r.plan.Fields))
	}
	for i := range cells {
		e.holds[cells[i].field] |= 1 << cells[i].level
	}
	for i := range cells {
		field := cells[i].field
		if holds := e.holds[field]; holds != 0 { // else it is dealt with
			e.holds[field] = 0
			e.wantField(s, int(field), in, holds)
		}
	}
}

// wantField is wantDiffering for one field, whose values on some levels are at hand.
func (e *examiner) wantField(s *suspect, field int, in, holds uint32) {
	r, f := e.r, e.f
	levels := in & r.shape.Groups[r.shape.Group[field]]
	base := bits.TrailingZeros32(levels)
	f.want(field, base)
	for rest := levels &^ holds &^ r.spelling[field].same[base]; rest != 0; rest &= rest - 1 {
		if l := bits.TrailingZeros32(rest); r.mayDiffer(field, base, l, f.row(s, base), f.row(s, l)) {
			f.want(field, l)
		}
	}
}

// wantBeside lists the values of a suspect that must be read again whatever its fields hold: none unless run.beside, or it is rare.
func (r *run) wantBeside(f *partFindings, s *suspect) {
	if !r.keyText.Reversible() {
		f.want(r.keyColumn(), bits.TrailingZeros32(s.held))
	}
	for i := range r.plan.Carry {
		for levels := r.in(s); levels != 0; levels &= levels - 1 {
			if l := bits.TrailingZeros32(levels); r.plan.levels[l].carry[i] >= 0 {
				f.want(r.carryColumn(i), l)
				break
			}
		}
	}
	odds := f.rareOf(s).odds
	for i := odds.begin; i < odds.end; i++ {
		f.odds[i].raw = int32(len(f.cells))
		f.want(r.rawKeyColumn(), f.odds[i].level)
	}
}

// want has a value of the suspect under way read again.
func (f *partFindings) want(column, level int) {
	f.cells = append(f.cells, cell{field: int32(column), level: int16(level)})
}

// wantMore lists what the suspects need beyond what was read: all values of those with a candidate whose differing fields do not account for its
// fingerprint, and those of levels that may spell a null in another way than the base. It returns how many suspects need something.
func (r *run) wantMore(ctx context.Context) (int, error) {
	counts, mixed := make([]int, len(r.findings)), r.mixed()
	err := r.parallel(ctx, len(r.findings), func(p int) error {
		f := &r.findings[p]
		for i := range f.suspects {
			s := &f.suspects[i]
			switch {
			case s.whole || s.candidates.empty():
			case !r.explained(f, s):
				r.wantWhole(f, s)
				counts[p]++
			case mixed && r.wantNulls(f, s, true):
				counts[p]++
			}
		}
		if r.keyText.Reversible() {
			f.orders = r.orders(emptied(f.orders, len(f.suspects)), f, 1, nil) // while the suspects are in the processor's caches
		}
		return nil
	})
	n := 0
	for _, c := range counts {
		n += c
	}
	return n, err
}

// wantNulls lists, for each field in which a candidate differs from a base that has a null, or an empty text, the levels that agree with the base, unless they
// are sure to spell it alike. It tells whether there are any. Where values are not read yet, any base may have one.
func (r *run) wantNulls(f *partFindings, s *suspect, read bool) bool {
	old, more := s.cells, false
	in := r.in(s)
	for i := old.begin; i < old.end; i++ {
		field, base := int(f.cells[i].field), int(f.cells[i].level)
		if field >= len(r.plan.Fields) {
			continue
		}
		rest := in & r.shape.Groups[r.shape.Group[field]]
		if base != bits.TrailingZeros32(rest) || read && f.cells[i].hash != record.NullHash(field) {
			continue
		}
		for _, c := range f.cells[old.begin:old.end] {
			if int(c.field) == field {
				rest &^= 1 << c.level
			}
		}
		for ; rest != 0; rest &= rest - 1 {
			l := bits.TrailingZeros32(rest)
			if r.sameNull(field, base, l) {
				continue
			}
			if !more { // its cells lie side by side
				s.cells.begin = int32(len(f.cells))
				f.cells = append(f.cells, f.cells[old.begin:old.end]...)
				for j := range f.cells[s.cells.begin:] {
					f.cells[int(s.cells.begin)+j].known = read
				}
				odds := f.rareOf(s).odds
				for j := odds.begin; j < odds.end; j++ {
					f.odds[j].raw += s.cells.begin - old.begin
				}
				more = true
			}
			f.want(field, l)
		}
	}
	if more {
		s.cells.end = int32(len(f.cells))
	}
	return more
}

// explained tells whether the differing fields of each candidate account for the whole difference of its fingerprint.
func (r *run) explained(f *partFindings, s *suspect) bool {
	in := r.in(s)
	cells := f.cells[s.cells.begin:s.cells.end]
	own := 0 // where the cells of a candidate begin
	for i := s.candidates.begin; i < s.candidates.end; i++ {
		c := &f.candidates[i]
		delta := c.delta
		for _, k := range cells[own : own+int(c.cells)] {
			delta += k.hash
			base := bits.TrailingZeros32(in & r.shape.Groups[r.shape.Group[k.field]])
			for j := range cells {
				if cells[j].field == k.field && int(cells[j].level) == base {
					delta -= cells[j].hash
					break
				}
			}
		}
		if delta != 0 {
			return false
		}
		own += int(c.cells)
	}
	return true
}
