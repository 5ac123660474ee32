package report

import (
	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
)

// A batch is what is given to a column writer at once. It bounds the memory of a page of very long texts, since a writer looks at
// the size of its page only after a batch.
const (
	batchRows  = 1024
	batchBytes = pageBytes
)

// cellEncoder turns pages of findings into pages of one column; each goroutine has its own. Values point at the findings' own
// bytes, which the column writer copies.
type cellEncoder struct {
	values []parquet.Value
	bytes  int             // of the texts in values
	words  []parquet.Value // of a column of fixed words
	s      scratch
}

// encode writes the cells of a column for all findings of a page, and ends the column's page.
func (e *cellEncoder) encode(w *parquet.ColumnWriter, l *layout, column int, pg *page) error {
	c := &l.columns[column]
	for _, run := range pg.runs {
		for len(run) > 0 {
			n := min(len(run), batchRows-len(e.values))
			switch c.cell {
			case textCell:
				if c.words != nil {
					e.choices(c, run[:n], column)
				} else {
					n = e.texts(c, run[:n], column)
				}
			case flagCell:
				e.flags(c, run[:n])
			case countCell:
				e.counts(c, run[:n], column)
			case dayCell:
				for i := range n {
					e.values = append(e.values, parquet.Int32Value(l.firstSeen(&run[i])))
				}
			}
			run = run[n:]
			if len(e.values) == batchRows || e.bytes >= batchBytes {
				if err := e.flush(w); err != nil {
					return err
				}
			}
		}
	}
	if err := e.flush(w); err != nil {
		return err
	}
	// Whoever comes next may come late: the findings' memory must not be kept alive until then.
	clear(e.values[:cap(e.values)])
	return w.Flush()
}

// texts adds the cells of a column of text, until the batch is too large, and says how many.
func (e *cellEncoder) texts(c *column, run []verdict.Finding, column int) int {
	null := parquet.NullValue().Level(0, 0, column)
	values, bytes := e.values, e.bytes
	n := 0
	for ; n < len(run) && bytes < batchBytes; n++ {
		v := c.text(&run[n], &e.s)
		bytes += len(v)
		switch {
		case v == nil:
			values = append(values, null)
		case c.nullable:
			values = append(values, parquet.ByteArrayValue(v).Level(0, 1, column))
		default:
			values = append(values, parquet.ByteArrayValue(v))
		}
	}
	e.values, e.bytes = values, bytes
	return n
}

// choices adds the cells of a column of fixed words.
func (e *cellEncoder) choices(c *column, run []verdict.Finding, column int) {
	e.words = e.words[:0]
	for _, w := range c.words {
		v := parquet.ByteArrayValue(w)
		if c.nullable {
			v = v.Level(0, 1, column)
		}
		e.words = append(e.words, v)
	}
	null := parquet.NullValue().Level(0, 0, column)
	for i := range run {
		v := null
		if at := c.word(&run[i]); at >= 0 {
			v = e.words[at]
		}
		e.values = append(e.values, v)
	}
}

func (e *cellEncoder) flags(c *column, run []verdict.Finding) {
	no, yes := parquet.BooleanValue(false), parquet.BooleanValue(true)
	for i := range run {
		v := no
		if c.flag(&run[i]) {
			v = yes
		}
		e.values = append(e.values, v)
	}
}

func (e *cellEncoder) counts(c *column, run []verdict.Finding, column int) {
	null := parquet.NullValue().Level(0, 0, column)
	for i := range run {
		v := null
		if n := c.count(&run[i]); n != 0 {
			v = parquet.Int64Value(n).Level(0, 1, column)
		}
		e.values = append(e.values, v)
	}
}

func (e *cellEncoder) flush(w *parquet.ColumnWriter) error {
	if len(e.values) > 0 {
		if _, err := w.WriteRowValues(e.values); err != nil {
			return err
		}
	}
	e.values, e.bytes = e.values[:0], 0
	e.s.reset()
	return nil
}
