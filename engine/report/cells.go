package report

import (
	"slices"

	"crosscheck/engine/report/columnar"
	"crosscheck/engine/verdict"
)

// batchRows is how many findings go through all columns at a time: few enough that they are in the second-level cache for each of them.
const batchRows = 512

// cellFiller takes findings apart into the cells of a page; each goroutine has its own.
type cellFiller struct {
	texts   [batchRows][]byte
	picks   [batchRows]int
	numbers [batchRows]int64
	flags   [batchRows]bool
	days    [batchRows]int32
	s       scratch
	u       unpacker
}

// fill adds the cells of findings to the page's.
func (e *cellFiller) fill(to *columnar.Page, l *layout, pieces []piece) {
	for _, p := range pieces {
		p.of.batches(p.first, p.n, &e.u, func(run []verdict.Finding) {
			for i := range l.columns {
				e.column(to.Cells(i), l, &l.columns[i], run)
			}
		})
	}
	// Whoever comes next may come late: the findings' memory must not be kept alive until then.
	clear(e.texts[:])
}

// blockSource is the findings of a block, which is done with when they are.
type blockSource struct{ *verdict.Block }

func (b blockSource) size() int { return len(b.Findings) }

func (b blockSource) batches(first, n int, _ *unpacker, take func([]verdict.Finding)) {
	for run := range slices.Chunk(b.Findings[first:first+n], batchRows) {
		take(run)
	}
}

func (b blockSource) done() { b.Done() }

func (e *cellFiller) column(to *columnar.Cells, l *layout, c *column, run []verdict.Finding) {
	n := len(run)
	switch {
	case c.words != nil:
		c.picks(e.picks[:n], run)
		to.Words(e.picks[:n])
	case c.stems != nil:
		c.places(e.picks[:n], e.numbers[:n], run)
		to.Numbered(e.picks[:n], e.numbers[:n])
	case c.cell == textCell:
		e.s.reset()
		c.texts(e.texts[:n], run, &e.s)
		to.Texts(e.texts[:n])
	case c.cell == flagCell:
		c.flags(e.flags[:n], run)
		to.Flags(e.flags[:n])
	case c.cell == countCell:
		c.counts(e.numbers[:n], run)
		to.Int64s(e.numbers[:n], 0)
	case c.cell == dayCell:
		for i := range run {
			e.days[i] = l.firstSeen(&run[i])
		}
		to.Dates(e.days[:n])
	}
}
