package report

import (
	"context"
	"io"
	"reflect"

	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"
)

// The shape of a Parquet report. It is part of what makes two runs byte-identical: never derived from workers or memory.
const (
	groupRows     = 131072  // findings a row group
	pageRows      = 16384   // findings a page, at most
	pageBytes     = 1 << 20 // a page ends beyond this size, whatever its rows
	dictionaryMax = 1 << 18 // bytes of a dictionary at which a column goes on without one
	boundsMax     = 64      // bytes of a minimum or maximum in the page index; a key is shorter
	bloomBits     = 10      // a value of record_key: 1 % false positives
)

var codec compress.Codec = fastSnappy{}

// settings is a parquet.WriterOption that can also set what the library has no option for.
type settings func(*parquet.WriterConfig)

// ConfigureWriter implements parquet.WriterOption.
func (s settings) ConfigureWriter(c *parquet.WriterConfig) { s(c) }

// conventions are those of every Parquet file here; doc.go gives the reasons.
var conventions = settings(func(c *parquet.WriterConfig) {
	c.CreatedBy = "crosscheck"
	c.Compression = codec
	c.DataPageVersion = 1
	c.DataPageStatistics = false // of the page headers; the page index has them all
	c.DictionaryMaxBytes = dictionaryMax
	c.ColumnIndexSizeLimit = func([]string) int { return boundsMax }
	c.PageBufferSize = pageBytes
})

// parquetEncoder writes the mismatches table as Parquet.
type parquetEncoder struct {
	w    *parquet.GenericWriter[any]
	pipe *pipeline
}

func startParquet(out io.Writer, l *layout, opt Options) (encoder, error) {
	w := parquet.NewGenericWriter[any](out, conventions, settings(func(c *parquet.WriterConfig) {
		c.Schema = parquet.NewSchema("mismatches", newTable(l))
		c.KeyValueMetadata = l.metadata
		c.BloomFilters = []parquet.BloomFilterColumn{parquet.SplitBlockFilter(bloomBits, "record_key")}
		c.Sorting.SortingColumns = []parquet.SortingColumn{
			parquet.NullsFirst(parquet.Ascending("record_key")),
			parquet.NullsFirst(parquet.Ascending("kind")),
			parquet.NullsFirst(parquet.Ascending("field")),
		}
	}))
	return &parquetEncoder{w: w, pipe: startPipeline(l, w.BeginRowGroup, opt)}, nil
}

func (e *parquetEncoder) write(ctx context.Context, b *verdict.Block) error {
	return e.pipe.write(ctx, b)
}

func (e *parquetEncoder) finish() error {
	if err := e.pipe.finish(); err != nil {
		return err
	}
	return e.w.Close()
}

func (e *parquetEncoder) stop() { e.pipe.stop() }

// table is the root of the schema: a group whose columns keep their order, which those of parquet.Group do not.
type table struct {
	parquet.Group
	fields []parquet.Field
}

// Fields implements parquet.Node.
func (t *table) Fields() []parquet.Field { return t.fields }

// GoType implements parquet.Node. No Go value is ever written through this schema.
func (t *table) GoType() reflect.Type { return reflect.TypeFor[struct{}]() }

// tableField is a column of a table.
type tableField struct {
	parquet.Node
	name string
}

// Name implements parquet.Field.
func (f *tableField) Name() string { return f.name }

// Value implements parquet.Field. No Go value is ever written through this schema.
func (f *tableField) Value(reflect.Value) reflect.Value { return reflect.Value{} }

func newTable(l *layout) *table {
	t := &table{}
	for _, c := range l.columns {
		var node parquet.Node
		switch c.cell {
		case textCell:
			node = parquet.String()
		case flagCell:
			node = parquet.Leaf(parquet.BooleanType)
		case countCell:
			node = parquet.Leaf(parquet.Int64Type)
		case dayCell:
			node = parquet.Date()
		}
		enc := encoding.Encoding(&parquet.Plain)
		if c.repeats {
			enc = &parquet.RLEDictionary
		}
		node = parquet.Encoded(node, enc)
		if c.nullable {
			node = parquet.Optional(node)
		}
		t.fields = append(t.fields, &tableField{node, c.name})
	}
	return t
}
