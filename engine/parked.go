package engine

import (
	"context"
	"encoding/binary"
	"sync"

	"crosscheck/engine/spill"
)

// parked is a group of suspects that are in the temporary file until the values that all groups need are read from the levels, in one go. Its pieces
// are its suspects, partition by partition (parkedpart.go); what they want, bundle by bundle; and then the values, in any order. Of what is
// wanted and of a value they hold, little-endian:
//
//	4   reference of the row         4   number of the cell
//	4   number of the cell           8   its hash
//	4   column (cell.field)          4   length of its text plus one, 0 for none
//	                                     text
//
// Cells have numbers in the order in which wantAll gives them.
type parked struct {
	parts  []spill.Extent
	first  []uint32       // a part: the number of its first cell; and how many there are
	wants  []spill.Extent // a bundle of run.allBundles; of no bytes where nothing is wanted
	values []spill.Extent
}

const (
	parkedWant  = 12
	parkedValue = 16  // and its text
	readingWant = 112 // what a value takes while it is read: what is wanted, as it was spilled and in another order, and the cell with its text
	parkFrom    = 3   // groups; for fewer, levels are read again each time
)

// parks tells whether the suspects of the ranges from begin to end, and those of the ranges behind, are to be parked: where the levels would be read again
// often, and the disk has room for it.
func (r *run) parks(begin, end int) bool {
	mine, left := int64(0), int64(0) // rows
	for i := begin; i < len(r.over.ranges); i++ {
		for _, rows := range r.over.ranges[i].rows {
			if left += rows; i < end {
				mine += rows
			}
		}
	}
	groups := left / max(mine, 1)
	pieces := groups * int64(len(r.allBundles())) * sizeOf[spill.Extent]() // where those of what is wanted lie
	free := spill.Free(r.plan.Memory.SpillDir)
	return end < len(r.over.ranges) && groups >= parkFrom &&
		pieces <= r.plan.Memory.limit/20 &&
		(free < 0 || 2*(groups+1)*r.keptBytes() <= free)
}

// bundleAt is a bundle of a level.
type bundleAt struct{ level, index int }

// allBundles lists the bundles of all levels.
func (r *run) allBundles() (all []bundleAt) {
	for l := range r.bundled {
		for b := range r.bundled[l] {
			all = append(all, bundleAt{l, b})
		}
	}
	return all
}

// wantAll lists all that must be read again for a partition of which nothing was.
func (r *run) wantAll(f *partFindings, add func(ref uint32, c *cell)) {
	r.wantCells(f, add)
	r.wantMembers(f, add)
}

// parkedCells is what is wanted of some partitions that follow one another; the numbers of the cells count from 0.
type parkedCells struct {
	byBundle [][]pile[parkedCell] // a level
	cells    uint32
}

type parkedCell struct{ ref, number, column uint32 }

// park moves the suspects to the temporary file.
func (r *run) park(ctx context.Context) (*parked, error) {
	p := new(parked)
	err := r.writeBehind(func() error {
		all := make([]parkedCells, r.opt.Workers)
		parts := make([]spill.Extent, len(r.findings))
		cells := make([]uint32, len(r.findings))
		if err := r.parallelBy(ctx, len(all), func(worker, i int) error {
			return r.workers[worker].park(&all[i], len(r.findings)*i/len(all), len(r.findings)*(i+1)/len(all), parts, cells)
		}); err != nil {
			return err
		}
		n := uint32(0)
		for i, e := range parts {
			if e.N > 0 {
				p.parts, p.first = append(p.parts, e), append(p.first, n)
				n += cells[i]
			}
		}
		p.first = append(p.first, n)
		first := make([]uint32, len(all))
		for i := range all[1:] {
			first[i+1] = first[i] + all[i].cells
		}
		bundles := r.allBundles()
		p.wants = make([]spill.Extent, len(bundles))
		return r.parallelBy(ctx, len(bundles), func(worker, i int) (err error) {
			at, le, w := bundles[i], binary.LittleEndian, r.workers[worker]
			w.pieces = w.pieces[:0]
			for j := range all {
				for _, chunk := range all[j].byBundle[at.level][at.index] {
					for _, c := range chunk {
						w.pieces = le.AppendUint32(le.AppendUint32(le.AppendUint32(w.pieces, c.ref), first[j]+c.number), c.column)
					}
				}
			}
			if len(w.pieces) > 0 {
				p.wants[i], err = w.out.Write(w.pieces)
			}
			return err
		})
	})
	r.findings = nil
	r.forgetTexts()
	return p, err
}

// park writes the suspects of the partitions from begin to end and lets go of them, and lists what they want.
func (w *worker) park(cells *parkedCells, begin, end int, parts []spill.Extent, counts []uint32) (err error) {
	r, mixed := w.run, w.run.mixed()
	for l := range r.bundled {
		cells.byBundle = append(cells.byBundle, make([]pile[parkedCell], len(r.bundled[l])))
	}
	for p := begin; p < end; p++ {
		f := &r.findings[p]
		if len(f.suspects) == 0 {
			continue
		}
		for i := range f.suspects {
			if s := &f.suspects[i]; mixed && !s.whole && !s.candidates.empty() {
				r.wantNulls(f, s, false) // a second round would be one for each group
			}
		}
		counts[p] = cells.cells
		r.wantAll(f, func(ref uint32, c *cell) {
			cells.byBundle[c.level][r.bundleOf(int(c.level), ref)].add(parkedCell{ref, cells.cells, uint32(c.field)}, firstWanted, lastWanted)
			cells.cells++
		})
		counts[p] = cells.cells - counts[p]
		w.pieces = r.appendParked(w.pieces[:0], f)
		if parts[p], err = w.out.Write(w.pieces); err != nil {
			return err
		}
		*f = partFindings{}
	}
	return nil
}

// writeBehind has the workers write pieces to the temporary file while do goes on.
func (r *run) writeBehind(do func() error) error {
	behind := r.over.file.Behind(len(r.workers)+waitingBlocks, r.over.block())
	for _, w := range r.workers {
		w.out = behind.Writer()
	}
	err := do()
	for _, w := range r.workers {
		w.out.Flush()
		w.out = nil
	}
	if failed := behind.Wait(); err == nil {
		err = failed
	}
	return err
}

// readParked reads what the groups want, each bundle once or, where it is wanted a lot, for some groups after the other, and spills it by group.
func (r *run) readParked(ctx context.Context, groups []*parked) error {
	bundles := r.allBundles()
	var mu sync.Mutex
	return r.writeBehind(func() error {
		readers := make([]parkedReader, len(r.workers))
		for i, w := range r.workers {
			readers[i] = parkedReader{r: r, groups: groups, out: w.out, mu: &mu, pieces: make([][]byte, len(groups))}
		}
		if err := r.parallelBy(ctx, len(bundles), func(worker, i int) error { return readers[worker].bundle(ctx, i, bundles[i]) }); err != nil {
			return err
		}
		return r.parallel(ctx, len(readers), func(i int) error { return readers[i].flush() })
	})
}

// parkedReader reads what is wanted of bundles. Each worker has its own.
type parkedReader struct {
	r      *run
	groups []*parked
	out    *spill.Writer
	mu     *sync.Mutex // of parked.values
	pieces [][]byte    // a group: its values that are not written yet

	piece   []byte // of what is wanted
	wanted  []wanted
	cells   []cell
	numbers []uint32
	ends    []int // a group of those under way: where its cells end
}

// bundle reads what is wanted of bundle i.
func (p *parkedReader) bundle(ctx context.Context, i int, at bundleAt) (err error) {
	most := int(p.r.suspectsBudget() / int64(p.r.opt.Workers) / readingWant)
	for first := 0; first < len(p.groups); first += len(p.ends) {
		n := 0
		p.ends = p.ends[:0]
		for _, g := range p.groups[first:] {
			if n += g.wants[i].N / parkedWant; n > most && len(p.ends) > 0 {
				break
			}
			p.ends = append(p.ends, n)
		}
		if n = p.ends[len(p.ends)-1]; n == 0 {
			continue
		}
		if err := p.read(ctx, i, at, first, n); err != nil {
			return err
		}
	}
	return nil
}

// read reads what some groups want of bundle i, n cells, and adds it to their values.
func (p *parkedReader) read(ctx context.Context, i int, at bundleAt, first, n int) (err error) {
	le, r := binary.LittleEndian, p.r
	if cap(p.cells) < n {
		p.cells, p.wanted, p.numbers = make([]cell, n), make([]wanted, n), make([]uint32, n)
	}
	cells, want, numbers := p.cells[:n], p.wanted[:n], p.numbers[:n]
	next := 0
	for _, g := range p.groups[first:][:len(p.ends)] {
		if g.wants[i].N == 0 {
			continue
		}
		if p.piece, err = r.over.file.Read(g.wants[i], p.piece); err != nil {
			return err
		}
		for src := p.piece; len(src) > 0; src = src[parkedWant:] {
			c := &cells[next]
			*c = cell{field: int32(le.Uint32(src[8:])), level: int16(at.level)}
			want[next] = wanted{ref: le.Uint32(src), col: c.field, cell: c}
			numbers[next] = le.Uint32(src[4:])
			next++
		}
		r.over.file.Drop(g.wants[i])
	}
	var texts texts
	if err := r.gatherBundle(ctx, at.level, r.bundled[at.level][at.index], [][]wanted{want}, &texts); err != nil {
		return err
	}
	begin := 0
	for i, end := range p.ends {
		for ; begin < end; begin++ {
			if err := p.add(first+i, numbers[begin], &cells[begin], &texts); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds a cell to the values of a group.
func (p *parkedReader) add(group int, number uint32, c *cell, texts *texts) error {
	le, piece, text := binary.LittleEndian, p.pieces[group], texts.of(&c.text)
	if len(piece) > 0 && len(piece)+parkedValue+len(text) > p.r.over.most {
		if err := p.write(group); err != nil {
			return err
		}
		piece = p.pieces[group]
	}
	piece = le.AppendUint64(le.AppendUint32(piece, number), c.hash)
	p.pieces[group] = append(le.AppendUint32(piece, uint32(c.text.size)), text...)
	return nil
}

// write writes the values of a group.
func (p *parkedReader) write(group int) error {
	e, err := p.out.Write(p.pieces[group])
	p.pieces[group] = p.pieces[group][:0]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.groups[group].values = append(p.groups[group].values, e)
	return err
}

// flush writes what is not written yet.
func (p *parkedReader) flush() error {
	for group := range p.pieces {
		if len(p.pieces[group]) > 0 {
			if err := p.write(group); err != nil {
				return err
			}
		}
	}
	return nil
}

// unpark takes the suspects of a group back, with all values that they want.
func (r *run) unpark(ctx context.Context, p *parked) error {
	r.over.file.Ahead(p.values...)
	r.findings = make([]partFindings, len(p.parts))
	cells := make([]cell, p.first[len(p.parts)])
	if err := r.parallelBy(ctx, len(p.parts), func(worker, i int) (err error) {
		w := r.workers[worker]
		if w.pieces, err = r.over.file.Read(p.parts[i], w.pieces); err == nil {
			r.over.file.Drop(p.parts[i])
			r.takeParked(&r.findings[i], w.pieces, cells[p.first[i]:p.first[i+1]], &w.reader.keeper)
		}
		return err
	}); err != nil {
		return err
	}
	if err := r.parallelBy(ctx, len(p.values), func(worker, i int) (err error) {
		le, w := binary.LittleEndian, r.workers[worker]
		if w.pieces, err = r.over.file.Read(p.values[i], w.pieces); err != nil {
			return err
		}
		r.over.file.Drop(p.values[i])
		for src := w.pieces; len(src) > 0; {
			c := &cells[le.Uint32(src)]
			c.hash = le.Uint64(src[4:])
			size := int(le.Uint32(src[12:]))
			if src = src[parkedValue:]; size > 0 {
				w.reader.keeper.keep(&c.text, src[:size-1])
				src = src[size-1:]
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for i := range r.findings {
		f := &r.findings[i]
		next := p.first[i] + uint32(len(f.cells))
		r.wantMembers(f, func(_ uint32, c *cell) {
			c.text = cells[next].text
			next++
		})
		f.read = len(f.cells)
	}
	r.gathered = true
	return nil
}
