package engine

import (
	"encoding/binary"

	"crosscheck/engine/record"
)

// The suspects of a partition as they are parked: their number, that of their candidates, and then one after the other:
//
//	8   low half of the key
//	8   high half, where keys need it
//	4   reference, for each level and roster
//
// and as uvarints
//
//	the levels that hold it, times 4; 2 more where all fields are looked at, 1 more where it has something that few have
//	its candidates: their number; of each the cells, and 8 bytes: the delta
//	its cells: their number; of each the field and the level
//
// and where it has something that few have
//
//	its duplicates: their number; of each the level, the rows, 1 if they are conflicting
//	its malformed keys: their number; of each the reference, the level, the state, its cell among those of the suspect
//	its rows that fail a rule: their number; of each the reference, the level, the rule, the length of the text plus one, 0 for none, and the text
//	the rosters that list it: their number; of each the roster, the reference, and the values that rules look at: their number; of each the rule, the reference

// appendParked appends the suspects of a partition of which nothing was read again.
func (r *run) appendParked(dst []byte, f *partFindings) []byte {
	le, num := binary.LittleEndian, binary.AppendUvarint
	dst = num(dst, uint64(len(f.suspects)))
	dst = num(dst, uint64(len(f.candidates)))
	for i := range f.suspects {
		s := &f.suspects[i]
		dst = le.AppendUint64(dst, s.key.Lo)
		if r.shape.WideKeys {
			dst = le.AppendUint64(dst, s.key.Hi)
		}
		for l := range r.plan.levels {
			dst = le.AppendUint32(dst, f.row(s, l))
		}
		head := uint64(s.held) << 2
		if s.whole {
			head |= 2
		}
		if s.rare != 0 {
			head |= 1
		}
		dst = num(dst, head)
		dst = num(dst, uint64(s.candidates.end-s.candidates.begin))
		for _, c := range f.candidates[s.candidates.begin:s.candidates.end] {
			dst = le.AppendUint64(num(dst, uint64(c.cells)), c.delta)
		}
		cells := f.cells[s.cells.begin:s.cells.end]
		dst = num(dst, uint64(len(cells)))
		for j := range cells {
			dst = num(num(dst, uint64(cells[j].field)), uint64(cells[j].level))
		}
		if s.rare != 0 {
			dst = r.appendRare(dst, f, s)
		}
	}
	return dst
}

// appendRare appends what few suspects have.
func (r *run) appendRare(dst []byte, f *partFindings, s *suspect) []byte {
	nums := func(all ...uint64) {
		for _, x := range all {
			dst = binary.AppendUvarint(dst, x)
		}
	}
	x := f.rareOf(s)
	nums(uint64(x.duplicates.end - x.duplicates.begin))
	for _, d := range f.duplicates[x.duplicates.begin:x.duplicates.end] {
		conflicting := uint64(0)
		if d.conflicting {
			conflicting = 1
		}
		nums(uint64(d.level), uint64(d.rows), conflicting)
	}
	nums(uint64(x.odds.end - x.odds.begin))
	for _, o := range f.odds[x.odds.begin:x.odds.end] {
		nums(uint64(o.ref), uint64(o.level), uint64(o.state), uint64(o.raw-s.cells.begin))
	}
	nums(uint64(x.failed.end - x.failed.begin))
	for i := x.failed.begin; i < x.failed.end; i++ {
		o := &f.failed[i]
		nums(uint64(o.ref), uint64(o.level), uint64(o.rule), uint64(o.text.size))
		dst = append(dst, r.texts.of(&o.text)...)
	}
	nums(uint64(x.members.end - x.members.begin))
	for _, m := range f.members[x.members.begin:x.members.end] {
		nums(uint64(m.roster), uint64(m.ref), uint64(len(m.aged)))
		for _, a := range m.aged {
			nums(uint64(a.rule), uint64(a.ref))
		}
	}
	return dst
}

// takeParked takes the suspects of a partition from a piece. Their cells are the first of some, which may hold what others left, and their texts are kept by k.
func (r *run) takeParked(f *partFindings, piece []byte, cells []cell, k *keeper) {
	src := parkedSource{piece}
	n, candidates := src.num(), src.num()
	*f = *r.spareFindings.Get()
	f.suspects = emptied(f.suspects, n)
	f.candidates = emptied(f.candidates, candidates)
	f.rows = emptied(f.rows, n*max(len(r.plan.levels)-ownRows, 0))
	f.rare, f.lent = make([]rare, 1), true
	levels, known := len(r.plan.levels), 0 // how many of the cells
	le := binary.LittleEndian
	for range n {
		b, at := src.left, 8
		s := suspect{more: int32(len(f.rows))}
		s.key.Lo = le.Uint64(b)
		if r.shape.WideKeys {
			s.key.Hi = le.Uint64(b[at:])
			at += 8
		}
		for l := range levels {
			if ref := le.Uint32(b[at+4*l:]); l < ownRows {
				s.rows[l] = ref
			} else {
				f.rows = append(f.rows, ref)
			}
		}
		at += 4 * levels
		head, some := 0, 0
		head, at = numAt(b, at)
		s.held, s.whole = uint32(head>>2), head&2 != 0
		s.candidates.begin = int32(len(f.candidates))
		for some, at = numAt(b, at); some > 0; some-- {
			var c int
			c, at = numAt(b, at)
			f.candidates = append(f.candidates, candidate{cells: uint32(c), delta: le.Uint64(b[at:])})
			at += 8
		}
		s.candidates.end = int32(len(f.candidates))
		s.cells.begin = int32(known)
		for some, at = numAt(b, at); some > 0; some-- {
			var field, level int
			field, at = numAt(b, at)
			level, at = numAt(b, at)
			cells[known] = cell{field: int32(field), level: int16(level)}
			known++
		}
		s.cells.end = int32(known)
		if src.left = b[at:]; head&1 != 0 {
			s.rare = int32(len(f.rare))
			f.rare = append(f.rare, r.takeRare(f, &s, &src, k))
		}
		f.suspects = append(f.suspects, s)
	}
	f.cells = cells[:known:known]
	clear(cells[known:]) // of its members
}

// takeRare takes what few suspects have.
func (r *run) takeRare(f *partFindings, s *suspect, src *parkedSource, k *keeper) (x rare) {
	x.duplicates.begin = int32(len(f.duplicates))
	for range src.num() {
		f.duplicates = append(f.duplicates, duplicate{level: src.num(), rows: int64(src.num()), conflicting: src.num() != 0})
	}
	x.duplicates.end = int32(len(f.duplicates))
	x.odds.begin = int32(len(f.odds))
	for range src.num() {
		f.odds = append(f.odds, oddKey{ref: uint32(src.num()), level: src.num(), state: record.KeyState(src.num()), raw: s.cells.begin + int32(src.num())})
	}
	x.odds.end = int32(len(f.odds))
	x.failed.begin = int32(len(f.failed))
	for range src.num() {
		o := failed{ref: uint32(src.num()), level: int32(src.num()), rule: int32(src.num())}
		if size := src.num(); size > 0 {
			k.keep(&o.text, src.bytes(size-1))
		}
		f.failed = append(f.failed, o)
	}
	x.failed.end = int32(len(f.failed))
	x.members.begin = int32(len(f.members))
	for range src.num() {
		m := r.newMember(src.num(), uint32(src.num()))
		for range src.num() {
			m.look(r, src.num(), uint32(src.num()))
		}
		f.members = append(f.members, m)
	}
	x.members.end = int32(len(f.members))
	return x
}

// parkedSource is what is left of a piece.
type parkedSource struct{ left []byte }

func (s *parkedSource) bytes(n int) []byte {
	out := s.left[:n:n]
	s.left = s.left[n:]
	return out
}

// num takes a uvarint.
func (s *parkedSource) num() int {
	x, n := numAt(s.left, 0)
	s.left = s.left[n:]
	return x
}

// numAt gives the uvarint at a place of some bytes, and where it ends. Most have one byte.
func numAt(b []byte, at int) (x, end int) {
	if x = int(b[at]); x < 0x80 {
		return x, at + 1
	}
	return longNumAt(b, at)
}

func longNumAt(b []byte, at int) (x, end int) {
	wide, n := binary.Uvarint(b[at:])
	return int(wide), at + n
}
