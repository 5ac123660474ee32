package engine_test

import (
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestTextsShown: a level that agrees with the base in a normalised text is read again only where normalising changed some text of either, and is shown as it
// holds the value.
func TestTextsShown(t *testing.T) {
	const n = 100
	for name, c := range map[string]struct {
		texts [3]any // of row 0: the second level has another one
		other [3]any // of row 1
		read  int64
	}{
		"nothing changed":           {[3]any{"zhang", "wang", "zhang"}, [3]any{"li", "li", "li"}, n},
		"another row changed":       {[3]any{"zhang", "wang", "zhang"}, [3]any{"li", "li", "li "}, 2 * n},
		"another row of the base":   {[3]any{"zhang", "wang", "zhang"}, [3]any{"ｌｉ", "li", "li"}, 2 * n},
		"the row itself":            {[3]any{"zhang", "wang", " zhang"}, [3]any{"li", "li", "li"}, 2 * n},
		"a level that is not shown": {[3]any{"zhang", "wang ", "zhang"}, [3]any{"li", "li ", "li"}, n},
		"nulls":                     {[3]any{nil, "wang", nil}, [3]any{"li", "li", "li"}, n},
		"a null and a word for it":  {[3]any{nil, "wang", "none"}, [3]any{"li", "li", "li"}, 2 * n},
		"a null and an empty text":  {[3]any{nil, "wang", ""}, [3]any{"li", "li", "li"}, 2 * n},
		"a null and blanks":         {[3]any{nil, "wang", " "}, [3]any{"li", "li", "li"}, 2 * n},
	} {
		t.Run(name, func(t *testing.T) {
			var tables []enginetest.Table
			for l := range c.texts {
				var ids, xs []any
				for i := range int64(n) {
					ids, xs = append(ids, i), append(xs, any("x"))
				}
				xs[0], xs[1] = c.texts[l], c.other[l]
				tables = append(tables, enginetest.Table{Name: string(rune('a' + l)), Columns: []enginetest.Column{
					{Name: "id", Type: arrow.PrimitiveTypes.Int64, Cells: ids}, {Name: "x", Type: arrow.BinaryTypes.String, Cells: xs}}})
			}
			of := enginetest.Case{Tables: tables, Options: engine.Options{
				Key: []engine.Field{{Name: "id", Type: record.Int}},
				Fields: []engine.Field{{Name: "x", Type: record.String,
					Canon: record.Canon{Steps: record.Width | record.Trim, Nulls: []string{"", "none"}}}}}}
			want, _ := enginetest.Oracle(of.Tables, of.Options)
			got, sum := answer(t, of, plain(of))
			if d := enginetest.Diff(got.Findings, want); d != "" {
				t.Error(d)
			}
			if read := sum.Phases[1].Rows; read != c.read {
				t.Errorf("%d rows were read again, not %d", read, c.read)
			}
		})
	}
}
