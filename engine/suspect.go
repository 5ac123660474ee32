package engine

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

	"crosscheck/engine/join"
	"crosscheck/engine/record"
)

// suspect is a record with at least one finding, or with a row that may yet turn out to differ.
type suspect struct {
	key        record.Key
	record     uint32
	held       uint32 // the levels that hold it, rosters too, bit by bit
	rows       int32  // of partFindings.rows: its first
	candidates span   // of partFindings.candidates; empty if all fields are looked at
	duplicates span   // of partFindings.duplicates
	odds       span   // of partFindings.odds
	cells      span   // of partFindings.cells: the values read again for it
	failed     span   // of partFindings.failed
	members    span   // of partFindings.members
	typos      span   // of partFindings.typos
	whole      bool   // all fields of all levels are looked at, not those of its candidates alone
}

type span struct{ begin, end int32 }

func (s span) empty() bool { return s.begin == s.end }

// partFindings is what is known of the suspects of one partition.
type partFindings struct {
	suspects   []suspect
	rows       []uint32         // a suspect and a level, rosters too: the reference of the row that stands for it, 0 for none
	candidates []candidate      // by record, level
	duplicates []duplicate      // by record, level
	odds       []oddKey         // by record, level, reference
	failed     []failed         // by record, rule in the order of findings, level, reference
	members    []member         // by record, roster
	repeated   []int64          // a roster: rows beyond the first of their key
	typos      []keyTypo        // by record
	latest     []standing       // by record, level: the rows chosen by Level.LatestBy
	cells      []cell           // values to be read again; field and level say which, gather fills in the rest
	read       int              // how many of cells gather has filled in
	kept       int64            // bytes of all this, once counted
	patterns   map[uint32]int64 // which levels hold a record → records; until they are added up
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

// row gives the reference of the row that stands for a suspect on a level, 0 if the level lacks it.
func (f *partFindings) row(s *suspect, level int) uint32 { return f.rows[int(s.rows)+level] }

// examine looks through all partitions of the table, in parallel, for suspects and for the values to read again. What is known of a suspect is
// with it afterwards, so that the table is asked no more and its memory can go.
func (r *run) examine(ctx context.Context) error {
	begin := len(r.findings)
	r.findings = append(r.findings, make([]partFindings, r.table.Partitions())...)
	findings := r.findings[begin:]
	if err := r.chooseLatest(ctx, findings); err != nil {
		return err
	}
	if err := r.parallel(ctx, len(findings), func(p int) (err error) {
		findings[p], err = r.examinePartition(p, findings[p].latest)
		r.table.Drop(p) // for the findings' memory comes next
		return err
	}); err != nil {
		return err
	}
	for p := range findings {
		for in, n := range findings[p].patterns {
			r.patterns[in] += n
		}
		for i, n := range findings[p].repeated {
			r.repeated[i] += n
		}
		findings[p].patterns, findings[p].repeated = nil, nil
	}
	return nil
}

func (r *run) examinePartition(p int, latest []standing) (partFindings, error) {
	f := partFindings{patterns: map[uint32]int64{}, repeated: make([]int64, len(r.plan.rosters)), latest: latest}
	var candidates [][]candidate
	for _, w := range r.workers {
		candidates = append(candidates, w.caught[p].candidates...)
		f.odds = append(f.odds, w.caught[p].odds...)
		f.failed = append(f.failed, w.caught[p].failed...)
		w.caught[p] = caught{}
	}
	f.candidates = byRecord(candidates)
	differing, cells := 0, 0 // records that differ, and values that are wanted of them
	for i := range f.candidates {
		if i == 0 || f.candidates[i].record != f.candidates[i-1].record {
			differing++
		}
		cells += len(f.candidates[i].cells)
	}
	slices.SortFunc(f.odds, func(a, b oddKey) int {
		return cmp.Or(cmp.Compare(a.record, b.record), cmp.Compare(a.level, b.level), cmp.Compare(a.ref, b.ref))
	})
	slices.SortFunc(f.failed, func(a, b failed) int {
		return cmp.Or(cmp.Compare(a.record, b.record), cmp.Compare(r.ruleRank[a.rule], r.ruleRank[b.rule]), cmp.Compare(a.level, b.level), cmp.Compare(a.ref, b.ref))
	})
	extras, rows := r.table.Extras(p), r.table.ExtraRows(p)
	levels := r.table.Open(p)
	defer r.table.Close(p)
	most := differing + len(f.odds) + len(f.failed) + len(extras) // suspects
	for _, in := range levels {
		if in != r.allLevels {
			most++
		}
	}
	cells += most * len(r.plan.Carry)
	if err := r.budget.take(int64(most)*r.suspectBytes() + int64(cells)*cellBytes); err != nil {
		return f, err
	}
	f.suspects = make([]suspect, 0, most)
	f.rows = make([]uint32, 0, most*len(r.plan.levels))
	f.cells = make([]cell, 0, cells)
	var done, odds, fails int32 // candidates and the others that are with their suspects
	complete := int64(0)
	for i, in := range levels {
		rec := uint32(i)
		s := suspect{record: rec, held: in, candidates: span{done, done}, odds: span{odds, odds}, failed: span{fails, fails}}
		for int(done) < len(f.candidates) && f.candidates[done].record == rec {
			done++
		}
		for int(odds) < len(f.odds) && f.odds[odds].record == rec {
			odds++
		}
		for int(fails) < len(f.failed) && f.failed[fails].record == rec {
			fails++
		}
		s.candidates.end, s.odds.end, s.failed.end = done, odds, fails
		extra := 0
		for extra < len(extras) && extras[extra].Record == rec {
			extra++
		}
		mine := 0
		for mine < len(rows) && rows[mine].Record == rec {
			mine++
		}
		member := in&^r.allLevels != 0
		if in &= r.allLevels; in == r.allLevels {
			complete++
			if s.candidates.empty() && extra == 0 && s.odds.empty() && s.failed.empty() && !member {
				continue
			}
		} else if in != 0 {
			f.patterns[in]++
		}
		s.members.begin = int32(len(f.members))
		if member {
			r.enlist(p, &f, rec, extras[:extra], rows[:mine])
		}
		s.members.end = int32(len(f.members))
		s.duplicates.begin = int32(len(f.duplicates))
		for i := range extras[:extra] {
			if int(extras[i].Level) < len(r.plan.Levels) {
				f.duplicates = append(f.duplicates, r.settle(p, &f, &s, &extras[i]))
			}
		}
		extras, rows = extras[extra:], rows[mine:]
		s.duplicates.end = int32(len(f.duplicates))
		s.key, s.rows = r.table.Key(p, rec), int32(len(f.rows))
		for l := range r.plan.levels {
			f.rows = append(f.rows, r.table.Ref(p, rec, l))
		}
		s.whole = r.recompare(&f, &s) || r.opt.Exact && !s.candidates.empty() // that other fields are equal is not left to a sum of hashes
		r.want(&f, &s, p)
		f.suspects = append(f.suspects, s)
	}
	if complete > 0 {
		f.patterns[r.allLevels] = complete
	}
	return f, nil
}

// byRecord puts chunks of candidates together, sorted by record and level. They are large, so it is numbers that are sorted: 32 bits of
// record, 4 of level, 28 of where it is, chunk by chunk, which are more candidates than fit into memory.
func byRecord(chunks [][]candidate) []candidate {
	n := 0
	begins := make([]int, len(chunks)+1)
	for i, chunk := range chunks {
		n += len(chunk)
		begins[i+1] = n
	}
	order := make([]uint64, 0, n)
	for i, chunk := range chunks {
		for j := range chunk {
			c := &chunk[j]
			order = append(order, uint64(c.record)<<32|uint64(c.level)<<28|uint64(begins[i]+j))
		}
	}
	slices.Sort(order)
	out := make([]candidate, n)
	for i, o := range order {
		at := int(o & (1<<28 - 1))
		chunk, _ := slices.BinarySearch(begins, at+1)
		out[i] = chunks[chunk-1][at-begins[chunk-1]]
	}
	return out
}

// settle decides about a key that a level holds more than once: extra is its rows beyond the one that happened to come
// first. The first in file order stands for the level from now on, or the one that was chosen.
func (r *run) settle(p int, f *partFindings, s *suspect, extra *join.Extra) duplicate {
	l := int(extra.Level)
	d := duplicate{level: l, rows: int64(extra.Rows) + 1}
	fp := uint64(0)
	for g, levels := range r.shape.Groups {
		if levels>>l&1 != 0 {
			fp += r.table.FP(p, s.record, g)
		}
	}
	for _, c := range f.candidates[s.candidates.begin:s.candidates.end] {
		if c.level == l {
			fp = c.fp
		}
	}
	d.conflicting = extra.Mixed || extra.FP != fp
	ref := r.table.Ref(p, s.record, l)
	stands := min(ref, extra.Ref)
	if r.plan.levels[l].latest >= 0 {
		stands, f.latest = f.latest[0].ref, f.latest[1:]
	}
	if stands != ref {
		r.table.SetRef(p, s.record, l, stands)
		d.moved = true
	}
	return d
}

// recompare tells whether the comparisons made with a suspect's rows do not hold for the rows that stand for its levels: a
// row that does not agree with its duplicates was compared in the standing one's place, or its spelling was kept.
func (r *run) recompare(f *partFindings, s *suspect) bool {
	for _, d := range f.duplicates[s.duplicates.begin:s.duplicates.end] {
		if d.moved && (d.conflicting || slices.ContainsFunc(f.candidates[s.candidates.begin:s.candidates.end],
			func(c candidate) bool { return c.level == d.level })) {
			return true
		}
	}
	return false
}

// want lists the values of a suspect that must be read again.
func (r *run) want(f *partFindings, s *suspect, p int) {
	in := r.in(s)
	s.cells.begin = int32(len(f.cells))
	add := func(column, level int) {
		f.cells = append(f.cells, cell{field: int32(column), level: int32(level)})
	}
	switch {
	case s.whole:
		for field, g := range r.shape.Group {
			for levels := in & r.shape.Groups[g]; levels != 0; levels &= levels - 1 {
				add(field, bits.TrailingZeros32(levels))
			}
		}
	case !s.candidates.empty():
		r.wantDiffering(f, s, p, add)
	}
	if !r.keyText.Reversible() {
		add(r.keyColumn(), bits.TrailingZeros32(s.held))
	}
	for i := range r.plan.Carry {
		for levels := in; levels != 0; levels &= levels - 1 {
			if l := bits.TrailingZeros32(levels); r.plan.levels[l].carry[i] >= 0 {
				add(r.carryColumn(i), l)
				break
			}
		}
	}
	for i := s.odds.begin; i < s.odds.end; i++ {
		f.odds[i].raw = int32(len(f.cells))
		add(r.rawKeyColumn(), f.odds[i].level)
	}
	s.cells.end = int32(len(f.cells))
}

// wantDiffering lists, for each field in which a candidate differs, the levels whose value is not at hand: the base, and
// those that agree with the base but may spell the value in another way.
func (r *run) wantDiffering(f *partFindings, s *suspect, p int, add func(column, level int)) {
	in := r.in(s)
	candidates := f.candidates[s.candidates.begin:s.candidates.end]
	for ci, c := range candidates {
		for _, k := range c.cells {
			field := int(k.field)
			if slices.ContainsFunc(candidates[:ci], func(c candidate) bool { return c.cellOf(field) != nil }) {
				continue // listed with an earlier candidate
			}
			levels := in & r.shape.Groups[r.shape.Group[field]]
			base := bits.TrailingZeros32(levels)
			for rest := levels; rest != 0; rest &= rest - 1 {
				l := bits.TrailingZeros32(rest)
				if l != base && (r.sameText(p, s, field, base, l) || holds(candidates, l, field)) {
					continue
				}
				add(field, l)
			}
		}
	}
}

func holds(candidates []candidate, level, field int) bool {
	return slices.ContainsFunc(candidates, func(c candidate) bool { return c.level == level && c.cellOf(field) != nil })
}

// cellOf gives the candidate's cell of a field, nil if it has none.
func (c *candidate) cellOf(field int) *cell {
	for i := range c.cells {
		if int(c.cells[i].field) == field {
			return &c.cells[i]
		}
	}
	return nil
}

// unexplained finds the suspects with a candidate whose differing fields do not account for its fingerprint, and lists
// all their values to be read. It returns how many there are.
func (r *run) unexplained(ctx context.Context) (int, error) {
	counts := make([]int, len(r.findings))
	err := r.parallel(ctx, len(r.findings), func(p int) error {
		f := &r.findings[p]
		for i := range f.suspects {
			s := &f.suspects[i]
			if s.whole || s.candidates.empty() || r.explained(f, s) {
				continue
			}
			s.whole = true
			r.want(f, s, p)
			counts[p]++
		}
		return nil
	})
	n := 0
	for _, c := range counts {
		n += c
	}
	return n, err
}

// explained tells whether the differing fields of each candidate account for the whole difference of its fingerprint.
func (r *run) explained(f *partFindings, s *suspect) bool {
	in := r.in(s)
	read := f.cells[s.cells.begin:s.cells.end]
	for i := s.candidates.begin; i < s.candidates.end; i++ {
		delta := f.candidates[i].delta
		for _, k := range f.candidates[i].cells {
			delta += k.hash
			base := bits.TrailingZeros32(in & r.shape.Groups[r.shape.Group[k.field]])
			for j := range read {
				if read[j].field == k.field && int(read[j].level) == base {
					delta -= read[j].hash
					break
				}
			}
		}
		if delta != 0 {
			return false
		}
	}
	return true
}
