package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"crosscheck/engine/guard"
	"crosscheck/engine/join"
	"crosscheck/engine/level"
	"crosscheck/engine/record"
	"crosscheck/engine/spill"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/sync/errgroup"
)

// cell is a value that a finding may show: its salted hash for the vote and its text as the level holds it.
type cell struct {
	hash  uint64
	text  text
	field int32 // field, or carried column or key text behind the fields (run.column)
	level int16
	known bool // it is filled in, since it was at hand when the row was compared; the others are read again
}

// candidate is a row that differs from the base of its record.
type candidate struct {
	delta  uint64 // the fingerprints of the base less those of the row: what the hashes of the cells lack to those of the base's values, if no other field differs
	record uint32
	cells  uint32 // how many cells it has, one at least, of its level, behind those of the candidate before: the fields that seem to differ
}

// oddKey is a row whose key is malformed.
type oddKey struct {
	record uint32
	ref    uint32
	level  int
	state  record.KeyState // says why
	raw    int32           // cell of its raw key, once wanted
}

// failed is a row that fails a rule.
type failed struct {
	record uint32
	ref    uint32
	level  int32
	rule   int32
	text   text // the value of the rule's field as the level holds it, none where the rule has none
}

// rowRef is a row without a key.
type rowRef struct {
	level int32
	ref   uint32
}

// caught is what one worker found in one partition.
type caught struct {
	candidates pile[candidate]
	cells      pile[cell] // of the candidates
	odds       []oddKey
	failed     []failed
}

const firstCaught, lastCaught = 8, 256 // elements of a chunk of candidates and of cells

// worker holds one goroutine's scratch space and findings of the load phase.
type worker struct {
	run     *run
	index   int // of run.workers
	packer  *record.KeyPacker
	hashers []*record.Hasher // a field
	batch   join.Batch
	fps     [][]uint64 // a group
	syns    [][]uint64 // a group
	scratch join.Scratch
	text    []byte
	reader  cellReader
	wants   []cellWants // a field: of the batch under way

	table  *join.Table // where rows are added: run.table, or own
	own    *join.Table // that of this worker alone; nil: it has none
	caught []caught    // a partition of table
	noKey  []rowRef
	rows   []int64 // a level
	reused []int64 // a level: rows of parts that were kept

	keptBytes []byte     // the part under way, which was kept
	kept      keptReader // of it
	keep      keptPart   // the part under way, which is to be kept
	keeps     bool       // there is one

	routed  routed  // of the batch under way
	drains  []drain // a range: rows to be spilled
	drained int     // the level they are of
	out     *spill.Writer
	pieces  []byte // of spilled rows
	parked  parkedWants
	widths  widths

	roster   []rosterKeys
	checks   []check // a rule
	failing  []failing
	marks    []bool
	unparsed []unparsed // a field and a level
	blanks   []blanks   // likewise
}

func (r *run) newWorker(index int) *worker {
	w := &worker{
		run:    r,
		index:  index,
		packer: r.newPacker(),
		fps:    make([][]uint64, len(r.shape.Groups)),
		syns:   make([][]uint64, len(r.shape.Groups)),
		rows:   make([]int64, len(r.plan.levels)),
		reused: make([]int64, len(r.plan.levels)),
		roster: make([]rosterKeys, len(r.plan.rosters)),
		checks: newChecks(r.plan.rules),
		reader: cellReader{keeper: keeper{texts: &r.texts}},
		wants:  make([]cellWants, len(r.plan.Fields)),

		unparsed: make([]unparsed, len(r.plan.Fields)*len(r.plan.levels)),
		blanks:   make([]blanks, len(r.plan.Fields)*len(r.plan.levels)),

		widths: newWidths(len(r.plan.Fields)),
	}
	w.packer.KeepTexts = r.over != nil && !r.keyText.Reversible()
	w.scratch.Begin = math.MaxUint64 / uint64(r.opt.Workers) * uint64(index)
	for f := range r.plan.Fields {
		w.hashers = append(w.hashers, r.newHasher(f))
	}
	return w
}

func (w *worker) release() {
	for _, h := range w.hashers {
		h.Release()
	}
	for _, c := range w.checks {
		c.release()
	}
}

// load reads all levels and adds their rows to the table, or spills them, one level after the other, each with all workers. A worker that finds
// no part of a level left goes on to decode the next one; to add its rows to the table it waits until the level before is in, see arrivals.
func (r *run) load(ctx context.Context) error {
	for i := range r.opt.Workers {
		r.workers = append(r.workers, r.newWorker(i))
	}
	defer func() {
		for _, w := range r.workers {
			w.release()
		}
	}()
	if r.over == nil {
		r.catch()
	}
	type task struct{ level, bundle int }
	var tasks []task
	var bundles []int // a level
	for l := range r.plan.levels {
		for b := range r.bundled[l] {
			tasks = append(tasks, task{l, b})
		}
		bundles = append(bundles, len(r.bundled[l]))
	}
	r.arrivals = newArrivals(bundles, func(level int, rows int64, took time.Duration) {
		r.progress.read(r.plan.levels[level].name, rows, took)
	})
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range r.workers {
		g.Go(guard.Func(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(tasks) {
					w.keeps = false // nothing is under way
					return w.waitFor(ctx, len(bundles)-1, r.over == nil)
				}
				level, before := tasks[i].level, w.rows[tasks[i].level]
				if err := w.load(ctx, level, tasks[i].bundle); err != nil {
					return err
				}
				r.arrivals.done(1, level, w.rows[level]-before)
				if err := r.grown(); err != nil {
					return err
				}
			}
		}))
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, w := range r.workers {
		r.noKey = append(r.noKey, w.noKey...)
		for l, n := range w.rows {
			r.rows[l] += n
			r.reused[l] += w.reused[l]
		}
		for i, b := range w.blanks {
			r.blanks[i] |= b
		}
		w.noKey = nil
		w.keptBytes, w.kept, w.keep = nil, keptReader{}, keptPart{} // as large as parts are
	}
	slices.SortFunc(r.noKey, func(a, b rowRef) int { return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.ref, b.ref)) })
	for _, n := range r.noKey {
		r.withoutKey[n.level]++
	}
	return nil
}

// growing counts what the table is about to take; errBeyond where it may not.
func (r *run) growing(bytes int64) error {
	r.tableBytes.Add(bytes)
	return r.budget.takeTable(bytes)
}

// grown counts what the table took since it was asked last, and takes back what it left.
func (r *run) grown() error {
	if r.table == nil || r.budget.limit == 0 {
		return nil
	}
	now := r.table.Bytes()
	return r.budget.takeTable(now - r.tableBytes.Swap(now))
}

// catch has the workers add rows to a table that is new.
func (r *run) catch() {
	for _, w := range r.workers {
		w.addTo(r.table)
	}
}

// addTo has a worker add rows to a table that is new.
func (w *worker) addTo(t *join.Table) {
	if w.table = t; len(w.caught) != t.Partitions() {
		w.caught = make([]caught, t.Partitions())
	}
}

// load reads the key and the fields of a bundle and adds its rows to the table. Where parts are kept it is one part.
func (w *worker) load(ctx context.Context, l, bundle int) error {
	pl, b := &w.run.plan.levels[l], w.run.bundled[l][bundle]
	recipe := w.run.recipes[l]
	if w.keeps = recipe != ""; w.keeps {
		if found, err := w.loadKept(ctx, l, b.first); found || err != nil {
			w.run.noteUnknown(l, bundle)
			return err
		}
	}
	lists := append([][]int{pl.key, pl.fields}, w.ruleColumns(l)...)
	if w.keeps {
		values := w.run.valueColumns(l)
		p, row := &pl.parts[b.first], rowLayoutOf(&w.run.shape, l).size
		w.keep.begin(len(w.hashers), len(values)+keyTexts, p.Rows*int64(row), min(p.Bytes, p.Rows*keptValueBytes))
		lists = append(lists, values)
	}
	columns, at := project(lists...)
	err := pl.scan(ctx, b, columns, func(batch arrow.Record, ref uint32) error {
		w.rows[l] += batch.NumRows()
		if err := w.addBatch(ctx, l, bundle, batch, at, ref); err != nil {
			return err
		}
		w.run.progress.add(pl.name, batch.NumRows())
		return nil
	})
	if err == nil && w.keeps {
		w.run.opt.Kept.Save(l, b.first, recipe, w.keep.end(), w.keep.values.End())
	}
	return err
}

// project lists the columns to read, without repeats, and where each key part and then each field is among them, -1 where the
// level lacks the field.
func project(lists ...[]int) (columns, at []int) {
	where := map[int]int{}
	for _, list := range lists {
		for _, c := range list {
			i, ok := where[c]
			if c < 0 {
				i = -1
			} else if !ok {
				i = len(columns)
				where[c] = i
				columns = append(columns, c)
			}
			at = append(at, i)
		}
	}
	return columns, at
}

// scan reads columns of a bundle batch by batch; ref is the reference of the batch's first row. A panic of a decoder becomes an
// error of the first part.
func (l *plannedLevel) scan(ctx context.Context, b bundle, columns []int, each func(batch arrow.Record, ref uint32) error) error {
	return l.pick(ctx, b, columns, nil, each)
}

// pick is scan where of each column only some rows of the bundle are wanted, counted from 0: others may be nulls. nil: all are.
func (l *plannedLevel) pick(ctx context.Context, b bundle, columns []int, rows [][]uint32, each func(batch arrow.Record, ref uint32) error) (err error) {
	first := &l.parts[b.first]
	defer l.panicked(first, &err)
	defer guard.Catch(&err)
	r, err := l.read(ctx, b, columns)
	if err != nil {
		return err
	}
	defer r.Release()
	if p, ok := r.(level.Picker); ok && rows != nil {
		p.Pick(rows)
	}
	ref, end := l.refs[b.first], l.refs[b.end]
	for r.Next() {
		batch := r.Record()
		n := uint32(batch.NumRows())
		if n > end-ref {
			return fmt.Errorf("%s, %s: the part at row %d has more rows than it said", l.called, first.File, first.FirstRow)
		}
		if err := each(batch, ref); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		ref += n
	}
	if err := r.Err(); err != nil {
		return err
	}
	if ref != end && b.end-b.first > 1 {
		return fmt.Errorf("%s, %s: the parts from row %d on have fewer rows than they said", l.called, first.File, first.FirstRow)
	}
	return nil
}

// begin gives what a part begins with, see level.Begin. A panic of a decoder becomes an error of the part.
func (l *plannedLevel) begin(ctx context.Context, part int, columns []int, rows int) (batch arrow.Record, err error) {
	defer l.panicked(&l.parts[part], &err)
	defer guard.Catch(&err)
	return level.Begin(ctx, l.source, part, columns, rows)
}

// panicked names the part where a decoder panicked.
func (l *plannedLevel) panicked(part *level.Part, err *error) {
	var p *guard.PanicError
	if errors.As(*err, &p) {
		*err = fmt.Errorf("%s, %s: while reading the part at row %d: %w", l.called, part.File, part.FirstRow, p)
	}
}

// addBatch takes a batch up that is decoded, or has another worker do so.
func (w *worker) addBatch(ctx context.Context, l, bundle int, batch arrow.Record, at []int, ref uint32) error {
	if w.run.over == nil && !w.keeps {
		if err := w.waitFor(ctx, l-1, true); err != nil {
			return err
		}
		if w.handOver(l, bundle, batch, at, ref) {
			return nil
		}
	}
	return w.addRows(ctx, l, bundle, batch, at, ref)
}

// addRows hashes a batch, adds it to the table and keeps the values of the rows that differ while they are at hand; or it spills the batch.
func (w *worker) addRows(ctx context.Context, l, bundle int, batch arrow.Record, at []int, ref uint32) error {
	keys := len(w.run.keyTypes)
	for _, h := range w.hashers {
		h.Changed() // of values that were read for another batch
	}
	w.hash(l, batch, at, ref)
	w.noteChanged(l, bundle)
	rules := at[keys+len(w.hashers):]
	w.check(l, batch, rules)
	failedText := func(f *failing) []byte { return w.failedText(l, batch, rules, f) }
	keyArrays := make([]arrow.Array, keys)
	for i, c := range at[:keys] {
		keyArrays[i] = batch.Column(c)
	}
	if w.keeps {
		for i := range w.failing {
			w.failing[i].text = bytes.Clone(failedText(&w.failing[i]))
		}
		w.keep.add(w.run, &w.batch, w.failing)
		w.keep.widths.sample(batch, at[keys:keys+len(w.hashers)])
		w.addValues(batch, keyArrays, at[len(at)-len(w.run.valueColumns(l)):])
	}
	if w.run.over != nil {
		w.widths.sample(batch, at[keys:keys+len(w.hashers)])
		return w.spill(l, w.packer.Text, failedText)
	}
	if err := w.waitFor(ctx, l-1, false); err != nil {
		return err
	}
	if err := w.add(l); err != nil {
		return err
	}
	w.skipNoKey(l, ref)
	w.keepFailed(l, failedText)
	kept := w.keepHits(l, true)
	for f := range w.wants {
		if c := at[keys+f]; c >= 0 {
			kept += w.reader.read(&w.wants[f], batch.Column(c), w.hashers[f])
		}
	}
	return w.run.budget.take(kept + int64(len(w.scratch.NoKey))*noKeyBytes)
}

// add adds the batch under way to the table and notes the rows whose keys are malformed.
func (w *worker) add(l int) error {
	if err := w.table.Add(&w.batch, &w.scratch); err != nil {
		return fmt.Errorf("%s: %w", w.run.plan.levels[l].called, err)
	}
	if roster := l - len(w.run.plan.Levels); roster >= 0 { // what is wrong with its keys is counted
		w.roster[roster].malformed += int64(len(w.scratch.Odds))
		return nil
	}
	for _, o := range w.scratch.Odds {
		c := &w.caught[o.Part]
		c.odds = append(c.odds, oddKey{record: o.Record, ref: w.batch.RefOf(o.Row), level: l, state: w.batch.States[o.Row]})
	}
	return nil
}

// skipNoKey notes the rows of w.scratch.NoKey.
func (w *worker) skipNoKey(l int, ref uint32) {
	if roster := l - len(w.run.plan.Levels); roster >= 0 {
		w.roster[roster].noKey += int64(len(w.scratch.NoKey))
		return
	}
	for _, row := range w.scratch.NoKey {
		w.noKey = append(w.noKey, rowRef{level: int32(l), ref: ref + row})
	}
}

// hash fills w.batch with the keys, fingerprints and syndromes of a batch.
func (w *worker) hash(l int, batch arrow.Record, at []int, ref uint32) {
	n := int(batch.NumRows())
	b := &w.batch
	b.Level, b.Ref, b.Refs = l, ref, nil
	if cap(b.Keys) < n {
		b.Keys, b.States = make([]record.Key, n), make([]record.KeyState, n)
		for g := range w.fps {
			w.fps[g], w.syns[g] = make([]uint64, n), make([]uint64, n)
		}
	}
	b.Keys, b.States = b.Keys[:n], b.States[:n]
	b.FPs, b.Syns = b.FPs[:0], b.Syns[:0]
	for g, levels := range w.run.shape.Groups {
		if levels>>l&1 == 0 {
			b.FPs, b.Syns = append(b.FPs, nil), append(b.Syns, nil)
			continue
		}
		w.fps[g], w.syns[g] = w.fps[g][:n], w.syns[g][:n]
		clear(w.fps[g])
		clear(w.syns[g])
		b.FPs, b.Syns = append(b.FPs, w.fps[g]), append(b.Syns, w.syns[g])
	}
	keys := make([]arrow.Array, len(w.run.keyTypes))
	for i := range keys {
		keys[i] = batch.Column(at[i])
	}
	w.packer.Pack(keys, b.Keys, b.States)
	if n == 0 {
		return
	}
	for f, h := range w.hashers {
		if c := at[len(keys)+f]; c >= 0 {
			g := w.run.shape.Group[f]
			h.Add(batch.Column(c), b.FPs[g], b.Syns[g])
			w.noteBlanks(l, f, batch.Column(c))
			if rows := h.Unparsed(); len(rows) > 0 {
				w.unparsed[f*len(w.run.plan.levels)+l].add(rows, ref)
				if w.keeps {
					w.keep.unparsed[f].add(rows, w.keep.rows)
				}
			}
		}
	}
}
