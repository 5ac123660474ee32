package record

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestRows holds rows that are looked up together against the same rows one by one.
func TestRows(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	texts := []string{"", "a", "twelve bytes", "张三", "a text that is not short", "北京市朝阳区建国路一百号院二号楼三单元四百零一室", "ＡＢ c", "1.50", "2024-02-29", "no\xffUTF-8", "long and \xff\xfe no UTF-8"}
	dec30 := &arrow.Decimal128Type{Precision: 30, Scale: 2}
	column := func(values arrow.DataType) arrow.Array {
		var of []string
		for range 300 {
			switch values.ID() {
			case arrow.STRING, arrow.STRING_VIEW:
				of = append(of, texts[r.IntN(len(texts))])
			case arrow.TIMESTAMP:
				of = append(of, []string{"", "2024-02-29 12:00:01.5", "1969-12-31 23:59:59"}[r.IntN(3)])
			case arrow.UINT64:
				of = append(of, []string{"", "7", "18446744073709551615"}[r.IntN(3)])
			case arrow.DECIMAL128:
				of = append(of, []string{"", "7", "10", "-0.5", "0"}[r.IntN(5)])
				if values == dec30 && r.IntN(100) == 0 { // it fits no 64 bits
					of[len(of)-1] = "123456789012345678901234567.8"
				}
			case arrow.DATE32:
				of = append(of, []string{"", "2024-02-29", "1999-12-31"}[r.IntN(3)])
			default:
				of = append(of, []string{"", "7", "10", "-3"}[r.IntN(4)])
			}
		}
		return build(t, values, of...)
	}
	var columns []arrow.Array
	for _, values := range []arrow.DataType{text, views, arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Timestamp_us, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Uint64, dec1, dec30, arrow.Null} {
		if values.ID() == arrow.NULL {
			columns = append(columns, array.NewNull(300))
			continue
		}
		all := column(values)
		b := array.NewInt32Builder(memory.DefaultAllocator)
		for range 300 {
			if r.IntN(5) == 0 {
				b.AppendNull()
			} else {
				b.Append(r.Int32N(300))
			}
		}
		columns = append(columns, all, array.NewSlice(all, 17, 300), array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: values}, b.NewArray(), all))
	}
	var some Rows
	for _, typ := range []Type{String, Int, Decimal, Date, Timestamp} {
		for _, rule := range []Canon{{}, {Steps: Width | Collapse}} {
			h := NewHasher(typ, rule, 3)
			for i, arr := range columns {
				for _, added := range []bool{false, true} {
					if added {
						h.Add(arr, make([]uint64, arr.Len()), make([]uint64, arr.Len()))
					}
					var rows []uint32
					for range r.IntN(200) {
						rows = append(rows, uint32(r.IntN(arr.Len())))
					}
					some.Of(arr, rows)
					hashes := make([]uint64, len(rows))
					h.Rows(&some, hashes)
					for j, row := range rows {
						what := fmt.Sprintf("column %d (%s) as %s, row %d", i, arr.DataType(), typ, row)
						if want := h.At(arr, int(row)); hashes[j] != want {
							t.Fatalf("%s: hash %x, not %x", what, hashes[j], want)
						}
						want, ok := AppendText(nil, arr, int(row))
						if text, some := some.Text(j); some != ok || string(text) != string(want) {
							t.Fatalf("%s: text %q, %t, not %q, %t", what, text, some, want, ok)
						}
					}
				}
			}
		}
	}
}
