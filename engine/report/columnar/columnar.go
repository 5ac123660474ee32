// Package columnar writes Parquet files of flat columns, for tables whose cells are at hand a thousand of a column at a time: some 5 ns a cell,
// where a writer that takes any type takes 40. What a file is like is that of package report, which gives the reasons; this one puts it
// into bytes. Reading, and tables whose rows are Go structs, are left to parquet-go, as are the Thrift structures of footers and headers
// and the bits of bloom filters.
//
// A Page is filled with the cells of a run of rows, column by column, and sealed by any goroutine: columns without a dictionary become data
// pages then. Pages are added to their Group in the order of the rows, where columns with a dictionary become data pages: numbers of
// words are those of the group. A full group is written to the file. So all that costs much can be done side by side, and the bytes depend on
// the cells alone, and on how rows are parted into pages and groups.
//
// The format is that of github.com/apache/parquet-format: data pages of version 1, Snappy, CRC-32, column and offset index, split-block bloom filters.
// Texts are DELTA_LENGTH_BYTE_ARRAY or DELTA_BYTE_ARRAY, other cells PLAIN, dictionaries RLE_DICTIONARY.
package columnar

import (
	"io"
	"sync/atomic"

	"crosscheck/engine/spare"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Type is what the cells of a column are.
type Type uint8

// The types.
const (
	Text  Type = iota // STRING: UTF-8
	Flag              // BOOLEAN, never null
	Int64             // INT64
	Date              // DATE: days from 1970-01-01 in an INT32
)

// Column describes a column.
type Column struct {
	Name       string
	Type       Type
	Nullable   bool
	Dictionary bool     // few distinct values; never of flags and Int64
	Words      [][]byte // of a column of texts with a dictionary: all that there can be, given by Cells.Words; nil: not known
	Delta      bool     // of texts without a dictionary that begin like the ones before them: DELTA_BYTE_ARRAY in place of DELTA_LENGTH_BYTE_ARRAY
	Ascending  bool     // of a column with Delta that is not nullable: no text is less than the one before it
	Stems      [][]byte // of a column with Delta: a text is one of these and a number behind it, given by Cells.Numbered; nil: it is not
	Bloom      bool     // of one column with Delta: row groups have a bloom filter on it
}

// Options says what a file is like.
type Options struct {
	Name          string // of the schema
	Columns       []Column
	Sorted        int               // the first columns, that many, are what rows are sorted by: ascending, nulls first
	Metadata      map[string]string // key-value metadata
	CreatedBy     string
	PageBytes     int     // a data page ends beyond this size before compression
	DictionaryMax int     // bytes of a dictionary at which a column goes on without one, until the row group ends
	BoundsMax     int     // bytes of a minimum or maximum of a text in the page index
	BloomBits     uint    // bits a value of a bloom filter
	Memory        *Memory // not nil
}

// Memory is what pages of cells were made of, for the pages of files to come: fresh memory is dear. The zero value is empty; many writers may share one.
type Memory struct {
	pages   spare.Pool[Page]
	sheets  spare.Pool[sheet]
	presses spare.Pool[press]
}

// Writer makes one file. Its methods are for one goroutine at a time, those of pages and groups for others beside it.
type Writer struct {
	out    io.Writer
	opt    Options
	at     int64 // bytes written
	groups []writtenGroup

	size  atomic.Int64   // bytes that the sheet of a page came to
	sizes []atomic.Int64 // of each column: bytes of its values
}

// NewWriter begins a file. Nothing is written yet.
func NewWriter(out io.Writer, opt Options) *Writer {
	return &Writer{out: out, opt: opt, sizes: make([]atomic.Int64, len(opt.Columns))}
}

// schema is the file's, in Thrift structures.
func (o *Options) schema() []format.SchemaElement {
	root := format.SchemaElement{Name: o.Name, NumChildren: thrift.New(int32(len(o.Columns)))}
	all := []format.SchemaElement{root}
	for i := range o.Columns {
		c := &o.Columns[i]
		e := format.SchemaElement{Name: c.Name, Type: thrift.New(c.physical()), RepetitionType: thrift.New(format.Required)}
		if c.Nullable {
			e.RepetitionType = thrift.New(format.Optional)
		}
		switch c.Type {
		case Text:
			e.ConvertedType = thrift.New(deprecated.UTF8)
			e.LogicalType = format.LogicalType{Value: &format.StringType{}}
		case Date:
			e.ConvertedType = thrift.New(deprecated.Date)
			e.LogicalType = format.LogicalType{Value: &format.DateType{}}
		}
		all = append(all, e)
	}
	return all
}

func (c *Column) physical() format.Type {
	switch c.Type {
	case Flag:
		return format.Boolean
	case Int64:
		return format.Int64
	case Date:
		return format.Int32
	}
	return format.ByteArray
}
