package engine_test

import (
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestNullsShown: a level that agrees with a null of the base is read again only where one of the two has empty texts too, and is shown as it holds the value.
func TestNullsShown(t *testing.T) {
	const n = 100
	for name, c := range map[string]struct {
		blanks [3]any // how the levels tell that there is no value, in row 0 and in others; the second one has a value in row 0
		other  any    // what the third one has in another row
		read   int64
	}{
		"nulls":            {[3]any{nil, nil, nil}, "x", n},
		"empty texts":      {[3]any{"", "", ""}, "x", n},
		"nulls and both":   {[3]any{nil, nil, nil}, "", 2 * n},
		"nulls and empty":  {[3]any{nil, nil, ""}, "x", 2 * n},
		"empty and a null": {[3]any{"", "", nil}, "x", 2 * n},
	} {
		t.Run(name, func(t *testing.T) {
			var tables []enginetest.Table
			for l, blank := range c.blanks {
				var ids, xs []any
				for i := range int64(n) {
					ids, xs = append(ids, i), append(xs, any("x"))
				}
				xs[0], xs[1] = blank, blank
				switch l {
				case 1:
					xs[0] = "y"
				case 2:
					xs[2] = c.other
				}
				tables = append(tables, enginetest.Table{Name: string(rune('a' + l)), Columns: []enginetest.Column{
					{Name: "id", Type: arrow.PrimitiveTypes.Int64, Cells: ids}, {Name: "x", Type: arrow.BinaryTypes.String, Cells: xs}}})
			}
			of := enginetest.Case{Tables: tables, Options: engine.Options{
				Key: []engine.Field{{Name: "id", Type: record.Int}}, Fields: []engine.Field{{Name: "x", Type: record.String}}}}
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
