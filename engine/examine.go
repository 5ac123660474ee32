package engine

import (
	"cmp"
	"context"
	"math"
	"slices"

	"crosscheck/engine/join"
)

// examine looks through all partitions of the table, in parallel, for suspects and for the values to read again. What is known of a suspect is
// with it afterwards, so that the table is asked no more and its memory can go.
func (r *run) examine(ctx context.Context) error {
	begin := len(r.findings)
	r.findings = append(r.findings, make([]partFindings, r.table.Partitions())...)
	findings := r.findings[begin:]
	if err := r.chooseLatest(ctx, findings); err != nil {
		return err
	}
	examiners := make([]examiner, r.opt.Workers)
	if r.over == nil {
		for range examiners {
			r.wanted = append(r.wanted, r.newWants())
		}
	}
	if err := r.parallelBy(ctx, len(findings), func(worker, p int) error {
		err := examiners[worker].partition(r, r.table, r.workers, p, &findings[p])
		if r.over == nil && err == nil {
			r.wanted[worker].addAll(&findings[p]) // while it is in the processor's caches
			r.table.Drop(p)                       // for the findings' memory comes next
		}
		return err
	}); err != nil {
		return err
	}
	r.countPatterns(findings)
	return nil
}

// countPatterns takes up what levels hold the records of partitions that are looked through.
func (r *run) countPatterns(findings []partFindings) {
	for p := range findings {
		for in, n := range findings[p].patterns {
			r.patterns[in] += n
		}
		for i, n := range findings[p].repeated {
			r.repeated[i] += n
		}
		findings[p].patterns, findings[p].repeated = nil, nil
	}
}

// examiner looks through partitions, one after the other. Each worker has its own.
type examiner struct {
	r       *run
	table   *join.Table
	workers []*worker     // that added its rows
	f       *partFindings // of the partition under way
	p       int

	// What its workers caught, which goes to the suspects:
	candidates []candidate
	cells      []cell  // of the candidates
	chain      []link  // a candidate
	last       []int32 // a record: its candidate that was taken last, plus one; 0: there is none
	odds       int     // how many of partFindings.odds are with their suspects
	failed     int     // how many of partFindings.failed
	extras     []join.Extra
	rows       []join.ExtraRow

	mine  []int32  // the candidates of the record under way, by level
	holds []uint32 // a field: the levels that have a cell of it, bit by bit, until it is dealt with
}

// link is where the cells of a candidate begin, and the candidate of its record that was taken before, plus one; 0: there is none.
type link struct{ cells, before int32 }

// partition finds the suspects of partition p of a table to which some workers added rows. The rows that Level.LatestBy chose are in f.
func (e *examiner) partition(r *run, table *join.Table, workers []*worker, p int, f *partFindings) error {
	e.r, e.table, e.workers, e.p, e.f = r, table, workers, p, f
	latest := f.latest
	*f = *r.spareFindings.Get()
	f.latest = latest
	f.patterns, f.repeated, f.rare = map[uint32]int64{}, make([]int64, len(r.plan.rosters)), make([]rare, 1)
	held := e.table.Open(p)
	defer e.table.Close(p)
	differing := e.take(len(held))
	rares := len(f.odds) + len(f.failed) + len(e.extras)
	most := differing + rares // suspects
	for _, in := range held {
		if in != r.allLevels {
			most++
			if in&^r.allLevels != 0 {
				rares++
			}
		}
	}
	cells := len(e.cells) + most*len(r.plan.Carry) // to be read again
	if err := r.budget.take(int64(most)*r.suspectBytes() + int64(rares)*sizeOf[rare]() + int64(cells)*cellBytes); err != nil {
		return err
	}
	f.suspects = emptied(f.suspects, most)
	f.rows = emptied(f.rows, most*max(len(r.plan.levels)-ownRows, 0))
	f.candidates = emptied(f.candidates, len(e.candidates))
	bases := differing + len(e.cells) - len(e.candidates) // the base's value of each field that differs, where candidates of a record differ in the same ones
	f.cells = emptied(f.cells, len(e.cells)+bases+most*len(r.plan.Carry))
	complete, lacking := len(held), tallies{}
	next := e.nextRare()
	for i, in := range held {
		rec := uint32(i)
		if in == r.allLevels && e.last[i] == 0 && rec != next {
			continue
		}
		if compared := in & r.allLevels; compared != r.allLevels {
			complete--
			if compared != 0 {
				lacking.count(compared, f.patterns)
			}
		}
		f.suspects = append(f.suspects, suspect{held: in}) // there is room, and it stays where it is
		s := &f.suspects[len(f.suspects)-1]
		e.find(rec)
		if rec == next || in&^r.allLevels != 0 {
			e.takeRare(s, rec)
			next = e.nextRare()
		}
		s.key, s.more = e.table.Key(p, rec), int32(len(f.rows))
		for l := range r.plan.levels {
			if ref := e.table.Ref(p, rec, l); l < ownRows {
				s.rows[l] = ref
			} else {
				f.rows = append(f.rows, ref)
			}
		}
		switch s.whole = s.whole || r.opt.Exact && len(e.mine) > 0; { // that other fields are equal is not left to a sum of hashes
		case s.whole:
			r.wantWhole(f, s)
		default:
			e.want(s)
		}
	}
	lacking.end(f.patterns)
	if complete > 0 {
		f.patterns[r.allLevels] = int64(complete)
	}
	return nil
}

// tallies counts which levels hold records, of the patterns that come again soon outside the map.
type tallies [8]struct {
	in uint32
	n  int64
}

func (t *tallies) count(in uint32, all map[uint32]int64) {
	x := &t[in%8]
	if x.in != in {
		if x.n > 0 {
			all[x.in] += x.n
		}
		x.in, x.n = in, 0
	}
	x.n++
}

// end adds what is counted to all.
func (t *tallies) end(all map[uint32]int64) {
	for _, x := range t {
		if x.n > 0 {
			all[x.in] += x.n
		}
	}
}

// take takes over what the workers caught in the partition, which has so many records, and gives how many of them differ. Candidates are sorted into
// chains by their records.
func (e *examiner) take(records int) (differing int) {
	r, f := e.r, e.f
	e.candidates, e.cells = e.candidates[:0], e.cells[:0]
	for _, w := range e.workers {
		c := &w.caught[e.p]
		for _, chunk := range c.candidates.chunks {
			e.candidates = append(e.candidates, chunk...)
		}
		for _, chunk := range c.cells.chunks {
			e.cells = append(e.cells, chunk...)
		}
		f.odds = append(f.odds, c.odds...)
		f.failed = append(f.failed, c.failed...)
		if c.odds, c.failed = nil, nil; r.over == nil {
			*c = caught{}
		} else { // for the next table
			c.candidates.reset()
			c.cells.reset()
		}
	}
	e.last = slices.Grow(e.last[:0], records)[:records]
	clear(e.last)
	e.chain = e.chain[:0]
	cells := int32(0)
	for i := range e.candidates {
		c := &e.candidates[i]
		last := &e.last[c.record]
		if *last == 0 {
			differing++
		}
		e.chain = append(e.chain, link{cells, *last})
		*last = int32(i) + 1
		cells += int32(c.cells)
	}
	slices.SortFunc(f.odds, func(a, b oddKey) int {
		return cmp.Or(cmp.Compare(a.record, b.record), cmp.Compare(a.level, b.level), cmp.Compare(a.ref, b.ref))
	})
	slices.SortFunc(f.failed, func(a, b failed) int {
		return cmp.Or(cmp.Compare(a.record, b.record), cmp.Compare(r.ruleRank[a.rule], r.ruleRank[b.rule]), cmp.Compare(a.level, b.level), cmp.Compare(a.ref, b.ref))
	})
	e.odds, e.failed = 0, 0
	e.extras, e.rows = e.table.Extras(e.p), e.table.ExtraRows(e.p)
	return differing
}

// find lists the candidates of a record, one a level.
func (e *examiner) find(rec uint32) {
	e.mine = e.mine[:0]
	for i := e.last[rec]; i != 0; i = e.chain[i-1].before {
		at := len(e.mine)
		e.mine = append(e.mine, i-1)
		for ; at > 0 && e.level(e.mine[at-1]) > e.level(i-1); at-- {
			e.mine[at], e.mine[at-1] = e.mine[at-1], e.mine[at]
		}
	}
}

// level gives the level of a candidate.
func (e *examiner) level(i int32) int { return int(e.cells[e.chain[i].cells].level) }

// onLevel gives the candidate of the record under way on a level, nil if it has none.
func (e *examiner) onLevel(l int) *candidate {
	for _, i := range e.mine {
		if e.level(i) == l {
			return &e.candidates[i]
		}
	}
	return nil
}

// nextRare gives the next record that has something that few have, rosters aside.
func (e *examiner) nextRare() uint32 {
	next := uint32(math.MaxUint32)
	if e.odds < len(e.f.odds) {
		next = min(next, e.f.odds[e.odds].record)
	}
	if e.failed < len(e.f.failed) {
		next = min(next, e.f.failed[e.failed].record)
	}
	if len(e.extras) > 0 {
		next = min(next, e.extras[0].Record)
	}
	return next
}

// takeRare hands what few suspects have over to one.
func (e *examiner) takeRare(s *suspect, rec uint32) {
	r, f := e.r, e.f
	x := rare{
		duplicates: span{int32(len(f.duplicates)), 0},
		odds:       span{int32(e.odds), 0},
		failed:     span{int32(e.failed), 0},
		members:    span{int32(len(f.members)), 0},
	}
	for e.odds < len(f.odds) && f.odds[e.odds].record == rec {
		e.odds++
	}
	for e.failed < len(f.failed) && f.failed[e.failed].record == rec {
		e.failed++
	}
	extras, rows := 0, 0
	for extras < len(e.extras) && e.extras[extras].Record == rec {
		extras++
	}
	for rows < len(e.rows) && e.rows[rows].Record == rec {
		rows++
	}
	if s.held&^r.allLevels != 0 {
		e.enlist(rec, e.extras[:extras], e.rows[:rows])
	}
	for i := range e.extras[:extras] {
		if extra := &e.extras[i]; int(extra.Level) < len(r.plan.Levels) {
			d := e.settle(rec, extra)
			f.duplicates = append(f.duplicates, d)
			s.whole = s.whole || e.recompare(&d)
		}
	}
	e.extras, e.rows = e.extras[extras:], e.rows[rows:]
	x.duplicates.end, x.odds.end, x.failed.end, x.members.end = int32(len(f.duplicates)), int32(e.odds), int32(e.failed), int32(len(f.members))
	s.rare = int32(len(f.rare))
	f.rare = append(f.rare, x)
}

// settle decides about a key that a level holds more than once: extra is its rows beyond the one that happened to come
// first. The first in file order stands for the level from now on, or the one that was chosen.
func (e *examiner) settle(rec uint32, extra *join.Extra) duplicate {
	r, l := e.r, int(extra.Level)
	d := duplicate{level: l, rows: int64(extra.Rows) + 1}
	fp := uint64(0) // of the row that came first
	for g, levels := range r.shape.Groups {
		if levels>>l&1 != 0 {
			fp += e.table.FP(e.p, rec, g)
		}
	}
	if c := e.onLevel(l); c != nil {
		fp -= c.delta
	}
	d.conflicting = extra.Mixed || extra.FP != fp
	ref := e.table.Ref(e.p, rec, l)
	stands := min(ref, extra.Ref)
	if r.plan.levels[l].latest >= 0 {
		stands, e.f.latest = e.f.latest[0].ref, e.f.latest[1:]
	}
	if stands != ref {
		e.table.SetRef(e.p, rec, l, stands)
		d.moved = true
	}
	return d
}

// recompare tells whether the comparison made with a row of a level does not hold for the row that stands for it: a
// row that does not agree with its duplicates was compared in the standing one's place, or its spelling was kept.
func (e *examiner) recompare(d *duplicate) bool {
	return d.moved && (d.conflicting || e.onLevel(d.level) != nil)
}
