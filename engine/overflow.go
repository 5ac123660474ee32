package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"crosscheck/engine/join"
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
	most    int         // bytes of a piece

	mu     sync.Mutex
	ranges []spilledRange
}

// spilledRange is the rows of a range of keys.
type spilledRange struct {
	pieces [][]spill.Extent // a level
	rows   []int64          // a level
}

// rowLayout says how a row of a level is spilled, little-endian:
//
//	8   low half of the key
//	8   high half, where keys need it
//	4   reference
//	1   state of the key
//	16  fingerprint and syndrome, for each group that the level has
//
// A piece is the number of its rows, 4 bytes; the rows; and those that fail a rule: the row's number in the piece, the rule, the length of the
// value plus one, 0 for none, 4 bytes each, and the value.
type rowLayout struct {
	size   int
	wide   bool
	groups []int // that the level has
}

func rowLayoutOf(s *join.Shape, level int) rowLayout {
	l := rowLayout{size: 13, wide: s.WideKeys}
	if l.wide {
		l.size += 8
	}
	for g, levels := range s.Groups {
		if levels>>level&1 != 0 {
			l.groups = append(l.groups, g)
		}
	}
	l.size += 16 * len(l.groups)
	return l
}

const (
	pieceHead     = 4
	waitingPieces = 32 // that may wait for the disk beside those that are filled
)

// newOverflow makes an empty overflow. The caller closes its file.
func (r *run) newOverflow(ctx context.Context) (*overflow, error) {
	m := &r.plan.Memory
	dir := m.SpillDir
	if free := spill.Free(dir); free >= 0 && free < m.SpillBytes {
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
	for i := range o.ranges {
		o.ranges[i] = spilledRange{pieces: make([][]spill.Extent, len(r.plan.levels)), rows: make([]int64, len(r.plan.levels))}
	}
	o.most = min(max(int(m.limit*buffersShare/100)/(r.opt.Workers*len(o.ranges)), 8<<10), 256<<10)
	if o.file, err = spill.Create(dir); err != nil {
		return nil, err
	}
	o.behind = o.file.Behind(r.opt.Workers*len(o.ranges)+waitingPieces, o.most)
	return o, nil
}

// close closes the file where a run ends with err, and gives that as it is unless closing fails.
func (o *overflow) close(err error) error {
	if fault := o.file.Close(); fault != nil {
		return errors.Join(err, fault)
	}
	return err
}

// drain is the rows of one level and range that one worker has yet to write.
type drain struct {
	rows  []byte // with room for the head
	n     uint32
	fails []byte
}

// spill adds the rows of the batch under way that have a key to those of their ranges. canonical appends the text of a row's key.
func (w *worker) spill(l int, canonical func(dst []byte, row int) []byte, failedText func(*failing) []byte) error {
	o, b := w.run.over, &w.batch
	if w.drains == nil {
		w.drains = make([]drain, len(o.ranges))
	}
	if w.drained != l {
		if err := w.flush(); err != nil {
			return err
		}
		w.drained = l
	}
	layout := &o.layouts[l]
	fails := w.failing
	w.scratch.NoKey = w.scratch.NoKey[:0]
	for i, key := range b.Keys {
		row := uint32(i)
		begin := 0
		for begin < len(fails) && fails[begin].row == int32(i) {
			begin++
		}
		mine := fails[:begin]
		fails = fails[begin:]
		if b.States[i] == record.KeyNone {
			w.scratch.NoKey = append(w.scratch.NoKey, row)
			continue
		}
		at := o.router.route(w, key, canonical, i)
		d := &w.drains[at]
		if len(d.rows)+len(d.fails)+layout.size > o.most && d.n > 0 {
			if err := w.flushRange(at); err != nil {
				return err
			}
		}
		if d.rows == nil {
			d.rows = append(o.behind.Buffer(), make([]byte, pieceHead)...)
		}
		for i := range mine {
			d.fails = appendFailing(d.fails, d.n, mine[i].rule, failedText(&mine[i]))
		}
		d.rows = layout.append(d.rows, b, row)
		d.n++
	}
	w.skipNoKey(l, b.Ref)
	return nil
}

// append appends a row of a batch.
func (l *rowLayout) append(dst []byte, b *join.Batch, row uint32) []byte {
	le, n := binary.LittleEndian, len(dst)
	dst = slices.Grow(dst, l.size)[:n+l.size]
	to := dst[n:]
	le.PutUint64(to, b.Keys[row].Lo)
	to = to[8:]
	if l.wide {
		le.PutUint64(to, b.Keys[row].Hi)
		to = to[8:]
	}
	le.PutUint32(to, b.RefOf(row))
	to[4] = byte(b.States[row])
	to = to[5:]
	for _, g := range l.groups {
		le.PutUint64(to, b.FPs[g][row])
		le.PutUint64(to[8:], b.Syns[g][row])
		to = to[16:]
	}
	return dst
}

// take appends the row at the beginning of src to a batch.
func (l *rowLayout) take(b *join.Batch, src []byte) {
	le := binary.LittleEndian
	key := record.Key{Lo: le.Uint64(src)}
	src = src[8:]
	if l.wide {
		key.Hi = le.Uint64(src)
		src = src[8:]
	}
	b.Keys = append(b.Keys, key)
	b.Refs = append(b.Refs, le.Uint32(src))
	b.States = append(b.States, record.KeyState(src[4]))
	src = src[5:]
	for _, g := range l.groups {
		b.FPs[g], b.Syns[g] = append(b.FPs[g], le.Uint64(src)), append(b.Syns[g], le.Uint64(src[8:]))
		src = src[16:]
	}
}

func appendFailing(dst []byte, row uint32, rule int32, text []byte) []byte {
	le := binary.LittleEndian
	dst = le.AppendUint32(dst, row)
	dst = le.AppendUint32(dst, uint32(rule))
	if text == nil {
		return le.AppendUint32(dst, 0)
	}
	return append(le.AppendUint32(dst, uint32(len(text))+1), text...)
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

// flushRange writes the rows of a range.
func (w *worker) flushRange(at int) error {
	o, d := w.run.over, &w.drains[at]
	binary.LittleEndian.PutUint32(d.rows, d.n)
	e, err := o.behind.Write(append(d.rows, d.fails...))
	d.rows = nil
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	to := &o.ranges[at]
	to.pieces[w.drained] = append(to.pieces[w.drained], e)
	to.rows[w.drained] += int64(d.n)
	d.n, d.fails = 0, d.fails[:0]
	return nil
}

// replay adds the rows of a piece of a level to the table, of those whose hashes have some last bits.
func (w *worker) replay(l int, e spill.Extent, part hashPart) error {
	o, b := w.run.over, &w.batch
	piece, err := o.file.Read(e, w.piece)
	if err != nil {
		return err
	}
	w.piece = piece
	layout := &o.layouts[l]
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
	n := int(binary.LittleEndian.Uint32(piece))
	rows, fails := piece[pieceHead:pieceHead+n*layout.size], piece[pieceHead+n*layout.size:]
	failed := -1 // row of the first of fails
	nextFailed := func() {
		if failed = -1; len(fails) > 0 {
			failed = int(binary.LittleEndian.Uint32(fails))
		}
	}
	nextFailed()
	for i := range n {
		row := rows[i*layout.size:]
		mine := part.holds(layout.key(row))
		if mine {
			layout.take(b, row)
		}
		for ; failed == i; nextFailed() {
			var f failing
			f, fails = takeFailing(fails)
			if mine {
				f.row = int32(len(b.Keys) - 1)
				w.failing = append(w.failing, f)
			}
		}
	}
	for _, g := range layout.groups {
		w.fps[g], w.syns[g] = b.FPs[g], b.Syns[g]
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

// key gives the key of the row at the beginning of src.
func (l *rowLayout) key(src []byte) record.Key {
	key := record.Key{Lo: binary.LittleEndian.Uint64(src)}
	if l.wide {
		key.Hi = binary.LittleEndian.Uint64(src[8:])
	}
	return key
}

// takeFailing takes a row that fails a rule from src; its row is not set.
func takeFailing(src []byte) (f failing, rest []byte) {
	le := binary.LittleEndian
	f.rule = int32(le.Uint32(src[4:]))
	n := le.Uint32(src[8:])
	src = src[12:]
	if n > 0 {
		f.text, src = src[:n-1:n-1], src[n-1:]
	}
	return f, src
}

// hashPart is the records whose hashes, cut to the bits of mask, are rest.
type hashPart struct{ mask, rest uint64 }

func (p hashPart) holds(k record.Key) bool { return p.mask == 0 || k.Hash()&p.mask == p.rest }
