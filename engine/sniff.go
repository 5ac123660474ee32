package engine

import (
	"context"

	"crosscheck/engine/guard"
	"crosscheck/engine/level"
	"crosscheck/engine/record"

	"golang.org/x/sync/errgroup"
)

// sniff looks at the first rows of each level, of the columns whose type or steps are open and that some level stores as text. It
// finds resident IDs, which may be numbers on other levels, the steps of phone numbers and names, and the types of what no level has a type for.
func sniff(ctx context.Context, p *Plan) error {
	type column struct {
		field   *PlannedField
		at      []int // column a level, -1 where there is no text
		samples []record.Sample
	}
	var columns []*column
	add := func(f *PlannedField, at func(*plannedLevel) int) {
		c := &column{field: f, samples: make([]record.Sample, len(p.Levels))}
		text := false
		for l := range p.Levels {
			i := at(&p.levels[l])
			if i >= 0 && !record.IsText(p.levels[l].stored[i]) {
				i = -1
			}
			text = text || i >= 0
			c.at = append(c.at, i)
		}
		switch {
		case f.open && !text && f.Type == record.Auto:
			f.Type = record.String // nothing but nulls
		case f.open && text && (f.Type == record.Auto || f.Type == record.Int), f.Type == record.String && text && f.Canon.Steps == 0 && record.GuessByName(f.Name) != 0:
			columns = append(columns, c)
		}
	}
	for i := range p.Key {
		add(&p.Key[i], func(l *plannedLevel) int { return l.key[i] })
	}
	keys := len(columns)
	for i := range p.Fields {
		add(&p.Fields[i], func(l *plannedLevel) int { return l.fields[i] })
	}
	g, ctx := errgroup.WithContext(ctx)
	for l := range p.Levels {
		g.Go(guard.Func(func() error {
			var want []int
			var of []*column
			for _, c := range columns {
				if c.at[l] >= 0 {
					want, of = append(want, c.at[l]), append(of, c)
				}
			}
			if len(want) == 0 {
				return nil
			}
			batch, _, err := level.Sample(ctx, p.levels[l].source, want, sampleRows)
			if batch == nil {
				return err
			}
			defer batch.Release()
			for i, c := range of {
				c.samples[l].Take(batch.Column(i), sampleRows, c.field.Canon.Nulls)
			}
			return nil
		}))
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, c := range columns {
		var samples []record.Sample // of the levels that store text
		for l, at := range c.at {
			if at >= 0 {
				samples = append(samples, c.samples[l])
			}
		}
		c.field.settle(samples, i < keys)
	}
	return nil
}

// settle decides what samples of the levels that store a field as text leave open.
func (f *PlannedField) settle(samples []record.Sample, key bool) {
	steps := record.Guess(f.Name, samples)
	switch {
	case f.open && record.AreIDs(samples):
		f.Type = record.CNID
		return
	case f.inferable() && f.Type == record.Auto && !key:
		f.Type = record.Infer(f.Name, f.Tolerance, samples)
		f.Inferred = f.Type != record.String
	case f.open && f.Type == record.Auto, f.open && steps == record.Phone:
		f.Type = record.String
	}
	if f.Type == record.String && f.Canon.Steps == 0 && steps != 0 && !key {
		f.Canon.Steps, f.Guessed = steps, true
	}
}

// inferable tells whether the type of a field may follow from what the levels hold: nobody says it, not by steps or words for text either.
func (f *PlannedField) inferable() bool {
	return f.open && f.untyped && f.Canon.Steps == 0 && len(f.Canon.Map) == 0
}

// sampleRows is how many rows of each level sniff looks at.
const sampleRows = 1000
