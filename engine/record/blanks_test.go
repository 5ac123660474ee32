package record

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestBlanks holds what is said of columns, whole ones, slices and dictionaries, against their rows one by one.
func TestBlanks(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	builders := []func() array.Builder{
		func() array.Builder { return array.NewStringBuilder(memory.DefaultAllocator) },
		func() array.Builder { return array.NewLargeStringBuilder(memory.DefaultAllocator) },
		func() array.Builder { return array.NewStringViewBuilder(memory.DefaultAllocator) },
	}
	seen := map[[2]bool]bool{}
	for range 2000 {
		b := builders[r.IntN(len(builders))]()
		nulls, empties := r.IntN(3) == 0, r.IntN(3) == 0
		n := 1 + r.IntN(200)
		for range n {
			switch x := r.IntN(n); {
			case x == 0 && nulls:
				b.AppendNull()
			case x == 1 && empties:
				b.AppendEmptyValue()
			default:
				if err := b.AppendValueFromString("a text that is not short"[:1+r.IntN(24)]); err != nil {
					t.Fatal(err)
				}
			}
		}
		arr := b.NewArray()
		begin := r.IntN(n)
		arr = array.NewSlice(arr, int64(begin), int64(begin+1+r.IntN(n-begin)))
		var null, empty bool
		for i := range arr.Len() {
			null = null || arr.IsNull(i)
			empty = empty || arr.IsValid(i) && arr.ValueStr(i) == ""
		}
		hold := func(what string, arr arrow.Array, null, empty bool) {
			if gotNull, gotEmpty := Blanks(arr); gotNull != null || gotEmpty != empty {
				t.Fatalf("%s of %v with %d rows: nulls %v, empty texts %v, not %v, %v", what, arr.DataType(), arr.Len(), gotNull, gotEmpty, null, empty)
			}
		}
		hold("column", arr, null, empty)
		seen[[2]bool{null, empty}] = true
		for _, index := range []bool{false, true} {
			indexes := array.NewInt32Builder(memory.DefaultAllocator)
			indexes.Append(0)
			if index {
				indexes.AppendNull()
			}
			hold("dictionary", array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arr.DataType()}, indexes.NewArray(), arr), null || index, empty)
		}
	}
	if len(seen) != 4 {
		t.Errorf("seen were %v", seen)
	}
}
