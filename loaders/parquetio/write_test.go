package parquetio

import (
	"fmt"
	"os"
	"reflect"
	"testing"

	"crosscheck/loaders/loadertest"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"
)

// style is one of the ways to store a table.
type style struct {
	name     string
	codec    compress.Codec
	version  int // of data pages
	rows     int // a row group; 0: all in one
	page     int // bytes a page, about
	required bool
	dict     bool
	texts    encoding.Encoding
	numbers  encoding.Encoding
	floats   encoding.Encoding
	dictMax  int64 // bytes at which dictionaries give up; 0: never
}

var styles = []style{
	{name: "plain", version: 1, rows: 100, page: 512},
	{name: "plain-v2", version: 2, page: 300, codec: &parquet.Snappy},
	{name: "snappy", version: 1, codec: &parquet.Snappy, rows: 64},
	{name: "gzip", version: 1, codec: &parquet.Gzip, page: 1000},
	{name: "zstd", version: 2, codec: &parquet.Zstd},
	{name: "lz4", version: 1, codec: &parquet.Lz4Raw, page: 400},
	{name: "brotli", version: 2, codec: &parquet.Brotli, rows: 200},
	{name: "dictionary", version: 1, dict: true, codec: &parquet.Snappy, rows: 150, page: 200},
	{name: "dictionary-v2", version: 2, dict: true, page: 100},
	{name: "delta", version: 1, texts: &parquet.DeltaLengthByteArray, numbers: &parquet.DeltaBinaryPacked, floats: &parquet.ByteStreamSplit, page: 700},
	{name: "delta-v2", version: 2, texts: &parquet.DeltaByteArray, numbers: &parquet.DeltaBinaryPacked, codec: &parquet.Zstd, rows: 90},
	{name: "dictionary-gives-up", version: 1, dict: true, dictMax: 600, page: 300, codec: &parquet.Snappy},
}

// node is a column as the style stores it.
func (s style) node(c loadertest.Column) parquet.Node {
	var n parquet.Node
	var e encoding.Encoding
	switch c.Type.ID() {
	case arrow.STRING:
		n, e = parquet.String(), s.texts
	case arrow.INT32:
		n, e = parquet.Int(32), s.numbers
	case arrow.INT64:
		n, e = parquet.Int(64), s.numbers
	case arrow.FLOAT64:
		n, e = parquet.Leaf(parquet.DoubleType), s.floats
	case arrow.BOOL:
		n = parquet.Leaf(parquet.BooleanType)
	case arrow.DATE32:
		n, e = parquet.Date(), s.numbers
	case arrow.TIMESTAMP:
		n, e = parquet.Timestamp(parquet.Microsecond), s.numbers
	case arrow.DECIMAL128:
		n, e = parquet.Decimal(4, 18, parquet.Int64Type), s.numbers
	default:
		panic(fmt.Sprint("no node for ", c.Type))
	}
	if s.dict && c.Type.ID() != arrow.BOOL {
		e = &parquet.RLEDictionary
	}
	if e != nil {
		n = parquet.Encoded(n, e)
	}
	if !s.required {
		n = parquet.Optional(n)
	}
	return n
}

// ordered is a group whose fields keep their order.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

func (o ordered) Fields() []parquet.Field { return o.fields }

type namedField struct {
	parquet.Node
	name string
}

func (f namedField) Name() string                      { return f.name }
func (f namedField) Value(reflect.Value) reflect.Value { panic("rows are given as values") }

// write writes a table in a style.
func (s style) write(t testing.TB, path string, table loadertest.Table) {
	t.Helper()
	group := ordered{Group: parquet.Group{}}
	for _, c := range table.Columns {
		n := s.node(c)
		group.Group[c.Name] = n
		group.fields = append(group.fields, namedField{n, c.Name})
	}
	options := []parquet.WriterOption{parquet.NewSchema("table", group), parquet.DataPageVersion(s.version)}
	if s.codec != nil {
		options = append(options, parquet.Compression(s.codec))
	}
	if s.page > 0 {
		options = append(options, parquet.PageBufferSize(s.page))
	}
	if s.dictMax > 0 {
		options = append(options, parquet.DictionaryMaxBytes(s.dictMax))
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := parquet.NewWriter(f, options...)
	for row := range table.Rows() {
		if s.rows > 0 && row > 0 && row%s.rows == 0 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		values := make(parquet.Row, len(table.Columns))
		for i, c := range table.Columns {
			v, defined := parquetValue(c.Values[row]), 1
			if v.IsNull() || s.required {
				defined = 0
			}
			values[i] = v.Level(0, defined, i)
		}
		if _, err := w.WriteRows([]parquet.Row{values}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func parquetValue(v any) parquet.Value {
	switch v := v.(type) {
	case nil:
		return parquet.NullValue()
	case arrow.Date32:
		return parquet.Int32Value(int32(v))
	case arrow.Timestamp:
		return parquet.Int64Value(int64(v))
	case decimal128.Num:
		return parquet.Int64Value(int64(v.LowBits()))
	}
	return parquet.ValueOf(v)
}
