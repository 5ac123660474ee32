package engine

import (
	"slices"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// keepHits keeps the rows of the batch just added that differ from the base of their record, with room for the values of the fields that do, and
// gives how many bytes that takes. The values are what w.wants is for; late if they are not at hand.
func (w *worker) keepHits(l int, late bool) (kept int64) {
	groups, begin := len(w.run.shape.Groups), 0
	for i, hit := range w.scratch.Hits {
		c := candidate{record: hit.Record, ref: w.batch.RefOf(hit.Row), level: l, fp: w.batch.Sum(int(hit.Row)), late: late}
		for _, d := range w.scratch.Deltas[i*groups : (i+1)*groups] {
			c.delta += d
		}
		fields := w.scratch.Fields[begin:hit.Fields]
		begin = hit.Fields
		c.cells = w.newCells(len(fields))
		for j, f := range fields {
			c.cells[j].field, c.cells[j].level = int32(f), int32(l)
			if !late {
				w.wants[f].add(hit.Row, &c.cells[j])
			}
		}
		w.caught[hit.Part].candidates.add(c, firstCandidates, lastCandidates)
		kept += candidateBytes + int64(len(fields))*cellBytes
	}
	return kept
}

// newCells gives room for n cells.
func (w *worker) newCells(n int) []cell {
	if n > len(w.cells) {
		w.cells = make([]cell, max(n, 1024))
	}
	c := w.cells[:n:n]
	w.cells = w.cells[n:]
	return c
}

// cellWants is cells of one column of a batch that are to be read: column by column, many at a time.
type cellWants struct {
	rows  []uint32
	cells []*cell
}

func (w *cellWants) add(row uint32, c *cell) {
	w.rows, w.cells = append(w.rows, row), append(w.cells, c)
}

// take takes those of the rows before end off, which are sorted; they count from begin on afterwards.
func (w *cellWants) take(begin, end uint32) cellWants {
	n, _ := slices.BinarySearch(w.rows, end)
	taken := cellWants{rows: w.rows[:n], cells: w.cells[:n]}
	w.rows, w.cells = w.rows[n:], w.cells[n:]
	for i := range taken.rows {
		taken.rows[i] -= begin
	}
	return taken
}

// cellReader reads cells. Texts are kept in its arena.
type cellReader struct {
	rows   record.Rows
	hashes [ahead]uint64
	text   []byte
	ends   []int
	keep   arena
}

// read fills in the hashes, if there is a hasher, and texts of the cells that are wanted of a column, and gives how many bytes texts have. Then nothing is
// wanted any more.
func (r *cellReader) read(w *cellWants, arr arrow.Array, h *record.Hasher) (kept int64) {
	for begin := 0; begin < len(w.rows); begin += ahead {
		end := min(begin+ahead, len(w.rows))
		cells := w.cells[begin:end]
		r.rows.Of(arr, w.rows[begin:end])
		if h != nil {
			h.Rows(&r.rows, r.hashes[:len(cells)])
			for i, c := range cells {
				c.hash = r.hashes[i]
			}
		}
		r.text, r.ends = r.rows.AppendTexts(r.text[:0], r.ends[:0])
		texts, at := r.keep.keep(r.text), 0
		for i, c := range cells {
			if end := r.ends[i]; end >= 0 {
				c.text, at = texts[at:end:end], end
			}
		}
		kept += int64(len(texts))
	}
	w.rows, w.cells = w.rows[:0], w.cells[:0]
	return kept
}
