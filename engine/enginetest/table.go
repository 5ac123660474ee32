package enginetest

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Table is a level in memory. All columns have the same length.
type Table struct {
	Name     string
	Columns  []Column
	LatestBy string // see engine.Level
}

// Column is a column of a table. A cell is nil for null or of the Go type of its Arrow type: string (String, LargeString,
// Binary), int8 … int64, uint8 … uint64, float32, float64, bool, arrow.Date32, arrow.Date64, arrow.Timestamp, decimal128.Num.
type Column struct {
	Name  string
	Type  arrow.DataType
	Cells []any
}

// Rows is the number of rows.
func (t *Table) Rows() int {
	if len(t.Columns) == 0 {
		return 0
	}
	return len(t.Columns[0].Cells)
}

// column finds a column by name, nil if there is none.
func (t *Table) column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// permuted gives the table with row order[i] at place i.
func (t *Table) permuted(order []int) Table {
	out := Table{Name: t.Name, LatestBy: t.LatestBy}
	for _, c := range t.Columns {
		cells := make([]any, len(order))
		for i, from := range order {
			cells[i] = c.Cells[from]
		}
		out.Columns = append(out.Columns, Column{c.Name, c.Type, cells})
	}
	return out
}

// text gives a cell as the level holds it, in the spelling of a report; the cell is not nil.
func (c *Column) text(row int) string {
	switch x := c.Cells[row].(type) {
	case string:
		if strings.ToValidUTF8(x, "") != x {
			return fmt.Sprintf("0x%x", x)
		}
		return x
	case float32:
		return strconv.FormatFloat(float64(x), 'g', -1, 32)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case arrow.Date32:
		return time.Unix(int64(x)*86400, 0).UTC().Format("2006-01-02")
	case arrow.Date64:
		return time.UnixMilli(int64(x)).UTC().Format("2006-01-02")
	case arrow.Timestamp:
		text := c.instant(x).Format("2006-01-02 15:04:05.999999999")
		if c.Type.(*arrow.TimestampType).TimeZone != "" {
			text += "Z"
		}
		return text
	case decimal128.Num:
		scale := int(c.Type.(*arrow.Decimal128Type).Scale)
		digits := new(big.Int).Abs(x.BigInt()).String()
		digits = strings.Repeat("0", max(0, scale+1-len(digits))) + digits
		text := digits[:len(digits)-scale]
		if scale > 0 {
			text += "." + digits[len(digits)-scale:]
		}
		if x.Sign() < 0 {
			text = "-" + text
		}
		return text
	default: // integers and booleans
		return fmt.Sprint(x)
	}
}

// instant gives the time of a timestamp of the column.
func (c *Column) instant(x arrow.Timestamp) time.Time {
	return x.ToTime(c.Type.(*arrow.TimestampType).Unit)
}

func arrayOf(dt arrow.DataType, cells []any, mem memory.Allocator) arrow.Array {
	b := array.NewBuilder(mem, dt)
	defer b.Release()
	for _, cell := range cells {
		appendCell(b, cell)
	}
	return b.NewArray()
}

// appendCell panics on a cell that does not fit its column: tables are made by tests.
func appendCell(b array.Builder, cell any) {
	if cell == nil {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(cell.(string))
	case *array.LargeStringBuilder:
		b.Append(cell.(string))
	case *array.BinaryBuilder:
		b.Append([]byte(cell.(string)))
	case *array.StringViewBuilder:
		b.Append(cell.(string))
	case *array.BinaryViewBuilder:
		b.Append([]byte(cell.(string)))
	case *array.Int8Builder:
		b.Append(cell.(int8))
	case *array.Int16Builder:
		b.Append(cell.(int16))
	case *array.Int32Builder:
		b.Append(cell.(int32))
	case *array.Int64Builder:
		b.Append(cell.(int64))
	case *array.Uint8Builder:
		b.Append(cell.(uint8))
	case *array.Uint16Builder:
		b.Append(cell.(uint16))
	case *array.Uint32Builder:
		b.Append(cell.(uint32))
	case *array.Uint64Builder:
		b.Append(cell.(uint64))
	case *array.Float32Builder:
		b.Append(cell.(float32))
	case *array.Float64Builder:
		b.Append(cell.(float64))
	case *array.BooleanBuilder:
		b.Append(cell.(bool))
	case *array.Date32Builder:
		b.Append(cell.(arrow.Date32))
	case *array.Date64Builder:
		b.Append(cell.(arrow.Date64))
	case *array.TimestampBuilder:
		b.Append(cell.(arrow.Timestamp))
	case *array.Decimal128Builder:
		b.Append(cell.(decimal128.Num))
	default:
		panic(fmt.Sprintf("no cells of type %s", b.Type()))
	}
}
