package profile

import "slices"

// sketchSize is how many hashes a sketch keeps.
const sketchSize = 8192

// sketch keeps the least of the hashes that it saw, with how often it saw each (a bottom-k sketch: Bar-Yossef et al., Counting
// distinct elements in a data stream, 2002). What it keeps is the same whatever the order; the counts are exact. Two columns keep
// the same hashes of the values that they share, so that overlaps can be told from two sketches.
type sketch struct {
	limit  uint64 // greater hashes are left out
	counts map[uint64]int64
}

func newSketch() *sketch { return &sketch{limit: ^uint64(0), counts: map[uint64]int64{}} }

func (s *sketch) add(h uint64, n int64) {
	if h > s.limit {
		return
	}
	s.counts[h] += n
	if len(s.counts) > 2*sketchSize {
		s.shrink()
	}
}

// shrink leaves the least hashes.
func (s *sketch) shrink() {
	if len(s.counts) <= sketchSize {
		return
	}
	all := make([]uint64, 0, len(s.counts))
	for h := range s.counts {
		all = append(all, h)
	}
	slices.Sort(all)
	s.limit = all[sketchSize-1]
	for _, h := range all[sketchSize:] {
		delete(s.counts, h)
	}
}

// merge adds o to s.
func (s *sketch) merge(o *sketch) {
	if o.limit < s.limit {
		s.limit = o.limit
		for h := range s.counts {
			if h > s.limit {
				delete(s.counts, h)
			}
		}
	}
	for h, n := range o.counts {
		s.add(h, n)
	}
}

// distinct estimates the number of distinct values: exact while all are kept.
func (s *sketch) distinct() float64 {
	if s.limit == ^uint64(0) {
		return float64(len(s.counts))
	}
	return float64(len(s.counts)) / (float64(s.limit) / (1 << 64))
}

// unique is the share of rows whose value is there for the first time, 1 where none repeats.
func (s *sketch) unique() float64 {
	rows := int64(0)
	for _, n := range s.counts {
		rows += n
	}
	if rows == 0 {
		return 0
	}
	return float64(len(s.counts)) / float64(rows)
}

// overlap tells, of the distinct values of two columns, how many both have, and how many either.
func overlap(a, b *sketch) (both, either float64) {
	limit := min(a.limit, b.limit)
	n := 0
	for h := range a.counts {
		if h <= limit {
			n++
			if _, ok := b.counts[h]; ok {
				both++
			}
		}
	}
	either = float64(n) - both
	for h := range b.counts {
		if h <= limit {
			either++
		}
	}
	return both, either
}

// alike is the share of the distinct values of two columns that both have (Jaccard).
func alike(a, b *sketch) float64 {
	both, either := overlap(a, b)
	if either == 0 {
		return 0
	}
	return both / either
}
