package engine

import (
	"cmp"
	"slices"
)

// maxBlamed is how many values of a carried column are counted; a column with more, such as a phone number, is no group.
const maxBlamed = 1 << 16

// blame counts, by the values of a carried column, what each level got wrong.
type blame struct {
	values map[string]*blamed
	many   bool // more than maxBlamed values: none is counted
}

// blamed is what each level got wrong where the carried column has one value.
type blamed struct {
	outlier []int64 // a level: how often it alone disagrees with all others
	missing []int64 // a level: records that it lacks
}

// at gives the counts of a value, nil where there are too many.
func (b *blame) at(value string, levels int) *blamed {
	if b.many {
		return nil
	}
	c, ok := b.values[value]
	if !ok {
		if len(b.values) == maxBlamed {
			b.values, b.many = nil, true
			return nil
		}
		if b.values == nil {
			b.values = map[string]*blamed{}
		}
		c = &blamed{outlier: make([]int64, levels), missing: make([]int64, levels)}
		b.values[value] = c
	}
	return c
}

// merge adds o to b. Whether there are too many values does not depend on the order.
func (b *blame) merge(o *blame) {
	if o.many {
		b.values, b.many = nil, true
	}
	for value, from := range o.values {
		if to := b.at(value, len(from.outlier)); to != nil {
			for l := range from.outlier {
				to.outlier[l] += from.outlier[l]
				to.missing[l] += from.missing[l]
			}
		}
	}
}

// blameOutlier counts a field in which a level stands alone, blameMissing a record that levels lack.
func (a *assembler) blameOutlier(carry [][]byte, level int) {
	for i, value := range carry {
		if value != nil {
			if c := a.counts.blames[i].at(string(value), len(a.r.plan.Levels)); c != nil {
				c.outlier[level]++
			}
		}
	}
}

func (a *assembler) blameMissing(carry [][]byte, in uint32) {
	for i, value := range carry {
		if value == nil {
			continue
		}
		c := a.counts.blames[i].at(string(value), len(a.r.plan.Levels))
		for l := range a.r.plan.Levels {
			if c != nil && in>>l&1 == 0 {
				c.missing[l]++
			}
		}
	}
}

// blameCounts lists the counts of a carried column, the values with most wrong first.
func blameCounts(b *blame) []BlameCount {
	var out []BlameCount
	for value, c := range b.values {
		out = append(out, BlameCount{Value: value, Outlier: c.outlier, Missing: c.missing})
	}
	slices.SortFunc(out, func(a, b BlameCount) int {
		return cmp.Or(cmp.Compare(b.wrong(), a.wrong()), cmp.Compare(a.Value, b.Value))
	})
	return out
}

func (c *BlameCount) wrong() (n int64) {
	for l := range c.Outlier {
		n += c.Outlier[l] + c.Missing[l]
	}
	return n
}
