package join

import "crosscheck/engine/record"

// Batch is some rows of one level, hashed.
type Batch struct {
	Level  int
	Ref    uint32            // reference of the first row; the others follow
	Keys   []record.Key      // one a row
	States []record.KeyState // one a row
	FPs    [][]uint64        // a group: one a row; nil where the level lacks the group
	Sigs   []uint16          // row by row, one a field
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

// Scratch is what Add needs and what it finds; each goroutine has its own.
type Scratch struct {
	Hits   []Hit
	Fields []int    // the fields of the hits whose signatures differ
	Deltas []uint64 // a hit and a group: fingerprint of the base less that of the row, 0 where they are not compared
	Odds   []RowOf  // rows whose keys are malformed
	Marked []RowOf  // rows of Batch.Marks that have a key
	NoKey  []uint32 // rows without a key

	touched uint64 // keeps touch from being optimised away

	hashes []uint64
	parts  []uint16
	order  []uint32
	ends   []uint32
}

// Add adds a batch. Batches of one level may be added by many goroutines at once, those of the next level when all are in.
func (t *Table) Add(b *Batch, s *Scratch) error {
	s.Hits, s.Fields, s.Deltas, s.NoKey = s.Hits[:0], s.Fields[:0], s.Deltas[:0], s.NoKey[:0]
	s.Odds, s.Marked = s.Odds[:0], s.Marked[:0]
	t.sort(b, s)
	begin := uint32(0)
	for p, end := range s.ends {
		if begin == end {
			continue
		}
		if err := t.addTo(p, s.order[begin:end], b, s); err != nil {
			return err
		}
		begin = end
	}
	return nil
}

// sort orders the rows that have a key by partition: s.ends[p] is where those of p end in s.order.
func (t *Table) sort(b *Batch, s *Scratch) {
	n := len(b.Keys)
	if cap(s.hashes) < n {
		s.hashes, s.parts, s.order = make([]uint64, n), make([]uint16, n), make([]uint32, n)
	}
	if s.ends == nil {
		s.ends = make([]uint32, len(t.parts))
	}
	s.hashes, s.parts, s.order = s.hashes[:n], s.parts[:n], s.order[:n]
	clear(s.ends)
	for i, k := range b.Keys {
		if b.States[i] == record.KeyNone {
			s.NoKey = append(s.NoKey, uint32(i))
			continue
		}
		h := k.Hash()
		s.hashes[i] = h
		p := uint16(h >> t.shift)
		s.parts[i] = p
		s.ends[p]++
	}
	sum := uint32(0)
	for p, n := range s.ends { // begin of each partition
		s.ends[p] = sum
		sum += n
	}
	s.order = s.order[:sum]
	for i := range b.Keys {
		if b.States[i] == record.KeyNone {
			continue
		}
		p := s.parts[i]
		s.order[s.ends[p]] = uint32(i)
		s.ends[p]++
	}
}

// addTo adds the given rows to partition pi, which all belong there.
func (t *Table) addTo(pi int, rows []uint32, b *Batch, s *Scratch) error {
	p := &t.parts[pi]
	p.mu.Lock()
	defer p.mu.Unlock()
	s.touched += p.touch(t, rows, s.hashes)
	for _, row := range rows {
		h := s.hashes[row]
		rec, slot, found := p.find(t, b.Keys[row], h)
		if !found {
			var err error
			if rec, err = p.insert(t, b.Keys[row], h, slot); err != nil {
				return err
			}
			t.enter(p, rec, int(row), b)
		}
		if b.States[row].Malformed() {
			s.Odds = append(s.Odds, RowOf{Part: uint32(pi), Record: uint32(rec), Row: row})
		}
		if b.Marks != nil && b.Marks[row] {
			s.Marked = append(s.Marked, RowOf{Part: uint32(pi), Record: uint32(rec), Row: row})
		}
		if !found {
			continue
		}
		entry := p.words[rec*t.stride : rec*t.stride+t.stride]
		refs := entry[t.rfWord:]
		shift := b.Level & 1 * 32
		if uint32(refs[b.Level>>1]>>shift) != 0 {
			p.extras = append(p.extras, Extra{Record: uint32(rec), Ref: b.Ref + row, Level: b.Level, FP: b.Sum(int(row))})
			continue
		}
		if t.simple && b.FPs[0] != nil {
			refs[b.Level>>1] |= uint64(b.Ref+row) << shift
			if fp := b.FPs[0][row]; entry[t.fpWord] != fp {
				s.Deltas = append(s.Deltas, entry[t.fpWord]-fp)
				t.hit(p, pi, rec, int(row), b, s)
			}
			continue
		}
		in := t.in(refs)
		refs[b.Level>>1] |= uint64(b.Ref+row) << shift
		t.compare(p, pi, rec, int(row), b, s, in)
	}
	return nil
}

// enter makes row the base of a new entry.
func (t *Table) enter(p *partition, rec, row int, b *Batch) {
	entry := p.words[rec*t.stride : rec*t.stride+t.stride]
	for g, fps := range b.FPs {
		if fps != nil {
			entry[t.fpWord+g] = fps[row]
		}
	}
	entry[t.rfWord+b.Level>>1] |= uint64(b.Ref+uint32(row)) << (b.Level & 1 * 32)
	f := len(t.shape.Group)
	p.sigs = extend(p.sigs, f)
	copy(p.sigs[rec*f:], b.Sigs[row*f:row*f+f])
}

// compare compares a row with its record group by group; in is the levels that held the record before.
func (t *Table) compare(p *partition, pi, rec, row int, b *Batch, s *Scratch, in uint32) {
	entry := p.words[rec*t.stride : rec*t.stride+t.stride]
	begin, differs := len(s.Deltas), false
	for g, fps := range b.FPs {
		delta := uint64(0)
		switch {
		case fps == nil:
		case in&t.shape.Groups[g] == 0: // the first level with this group: its base
			entry[t.fpWord+g] = fps[row]
			f := len(t.shape.Group)
			for field, fg := range t.shape.Group {
				if fg == g {
					p.sigs[rec*f+field] = b.Sigs[row*f+field]
				}
			}
		default:
			delta = entry[t.fpWord+g] - fps[row]
			differs = differs || delta != 0
		}
		s.Deltas = append(s.Deltas, delta)
	}
	if !differs {
		s.Deltas = s.Deltas[:begin]
		return
	}
	t.hit(p, pi, rec, row, b, s)
}

// hit notes a row that differs, whose deltas are the last of s.Deltas, with the fields whose signatures differ.
func (t *Table) hit(p *partition, pi, rec, row int, b *Batch, s *Scratch) {
	deltas := s.Deltas[len(s.Deltas)-len(t.shape.Groups):]
	f := len(t.shape.Group)
	base, sigs := p.sigs[rec*f:rec*f+f], b.Sigs[row*f:row*f+f]
	for field, sig := range sigs {
		if base[field] != sig && deltas[t.shape.Group[field]] != 0 {
			s.Fields = append(s.Fields, field)
		}
	}
	s.Hits = append(s.Hits, Hit{Part: uint32(pi), Record: uint32(rec), Row: uint32(row), Fields: len(s.Fields)})
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
