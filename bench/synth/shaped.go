package synth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

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
	m := &ShapeManifest{}
	files := make([][]*file, len(opt.Shape.Levels))
	defer func() {
		for _, f := range slices.Concat(files...) {
			f.discard()
		}
	}()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for l := range files {
		paths := opt.paths(l)
		m.Paths, m.Sources = append(m.Paths, paths...), append(m.Sources, opt.source(l))
		if err := os.MkdirAll(filepath.Dir(paths[0]), 0o777); err != nil {
			return nil, errors.Join(err, g.Wait())
		}
		g.Go(guard.Func(func() (err error) {
			files[l], err = p.writeLevel(ctx, l, paths)
			return err
		}))
	}
	g.Go(guard.Func(func() error {
		for r := range p.records {
			f := p.fault(r)
			if opt.Apart {
				m.Missing += int64(len(files))
				continue
			}
			if p.same(r) {
				m.Same += int64(len(files))
				if f.missing {
					m.Same--
				}
				continue
			}
			switch {
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
	for _, f := range slices.Concat(files...) {
		if err := f.publish(); err != nil {
			return nil, err
		}
	}
	var err error
	m.Bytes, err = bytesOf(m.Paths)
	return m, err
}

// same tells whether a record has the key that several have.
func (p *shapePlan) same(r uint64) bool { return float64(r) < p.opt.Shape.Same*float64(p.records) }

// id gives the number that the key of a record is made of on level l.
func (p *shapePlan) id(l int, r uint64) uint64 {
	switch {
	case p.opt.Apart:
		r += uint64(l) * p.records
	case p.same(r):
		r = 0
	}
	return p.ids.at(r)
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

// order gives the record at place i of level l, for all places.
func (p *shapePlan) order(l int) func(i uint64) uint64 {
	if !p.opt.Shape.Levels[l].Sorted {
		order := newPermutation(p.records, salt(p.opt.Seed, forOrder+256*uint64(l+1)))
		return order.at
	}
	type keyed struct{ id, record uint64 }
	all := make([]keyed, p.records)
	for r := range all {
		all[r] = keyed{p.id(l, uint64(r)), uint64(r)}
	}
	slices.SortFunc(all, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.record, b.record)) })
	return func(i uint64) uint64 { return all[i].record }
}

// writeLevel writes the files of a level, one after the other.
func (p *shapePlan) writeLevel(ctx context.Context, l int, paths []string) (files []*file, err error) {
	order := p.order(l)
	each := (p.records + uint64(len(paths)) - 1) / uint64(len(paths))
	for i, path := range paths {
		f, err := create(path)
		if err != nil {
			return files, err
		}
		files = append(files, f)
		begin := uint64(i) * each
		if err := p.writeFile(ctx, l, f, order, min(begin, p.records), min(begin+each, p.records)); err != nil {
			return files, err
		}
		if err := f.complete(); err != nil {
			return files, err
		}
	}
	return files, nil
}

// writeFile writes the rows at places of a level.
func (p *shapePlan) writeFile(ctx context.Context, l int, f *file, order func(uint64) uint64, begin, end uint64) error {
	var t shapeTable
	if p.opt.Shape.Levels[l].Format == CSV {
		t = newShapeCSV(p, f)
	} else {
		t = newShapeParquet(p, l, f)
	}
	for i := begin; i < end; i++ {
		if i%often == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r := order(i)
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
		if err := t.endRow(p.id(l, r)); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
	}
	if err := t.close(); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return nil
}
