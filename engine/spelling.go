package engine

import "crosscheck/engine/record"

// spelling says whether values of a field that are equal have one text on two levels, so that one is shown for the other and is
// not read again.
type spelling uint8

const (
	spelledApart      spelling = iota // perhaps not
	spelledUnlessNull                 // yes, unless they are null, which an empty text is too
	spelledAlike                      // yes
)

// newSpelling gives the spelling of a field for each pair of levels that have it, at a·levels + b.
func newSpelling(plan *Plan, field int) []spelling {
	f, n := &plan.Fields[field], len(plan.levels)
	out := make([]spelling, n*n)
	for a := range n {
		for b := range n {
			la, lb := &plan.levels[a], &plan.levels[b]
			if la.fields[field] < 0 || lb.fields[field] < 0 {
				continue
			}
			same, unlessNull := record.SameText(f.Type, &f.Canon, la.stored[la.fields[field]], lb.stored[lb.fields[field]])
			switch {
			case same && unlessNull:
				out[a*n+b] = spelledUnlessNull
			case same:
				out[a*n+b] = spelledAlike
			}
		}
	}
	return out
}

// spelledAs gives how the values that two levels have of a field are spelled.
func (r *run) spelledAs(field, a, b int) spelling { return r.spelling[field][a*len(r.plan.levels)+b] }
