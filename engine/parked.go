package engine

import (
	"context"
	"encoding/binary"
	"sync"

	"crosscheck/engine/spill"
)

// parked is a group of suspects that are in the temporary file until the values that all groups need are read from the levels, in one go. Its pieces
// are its suspects, partition by partition (parkedpart.go); what they want, bundle by bundle; and then the values, in any order. Cells have numbers in the order in
// which wantAll gives them. Numbers are little-endian, and uvarints where no size is given.
//
// What is wanted of a bundle is a list of each worker that wants something, with the number that its own begin with before it, and its bytes, 4 bytes each. Of a value it holds:
//
//	4   reference of the row, less that with which the bundle begins
//	    number of the cell, less that of the one before; of the first as it is
//	    column (cell.field)
//
// And of a value that was read:
//
//	    number of the cell, less that of the one before, cut to 32 bits
//	8   its hash
//	    length of its text plus one, 0 for none
//	    text
type parked struct {
	parts  []spill.Extent
	first  []uint32       // a part: the number of its first cell; and how many there are
	wants  []spill.Extent // a bundle of run.allBundles; of no bytes where nothing is wanted
	wanted []uint32       // likewise: how many values
	values []spill.Extent
}

const (
	parkedWant  = 12  // bytes at most, where there are few columns
	parkedValue = 16  // likewise, and its text
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
	pieces := groups * int64(len(r.allBundles())) * (sizeOf[spill.Extent]() + sizeOf[uint32]()) // where those of what is wanted lie
	free := r.diskFree()
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
	r.wantCells(f, func(ref uint32, c *cell, _ int32) { add(ref, c) })
	r.wantMembers(f, add)
}

// parkedWants is what is wanted of some partitions that follow one another; the numbers of the cells count from 0.
type parkedWants struct {
	lists []wantList // a bundle of run.allBundles
	begin []int      // a level: of its first bundle there
	cells uint32
}

// wantList is what is wanted of a bundle, as it is parked.
type wantList struct {
	bytes  []byte
	values uint32
	last   uint32 // the number of the cell wanted last
}

// reset empties the lists and keeps their memory.
func (w *parkedWants) reset(r *run) {
	if w.lists == nil {
		n := 0
		for l := range r.bundled {
			w.begin = append(w.begin, n)
			n += len(r.bundled[l])
		}
		w.lists = make([]wantList, n)
	}
	for i := range w.lists {
		w.lists[i] = wantList{bytes: w.lists[i].bytes[:0]}
	}
	w.cells = 0
}

// add has a cell filled in from a row of its level.
func (w *parkedWants) add(r *run, ref uint32, c *cell) {
	b := r.bundleOf(int(c.level), ref)
	l := &w.lists[w.begin[c.level]+b]
	dst := binary.LittleEndian.AppendUint32(l.bytes, ref-r.bundleRefs[c.level][b])
	l.bytes = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(w.cells-l.last)), uint64(c.field))
	l.values, l.last = l.values+1, w.cells
	w.cells++
}

// park moves the suspects to the temporary file.
func (r *run) park(ctx context.Context) (*parked, error) {
	p := new(parked)
	err := r.writeBehind(func() error {
		parts := make([]spill.Extent, len(r.findings))
		cells := make([]uint32, len(r.findings))
		all := len(r.workers)
		if err := r.parallel(ctx, all, func(i int) error {
			return r.workers[i].park(len(r.findings)*i/all, len(r.findings)*(i+1)/all, parts, cells)
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
		bundles := r.allBundles()
		p.wants, p.wanted = make([]spill.Extent, len(bundles)), make([]uint32, len(bundles))
		return r.parallelBy(ctx, len(bundles), func(worker, i int) (err error) {
			le, w, first := binary.LittleEndian, r.workers[worker], uint32(0)
			w.pieces = w.pieces[:0]
			for _, other := range r.workers {
				if l := &other.parked.lists[i]; l.values > 0 {
					w.pieces = le.AppendUint32(le.AppendUint32(w.pieces, first), uint32(len(l.bytes)))
					w.pieces = append(w.pieces, l.bytes...)
					p.wanted[i] += l.values
				}
				first += other.parked.cells
			}
			if len(w.pieces) > 0 {
				p.wants[i], err = w.out.Write(w.pieces)
			}
			return err
		})
	})
	r.forgetFindings()
	r.forgetTexts()
	return p, err
}

// park writes the suspects of the partitions from begin to end and lists what they want.
func (w *worker) park(begin, end int, parts []spill.Extent, counts []uint32) (err error) {
	r, mixed, wants := w.run, w.run.mixed(), &w.parked
	wants.reset(r)
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
		counts[p] = wants.cells
		r.wantAll(f, func(ref uint32, c *cell) { wants.add(r, ref, c) })
		counts[p] = wants.cells - counts[p]
		w.pieces = r.appendParked(w.pieces[:0], f)
		if parts[p], err = w.out.Write(w.pieces); err != nil {
			return err
		}
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
			readers[i] = parkedReader{r: r, groups: groups, out: w.out, mu: &mu, pieces: make([][]byte, len(groups)), last: make([]uint32, len(groups))}
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
	last   []uint32    // a group: the number of the last of them

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
			if n += int(g.wanted[i]); n > most && len(p.ends) > 0 {
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
	next, begins := 0, r.bundleRefs[at.level][at.index]
	for _, g := range p.groups[first:][:len(p.ends)] {
		if g.wants[i].N == 0 {
			continue
		}
		if p.piece, err = r.over.file.Read(g.wants[i], p.piece); err != nil {
			return err
		}
		for src := p.piece; len(src) > 0; {
			number, list := le.Uint32(src), src[8:][:le.Uint32(src[4:])]
			src = src[8+len(list):]
			for i := 0; i < len(list); next++ {
				c, ref := &cells[next], begins+le.Uint32(list[i:])
				more, field := 0, 0
				more, i = numAt(list, i+4)
				field, i = numAt(list, i)
				number += uint32(more)
				*c = cell{field: int32(field), level: int16(at.level)}
				want[next], numbers[next] = wanted{ref: ref, col: c.field, index: int32(next)}, number
			}
		}
		r.over.file.Drop(g.wants[i])
	}
	var texts texts
	if err := r.gatherParts(ctx, at.level, r.bundled[at.level][at.index], []wantedOf{{&wants{lists: [][]cell{cells}}, want}}, &texts); err != nil {
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
	piece, text := p.pieces[group], texts.of(&c.text)
	if len(piece) > 0 && len(piece)+parkedValue+len(text) > p.r.over.most {
		if err := p.write(group); err != nil {
			return err
		}
		piece = p.pieces[group]
	}
	if len(piece) == 0 {
		p.last[group] = 0
	}
	piece = binary.LittleEndian.AppendUint64(binary.AppendUvarint(piece, uint64(number-p.last[group])), c.hash)
	p.pieces[group] = append(binary.AppendUvarint(piece, uint64(c.text.size)), text...)
	p.last[group] = number
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
	r.groupCells = emptied(r.groupCells, int(p.first[len(p.parts)]))
	cells := r.groupCells[:cap(r.groupCells)]
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
		number, src := uint32(0), w.pieces
		for i := 0; i < len(src); {
			more, size := 0, 0
			more, i = numAt(src, i)
			number += uint32(more) // beyond 2³² where it is less than the one before
			c := &cells[number]
			c.hash = le.Uint64(src[i:])
			if size, i = numAt(src, i+8); size > 0 {
				w.reader.keeper.keep(&c.text, src[i:i+size-1])
				i += size - 1
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
