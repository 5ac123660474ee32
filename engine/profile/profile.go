// Package profile looks at levels of which nothing is known: how often the values of each column repeat, which columns of other
// levels hold the same, which could be the key. It reads each level once, all columns of all rows, and keeps of a column
// 8,192 hashes and a few values; no value leaves it.
package profile

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"crosscheck/engine/guard"
	"crosscheck/engine/level"
	"crosscheck/engine/privacy"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/cespare/xxhash/v2"
	"golang.org/x/sync/errgroup"
)

// Level is a level to look at.
type Level struct {
	Name   string
	Source level.Source
}

// Column is what is known of a column.
type Column struct {
	Name      string
	Stored    arrow.DataType
	Rows      int64
	Nulls     int64
	Distinct  float64          // distinct values, estimated beyond 8,192
	Unique    float64          // share of the rows with a value whose value is there for the first time
	Width     float64          // mean bytes of a value as text
	Wide      bool             // a tenth of the values looked at, or more, are not ASCII
	IDs       float64          // share of the values looked at that are valid resident IDs
	Sensitive privacy.Evidence // what it holds about a person, and why

	measured bool // nine of ten values looked at are fractions, dates or times

	kept   *sketch
	sample []string
}

// sampled is how many values of a column are looked at.
const sampled = 1000

// Columns reads a level and gives what is known of its columns, in the order of the schema.
func Columns(ctx context.Context, l Level) ([]Column, error) {
	fields := l.Source.Schema().Fields()
	all := make([]int, len(fields))
	for i := range all {
		all[i] = i
	}
	out := make([]Column, len(fields))
	widths := make([]int64, len(fields))
	for i, f := range fields {
		out[i] = Column{Name: f.Name, Stored: f.Type, kept: newSketch()}
	}
	workers := make([]*reader, runtime.GOMAXPROCS(0))
	for i := range workers {
		workers[i] = newReader(len(fields))
	}
	err := each(ctx, l.Source, all, len(workers), func(w, part int, batch arrow.Record) {
		for c := range fields {
			workers[w].column(c, batch.Column(c), part == 0)
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		for _, w := range workers {
			c := &w.columns[i]
			out[i].Rows += c.rows
			out[i].Nulls += c.nulls
			widths[i] += c.bytes
			out[i].kept.merge(c.kept)
			out[i].sample = append(out[i].sample, c.sample...)
		}
		if n := out[i].Rows - out[i].Nulls; n > 0 {
			out[i].Width = float64(widths[i]) / float64(n)
		}
		out[i].finish()
	}
	return out, nil
}

// finish works out what follows from what was read.
func (c *Column) finish() {
	c.kept.shrink()
	c.Distinct, c.Unique = c.kept.distinct(), c.kept.unique()
	c.Sensitive = privacy.Look(c.Name, c.sample)
	ids, wide, measures := 0, 0, 0
	for _, v := range c.sample {
		if strings.ContainsFunc(v, func(r rune) bool { return r >= utf8.RuneSelf }) {
			wide++
		}
		if _, fault, ok := record.PackID([]byte(v)); ok && fault == record.IDValid {
			ids++
		}
		if measured.MatchString(v) {
			measures++
		}
	}
	c.measured = measures > 0 && 10*measures >= 9*len(c.sample)
	c.Wide = wide > 0 && 10*wide >= len(c.sample)
	if len(c.sample) > 0 {
		c.IDs = float64(ids) / float64(len(c.sample))
	}
	c.sample = nil
}

// each reads columns of all parts, side by side by some workers; do is told which of them it is.
func each(ctx context.Context, source level.Source, columns []int, workers int, do func(worker, part int, batch arrow.Record)) error {
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for w := range workers {
		g.Go(guard.Func(func() error {
			for {
				part := int(next.Add(1)) - 1
				if part >= len(source.Parts()) {
					return nil
				}
				r, err := source.Read(ctx, part, columns)
				if err != nil {
					return err
				}
				for r.Next() {
					do(w, part, r.Record())
				}
				err = r.Err()
				r.Release()
				if err != nil {
					return err
				}
			}
		}))
	}
	return g.Wait()
}

// reader is what one goroutine keeps of the columns.
type reader struct {
	columns []columnState
	values  record.Reader
}

type columnState struct {
	rows, nulls int64
	bytes       int64 // of the values as text
	kept        *sketch
	sample      []string

	dict    arrow.ArrayData // the dictionary that hashes belong to, retained for good: batches of a part share it
	hashes  []uint64
	bytesOf []int64
	null    []bool
}

func newReader(columns int) *reader {
	r := &reader{columns: make([]columnState, columns)}
	for i := range r.columns {
		r.columns[i].kept = newSketch()
	}
	return r
}

// column takes a batch of a column up; sample says whether its values may be looked at.
func (r *reader) column(i int, arr arrow.Array, sample bool) {
	c := &r.columns[i]
	c.rows += int64(arr.Len())
	if d, ok := arr.(*array.Dictionary); ok {
		r.dictionary(c, d)
	}
	for row := range arr.Len() {
		if d, ok := arr.(*array.Dictionary); ok && !(sample && len(c.sample) < sampled) {
			switch {
			case d.IsNull(row):
				c.nulls++
			default:
				if entry := d.GetValueIndex(row); c.null[entry] {
					c.nulls++
				} else {
					c.kept.add(c.hashes[entry], 1)
					c.bytes += c.bytesOf[entry]
				}
			}
			continue
		}
		text, ok := r.values.Text(arr, row)
		if !ok || len(text) == 0 {
			c.nulls++
			continue
		}
		c.kept.add(hashOf(text), 1)
		c.bytes += int64(len(text))
		if sample && len(c.sample) < sampled {
			c.sample = append(c.sample, string(text))
		}
	}
}

// dictionary hashes the entries of a dictionary unless it is the last one seen.
func (r *reader) dictionary(c *columnState, d *array.Dictionary) {
	entries := d.Dictionary()
	if c.dict == entries.Data() {
		return
	}
	if c.dict != nil {
		c.dict.Release()
	}
	c.dict = entries.Data()
	c.dict.Retain()
	c.hashes, c.bytesOf, c.null = make([]uint64, entries.Len()), make([]int64, entries.Len()), make([]bool, entries.Len())
	for e := range entries.Len() {
		text, ok := r.values.Text(entries, e)
		if c.null[e] = !ok || len(text) == 0; !c.null[e] {
			c.hashes[e], c.bytesOf[e] = hashOf(text), int64(len(text))
		}
	}
}

// hashOf hashes a value by its text; a resident ID in any spelling has one hash.
func hashOf(text []byte) uint64 {
	if packed, fault, ok := record.PackID(text); ok && fault == record.IDValid {
		return record.Mix(packed)
	}
	return xxhash.Sum64(text)
}
