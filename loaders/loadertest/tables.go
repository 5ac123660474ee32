package loadertest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// typed has a column of every type, a tenth of the values null, the same for the same seed. Column id is never null
// and holds the row number as text after a 99, so that rows in a wrong order or place cannot pass.
func typed(rows int, seed uint64) Table {
	r := rand.New(rand.NewPCG(seed, 17))
	values := func(f func(i int) any) []any {
		out := make([]any, rows)
		for i := range out {
			if v := f(i); r.IntN(10) > 0 {
				out[i] = v
			}
		}
		return out
	}
	id := make([]any, rows)
	for i := range id {
		id[i] = fmt.Sprintf("99%06d%08d", seed, i)
	}
	words := []string{"north", "south", "east gate", "west, by the river"}
	return Table{Columns: []Column{
		{"id", arrow.BinaryTypes.String, id},
		{"word", arrow.BinaryTypes.String, values(func(int) any { return words[r.IntN(len(words))] })},
		{"note", arrow.BinaryTypes.String, values(func(i int) any { return fmt.Sprintf("note %d %s", i, strings.Repeat("x", r.IntN(30))) })},
		{"small", arrow.PrimitiveTypes.Int32, values(func(int) any { return int32(r.Uint32()) })},
		{"big", arrow.PrimitiveTypes.Int64, values(func(int) any { return int64(r.Uint64()) })},
		{"ratio", arrow.PrimitiveTypes.Float64, values(func(int) any { return r.NormFloat64() })},
		{"flag", arrow.FixedWidthTypes.Boolean, values(func(int) any { return r.IntN(2) == 0 })},
		{"day", arrow.FixedWidthTypes.Date32, values(func(int) any { return arrow.Date32(r.IntN(40000) - 10000) })},
		{"at", arrow.FixedWidthTypes.Timestamp_us, values(func(int) any { return arrow.Timestamp(r.Int64N(4e15) - 1e15) })},
		{"amount", DecimalType, values(func(int) any { return decimal128.FromI64(r.Int64N(2e12) - 1e12) })},
	}}
}

// hanTable has Chinese column names and values, and characters of one to four bytes in UTF-8.
func hanTable() Table {
	rows := 40
	names := make([]any, rows)
	addresses := make([]any, rows)
	mixed := make([]any, rows)
	for i := range rows {
		names[i] = []string{"测试甲", "测试乙", "欧阳测试", "样"}[i%4]
		addresses[i] = fmt.Sprintf("样例市测试区第%d街道%s号", i, strings.Repeat("之", i%5))
		mixed[i] = []string{"é", "x", "𠮷野", "a𠮷b", "~¢€𐍈", "a\u00a0b", "\ufffd"}[i%7]
	}
	return Table{Columns: []Column{
		{"姓名", arrow.BinaryTypes.String, names},
		{"住址（现）", arrow.BinaryTypes.String, addresses},
		{"𠮷 mixed", arrow.BinaryTypes.String, mixed},
	}}
}

// lengthTable has values around the sizes where layouts change: empty, inline in a string view (up to 12 bytes), and long.
func lengthTable() Table {
	lengths := []int{0, 1, 3, 4, 5, 8, 11, 12, 13, 14, 16, 63, 64, 65, 255, 256, 4095, 100_000, 0, 12, 13, 1}
	plain := make([]any, len(lengths))
	quoted := make([]any, len(lengths))
	other := make([]any, len(lengths))
	letters := strings.Repeat("abcdefghijklmnopqrstuvwxyz0123456789", 100_100/36+1)
	marks := strings.Repeat(`a "b", c;`+"\r\n"+`""|`+"\n\t", 100_000/10+1)
	for i, n := range lengths {
		plain[i] = letters[i : i+n]
		quoted[i] = marks[:n]
		if i%3 > 0 {
			other[i] = letters[:lengths[len(lengths)-1-i]]
		}
	}
	return Table{Columns: []Column{
		{"plain", arrow.BinaryTypes.String, plain},
		{"quoted", arrow.BinaryTypes.String, quoted},
		{"other", arrow.BinaryTypes.String, other},
	}}
}

// nullTable has columns that are null everywhere, at the ends, at every second, third and eighth row, and in long runs.
func nullTable() Table {
	const rows = 203
	where := []struct {
		name string
		null func(i int) bool
	}{
		{"never", func(int) bool { return false }},
		{"always", func(int) bool { return true }},
		{"first", func(i int) bool { return i == 0 }},
		{"last", func(i int) bool { return i == rows-1 }},
		{"second", func(i int) bool { return i%2 == 1 }},
		{"third", func(i int) bool { return i%3 != 0 }},
		{"eighth", func(i int) bool { return i%8 == 7 }},
		{"runs", func(i int) bool { return i/64%2 == 1 }},
	}
	var t Table
	for _, w := range where {
		texts := make([]any, rows)
		numbers := make([]any, rows)
		for i := range rows {
			if !w.null(i) {
				texts[i] = fmt.Sprintf("%s value of row %d", w.name, i)
				numbers[i] = int64(i)
			}
		}
		t.Columns = append(t.Columns,
			Column{w.name + "_text", arrow.BinaryTypes.String, texts},
			Column{w.name + "_number", arrow.PrimitiveTypes.Int64, numbers})
	}
	return t
}
