package engine

import (
	"math"
	"sync/atomic"

	"crosscheck/engine/record"
)

// spelling says whether values of a field that are equal have one text on two levels, so that one is shown for the other and is
// not read again.
type spelling uint8

const (
	spelledApart         spelling = iota // perhaps not
	spelledUnlessChanged                 // as spelledUnlessNull, where no text was changed to be compared
	spelledUnlessNull                    // yes, unless they are null, which an empty text is too
	spelledAlike                         // yes
)

// spellings is the spelling of a field on all levels.
type spellings struct {
	pairs []spelling // for each two levels that have it, at a·levels + b
	same  []uint32   // a level: it and those that spell a value as it does, unless it is null at most, bit by bit
}

func newSpellings(plan *Plan, field int) spellings {
	f, n := &plan.Fields[field], len(plan.levels)
	out := spellings{make([]spelling, n*n), make([]uint32, n)}
	for a := range n {
		for b := range n {
			la, lb := &plan.levels[a], &plan.levels[b]
			if la.fields[field] < 0 || lb.fields[field] < 0 {
				continue
			}
			same, unlessNull := record.SameText(f.Type, &f.Canon, la.stored[la.fields[field]], lb.stored[lb.fields[field]])
			switch {
			case same && unlessNull:
				out.pairs[a*n+b] = spelledUnlessNull
			case same:
				out.pairs[a*n+b] = spelledAlike
			case record.SameUnlessChanged(f.Type, la.stored[la.fields[field]], lb.stored[lb.fields[field]]):
				out.pairs[a*n+b] = spelledUnlessChanged
			}
			if same || a == b {
				out.same[a] |= 1 << b
			}
		}
	}
	return out
}

// spelledAs gives how the values that two levels have of a field are spelled.
func (r *run) spelledAs(field, a, b int) spelling {
	return r.spelling[field].pairs[a*len(r.plan.levels)+b]
}

// respelled is the fields of each bundle of a level of which some text was compared as another one, or may have been, bit by bit.
type respelled struct {
	words int // a bundle
	bits  []atomic.Uint64
}

func newRespelled(fields, bundles int) respelled {
	words := (fields + 63) / 64
	return respelled{words, make([]atomic.Uint64, words*bundles)}
}

// noteChanged notes what the hashers changed of a batch of a bundle, which other workers may have batches of.
func (w *worker) noteChanged(l, bundle int) {
	a := &w.run.respelled[l]
	for f, h := range w.hashers {
		if h.Changed() {
			a.bits[bundle*a.words+f/64].Or(1 << (f % 64))
		}
	}
}

// noteUnknown notes that nobody looked how the texts of a bundle are compared.
func (r *run) noteUnknown(l, bundle int) {
	a := &r.respelled[l]
	for i := range a.words {
		a.bits[bundle*a.words+i].Store(math.MaxUint64)
	}
}

// unchanged tells whether the texts of a field where a row of a level lies were all compared as they are.
func (r *run) unchanged(field, l int, ref uint32) bool {
	a := &r.respelled[l]
	return a.bits[r.bundleOf(l, ref)*a.words+field/64].Load()>>(field%64)&1 == 0
}

// mayDiffer tells whether two rows of two levels that agree in a field may have different texts, not both being null.
func (r *run) mayDiffer(field, a, b int, refA, refB uint32) bool {
	switch r.spelledAs(field, a, b) {
	case spelledApart:
		return true
	case spelledUnlessChanged:
		return !r.unchanged(field, a, refA) || !r.unchanged(field, b, refB)
	}
	return false
}
