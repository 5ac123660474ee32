package privacy

import (
	"cmp"
	"math"
	"slices"
)

// Counts is numbers that are about to be public, and what everybody knows of how they hang together. It finds which of them must be
// withheld so that none that is too small can be worked out: primary suppression, and complementary suppression by an audit (Cox 1980, Sande
// 1984). The audit is what an attacker would do: from the numbers shown, the relations between them and that no count is negative, it
// narrows what each withheld number can be, by propagating bounds until nothing changes. As long as a small one is known to within less than
// least-1, one more number is withheld: of a relation that says so, one that costs least.
//
// Bounds that are propagated are the tightest there are where all factors are 1 or -1 and the withheld numbers do not hang together in circles
// (the constraint graph is a forest); elsewhere an attacker who solves the whole system may narrow further, not below what one relation after the other allows.
type Counts struct {
	cells     []publicCell
	relations []Relation
}

type publicCell struct {
	value  int64
	cost   int  // to withhold it: details before sums
	fixed  bool // it is public whatever happens
	secret bool // it is never public
	free   bool // and need not be protected
}

// Relation is a sum of numbers times factors that is 0, or at most 0.
type Relation struct {
	Terms  []Term
	AtMost bool
}

// Term is a number, as Add gave it, times a factor.
type Term struct {
	Cell   int
	Factor int64
}

// Add takes up a number and gives its index. The higher the cost, the later is it withheld to protect others.
func (c *Counts) Add(value int64, cost int) int {
	c.cells = append(c.cells, publicCell{value: value, cost: cost})
	return len(c.cells) - 1
}

// AddKnown takes up a number that is public whatever happens.
func (c *Counts) AddKnown(value int64) int {
	c.cells = append(c.cells, publicCell{value: value, fixed: true})
	return len(c.cells) - 1
}

// AddSecret takes up a number that is not public and that relations need, AddWithheld one that must be protected like the others if it is small.
func (c *Counts) AddSecret(value int64) int {
	c.cells = append(c.cells, publicCell{value: value, secret: true, free: true})
	return len(c.cells) - 1
}

// AddWithheld takes up a number that is withheld whatever it is.
func (c *Counts) AddWithheld(value int64) int {
	c.cells = append(c.cells, publicCell{value: value, secret: true})
	return len(c.cells) - 1
}

// Sum says that the total is the sum of the parts.
func (c *Counts) Sum(total int, parts ...int) {
	c.relations = append(c.relations, relation(total, parts, false))
}

// AtLeast says that the total is the sum of the parts or more.
func (c *Counts) AtLeast(total int, parts ...int) {
	c.relations = append(c.relations, relation(total, parts, true))
}

// Relate says that a relation holds.
func (c *Counts) Relate(r Relation) { c.relations = append(c.relations, r) }

func relation(total int, parts []int, atMost bool) Relation {
	r := Relation{Terms: []Term{{total, -1}}, AtMost: atMost}
	for _, p := range parts {
		r.Terms = append(r.Terms, Term{p, 1})
	}
	return r
}

// Protect says which numbers must be withheld: those above 0 and below least, and what it takes to protect them. One that what is public
// whatever happens tells is withheld all the same, with all that might have helped.
func (c *Counts) Protect(least int64) (withheld []bool) {
	withheld = make([]bool, len(c.cells))
	var small []int
	for i, x := range c.cells {
		few := !x.fixed && x.value > 0 && x.value < least
		withheld[i] = x.secret || few
		if few && !x.free {
			small = append(small, i)
		}
	}
	of := make([][]int, len(c.cells)) // the relations of each
	for r := range c.relations {
		for _, t := range c.relations[r].Terms {
			of[t.Cell] = append(of[t.Cell], r)
		}
	}
	for {
		b := c.bounds(withheld, of)
		next := -1
		for _, i := range small {
			if b[i].hi-b[i].lo >= least-1 {
				continue
			}
			if next = c.cheapest(i, b, withheld, of); next >= 0 {
				break
			}
		}
		if next < 0 {
			return withheld
		}
		withheld[next] = true
	}
}

// cheapest gives the number to withhold next for the sake of a small one: of the relations that bound it most, and then of those that bound what
// these hang together with; -1 if there is none.
func (c *Counts) cheapest(small int, b []bound, withheld []bool, of [][]int) int {
	best := -1
	better := func(i, j int) bool {
		x, y := &c.cells[i], &c.cells[j]
		return cmp.Or(cmp.Compare(x.cost, y.cost), cmp.Compare(emptyLast(x.value), emptyLast(y.value)), cmp.Compare(i, j)) < 0
	}
	seen := map[int]bool{small: true}
	for reached := []int{small}; best < 0 && len(reached) > 0; {
		var beyond []int
		for _, i := range reached {
			for _, r := range of[i] {
				lo, hi := c.relations[r].limits(i, b)
				if tight := lo > 0 && lo == b[i].lo || hi < unbounded && hi == b[i].hi; !tight {
					continue // it is another one that bounds it
				}
				for _, t := range c.relations[r].Terms {
					switch {
					case !withheld[t.Cell]:
						if !c.cells[t.Cell].fixed && (best < 0 || better(t.Cell, best)) {
							best = t.Cell
						}
					case !seen[t.Cell]:
						seen[t.Cell] = true
						beyond = append(beyond, t.Cell)
					}
				}
			}
		}
		reached = beyond
	}
	return best
}

// emptyLast orders counts by size, but 0 behind all others.
func emptyLast(n int64) uint64 { return uint64(n) - 1 }

// bound is what a number can be. Where there is no upper bound hi is unbounded.
type bound struct{ lo, hi int64 }

const unbounded = math.MaxInt64 / 4

// bounds gives what each number can be, as far as one relation after the other tells.
func (c *Counts) bounds(withheld []bool, of [][]int) []bound {
	b := make([]bound, len(c.cells))
	var queue []int
	queued := make([]bool, len(c.relations))
	for i, x := range c.cells {
		b[i] = bound{x.value, x.value}
		if withheld[i] {
			b[i] = bound{0, unbounded}
		}
	}
	for r := range c.relations {
		if slices.ContainsFunc(c.relations[r].Terms, func(t Term) bool { return withheld[t.Cell] }) {
			queue, queued[r] = append(queue, r), true
		}
	}
	// Bounds move by whole numbers, towards what the numbers are; some systems would creep there, so the steps are limited.
	for steps := 200 * (len(queue) + 1); len(queue) > 0 && steps > 0; steps-- {
		r := queue[0]
		queue, queued[r] = queue[1:], false
		sums := c.relations[r].sums(b)
		for _, t := range c.relations[r].Terms {
			if !withheld[t.Cell] {
				continue
			}
			lo, hi := sums.limits(t, b)
			if lo <= b[t.Cell].lo && hi >= b[t.Cell].hi {
				continue
			}
			sums.add(t, b[t.Cell], -1)
			b[t.Cell] = bound{max(lo, b[t.Cell].lo), min(hi, b[t.Cell].hi)}
			sums.add(t, b[t.Cell], 1)
			for _, other := range of[t.Cell] {
				if !queued[other] {
					queue, queued[other] = append(queue, other), true
				}
			}
		}
	}
	return b
}

// limits gives what a relation says of one of its numbers, given what the others can be.
func (r *Relation) limits(cell int, b []bound) (lo, hi int64) {
	factor, least, most := int64(0), int64(0), int64(0) // of the sum of the others
	for _, t := range r.Terms {
		x := b[t.Cell]
		switch {
		case t.Cell == cell:
			factor = t.Factor
		case t.Factor > 0:
			least, most = plus(least, times(t.Factor, x.lo)), plus(most, times(t.Factor, x.hi))
		default:
			least, most = plus(least, times(t.Factor, x.hi)), plus(most, times(t.Factor, x.lo))
		}
	}
	return r.solve(factor, least, most)
}

// solve gives what a number with a factor can be where the sum of the others is between least and most.
func (r *Relation) solve(factor, least, most int64) (lo, hi int64) {
	lo, hi = 0, unbounded
	// factor·x ≤ -least, and for an equality factor·x ≥ -most.
	if factor > 0 {
		if least > -unbounded {
			hi = floorDiv(-least, factor)
		}
		if !r.AtMost && most < unbounded {
			lo = -floorDiv(most, factor)
		}
		return lo, hi
	}
	if least > -unbounded {
		lo = -floorDiv(-least, -factor)
	}
	if !r.AtMost && most < unbounded {
		hi = floorDiv(most, -factor)
	}
	return lo, hi
}

func plus(a, b int64) int64 {
	if a <= -unbounded || b <= -unbounded {
		return -unbounded
	}
	if a >= unbounded || b >= unbounded {
		return unbounded
	}
	return max(-unbounded, min(unbounded, a+b))
}

func times(factor, x int64) int64 {
	if x >= unbounded/max(factor, -factor) {
		if factor < 0 {
			return -unbounded
		}
		return unbounded
	}
	return factor * x
}

// floorDiv rounds down; by is positive.
func floorDiv(x, by int64) int64 {
	q := x / by
	if x%by < 0 {
		q--
	}
	return q
}
