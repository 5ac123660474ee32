package synth

import (
	"context"
	"fmt"
)

// plan is what the rows of all levels follow from. A level is a walk over slots in an order of its own: a slot below records is
// that record; slot records+j holds the duplicates among records 8j … 8j+7. Now and then a slot has a row without a key too.
type plan struct {
	opt       *Options
	records   uint64
	slots     uint64
	levels    int
	threshold uint64 // of 2^53: share of records with a fault
	noKey     uint64 // of 2^53: share of slots with a row without a key
	values    uint64 // salts
	faults    uint64
	ids       permutation
}

// sharing is the number of records that share a slot for their duplicates.
const sharing = 8

// noKeyShare is how many rows without a key there are a faulty record, a level.
const noKeyShare = 0.02

// What randomness is drawn for. The salts of a level are purpose + 256 × (level + 1).
const (
	forIDs = iota + 1
	forValues
	forFaults
	forOrder
	forNoKey
)

func newPlan(opt *Options) *plan {
	share := max(0, opt.Mismatch) * (1 << 53)
	return &plan{
		opt:       opt,
		records:   uint64(opt.Records),
		slots:     uint64(opt.Records + (opt.Records+sharing-1)/sharing),
		levels:    len(opt.Levels),
		threshold: uint64(share),
		noKey:     uint64(share * noKeyShare),
		values:    salt(opt.Seed, forValues),
		faults:    salt(opt.Seed, forFaults),
		ids:       newPermutation(maxRecords, salt(opt.Seed, forIDs)),
	}
}

// order gives the slots of level l in the order of its rows.
func (p *plan) order(l int) permutation {
	return newPermutation(p.slots, salt(p.opt.Seed, forOrder+256*uint64(l+1)))
}

// noKeyAt tells whether a row without a key comes with a slot of the level whose salt this is, and which state its key is in.
func (p *plan) noKeyAt(salt, slot uint64) keyState {
	h := mix(salt + slot*golden)
	switch {
	case h>>11 >= p.noKey:
		return keyPresent
	case h&1 == 0:
		return keyNull
	}
	return keyBlank
}

func (p *plan) noKeySalt(l int) uint64 { return salt(p.opt.Seed, forNoKey+256*uint64(l+1)) }

// table takes the rows of a level.
type table interface {
	write(*row) error
	close() error // completes the file's content
}

// often is the number of slots between two looks at the context.
const often = 1 << 13

// writeLevel writes the rows of level l to f and tells progress how many records have been passed.
func (p *plan) writeLevel(ctx context.Context, l int, f *file, progress func(records int64)) (rows int64, err error) {
	var t table
	if p.opt.Format == CSV {
		t, err = newCSVTable(f)
	} else {
		t = newParquetTable(f, p.opt.RowGroupRows)
	}
	if err == nil {
		rows, err = p.walk(ctx, l, t, progress)
	}
	if err == nil {
		err = t.close()
	}
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", f.path, err)
	}
	return rows, nil
}

// walk gives the rows of level l to t.
func (p *plan) walk(ctx context.Context, l int, t table, progress func(records int64)) (rows int64, err error) {
	order, noKey := p.order(l), p.noKeySalt(l)
	var w row
	write := func() {
		if err == nil {
			err = t.write(&w)
			rows++
		}
	}
	passed := int64(0)
	for i := range p.slots {
		if i%often == 0 {
			progress(passed)
			passed = 0
			if err == nil {
				err = ctx.Err()
			}
		}
		slot := order.at(i)
		if slot < p.records {
			passed++
			f := p.fault(slot)
			if f.kind != missing || f.level != l {
				p.fill(&w, slot)
				w.typo = f.kind == keyTypo && f.level == l
				if f.kind == differs && f.on(l) || f.conflict && f.level == l && order.place(p.twin(slot)) < i {
					f.damage(&w, l)
				}
				write()
			}
		} else {
			first := (slot - p.records) * sharing
			for r := first; r < min(first+sharing, p.records); r++ {
				if f := p.fault(r); f.kind == duplicate && f.level == l {
					p.fill(&w, r)
					if f.conflict && order.place(r) < i { // the first of the two rows is the one that is right
						f.damage(&w, l)
					}
					write()
				}
			}
		}
		if state := p.noKeyAt(noKey, slot); state != keyPresent {
			p.fill(&w, p.records+slot)
			w.key = state
			write()
		}
		if err != nil {
			return 0, err
		}
	}
	progress(passed)
	return rows, nil
}

// twin is the slot of the duplicate of record r.
func (p *plan) twin(r uint64) uint64 { return p.records + r/sharing }
