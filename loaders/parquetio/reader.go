package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"crosscheck/engine/level"
	"crosscheck/loaders/parquetio/snappy"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// reader decodes some columns of one row group. It implements array.RecordReader.
type reader struct {
	refs    atomic.Int64
	ctx     context.Context
	source  *Source
	file    *file
	part    level.Part
	mem     memory.Allocator
	fields  []arrow.Field
	schema  *arrow.Schema
	columns []*columnReader
	only    beginning
	most    int   // rows of a batch
	left    int64 // rows not yet read
	record  arrow.Record
	done    func() error // with the file
	err     error
}

func newReader(ctx context.Context, s *Source, f *file, part level.Part) *reader {
	r := &reader{ctx: ctx, source: s, file: f, part: part, mem: s.opt.Allocator, most: s.opt.BatchRows, left: part.Rows}
	r.refs.Store(1)
	return r
}

// batchBytes is what the values of a batch have at most, but for a few rows of very wide ones.
const (
	batchBytes = 8 << 20
	fewestRows = 64
)

// sizeBatches has batches of wide rows be short.
func (r *reader) sizeBatches(chunks []*chunkMeta) {
	bytes := int64(0)
	for _, c := range chunks {
		bytes += min(max(c.uncompressed, 0), 1<<40)
	}
	r.most = batchRows(bytes, r.left, r.most)
}

// batchRows is how many rows of some bytes make a batch, most as a rule.
func batchRows(bytes, rows int64, most int) int {
	if bytes == 0 {
		return most
	}
	return min(most, max(int(batchBytes*float64(rows)/float64(bytes)), fewestRows))
}

// addColumn reads the chunk of a column.
func (r *reader) addColumn(in io.ReaderAt, c column, chunk *chunkMeta) error {
	cr, err := newColumnReader(r, in, c, chunk)
	if cr != nil {
		r.columns = append(r.columns, cr)
	}
	if err != nil {
		return r.fault(c.name, err)
	}
	return nil
}

// finishSchema sets the types in which the columns of this part arrive.
func (r *reader) finishSchema() {
	for i, c := range r.columns {
		r.fields[i].Type = c.arrives
	}
	r.schema = arrow.NewSchema(r.fields, nil)
}

// unsupported is a column that is whole but stored in a way that is not read.
type unsupported struct{ what, hint string }

func (u unsupported) Error() string { return u.what }

// fault names the place of an error about the content.
func (r *reader) fault(column string, err error) error {
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if u := (unsupported{}); errors.As(err, &u) {
		return &level.InputError{File: r.file.path, Row: r.part.FirstRow, Column: column,
			Msg: "the column cannot be read", Hint: u.hint, Err: err}
	}
	return &level.InputError{File: r.file.path, Row: r.part.FirstRow, Column: column,
		Msg: "the row group that begins here is damaged", Hint: "write the file again, or fetch it anew", Err: err}
}

// Retain implements array.RecordReader.
func (r *reader) Retain() { r.refs.Add(1) }

// Release implements array.RecordReader.
func (r *reader) Release() {
	if r.refs.Add(-1) != 0 {
		return
	}
	if r.record != nil {
		r.record.Release()
		r.record = nil
	}
	for _, c := range r.columns {
		c.release()
	}
	r.columns = nil
	if r.done != nil {
		_ = r.done() // nothing was written
	}
}

// Schema implements array.RecordReader.
func (r *reader) Schema() *arrow.Schema { return r.schema }

// Record implements array.RecordReader.
func (r *reader) Record() arrow.Record { return r.record }

// Err implements array.RecordReader.
func (r *reader) Err() error { return r.err }

// Next implements array.RecordReader.
func (r *reader) Next() bool {
	if r.record != nil {
		r.record.Release()
		r.record = nil
	}
	if r.err != nil || r.left == 0 {
		return false
	}
	if r.err = r.ctx.Err(); r.err != nil {
		return false
	}
	n := min(int(r.left), r.most)
	if r.err = r.decompress(n); r.err != nil {
		return false
	}
	columns := make([]arrow.Array, 0, len(r.columns))
	defer func() {
		for _, c := range columns {
			c.Release()
		}
	}()
	for _, c := range r.columns {
		arr, err := c.read(n)
		if err != nil {
			r.err = r.fault(c.column.name, err)
			return false
		}
		columns = append(columns, arr)
	}
	r.left -= int64(n)
	r.record = array.NewRecord(r.schema, columns, int64(n))
	return true
}

// compressedBytes is of how many bytes pages are decompressed together, in the file.
const compressedBytes = 8 << 20

// decompress has the pages of the next n rows ready in all columns. Pages of Snappy are decoded together, since two at a time take
// hardly longer than one, but not so many that their compressed bytes come to much.
func (r *reader) decompress(n int) error {
	var blocks []snappy.Block
	var of []int // the column of each
	begin, bytes := 0, 0
	for i, c := range r.columns {
		err := guard(func() (err error) {
			blocks, err = c.prepare(n, blocks)
			return err
		})
		if err != nil {
			return r.fault(c.column.name, err)
		}
		for ; len(of) < len(blocks); of = append(of, i) {
			bytes += len(blocks[len(of)].Src)
		}
		if bytes < compressedBytes && i < len(r.columns)-1 {
			continue
		}
		if at, err := snappy.Decode(blocks); err != nil {
			return r.fault(r.columns[of[at]].column.name, decompressing(err))
		}
		for _, c := range r.columns[begin : i+1] {
			c.prepared()
		}
		blocks, of, begin, bytes = blocks[:0], of[:0], i+1, 0
	}
	return nil
}

// guard turns a panic of a decoder on damaged input into an error.
func guard(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a page cannot be decoded (%T)", p)
		}
	}()
	return do()
}
