package record

import "github.com/apache/arrow/go/v17/arrow"

// CountIDs looks at the first rows of a text column and gives how many hold a valid resident ID and how many hold anything
// but null and white space. A column that is not text gives 0, 0.
func CountIDs(arr arrow.Array, rows int) (ids, present int) {
	for i := range min(rows, arr.Len()) {
		if isNull(arr, i) {
			continue
		}
		values, j := plain(arr, i)
		t, ok := textsOf(values)
		if !ok {
			return 0, 0
		}
		b := trimSpace(t.at(j))
		if len(b) == 0 {
			continue
		}
		present++
		if _, fault, ok := PackID(b); ok && fault == IDValid {
			ids++
		}
	}
	return ids, present
}
