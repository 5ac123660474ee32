package enginetest

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Shape is how a column of a part is laid out.
type Shape int

// The shapes. Those that a type does not have are Flat.
const (
	Flat     Shape = iota
	View           // StringView for String, BinaryView for Binary
	Dict           // a dictionary of the column's type, with entries that no row uses, two that are equal, and one that is null
	DictView       // a dictionary of views
	Mixed          // one of the others, part by part and column by column
	numShapes
)

// Layout says how a table is cut up and laid out. The zero value is one part of one batch, flat.
type Layout struct {
	Shape     Shape
	PartRows  int              // rows of a part; 0: all
	BatchRows int              // rows of a batch; 0: all of the part
	Slack     int              // how many rows more than they have parts claim to have at most, as text formats do
	Offset    int              // rows that lie before the first of each batch in the arrays that the batch is cut out of
	Prefix    string           // put before the name of each column
	Late      int              // parts, in groups of so many, are first read the last before the others; needs as many readers at once
	Untyped   bool             // it is of a format without types
	Alloc     memory.Allocator // where arrays come from; nil: a Scribbler
}

// Source gives a table as a level. Parts lie in a file with the name of the table; the last is empty where rows come out even. It is a level.Bundler
// where that can be: where parts have the rows that they say, and are read in any order.
func Source(t Table, l Layout) level.Source {
	s := &source{table: t, layout: l}
	if l.Alloc == nil {
		s.layout.Alloc = new(Scribbler)
	}
	var fields []arrow.Field
	for _, c := range t.Columns {
		fields = append(fields, arrow.Field{Name: l.Prefix + c.Name, Type: c.Type, Nullable: true})
	}
	s.schema = arrow.NewSchema(fields, nil)
	step := l.PartRows
	if step == 0 {
		step = max(1, t.Rows())
	}
	for from := 0; from <= t.Rows(); from += step {
		rows := min(step, t.Rows()-from)
		s.read = append(s.read, make(chan struct{}))
		s.parts = append(s.parts, level.Part{File: t.Name, FirstRow: int64(from + 1), Rows: int64(rows + l.Slack), Bytes: int64(rows)})
	}
	if l.Slack == 0 && l.Late == 0 {
		return &bundling{s}
	}
	return s
}

type source struct {
	table  Table
	layout Layout
	schema *arrow.Schema
	parts  []level.Part

	mu   sync.Mutex
	read []chan struct{} // a part: closed when it was read once
}

// Schema implements level.Source.
func (s *source) Schema() *arrow.Schema { return s.schema }

// Parts implements level.Source.
func (s *source) Parts() []level.Part { return s.parts }

// Untyped implements level.Texter.
func (s *source) Untyped() bool { return s.layout.Untyped }

// Close implements level.Source.
func (s *source) Close() error { return nil }

// Read implements level.Source.
func (s *source) Read(ctx context.Context, part int, columns []int) (array.RecordReader, error) {
	if next := part + 1; s.layout.Late > 0 && next%s.layout.Late != 0 && next < len(s.parts) {
		select {
		case <-s.read[next]:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.bundle(ctx, part, part+1, columns), nil
}

// bundling is a source that reads several parts at a time.
type bundling struct{ *source }

// ReadBundle implements level.Bundler.
func (s *bundling) ReadBundle(ctx context.Context, first, end int, columns []int) (array.RecordReader, error) {
	return s.bundle(ctx, first, end, columns), nil
}

// bundle reads some parts as one.
func (s *source) bundle(ctx context.Context, first, end int, columns []int) *reader {
	last := s.parts[end-1]
	r := &reader{ctx: ctx, source: s, part: end - 1, columns: columns, next: int(s.parts[first].FirstRow) - 1}
	r.end = int(last.FirstRow) - 1 + int(last.Rows) - s.layout.Slack
	r.refs.Store(1)
	var fields []arrow.Field
	for _, c := range columns {
		f := s.schema.Field(c)
		shape := s.layout.Shape
		if shape == Mixed {
			shape = Shape((first*7 + c*3 + first*c) % int(Mixed))
		}
		var dict *dictionary
		f.Type, dict = s.lay(&s.table.Columns[c], shape, r.next, r.end)
		r.dicts = append(r.dicts, dict)
		fields = append(fields, f)
	}
	r.schema = arrow.NewSchema(fields, nil)
	return r
}

// lay gives the Arrow type of a column in a shape, and the dictionary of its rows [from, to) if the shape has one.
func (s *source) lay(c *Column, shape Shape, from, to int) (arrow.DataType, *dictionary) {
	values := c.Type
	if shape == View || shape == DictView {
		switch c.Type.ID() {
		case arrow.STRING:
			values = arrow.BinaryTypes.StringView
		case arrow.BINARY:
			values = arrow.BinaryTypes.BinaryView
		}
	}
	if shape != Dict && shape != DictView {
		return values, nil
	}
	d := newDictionary(c, values, from, to, s.layout.Alloc)
	return d.typ, d
}

// dictionary is the dictionary of a column of a part.
type dictionary struct {
	typ     *arrow.DictionaryType
	entries arrow.Array
	index   map[any]int32
}

// newDictionary puts a null and some cell twice before the distinct cells.
func newDictionary(c *Column, values arrow.DataType, from, to int, mem memory.Allocator) *dictionary {
	cells := []any{nil}
	if from < to {
		cells = append(cells, c.Cells[to-1], c.Cells[from])
	}
	d := &dictionary{typ: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: values}, index: map[any]int32{}}
	for _, cell := range c.Cells[from:to] {
		if _, ok := d.index[identity(cell)]; !ok {
			d.index[identity(cell)] = int32(len(cells))
			cells = append(cells, cell)
		}
	}
	d.entries = arrayOf(values, cells, mem)
	return d
}

// identity makes floats comparable bit by bit: NaN is in the dictionary once, and -0 is not 0.
func identity(cell any) any {
	switch x := cell.(type) {
	case float32:
		return math.Float32bits(x)
	case float64:
		return math.Float64bits(x)
	}
	return cell
}

// array gives rows [from, to) of the column. Of the nulls every other is one of the entries, not of the indexes.
func (d *dictionary) array(c *Column, from, to int, mem memory.Allocator) arrow.Array {
	b := array.NewInt32Builder(mem)
	defer b.Release()
	for row, cell := range c.Cells[from:to] {
		switch {
		case cell != nil:
			b.Append(d.index[identity(cell)]) // 0 for a row before the part, which is cut off
		case (from+row)%2 == 0:
			b.AppendNull()
		default:
			b.Append(0)
		}
	}
	indexes := b.NewArray()
	defer indexes.Release()
	return array.NewDictionaryArray(d.typ, indexes, d.entries)
}

// reader implements level.Picker. It drops a batch at the next call of Next.
type reader struct {
	refs    atomic.Int64
	ctx     context.Context
	source  *source
	part    int
	schema  *arrow.Schema
	columns []int
	dicts   []*dictionary // a column, nil if flat
	next    int           // first row of the next batch
	end     int
	cells   [][]any // a column, where only some rows of it are wanted
	batch   arrow.Record
	err     error
}

// Pick implements level.Picker: all other rows come as nulls.
func (r *reader) Pick(rows [][]uint32) {
	r.cells = make([][]any, len(rows))
	for i, wanted := range rows {
		all := r.source.table.Columns[r.columns[i]].Cells
		r.cells[i] = make([]any, len(all))
		for _, row := range wanted {
			r.cells[i][r.next+int(row)] = all[r.next+int(row)]
		}
	}
}

// Retain implements array.RecordReader.
func (r *reader) Retain() { r.refs.Add(1) }

// Release implements array.RecordReader.
func (r *reader) Release() {
	if r.refs.Add(-1) > 0 {
		return
	}
	r.drop()
	for _, d := range r.dicts {
		if d != nil {
			d.entries.Release()
		}
	}
	s := r.source
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.read[r.part]:
	default:
		close(s.read[r.part])
	}
}

func (r *reader) drop() {
	if r.batch != nil {
		r.batch.Release()
		r.batch = nil
	}
}

// Schema implements array.RecordReader.
func (r *reader) Schema() *arrow.Schema { return r.schema }

// Record implements array.RecordReader.
func (r *reader) Record() arrow.Record { return r.batch }

// Err implements array.RecordReader.
func (r *reader) Err() error { return r.err }

// Next implements array.RecordReader.
func (r *reader) Next() bool {
	r.drop()
	if r.refs.Load() <= 0 {
		panic(fmt.Sprintf("%s: Next after Release", r.source.table.Name))
	}
	if r.err = r.ctx.Err(); r.err != nil || r.next == r.end {
		return false
	}
	l := &r.source.layout
	to := r.end
	if l.BatchRows > 0 {
		to = min(r.next+l.BatchRows, r.end)
	}
	offset := min(l.Offset, r.next)
	arrays := make([]arrow.Array, len(r.columns))
	for i, col := range r.columns {
		c := r.source.table.Columns[col]
		if r.cells != nil {
			c.Cells = r.cells[i]
		}
		var whole arrow.Array
		if d := r.dicts[i]; d != nil {
			whole = d.array(&c, r.next-offset, to, l.Alloc)
		} else {
			whole = arrayOf(r.schema.Field(i).Type, c.Cells[r.next-offset:to], l.Alloc)
		}
		arrays[i] = array.NewSlice(whole, int64(offset), int64(whole.Len()))
		whole.Release()
	}
	r.batch = array.NewRecord(r.schema, arrays, int64(to-r.next))
	for _, a := range arrays {
		a.Release()
	}
	r.next = to
	return true
}
