// Package loadertest is the one conformance suite that every loader passes. A loader's test describes its format once,
// how a small table is written and how files are opened, and calls Run:
//
//	loadertest.Run(t, loadertest.Format{
//		Ext:   ".parquet",
//		Write: func(t testing.TB, path string, table loadertest.Table) { ... },
//		Open: func(paths []string, batchRows int, mem memory.Allocator) (level.Source, error) { ... },
//	})
//
// Run checks what package level promises of a Source. It reads all tables through a memory.CheckedAllocator and
// asks after every check that no byte is left. Its messages name files, rows, columns and positions, never a value.
package loadertest

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Format is a loader under test.
type Format struct {
	// Ext is what file names of the format end in, with the dot.
	Ext string

	// AllText says that the format stores no types: Write is then given tables whose columns are all String, and Schema is
	// expected to say String of each.
	AllText bool

	// EmptyIsNull says that the format cannot tell an empty text from null and reads both as null.
	EmptyIsNull bool

	// Write makes one file of the table. The file should be cut into several parts where the format allows it and the
	// table has more than a few rows.
	Write func(t testing.TB, path string, table Table)

	// Open opens files as one level. Batches are to hold at most batchRows rows. All Arrow buffers come from mem.
	Open func(paths []string, batchRows int, mem memory.Allocator) (level.Source, error)
}

// Table is a small table. All columns have the same number of values.
type Table struct {
	Columns []Column
}

// Column is a column of a Table. Its type is one of
//
//	String, Int32, Int64, Float64, Boolean, Date32, Timestamp_us (UTC), Decimal128(18, 4)
//
// and a value is nil for null or, in the same order, a
//
//	string, int32, int64, float64, bool, arrow.Date32, arrow.Timestamp, decimal128.Num
type Column struct {
	Name   string
	Type   arrow.DataType
	Values []any
}

// DecimalType is the type of the suite's decimal column.
var DecimalType = &arrow.Decimal128Type{Precision: 18, Scale: 4}

// Rows is the number of rows.
func (t Table) Rows() int {
	if len(t.Columns) == 0 {
		return 0
	}
	return len(t.Columns[0].Values)
}

// slice is rows [from, to) of the table.
func (t Table) slice(from, to int) Table {
	out := Table{Columns: make([]Column, len(t.Columns))}
	for i, c := range t.Columns {
		out.Columns[i] = Column{Name: c.Name, Type: c.Type, Values: c.Values[from:to]}
	}
	return out
}

// asText is the table with every value as text, for formats without types.
func (t Table) asText() Table {
	out := Table{Columns: make([]Column, len(t.Columns))}
	for i, c := range t.Columns {
		values := make([]any, len(c.Values))
		for j, v := range c.Values {
			if v != nil {
				values[j] = text(v)
			}
		}
		out.Columns[i] = Column{Name: c.Name, Type: arrow.BinaryTypes.String, Values: values}
	}
	return out
}

// emptyToNull is the table as a format reads it back that has no empty text.
func (t Table) emptyToNull() Table {
	out := Table{Columns: make([]Column, len(t.Columns))}
	for i, c := range t.Columns {
		values := make([]any, len(c.Values))
		for j, v := range c.Values {
			if v != "" {
				values[j] = v
			}
		}
		out.Columns[i] = Column{Name: c.Name, Type: c.Type, Values: values}
	}
	return out
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int32:
		return strconv.FormatInt(int64(v), 10)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case arrow.Date32:
		return v.ToTime().Format(time.DateOnly)
	case arrow.Timestamp:
		return v.ToTime(arrow.Microsecond).Format("2006-01-02 15:04:05.000000")
	case decimal128.Num:
		return v.ToString(DecimalType.Scale)
	}
	panic(fmt.Sprintf("loadertest: no text for a %T", v))
}
