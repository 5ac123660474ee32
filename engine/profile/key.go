package profile

import (
	"cmp"
	"context"
	"regexp"
	"runtime"
	"slices"

	"crosscheck/engine/privacy"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// Look reads all levels and says what is known of them.
func Look(ctx context.Context, levels []Level) (*Profile, error) {
	p := &Profile{}
	for _, l := range levels {
		columns, err := Columns(ctx, l)
		if err != nil {
			return nil, err
		}
		p.Levels, p.Columns = append(p.Levels, l.Name), append(p.Columns, columns)
	}
	p.match()
	for _, name := range p.Names() {
		if c, ok := p.single(name); ok {
			p.Keys = append(p.Keys, c)
		}
	}
	if !slices.ContainsFunc(p.Keys, func(c Candidate) bool { return c.Good() && !c.Person }) {
		if err := p.pairs(ctx, levels); err != nil {
			return nil, err
		}
	}
	likely := func(c Candidate) float64 {
		s := c.score()
		for _, name := range c.Columns {
			s += 0.15 * float64(p.keyLike(name)) / float64(len(c.Columns))
			if class := p.kinds[name].Class; class == privacy.Name || class == privacy.Address {
				s -= 0.2 / float64(len(c.Columns))
			}
		}
		switch {
		case !c.Good():
		case c.Person, len(c.Columns) > 1 && !c.Named: // what persons share, and two columns that by accident repeat in no row
			s += 5
		default:
			s += 10
		}
		return s
	}
	slices.SortStableFunc(p.Keys, func(a, b Candidate) int { return cmp.Compare(likely(b), likely(a)) })
	return p, nil
}

// measured tells texts that are fractions, dates or times.
var measured = regexp.MustCompile(`^\s*[+-]?([0-9]+[.,][0-9]+|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}([T ].*)?)\s*$`)

// single gives a column that all levels have as a candidate. Times, fractions and truth values are no keys.
func (p *Profile) single(name string) (Candidate, bool) {
	c := Candidate{Columns: []string{name}, IDs: true, Unique: 1, Overlap: 1}
	var first *sketch
	for l := range p.Levels {
		col := p.at(l, name)
		if col == nil || col.measured {
			return c, false
		}
		switch col.Stored.ID() {
		case arrow.FLOAT32, arrow.FLOAT64, arrow.BOOL, arrow.TIMESTAMP, arrow.DATE32, arrow.DATE64:
			return c, false
		case arrow.DECIMAL128:
			if col.Stored.(*arrow.Decimal128Type).Scale > 0 {
				return c, false
			}
		}
		c.IDs = c.IDs && col.IDs >= 0.9
		if col.Rows > 0 {
			c.Unique = min(c.Unique, col.Unique)
			c.Nulls = max(c.Nulls, float64(col.Nulls)/float64(col.Rows))
		}
		if first == nil {
			first = col.kept
			continue
		}
		c.Overlap = min(c.Overlap, shared(first, col.kept))
	}
	p.name(&c)
	return c, true
}

// name fills in what the names of a candidate's columns and their classes say.
func (p *Profile) name(c *Candidate) {
	c.Named = true
	for _, n := range c.Columns {
		c.Named = c.Named && record.IsCode(n)
		switch p.kinds[n].Class {
		case privacy.Name, privacy.Address, privacy.Phone, privacy.Email, privacy.BankCard, privacy.Health:
			c.Person = true
		}
	}
}

// shared is the share of the distinct values of b that a has.
func shared(a, b *sketch) float64 {
	both, _ := overlap(a, b)
	n := 0.0
	for h := range b.counts {
		if h <= a.limit {
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return both / n
}

// mostPaired is how many columns are tried in pairs: those whose names are those of keys first, then numbers.
const mostPaired = 10

// keyLike orders columns by how much they look like parts of a key.
func (p *Profile) keyLike(name string) (n int) {
	if record.IsCode(name) {
		n += 2
	}
	if c := p.at(0, name); c.IDs >= 0.9 || arrow.IsInteger(c.Stored.ID()) {
		n++
	}
	return n
}

// pairs tries two columns together, those with the most distinct values, in a second pass over the rows.
func (p *Profile) pairs(ctx context.Context, levels []Level) error {
	var names []string
	for _, c := range p.Keys {
		names = append(names, c.Columns[0])
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(p.keyLike(b), p.keyLike(a)) })
	names = names[:min(len(names), mostPaired)]
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(slices.Index(p.names[0], a), slices.Index(p.names[0], b)) })
	type pair struct{ a, b int }
	var all []pair
	for a := range names {
		for b := a + 1; b < len(names); b++ {
			x, y := p.at(0, names[a]), p.at(0, names[b])
			if x.Distinct*y.Distinct >= 0.9*float64(x.Rows-x.Nulls) {
				all = append(all, pair{a, b})
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	sketches := make([][]*sketch, len(levels))
	for l := range levels {
		var columns []int
		for _, n := range names {
			columns = append(columns, slices.Index(p.names[l], n))
		}
		workers := make([][]*sketch, runtime.GOMAXPROCS(0))
		readers := make([]record.Reader, len(workers))
		hashes := make([][]uint64, len(workers))
		for w := range workers {
			hashes[w] = make([]uint64, len(names))
			for range all {
				workers[w] = append(workers[w], newSketch())
			}
		}
		err := each(ctx, levels[l].Source, columns, len(workers), func(w, _ int, batch arrow.Record) {
			for row := range int(batch.NumRows()) {
				for c := range names {
					hashes[w][c] = 0
					if text, ok := readers[w].Text(batch.Column(c), row); ok {
						hashes[w][c] = hashOf(text)
					}
				}
				for i, pr := range all {
					workers[w][i].add(record.Mix(hashes[w][pr.a]^record.Mix(hashes[w][pr.b])), 1)
				}
			}
		})
		if err != nil {
			return err
		}
		for _, w := range workers[1:] {
			for i := range all {
				workers[0][i].merge(w[i])
			}
		}
		sketches[l] = workers[0]
	}
	for i, pr := range all {
		c := Candidate{Columns: []string{names[pr.a], names[pr.b]}, Unique: 1, Overlap: 1}
		for l := range levels {
			s := sketches[l][i]
			s.shrink()
			c.Unique = min(c.Unique, s.unique())
			c.Overlap = min(c.Overlap, shared(sketches[0][i], s))
			for _, n := range c.Columns {
				if col := p.at(l, n); col.Rows > 0 {
					c.Nulls = max(c.Nulls, float64(col.Nulls)/float64(col.Rows))
				}
			}
		}
		p.name(&c)
		p.Keys = append(p.Keys, c)
	}
	return nil
}
