package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestOrderOfKeys: findings come in the order of the texts of keys, whatever many keys have in common.
func TestOrderOfKeys(t *testing.T) {
	const n = 12000 // several ranges of places
	random := rand.New(rand.NewPCG(5, 6))
	for name, c := range map[string]struct {
		typ record.Type
		key func(i int) string
	}{
		"integers": {record.Int, func(i int) string { return fmt.Sprint((random.Int64()>>random.IntN(62))*int64(1-i%2*2), "x"[:i%50/49]) }},
		"IDs among other documents": {record.CNID, func(i int) string {
			return fmt.Sprintf("99010%d%08d%03d%s", i%2, 19000101+i, i%7, "0123456789X"[i%11:][:1-i%30/29])
		}},
		"short texts": {record.String, func(i int) string { return fmt.Sprint(i) }},
		"one prefix":  {record.String, func(i int) string { return fmt.Sprint("a prefix that all have, ", i) }},
		"one prefix but for one": {record.String, func(i int) string {
			if i == n/2 {
				return "a text"
			}
			return fmt.Sprint("a prefix that all have, ", i)
		}},
		"few prefixes": {record.String, func(i int) string { return fmt.Sprint(strings.Repeat("prefix ", 1+i%5), i/5) }},
		"runs":         {record.String, func(i int) string { return strings.Repeat("a", i%300) + strings.Repeat("b", i/300) + "." }},
	} {
		t.Run(name, func(t *testing.T) {
			var keys, x []any
			for i := range n {
				keys, x = append(keys, c.key(i)), append(x, int64(1))
			}
			table := func(name string, n int) enginetest.Table {
				return enginetest.Table{Name: name, Columns: []enginetest.Column{
					{Name: "id", Type: arrow.BinaryTypes.String, Cells: keys[:n]},
					{Name: "x", Type: arrow.PrimitiveTypes.Int64, Cells: x[:n]},
				}}
			}
			c := enginetest.Case{
				Tables:  []enginetest.Table{table("a", n), table("b", 0)},
				Options: engine.Options{Key: []engine.Field{{Name: "id", Type: c.typ}}, Fields: []engine.Field{{Name: "x", Type: record.Int}}},
			}
			want, _ := enginetest.Oracle(c.Tables, c.Options)
			got, _ := answer(t, c, enginetest.Variant{Workers: 3, Partitions: 16, Layouts: make([]enginetest.Layout, 2), Levels: []int{0, 1}})
			if d := enginetest.Diff(got.Findings, want); d != "" {
				t.Error(d)
			}
		})
	}
}
