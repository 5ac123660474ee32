package privacy

// sums is what the terms of a relation add up to, at least and at most, so that the limits of each of them need not look at all others: the work
// on a relation grows with its terms, not with their square.
type sums struct {
	r            *Relation
	least, most  int64 // of the terms that have a bound
	bare, barest int   // how many have no least, no most
	odd          int   // how many are beyond what is reckoned with here
}

// sums adds up a relation. No number is in it twice.
func (r *Relation) sums(b []bound) *sums {
	s := &sums{r: r}
	for _, t := range r.Terms {
		s.add(t, b[t.Cell], 1)
	}
	return s
}

// ends gives what a term is at least and at most.
func (t Term) ends(x bound) (least, most int64) {
	if t.Factor > 0 {
		return times(t.Factor, x.lo), times(t.Factor, x.hi)
	}
	return times(t.Factor, x.hi), times(t.Factor, x.lo)
}

// far is what no sum comes near: it takes a million terms to reach unbounded.
const far = unbounded >> 20

// add adds a term n times, 1 or -1.
func (s *sums) add(t Term, x bound, n int) {
	least, most := t.ends(x)
	switch {
	case least <= -unbounded:
		s.bare += n
	case least < -far || least > far:
		s.odd += n
	default:
		s.least += int64(n) * least
	}
	switch {
	case most >= unbounded:
		s.barest += n
	case most < -far || most > far:
		s.odd += n
	default:
		s.most += int64(n) * most
	}
}

// limits is Relation.limits.
func (s *sums) limits(t Term, b []bound) (lo, hi int64) {
	if s.odd > 0 || len(s.r.Terms) > 1<<20 {
		return s.r.limits(t.Cell, b)
	}
	others := *s
	others.add(t, b[t.Cell], -1)
	least, most := others.least, others.most
	if others.bare > 0 {
		least = -unbounded
	}
	if others.barest > 0 {
		most = unbounded
	}
	return s.r.solve(t.Factor, least, most)
}
