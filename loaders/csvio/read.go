package csvio

import (
	"context"
	"math/bits"
	"os"
	"sync/atomic"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// readBytes is how much of a part is read between two looks at the context.
const readBytes = 1 << 20

// Read reads the bytes of a part and gives its rows as StringView columns. The buffer of the part lives as long as the
// reader or any batch of it.
func (s *Source) Read(ctx context.Context, index int, columns []int) (array.RecordReader, error) {
	p := s.parts[index]
	data, err := s.load(ctx, p)
	if err != nil {
		return nil, err
	}
	r := &reader{ctx: ctx, source: s, part: p, data: data, left: p.Rows}
	r.refs.Store(1)
	r.splitter = newSplitter(data.Bytes(), p.file.delimiter, len(p.file.names), &s.nulls, p.sound.Load())

	fields := make([]arrow.Field, len(columns))
	r.wanted = make([]*target, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: s.schema.Field(c).Name, Type: arrow.BinaryTypes.StringView, Nullable: true}
		r.wanted[i] = new(target)
	}
	r.schema = arrow.NewSchema(fields, nil)
	r.targets = make([]*target, len(p.file.names))
	for field, column := range p.file.column {
		for i, c := range columns {
			if c == column {
				r.targets[field] = r.wanted[i]
			}
		}
	}
	return r, nil
}

// load reads a part into a buffer that ends in padBytes zero bytes.
func (s *Source) load(ctx context.Context, p *part) (*memory.Buffer, error) {
	in, err := os.Open(p.file.path)
	if err != nil {
		return nil, p.file.fault(level.InputError{Msg: "cannot be opened", Err: cause(err)})
	}
	defer in.Close()
	if err := p.file.same(in); err != nil {
		return nil, err
	}
	data := memory.NewResizableBuffer(s.opt.Allocator)
	if p.file.charset.decoder == nil {
		err = p.read(ctx, in, data)
	} else {
		err = p.decode(ctx, in, data)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		data.Release()
		return nil, err
	}
	return data, nil
}

// read puts the bytes of the part into data.
func (p *part) read(ctx context.Context, in *os.File, data *memory.Buffer) error {
	data.Resize(int(p.Bytes) + padBytes)
	text := data.Bytes()[:p.Bytes]
	clear(data.Bytes()[p.Bytes:])
	for at := 0; at < len(text); at += readBytes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := in.ReadAt(text[at:min(at+readBytes, len(text))], p.offset+int64(at)); err != nil {
			return p.file.readFault(err)
		}
	}
	return nil
}

// reader gives the rows of a part in batches.
type reader struct {
	refs     atomic.Int64
	ctx      context.Context
	source   *Source
	part     *part
	schema   *arrow.Schema
	data     *memory.Buffer
	splitter splitter
	wanted   []*target // one a column of schema
	targets  []*target // the same, one a field of the file, nil where it is not wanted
	left     int64     // rows to come
	batch    arrow.Record
	err      error
}

func (r *reader) Retain()               { r.refs.Add(1) }
func (r *reader) Schema() *arrow.Schema { return r.schema }
func (r *reader) Record() arrow.Record  { return r.batch }
func (r *reader) Err() error            { return r.err }

// Release frees the part's buffer and the last batch, unless batches are retained.
func (r *reader) Release() {
	if r.refs.Add(-1) == 0 {
		r.drop()
		r.splitter.close()
		r.data.Release()
	}
}

// drop lets go of the last batch.
func (r *reader) drop() {
	if r.batch != nil {
		r.batch.Release()
		r.batch = nil
	}
}

// Next splits the next batch.
func (r *reader) Next() bool {
	r.drop()
	if r.err != nil {
		return false
	}
	if r.err = r.ctx.Err(); r.err != nil {
		return false
	}
	if r.left == 0 {
		r.finish()
		return false
	}
	rows := int(min(r.left, int64(r.source.opt.BatchRows)))
	views := make([]*memory.Buffer, len(r.wanted))
	for i, t := range r.wanted {
		views[i] = memory.NewResizableBuffer(r.source.opt.Allocator)
		views[i].Resize(rows * arrow.ViewHeaderSizeBytes)
		t.views = arrow.Uint64Traits.CastFromBytes(views[i].Bytes())
		t.valid = append(t.valid[:0], make([]uint64, (rows+63)/64)...)
	}
	if n, ok := r.splitter.split(r.targets, rows); !ok || n < rows {
		r.err = r.part.file.find(r.ctx)
	} else {
		r.left -= int64(rows)
		r.batch = r.assemble(views, rows)
	}
	for i, b := range views {
		b.Release()
		r.wanted[i].views = nil
	}
	return r.err == nil
}

// finish holds the part against what Open counted in it, once all its rows were given.
func (r *reader) finish() {
	if !r.splitter.done() {
		r.err = r.part.file.find(r.ctx)
		return
	}
	r.part.sound.Store(true)
}

// assemble makes a batch of full targets.
func (r *reader) assemble(views []*memory.Buffer, rows int) arrow.Record {
	columns := make([]arrow.Array, len(views))
	for i, b := range views {
		valid, nulls := r.validity(r.wanted[i], rows)
		data := array.NewData(arrow.BinaryTypes.StringView, rows, []*memory.Buffer{valid, b, r.data}, nil, nulls, 0)
		columns[i] = array.NewStringViewData(data)
		data.Release()
		if valid != nil {
			valid.Release()
		}
	}
	rec := array.NewRecord(r.schema, columns, int64(rows))
	for _, c := range columns {
		c.Release()
	}
	return rec
}

// validity is the bitmap of a full target and how many bits are unset, nil where none is.
func (r *reader) validity(t *target, rows int) (*memory.Buffer, int) {
	set := 0
	for _, word := range t.valid {
		set += bits.OnesCount64(word)
	}
	if set == rows {
		return nil, 0
	}
	bitmap := memory.NewResizableBuffer(r.source.opt.Allocator)
	bitmap.Resize((rows + 7) / 8)
	copy(bitmap.Bytes(), arrow.Uint64Traits.CastToBytes(t.valid))
	return bitmap, rows - set
}
