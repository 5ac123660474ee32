package record

import "github.com/apache/arrow/go/v17/arrow"

// AppendBytes appends what rows from begin to before end of a column of texts or bytes hold, one after the other, and how long each is, 0 for a null. It
// reports false where the column is of another type or a dictionary.
func AppendBytes(dst []byte, lengths []int, arr arrow.Array, begin, end int) ([]byte, []int, bool) {
	t, ok := textsOf(arr)
	if !ok {
		return dst, lengths, false
	}
	nulls := arr.NullN() > 0
	for i := begin; i < end; i++ {
		if nulls && arr.IsNull(i) {
			lengths = append(lengths, 0)
			continue
		}
		b := t.at(i)
		dst, lengths = append(dst, b...), append(lengths, len(b))
	}
	return dst, lengths, true
}
