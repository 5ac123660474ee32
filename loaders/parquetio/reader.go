package parquetio

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"crosscheck/engine/level"
	"crosscheck/loaders/parquetio/snappy"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// reader decodes some columns of row groups that follow one another. It implements array.RecordReader.
type reader struct {
	refs    atomic.Int64
	ctx     context.Context
	source  *Source
	parts   []level.Part
	first   int // of the parts, in the source
	mem     memory.Allocator
	schema  *arrow.Schema
	columns []*columnReader
	only    beginning
	aheads  [][]byte // for what is read of several chunks at once; given back when the last page is decompressed
	room    []byte   // what is left of the last of them
	most    int      // rows of a batch
	left    int64    // rows not yet read
	record  arrow.Record
	at      partFile  // whose chunks are read
	open    *partFile // the file of a single part, of which pages are read later; nil: all is read
	err     error
	later   bool // the chunks are not read yet

	together int // of how many bytes small pages are decompressed into one buffer
	work     *workspace
	few      few
}

func newReader(ctx context.Context, s *Source, first, end int, columns []int) *reader {
	parts := s.parts[first:end]
	r := &reader{ctx: ctx, source: s, parts: parts, first: first, mem: s.opt.Allocator, most: s.opt.BatchRows}
	r.refs.Store(1)
	if len(parts) > 1 {
		r.together = 1 << 20
	}
	for i := range parts {
		r.left += parts[i].Rows
	}
	for _, c := range columns {
		cr := &columnReader{r: r, number: c, column: &s.columns[c]}
		cr.arrives, cr.text = s.columns[c].delivered()
		r.columns = append(r.columns, cr)
	}
	r.work = workspaces.Get().(*workspace)
	r.work.lend(r.columns)
	return r
}

// batchBytes is what the values of a batch have at most, but for a few rows of very wide ones.
const (
	batchBytes = 8 << 20
	fewestRows = 64
)

// batchRows is how many rows of some bytes make a batch, most as a rule: batches of wide rows are short.
func batchRows(bytes, rows int64, most int) int {
	if bytes == 0 {
		return most
	}
	return min(most, max(int(batchBytes*float64(rows)/float64(bytes)), fewestRows))
}

// describe sets the schema, once it is known how the columns arrive.
func (r *reader) describe() {
	fields := make([]arrow.Field, 0, len(r.columns))
	for _, c := range r.columns {
		fields = append(fields, arrow.Field{Name: c.column.name, Type: c.arrives, Nullable: true})
	}
	r.schema = arrow.NewSchema(fields, nil)
}

// unsupported is a column that is whole but stored in a way that is not read.
type unsupported struct{ what, hint string }

func (u unsupported) Error() string { return u.what }

// fault names the place of an error about the content of a part.
func (r *reader) fault(column string, part int32, err error) error {
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	p := &r.parts[part]
	if u := (unsupported{}); errors.As(err, &u) {
		return &level.InputError{File: p.File, Row: p.FirstRow, Column: column,
			Msg: "the column cannot be read", Hint: u.hint, Err: err}
	}
	return &level.InputError{File: p.File, Row: p.FirstRow, Column: column,
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
	r.work.giveBack(r.columns)
	r.columns, r.work = nil, nil
	r.releaseAheads()
	r.few.src.free(r.mem)
	r.few.room.free(r.mem)
	if r.open != nil {
		_ = r.open.file.done(r.open.content) // nothing was written
	}
}

// roomAhead gives bytes for what is read of several chunks at once. Those of a bundle's parts lie one behind the other.
func (r *reader) roomAhead(n int) []byte {
	if n > len(r.room) {
		all := int64(0)
		for i := range r.parts {
			all += r.parts[i].Bytes + slack
		}
		r.room = r.mem.Allocate(max(n, int(min(all, mostAhead))))
		r.aheads = append(r.aheads, r.room)
	}
	out := r.room[:n]
	r.room = r.room[n:]
	return out
}

func (r *reader) releaseAheads() {
	for _, data := range r.aheads {
		r.mem.Free(data)
	}
	r.aheads, r.room = nil, nil
}

// Schema implements array.RecordReader.
func (r *reader) Schema() *arrow.Schema {
	r.readLater(nil)
	return r.schema
}

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
	r.readLater(nil)
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
			r.err = r.fault(c.column.name, c.part, err)
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
	blocks, of, bytes := r.work.blocks[:0], r.work.places[:0], 0
	defer func() { r.work.blocks, r.work.places = blocks, of }()
	begin := 0
	for i, c := range r.columns {
		if c.arrives.ID() != arrow.NULL {
			known := len(blocks)
			err := guard(func() (err error) {
				blocks, err = c.prepare(n, blocks, func(part int32) { of = append(of, place{c.column.name, part}) })
				return err
			})
			if err != nil {
				return r.fault(c.column.name, c.part, err)
			}
			for i := range blocks[known:] {
				bytes += len(blocks[known+i].Src)
			}
		}
		if bytes < compressedBytes && i < len(r.columns)-1 {
			continue
		}
		if at, err := snappy.Decode(blocks); err != nil {
			return r.fault(of[at].column, of[at].part, decompressing(err))
		}
		for _, c := range r.columns[begin : i+1] {
			c.prepared()
		}
		clear(blocks)
		blocks, of, begin, bytes = blocks[:0], of[:0], i+1, 0
	}
	if int64(n) == r.left {
		r.releaseAheads()
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
