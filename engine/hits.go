package engine

import (
	"slices"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// keepHits keeps the rows of the batch just added that differ from the base of their record, with room for the values of the fields that do, and
// gives how many bytes that takes. The values are what w.wants is for, if they are at hand.
func (w *worker) keepHits(l int, atHand bool) (kept int64) {
	groups, begin := len(w.run.shape.Groups), 0
	for i := range w.scratch.Hits {
		hit := &w.scratch.Hits[i]
		delta := uint64(0)
		for _, d := range w.scratch.Deltas[i*groups : (i+1)*groups] {
			delta += d
		}
		fields := w.scratch.Fields[begin:hit.Fields]
		begin = hit.Fields
		caught := &w.caught[hit.Part]
		caught.candidates.add(candidate{delta: delta, record: hit.Record, cells: uint32(len(fields))}, firstCaught, lastCaught)
		cells := caught.cells.take(len(fields), firstCaught, lastCaught)
		for j, f := range fields {
			cells[j] = cell{field: int32(f), level: int16(l), known: atHand}
			if atHand {
				w.wants[f].add(hit.Row, &cells[j])
			}
		}
		kept += candidateBytes + int64(len(fields))*cellBytes
	}
	return kept
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

// cellReader reads cells. Their texts are kept by its keeper.
type cellReader struct {
	rows   record.Rows
	hashes [ahead]uint64
	keeper keeper
}

// read fills in the hashes, if there is a hasher, and texts of the cells that are wanted of a column, and gives how many bytes texts take beside them. Then
// nothing is wanted any more.
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
		for i, c := range cells {
			if text, ok := r.rows.Text(i); ok {
				kept += r.keeper.keep(&c.text, text)
			}
		}
	}
	w.rows, w.cells = w.rows[:0], w.cells[:0]
	return kept
}
