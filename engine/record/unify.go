package record

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// TypeOf gives the type that values of an Arrow column have by themselves. Text is String: it is what a column says when
// nothing better is known.
func TypeOf(dt arrow.DataType) (Type, error) {
	switch dt.ID() {
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW, arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW,
		arrow.FIXED_SIZE_BINARY, arrow.TIME32, arrow.TIME64:
		return String, nil
	case arrow.NULL:
		return Auto, nil
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32, arrow.UINT64:
		return Int, nil
	case arrow.FLOAT16, arrow.FLOAT32, arrow.FLOAT64:
		return Float, nil
	case arrow.DECIMAL128, arrow.DECIMAL256:
		return Decimal, nil
	case arrow.BOOL:
		return Bool, nil
	case arrow.DATE32, arrow.DATE64:
		return Date, nil
	case arrow.TIMESTAMP:
		return Timestamp, nil
	case arrow.DICTIONARY:
		return TypeOf(dt.(*arrow.DictionaryType).ValueType)
	}
	return Auto, fmt.Errorf("columns of type %s cannot be compared", dt)
}

// Unify gives the type that values of both types are compared as: the typed one where the other is text, the wider of two
// numbers, the finer of a date and a timestamp. Other pairs have none.
func Unify(a, b Type) (Type, bool) {
	if a > b {
		a, b = b, a
	}
	switch {
	case a == b, a == Auto, a == String:
		return b, true
	case a == Int && (b == Decimal || b == Float), a == Decimal && b == Float, a == Date && b == Timestamp:
		return b, true
	case a == CNID && b == Int:
		return CNID, true
	}
	return Auto, false
}

// SameText tells whether values of two columns that are equal as typ after the rule are sure to have the same text
// (AppendText), so that one can be shown for the other; or that they are sure to unless they are null, which can also be an
// empty text. Text that is compared as anything else than text never is: 1.0 and 1.00.
func SameText(typ Type, rule *Canon, a, b arrow.DataType) (same, unlessNull bool) {
	if c := newCanon(rule); c != nil && c.byText {
		return false, false
	}
	la, lb := layoutless(a), layoutless(b)
	if la == arrow.STRING || lb == arrow.STRING {
		same = la == lb && typ == String && rule.Steps&^AsIs == 0
		return same, same && slices.Contains(rule.nulls(), "")
	}
	switch typ {
	case Int, Bool, Date:
		return la == lb, false
	case Timestamp, Decimal:
		return arrow.TypeEqual(a, b), false
	}
	return false, false
}

// SameUnlessChanged tells whether values of two columns that are equal as typ have the same text unless they are null, if no text of either was changed to
// be compared (Hasher.Changed).
func SameUnlessChanged(typ Type, a, b arrow.DataType) bool {
	return typ == String && layoutless(a) == arrow.STRING && layoutless(b) == arrow.STRING
}

// IsText tells whether a column of the type holds text or bytes.
func IsText(dt arrow.DataType) bool { return layoutless(dt) == arrow.STRING }

// layoutless folds the layouts of a type into one.
func layoutless(dt arrow.DataType) arrow.Type {
	switch id := dt.ID(); id {
	case arrow.LARGE_STRING, arrow.STRING_VIEW, arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW:
		return arrow.STRING
	case arrow.DICTIONARY:
		return layoutless(dt.(*arrow.DictionaryType).ValueType)
	default:
		return id
	}
}
