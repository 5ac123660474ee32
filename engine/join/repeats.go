package join

import (
	"cmp"
	"slices"
)

// Extra is the rows of a record beyond the first that its level has for it.
type Extra struct {
	Record uint32 // its number in the partition
	Ref    uint32 // the least of theirs
	Rows   uint32
	Level  int16
	Mixed  bool   // they are not all alike
	FP     uint64 // of one of them: sum of the fingerprints of all groups of the level
}

// ExtraRow is one of these rows, on a level of Shape.Each.
type ExtraRow struct {
	Record uint32
	Ref    uint32
	Level  int32
}

const (
	extraBytes    = 24 // of an Extra
	extraRowBytes = 12 // of an ExtraRow
)

// repeats is what a partition knows of the keys that a level holds more than once. It is no larger for a key with a million rows than for one
// with two, levels of Shape.Each aside: extras of one record and level are put together when there is no room for more.
type repeats struct {
	extras []Extra // some of one record and level may have yet to be put together
	rows   [][]ExtraRow
}

const (
	fewExtras = 1024 // are not worth being put together
	someRows  = 512  // of a chunk of rows
)

func (r *repeats) add(e Extra) {
	if n := len(r.extras); n == cap(r.extras) && n >= fewExtras {
		r.merge()
		if len(r.extras) > n/2 { // so that it pays each time
			r.extras = slices.Grow(r.extras, n)
		}
	}
	r.extras = append(r.extras, e)
}

// merge puts together what belongs to one record and level, and sorts by these.
func (r *repeats) merge() {
	slices.SortFunc(r.extras, func(a, b Extra) int { return cmp.Or(cmp.Compare(a.Record, b.Record), cmp.Compare(a.Level, b.Level)) })
	out := r.extras[:0]
	for _, e := range r.extras {
		if n := len(out); n > 0 && out[n-1].Record == e.Record && out[n-1].Level == e.Level {
			out[n-1].take(&e)
			continue
		}
		out = append(out, e)
	}
	r.extras = out
}

func (e *Extra) take(o *Extra) {
	e.Ref, e.Rows = min(e.Ref, o.Ref), e.Rows+o.Rows
	e.Mixed = e.Mixed || o.Mixed || e.FP != o.FP
}

func (r *repeats) addRow(row ExtraRow) {
	at := len(r.rows) - 1
	if at < 0 || len(r.rows[at]) == cap(r.rows[at]) {
		r.rows = append(r.rows, make([]ExtraRow, 0, someRows))
		at++
	}
	r.rows[at] = append(r.rows[at], row)
}

func (r *repeats) bytes() int64 {
	if r == nil {
		return 0
	}
	n := int64(cap(r.extras)) * extraBytes
	for _, some := range r.rows {
		n += int64(cap(some)) * extraRowBytes
	}
	return n
}

// repeat notes a row of a record that its level held already.
func (t *Table) repeat(p *partition, rec uint32, row int, b *Batch) {
	if p.repeats == nil {
		p.repeats = new(repeats)
	}
	ref := b.RefOf(uint32(row))
	p.add(Extra{Record: rec, Ref: ref, Rows: 1, Level: int16(b.Level), FP: b.Sum(row)})
	if t.shape.Each>>b.Level&1 != 0 {
		p.addRow(ExtraRow{Record: rec, Ref: ref, Level: int32(b.Level)})
	}
}

// Extras gives what there is beyond one row a record and level in partition p, by these, once all rows are added.
func (t *Table) Extras(p int) []Extra {
	r := t.parts[p].repeats
	if r == nil {
		return nil
	}
	r.merge()
	return r.extras
}

// SortBytes is what ExtraRows takes of partition p, beside what the table takes.
func (t *Table) SortBytes(p int) (n int64) {
	if r := t.parts[p].repeats; r != nil && len(r.rows) > 1 {
		for _, some := range r.rows {
			n += int64(len(some)) * extraRowBytes
		}
	}
	return n
}

// ExtraRows gives the rows of Extras of levels of Shape.Each, by record, level and reference.
func (t *Table) ExtraRows(p int) []ExtraRow {
	r := t.parts[p].repeats
	if r == nil {
		return nil
	}
	if len(r.rows) > 1 {
		r.rows = [][]ExtraRow{slices.Concat(r.rows...)}
	}
	if len(r.rows) == 0 {
		return nil
	}
	all := r.rows[0]
	slices.SortFunc(all, func(a, b ExtraRow) int {
		return cmp.Or(cmp.Compare(a.Record, b.Record), cmp.Compare(a.Level, b.Level), cmp.Compare(a.Ref, b.Ref))
	})
	return all
}
