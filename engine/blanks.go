package engine

import (
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// blanks says how a level may tell that it has no value of a field, bit by bit.
type blanks uint8

const (
	blankNull  blanks = 1 << iota // it has nulls
	blankEmpty                    // it has empty texts, or perhaps
)

// noteBlanks notes how a column tells that there is no value. One without nulls is not looked through: it matters where another level has some.
func (w *worker) noteBlanks(l, field int, arr arrow.Array) {
	b := &w.blanks[field*len(w.run.plan.levels)+l]
	if *b == blankNull|blankEmpty || !w.run.unlessNull[field] {
		return
	}
	if *b&blankNull == 0 && arr.NullN() == 0 {
		if d, ok := arr.(*array.Dictionary); !ok || d.Dictionary().NullN() == 0 {
			*b |= blankEmpty
			return
		}
	}
	nulls, empties := record.Blanks(arr)
	if nulls {
		*b |= blankNull
	}
	if empties {
		*b |= blankEmpty
	}
}

// mixed tells whether there is a field of which levels tell in two ways, perhaps, that they have no value.
func (r *run) mixed() bool {
	n := len(r.plan.levels)
	for field, unlessNull := range r.unlessNull {
		ways := blanks(0)
		for _, b := range r.blanks[field*n:][:n] {
			ways |= b
		}
		if unlessNull && ways == blankNull|blankEmpty {
			return true
		}
	}
	return false
}

// sameNull tells whether two levels are sure to have one text, or none, where both have no value of a field.
func (r *run) sameNull(field, a, b int) bool {
	switch r.spelledAs(field, a, b) {
	case spelledAlike:
		return true
	case spelledUnlessChanged, spelledUnlessNull: // if some texts were changed the level was read in the first round
		n := len(r.plan.levels)
		return r.blanks[field*n+a]|r.blanks[field*n+b] != blankNull|blankEmpty
	}
	return false
}
