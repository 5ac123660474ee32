package synth

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"crosscheck/engine/guard"

	"golang.org/x/sync/errgroup"
)

// GenerateShape writes levels of a shape. As with Generate, everything about a record follows from the seed and its number, each level
// has an order of its own, and files appear when all are complete.
func GenerateShape(ctx context.Context, opt ShapeOptions) (*ShapeManifest, error) {
	m, err := generateShape(ctx, opt)
	if err != nil {
		return nil, fmt.Errorf("synthetic data: %w", err)
	}
	return m, nil
}

func generateShape(ctx context.Context, opt ShapeOptions) (*ShapeManifest, error) {
	if err := opt.validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(opt.Dir, 0o777); err != nil {
		return nil, err
	}
	p := newShapePlan(&opt)
	m := &ShapeManifest{Paths: opt.paths()}
	files := make([]*file, len(m.Paths))
	defer func() {
		for _, f := range files {
			f.discard()
		}
	}()
	for i, path := range m.Paths {
		f, err := create(path)
		if err != nil {
			return nil, err
		}
		files[i] = f
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for l, f := range files {
		g.Go(guard.Func(func() error { return p.writeLevel(ctx, l, f) }))
	}
	g.Go(guard.Func(func() error {
		for r := range p.records {
			switch f := p.fault(r); {
			case !f.there:
			case f.missing:
				m.Missing++
			default:
				m.Differs++
			}
		}
		return nil
	}))
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, step := range []func(*file) error{(*file).complete, (*file).publish} {
		for _, f := range files {
			if err := step(f); err != nil {
				return nil, err
			}
		}
	}
	var err error
	m.Bytes, err = bytesOf(m.Paths)
	return m, err
}

// shapePlan is what the rows of all levels follow from.
type shapePlan struct {
	opt       *ShapeOptions
	records   uint64
	threshold uint64 // of 2^53: share of records with a fault
	faults    uint64 // salt
	ids       permutation
	columns   []shapeColumn
}

func newShapePlan(opt *ShapeOptions) *shapePlan {
	p := &shapePlan{
		opt:       opt,
		records:   uint64(opt.Records),
		threshold: uint64(opt.Mismatch * (1 << 53)),
		faults:    salt(opt.Seed, forFaults),
		ids:       newPermutation(maxRecords, salt(opt.Seed, forIDs)),
	}
	for c := range opt.Shape.Columns {
		p.columns = append(p.columns, newShapeColumn(&opt.Shape.Columns[c], p.records, salt(opt.Seed, forValues+256*uint64(c+1))))
	}
	return p
}

// shapeFault is what is wrong with a record: one level lacks it, or has another value in one column.
type shapeFault struct {
	there, missing bool
	level, column  int
}

// lackShare is how many of the faulty records a level lacks.
const lackShare = 0.25

func (p *shapePlan) fault(r uint64) (f shapeFault) {
	s := streamOf(p.faults, r)
	if s.below(1<<53) >= p.threshold {
		return f
	}
	f.there, f.missing = true, s.below(1<<20) < lackShare*(1<<20)
	f.level, f.column = int(s.below(uint64(len(p.opt.Shape.Levels)))), int(s.below(uint64(len(p.columns))))
	return f
}

// shapeTable writes the rows of a level: the values of a record column by column, then its key.
type shapeTable interface {
	put(c *shapeColumn, column int, value uint64) // null if value is noValue
	endRow(id uint64) error
	close() error // completes the file's content
}

func (p *shapePlan) writeLevel(ctx context.Context, l int, f *file) error {
	var t shapeTable
	if p.opt.Shape.Levels[l].Format == CSV {
		t = newShapeCSV(p, f)
	} else {
		t = newShapeParquet(p, l, f)
	}
	order := newPermutation(p.records, salt(p.opt.Seed, forOrder+256*uint64(l+1)))
	for i := range p.records {
		if i%often == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r := order.at(i)
		fault := p.fault(r)
		if fault.missing && fault.level == l {
			continue
		}
		for c := range p.columns {
			col := &p.columns[c]
			v := col.value(r)
			if fault.there && !fault.missing && fault.level == l && fault.column == c {
				v = col.other(v)
			}
			t.put(col, c, v)
		}
		if err := t.endRow(p.ids.at(r)); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
	}
	if err := t.close(); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return nil
}
