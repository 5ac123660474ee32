package engine

import (
	"context"

	"crosscheck/engine/join"
)

// even tells whether the ranges of a unit are to be joined one by one, each by one worker in a table of its own, which waits for no lock and stays in the
// processor's caches if the range is small: each worker has some, and they are alike.
func (r *run) even(u unit) bool {
	if u.tables > 1 || u.to-u.from < len(r.workers) || r.shape.Each != 0 { // rows of Shape.Each are read again for a whole table
		return false
	}
	most, all := int64(0), int64(0) // rows of a range
	for _, of := range r.over.ranges[u.from:u.to] {
		most, all = max(most, of.total()), all+of.total()
	}
	return most*int64(u.to-u.from) <= 2*all
}

// cachedRead is what is read of spilled rows at a time: it stays in the processor's caches until they are added.
const cachedRead = 64 << 10

// tableBytesOf is what the tables of a unit take that are in memory at a time.
func (r *run) tableBytesOf(u unit, apart bool) (n int64) {
	expect := u.expect / int64(u.tables)
	if !apart {
		return join.Bytes(r.shape, r.partitionsFor(expect), expect)
	}
	return 2 * int64(len(r.workers)) * join.Bytes(r.shape, 1, expect/int64(u.to-u.from)) // no range has twice as many rows as the mean
}

// joinApart joins each range of a unit in a table of its own, finds the suspects among their records and gives how many records there are, which for each
// row of the level of a range that has most are thought to be so many.
func (r *run) joinApart(ctx context.Context, u unit, expect float64) (records int64, err error) {
	begin, n := len(r.findings), u.to-u.from
	r.findings = append(r.findings, make([]partFindings, n)...)
	findings, found := r.findings[begin:], make([]int64, n)
	examiners := make([]examiner, len(r.workers))
	if err := r.parallelBy(ctx, n, func(worker, i int) error {
		w, of := r.workers[worker], &r.over.ranges[u.from+i]
		if next := i + len(r.workers); next < n {
			for _, pieces := range r.over.ranges[u.from+next].pieces {
				r.over.ahead(pieces)
			}
		}
		most := int64(0)
		for _, rows := range of.rows {
			most = max(most, rows)
		}
		w.addTo(r.ownTable(w, int64(float64(most)*expect), of.total()))
		for l, pieces := range of.pieces {
			for _, some := range readings(pieces, cachedRead) {
				if err := w.replay(l, some, hashPart{}); err != nil {
					return err
				}
			}
		}
		found[i] = int64(w.own.Len(0))
		return examiners[worker].partition(r, w.own, r.workers[worker:worker+1], 0, &findings[i])
	}); err != nil {
		return 0, err
	}
	for _, n := range found {
		records += n
	}
	r.countPatterns(findings)
	return records, nil
}

// ownTable gives a worker's own table for some records, of so many rows.
func (r *run) ownTable(w *worker, expect, rows int64) *join.Table {
	if w.own == nil {
		w.own = join.NewTable(r.shape, 1, expect, join.Growth{Rows: rows})
	} else {
		w.own = w.own.Next(1, expect, join.Growth{Rows: rows})
	}
	return w.own
}
