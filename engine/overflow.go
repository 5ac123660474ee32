package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"crosscheck/engine/record"
	"crosscheck/engine/spill"
)

// overflow is where the rows of a run go that do not fit into memory together: to a temporary file, by ranges of keys, so that the findings of
// one range after the other come in the order of keys. What is kept of a row is what the table wants of it; its values are read again from the
// level where a finding needs them.
type overflow struct {
	file    *spill.File
	behind  *spill.Behind // writes to it, while levels are read
	router  router
	layouts []rowLayout // a level
	most    int         // bytes of a piece that waits to be full, of any level

	mu     sync.Mutex
	held   *held
	ranges []spilledRange
}

// spilledRange is the rows of a range of keys.
type spilledRange struct {
	pieces [][]piece // a level
	rows   []int64   // a level
}

// piece is rows of a level and range.
type piece struct {
	rows         []byte // held in memory
	spill.Extent        // else in the file
}

// size is the bytes of a piece.
func (p *piece) size() int { return max(len(p.rows), p.N) }

// Pieces wait for rows, blocks of pieces for the disk.
const (
	minimalPiece  = 8 << 10
	maximalPiece  = 256<<10 - spill.Overhead
	writtenBlock  = 64 << 10 // or a piece that is larger
	waitingBlocks = 16       // beside those that are filled
)

// block is the size of a block in which pieces wait: the smaller it is, the sooner all of them have come back.
func (o *overflow) block() int { return max(writtenBlock, o.most+spill.Overhead) }

// newOverflow makes an empty overflow. The caller closes its file.
func (r *run) newOverflow(ctx context.Context) (*overflow, error) {
	m := &r.plan.Memory
	dir := m.SpillDir
	if free := r.diskFree(); free >= 0 && free < m.SpillBytes {
		return nil, &spill.Error{Dir: dir, Err: fmt.Errorf("what does not fit into memory needs %s, and %s are free; name another folder or give more memory", bytesText(m.SpillBytes), bytesText(free))}
	}
	splitters, err := r.splitters(ctx, m.Ranges)
	if err != nil {
		return nil, err
	}
	o := &overflow{router: r.newRouter(splitters), ranges: make([]spilledRange, len(splitters)+1)}
	for l := range r.plan.levels {
		o.layouts = append(o.layouts, rowLayoutOf(&r.shape, l))
	}
	all := int64(0) // bytes of all rows, if all are valid
	for l := range r.plan.levels {
		all += r.plan.levels[l].rows() * int64(o.layouts[l].size-stateBytes)
	}
	for i := range o.ranges {
		o.ranges[i] = spilledRange{pieces: make([][]piece, len(r.plan.levels)), rows: make([]int64, len(r.plan.levels))}
	}
	o.most = min(max(int(m.limit*buffersShare/100)/(r.opt.Workers*len(o.ranges)), minimalPiece), maximalPiece)
	for _, l := range o.layouts {
		o.most = max(o.most, pieceHead+l.size) // one row
	}
	if o.file, err = spill.Create(dir); err != nil {
		return nil, err
	}
	o.behind = o.file.Behind(r.opt.Workers+waitingBlocks, o.block())
	o.held = newHeld(m.held, all, len(o.ranges))
	return o, nil
}

// diskFree is what is free where rows are spilled, -1 if unknown.
func (r *run) diskFree() int64 {
	if r.opt.diskFree > 0 {
		return r.opt.diskFree
	}
	return spill.Free(r.plan.Memory.SpillDir)
}

// close closes the file where a run ends with err, and gives that as it is unless closing fails.
func (o *overflow) close(err error) error {
	o.held.free()
	if fault := o.file.Close(); fault != nil {
		return errors.Join(err, fault)
	}
	return err
}

// drain is the rows of one level and range that one worker has yet to write.
type drain struct {
	rows  []byte // with room for as many rows as a piece has, and the head
	n     int
	fails []byte
}

// spill adds the rows of the batch under way that have a key to those of their ranges. canonical gives the text of a row's key, where the key does not.
func (w *worker) spill(l int, canonical func(row int) []byte, failedText func(*failing) []byte) error {
	o, b := w.run.over, &w.batch
	if w.drains == nil {
		w.drains, w.out = make([]drain, len(o.ranges)), o.behind.Writer()
	}
	if w.drained != l {
		if err := w.flush(); err != nil {
			return err
		}
		w.drained = l
	}
	s := &w.routed
	o.router.sort(w, b, canonical, s)
	w.scratch.NoKey = append(w.scratch.NoKey[:0], s.of(len(o.ranges))...)
	fails := w.failing
	slices.SortStableFunc(fails, func(a, b failing) int { return cmp.Compare(s.to[a.row], s.to[b.row]) })
	layout := &o.layouts[l]
	room := layout.room(o.most)
	for at := range o.ranges {
		for rows := s.of(at); len(rows) > 0; {
			d := &w.drains[at]
			if d.rows == nil {
				d.rows = make([]byte, o.most+spill.Overhead)
			}
			n := min(len(rows), room-d.n)
			layout.put(d.rows[pieceHead:], room, d.n, rows[:n], b, s.valid)
			for i := 0; len(fails) > 0 && int(s.to[fails[0].row]) == at && uint32(fails[0].row) <= rows[n-1]; fails = fails[1:] {
				for rows[i] < uint32(fails[0].row) {
					i++
				}
				d.fails = appendFailing(d.fails, uint32(d.n+i), fails[0].rule, failedText(&fails[0]))
			}
			d.n, rows = d.n+n, rows[n:]
			if d.n == room || d.n*layout.size+len(d.fails) > o.most {
				if err := w.flushRange(at); err != nil {
					return err
				}
			}
		}
	}
	w.skipNoKey(l, b.Ref)
	return nil
}

// flush writes all that the worker has yet to write.
func (w *worker) flush() error {
	for at := range w.drains {
		if w.drains[at].n > 0 {
			if err := w.flushRange(at); err != nil {
				return err
			}
		}
	}
	return nil
}

// flushRange writes the rows of a range, or keeps them.
func (w *worker) flushRange(at int) (err error) {
	o, d := w.run.over, &w.drains[at]
	layout := &o.layouts[w.drained]
	rows := append(layout.shut(d.rows, layout.room(o.most), d.n), d.fails...)
	var p piece
	if p.rows = o.keep(at, rows); p.rows == nil {
		if p.Extent, err = w.out.Write(rows); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	to := &o.ranges[at]
	to.pieces[w.drained] = append(to.pieces[w.drained], p)
	to.rows[w.drained] += int64(d.n)
	d.n, d.fails = 0, d.fails[:0]
	return nil
}

// replay adds the rows of pieces of a level to the table, of those whose hashes have some last bits.
func (w *worker) replay(l int, pieces []piece, part hashPart) error {
	o, b := w.run.over, &w.batch
	b.Level, b.Ref, b.Marks = l, 0, nil
	b.Keys, b.States, b.Refs = b.Keys[:0], b.States[:0], b.Refs[:0]
	b.FPs, b.Syns = b.FPs[:0], b.Syns[:0]
	for g, levels := range w.run.shape.Groups {
		b.FPs, b.Syns = append(b.FPs, nil), append(b.Syns, nil)
		if levels>>l&1 != 0 {
			b.FPs[g], b.Syns[g] = w.fps[g][:0], w.syns[g][:0]
		}
	}
	w.failing = w.failing[:0]
	w.pieces = slices.Grow(w.pieces[:0], bytesToRead(pieces))
	free := w.pieces[:cap(w.pieces)] // the values of those that fail stay there
	for i := range pieces {
		p := &pieces[i]
		rows, err := p.rows, error(nil)
		if rows == nil {
			if rows, err = o.file.Read(p.Extent, free); err != nil {
				return err
			}
			if part.last() {
				o.file.Drop(p.Extent)
			}
			free = free[sealedBytes(p.N):]
		}
		first := int32(len(b.Keys))
		for fails := o.layouts[l].take(b, rows); len(fails) > 0; {
			var f failing
			f, fails = takeFailing(fails)
			f.row += first
			w.failing = append(w.failing, f)
		}
	}
	for g, fps := range b.FPs {
		if fps != nil {
			w.fps[g], w.syns[g] = fps, b.Syns[g]
		}
	}
	if part.mask != 0 {
		w.keepPart(part)
	}
	w.mark(len(b.Keys))
	if err := w.add(l); err != nil {
		return err
	}
	w.keepFailed(l, (*failing).keptText)
	w.keepHits(l, false)
	w.run.progress.advance(w.run.plan.levels[l].name, int64(len(b.Keys)))
	return nil
}

// hashPart is the records whose hashes, cut to the bits of mask, are rest.
type hashPart struct{ mask, rest uint64 }

// last tells whether the other parts were joined before.
func (p hashPart) last() bool { return p.rest == p.mask }

func (p hashPart) holds(k record.Key) bool { return k.Hash()&p.mask == p.rest }
