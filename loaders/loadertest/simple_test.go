package loadertest

import (
	"context"
	"slices"
	"sync/atomic"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const gobPartRows = 150

type gobSource struct {
	faults
	columns   *arrow.Schema
	parts     []level.Part
	tables    map[string]Table
	batchRows int
	mem       memory.Allocator
	reads     atomic.Int64
}

func openGob(paths []string, batchRows int, mem memory.Allocator, f faults) (level.Source, error) {
	paths = slices.Clone(paths)
	if !f.order {
		slices.Sort(paths)
	}
	s := &gobSource{faults: f, tables: map[string]Table{}, batchRows: batchRows, mem: mem}
	for i, path := range paths {
		t, err := readGob(path)
		if err != nil && f.plainError {
			return nil, errorsOnly{err}
		} else if err != nil {
			return nil, err
		}
		s.tables[path] = t
		if i == 0 {
			s.columns = schemaOf(t)
			if f.schema {
				s.columns = arrow.NewSchema(s.columns.Fields()[1:], nil)
			}
		}
		for from := 0; from < t.Rows(); from += gobPartRows {
			p := level.Part{File: path, FirstRow: int64(from) + 1, Rows: int64(min(gobPartRows, t.Rows()-from))}
			if f.firstRow {
				p.FirstRow--
			}
			if f.rows {
				p.Rows++
			}
			s.parts = append(s.parts, p)
		}
	}
	return s, nil
}

// errorsOnly is an error that lost its type on the way.
type errorsOnly struct{ err error }

func (e errorsOnly) Error() string { return e.err.Error() }

func schemaOf(t Table) *arrow.Schema {
	var fields []arrow.Field
	for _, c := range t.Columns {
		fields = append(fields, arrow.Field{Name: c.Name, Type: c.Type, Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

func (s *gobSource) Schema() *arrow.Schema { return s.columns }
func (s *gobSource) Parts() []level.Part   { return s.parts }
func (s *gobSource) Close() error          { return nil }

func (s *gobSource) Read(ctx context.Context, part int, columns []int) (array.RecordReader, error) {
	p := s.parts[part]
	t := s.tables[p.File]
	if !s.stale {
		var err error
		if t, err = readGob(p.File); err != nil {
			return nil, err
		}
	}
	if s.noColumns && len(columns) == 0 {
		t = t.slice(0, 0)
	} else {
		from := max(int(p.FirstRow)-1, 0)
		t = t.slice(from, min(from+gobPartRows, t.Rows()))
	}
	if s.projection {
		columns = slices.Sorted(slices.Values(columns))
	}
	if s.again && s.reads.Add(1) > int64(len(s.parts)) {
		t = t.slice(0, t.Rows()-1)
	}
	projected := Table{}
	for _, c := range columns {
		projected.Columns = append(projected.Columns, t.Columns[c])
	}
	r := &gobReader{s: s, ctx: ctx, schema: schemaOf(projected), t: projected, rows: t.Rows()}
	r.refs.Store(1)
	return r, nil
}

// Begin implements level.Beginner.
func (s *gobSource) Begin(ctx context.Context, part int, columns []int, rows int) (arrow.Record, error) {
	batch, err := level.First(ctx, s, part, columns)
	if batch == nil || !s.sample {
		return batch, err
	}
	defer batch.Release()
	return batch.NewSlice(1, batch.NumRows()), nil
}

type gobReader struct {
	refs   atomic.Int64
	s      *gobSource
	ctx    context.Context
	schema *arrow.Schema
	t      Table
	rows   int
	next   int
	rec    arrow.Record
	err    error
}

func (r *gobReader) Retain()               { r.refs.Add(1) }
func (r *gobReader) Schema() *arrow.Schema { return r.schema }
func (r *gobReader) Record() arrow.Record  { return r.rec }
func (r *gobReader) Err() error            { return r.err }

func (r *gobReader) Release() {
	if r.refs.Add(-1) == 0 && r.rec != nil && !r.s.leak {
		r.rec.Release()
	}
}

func (r *gobReader) Next() bool {
	if r.rec != nil {
		if r.s.overwrite {
			for _, c := range r.rec.Columns() {
				clear(c.Data().Buffers()[len(c.Data().Buffers())-1].Bytes())
			}
		}
		r.rec.Release()
		r.rec = nil
	}
	if r.err = r.ctx.Err(); r.err != nil && !r.s.deaf {
		return false
	}
	if r.s.deaf {
		r.err = nil
	}
	n := min(r.s.batchRows, r.rows-r.next)
	if r.s.batch {
		n = min(r.s.batchRows+1, r.rows-r.next)
	}
	if n == 0 && !(r.s.emptyBatch && r.next == r.rows) {
		return false
	}
	arrays := make([]arrow.Array, len(r.t.Columns))
	for i, c := range r.t.Columns {
		b := array.NewBuilder(r.s.mem, c.Type)
		for _, v := range c.Values[r.next : r.next+n] {
			r.s.append(b, v)
		}
		arrays[i] = b.NewArray()
		b.Release()
	}
	r.next += max(n, 1)
	r.rec = array.NewRecord(r.schema, arrays, int64(n))
	for _, a := range arrays {
		a.Release()
	}
	return true
}

func (s *gobSource) append(b array.Builder, v any) {
	switch v := v.(type) {
	case nil:
		if s.nulls && b.Len()%8 == 7 {
			b.AppendEmptyValue()
		} else {
			b.AppendNull()
		}
	case string:
		if s.bytes && len(v) > 0 && v[0] >= 0x80 {
			v = v[:len(v)-1]
		}
		if s.long && len(v) > 12 {
			v = v[:12]
		}
		b.(*array.StringBuilder).Append(v)
	case int32:
		b.(*array.Int32Builder).Append(v)
	case int64:
		b.(*array.Int64Builder).Append(v)
	case float64:
		b.(*array.Float64Builder).Append(v)
	case bool:
		b.(*array.BooleanBuilder).Append(v)
	case arrow.Date32:
		b.(*array.Date32Builder).Append(v)
	case arrow.Timestamp:
		b.(*array.TimestampBuilder).Append(v)
	case decimal128.Num:
		b.(*array.Decimal128Builder).Append(v)
	}
}
