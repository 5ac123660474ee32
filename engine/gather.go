package engine

import (
	"context"
	"fmt"
	"slices"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// wanted is a value to be read again: of which row and which column, and the cell it goes to. There are as many as suspects, and more, and so it is no pointer,
// which the garbage collector would look at.
type wanted struct {
	ref   uint32
	col   int32 // cell.field
	list  int32 // of wants.lists; ofOthers: it is one of wants.others
	index int32
}

const ofOthers = -1

// wantedOf is some of what is wanted.
type wantedOf struct {
	*wants
	some []wanted
}

// gather reads the values that the suspects and the rows without a key still want: level by level, only the parts that hold
// such rows, and of these only the columns that are wanted there; or single values where those of the part are kept.
func (r *run) gather(ctx context.Context) error {
	all := r.wanted
	if r.wanted = nil; all == nil {
		all = make([]*wants, r.opt.Workers)
		if err := r.parallel(ctx, len(all), func(i int) error {
			all[i] = r.newWants()
			for p := i; p < len(r.findings); p += len(all) {
				all[i].addAll(&r.findings[p])
			}
			return nil
		}); err != nil {
			return err
		}
	}
	r.gathered = true
	if r.noKeyCells == nil && len(r.noKey) > 0 {
		r.noKeyCells = make([]cell, len(r.noKey))
		for i, n := range r.noKey {
			r.noKeyCells[i] = cell{field: int32(r.rawKeyColumn()), level: int16(n.level)}
			all[0].add(n.ref, &r.noKeyCells[i])
		}
	}
	return r.read(ctx, all...)
}

// wantCells lists what must be read for a partition and was not read before.
func (r *run) wantCells(f *partFindings, add func(ref uint32, c *cell, index int32)) {
	for i := range f.suspects {
		s := &f.suspects[i]
		if int(s.cells.begin) < f.read {
			continue
		}
		odd := f.rareOf(s).odds.begin
		for j := s.cells.begin; j < s.cells.end; j++ {
			c := &f.cells[j]
			if c.known {
				continue
			}
			ref := f.row(s, int(c.level))
			if int(c.field) == r.rawKeyColumn() {
				ref = f.odds[odd].ref
				odd++
			}
			add(ref, c, j)
		}
	}
}

// wants is values to be read again, by level and bundle, of which there are few where parts are many. Each goroutine has its own.
type wants struct {
	r        *run
	byBundle [][]pile[wanted]
	lists    [][]cell // where cells are
	others   []*cell  // that are in none of them
}

const firstWanted, lastWanted = 16, 1024 // elements of a chunk

func (r *run) newWants() *wants {
	w := &wants{r: r, byBundle: make([][]pile[wanted], len(r.plan.levels))}
	for l := range w.byBundle {
		w.byBundle[l] = make([]pile[wanted], len(r.bundled[l]))
	}
	return w
}

// addAll has all filled in that the suspects of a partition want and was not read before.
func (w *wants) addAll(f *partFindings) {
	list := int32(len(w.lists))
	w.lists = append(w.lists, f.cells)
	w.r.wantCells(f, func(ref uint32, c *cell, index int32) { w.put(ref, c, list, index) })
	f.read = len(f.cells)
	if !w.r.gathered {
		w.r.wantMembers(f, w.add)
	}
}

// add has a cell filled in from a row of its level.
func (w *wants) add(ref uint32, c *cell) {
	w.put(ref, c, ofOthers, int32(len(w.others)))
	w.others = append(w.others, c)
}

// put is add for a cell of a list.
func (w *wants) put(ref uint32, c *cell, list, index int32) {
	w.byBundle[c.level][w.r.bundleOf(int(c.level), ref)].add(wanted{ref, c.field, list, index}, firstWanted, lastWanted)
}

// bundleOf gives the bundle of a level that a row is in.
func (r *run) bundleOf(l int, ref uint32) int {
	return holder(r.bundleRefs[l][:len(r.bundled[l])], ref)
}

// read fills in the cells, all workers reading bundles side by side.
func (r *run) read(ctx context.Context, all ...*wants) error { return r.readTo(ctx, &r.texts, all...) }

// readTo is read with longer texts kept elsewhere.
func (r *run) readTo(ctx context.Context, texts *texts, all ...*wants) error {
	type task struct {
		level, bundle int
		want          []wantedOf
	}
	var tasks []task
	total := int64(0)
	for l := range r.bundled {
		refs := r.bundleRefs[l]
		for b := range r.bundled[l] {
			t := task{level: l, bundle: b}
			for _, w := range all {
				for _, some := range w.byBundle[l][b].chunks {
					t.want = append(t.want, wantedOf{w, some})
				}
			}
			if len(t.want) > 0 {
				tasks = append(tasks, t)
				total += int64(refs[b+1] - refs[b])
			}
		}
	}
	r.progress.begin("gather", total)
	return r.parallel(ctx, len(tasks), func(i int) error {
		t := tasks[i]
		return r.gatherParts(ctx, t.level, r.bundled[t.level][t.bundle], t.want, texts)
	})
}

// gatherParts reads the wanted values of parts that follow one another.
func (r *run) gatherParts(ctx context.Context, l int, b bundle, want []wantedOf, texts *texts) error {
	pl := &r.plan.levels[l]
	fields := len(r.plan.Fields)
	s := r.sorters.Get()
	defer func() {
		clear(s.all) // of pointers
		clear(s.cells)
		r.sorters.Put(s)
	}()
	wants := s.byColumn(want, r.ageColumn(len(r.plan.rules)), pl.refs[b.first], pl.refs[b.end])
	hashers := make([]*record.Hasher, fields)
	values := make([]int, len(wants))
	for i := range values {
		values[i] = -1
		if len(wants[i].rows) > 0 {
			values[i] = r.sourceColumn(pl, i)
			if i < fields {
				hashers[i] = r.newHasher(i)
			}
		}
	}
	if part := b.first; r.kept[l] != nil && r.kept[l][part] && r.gatherKept(l, part, wants, hashers, texts) { // what is kept is kept by part
		r.progress.skip(pl.name, pl.parts[part].Rows)
		return nil
	}
	canonical, raw := &wants[r.keyColumn()], &wants[r.rawKeyColumn()]
	var key []int
	if len(canonical.rows) > 0 || len(raw.rows) > 0 {
		key = pl.key
	}
	columns, at := project(key, values)
	at, keyAt := at[len(key):], at[:len(key)]
	rows := make([][]uint32, len(columns))
	for _, c := range keyAt {
		rows[c] = slices.Concat(rows[c], canonical.rows, raw.rows)
	}
	for i, c := range at {
		if c >= 0 {
			rows[c] = slices.Concat(rows[c], wants[i].rows)
		}
	}
	for c := range rows {
		slices.Sort(rows[c])
		rows[c] = slices.Compact(rows[c])
	}
	packer := r.newPacker()
	keys := make([]arrow.Array, len(key))
	var text []byte
	reader := cellReader{keeper: keeper{texts: texts}}
	err := pl.pick(ctx, b, columns, rows, func(batch arrow.Record, ref uint32) error {
		for i, c := range keyAt {
			keys[i] = batch.Column(c)
		}
		begin := ref - pl.refs[b.first]
		end := begin + uint32(batch.NumRows())
		readKeys := func(w *cellWants, read func(dst []byte, arrs []arrow.Array, row int) ([]byte, bool)) {
			now, ok := w.take(begin, end), false
			for i, row := range now.rows {
				if text, ok = read(text[:0], keys, int(row)); ok {
					reader.keeper.keep(&now.cells[i].text, text)
				}
			}
		}
		readKeys(canonical, packer.AppendCanonical)
		readKeys(raw, record.AppendRaw)
		for col := range wants {
			if c := at[col]; c >= 0 {
				var h *record.Hasher
				if col < fields {
					h = hashers[col]
				}
				now := wants[col].take(begin, end)
				reader.read(&now, batch.Column(c), h)
			}
		}
		r.progress.add(pl.name, batch.NumRows())
		return nil
	})
	if err == nil && slices.ContainsFunc(wants, func(w cellWants) bool { return len(w.rows) > 0 }) {
		err = fmt.Errorf("%s, %s: the part at row %d has fewer rows than when it was read first", pl.called, pl.parts[b.first].File, pl.parts[b.first].FirstRow)
	}
	return err
}

// target is where a value of a part goes.
type target struct {
	row  uint32 // of the part
	col  int32
	cell *cell
}

// wantSorter is the memory in which what is wanted is sorted.
type wantSorter struct {
	all          []target
	order, spare []uint64
	heads, next  []uint32 // the last one of a row, and the one of its row before one; plus one, 0: there is none
	rows         []uint32
	cells        []*cell
}

// byColumn gives what is wanted of a part by column, in the order of rows, which count from the reference of the first one on and end before another. It lies
// in the sorter's memory.
func (s *wantSorter) byColumn(want []wantedOf, columns int, first, end uint32) []cellWants {
	s.all = s.all[:0]
	for _, of := range want {
		for _, w := range of.some {
			t := target{row: w.ref - first, col: w.col}
			if w.list == ofOthers {
				t.cell = of.others[w.index]
			} else {
				t.cell = &of.lists[w.list][w.index]
			}
			s.all = append(s.all, t)
		}
	}
	all := s.all
	ends := make([]int, columns+1)
	for i := range all {
		ends[all[i].col+1]++
	}
	wants := make([]cellWants, columns)
	s.rows, s.cells = emptied(s.rows, len(all))[:len(all)], emptied(s.cells, len(all))[:len(all)]
	rows, cells := s.rows, s.cells
	for c := range wants {
		ends[c+1] += ends[c]
		wants[c] = cellWants{rows: rows[ends[c]:ends[c]], cells: cells[ends[c]:ends[c]]}
	}
	if len(all) > int(end-first)/sparse {
		s.chain(all, int(end-first), wants)
	} else {
		s.sort(all, wants)
	}
	return wants
}

// sparse is how many rows are passed over for one that is wanted, rather than that what is wanted be sorted: so few that neither takes more memory (readingWant).
const sparse = 4

// chain puts what is wanted in the order of rows by chains, one a row.
func (s *wantSorter) chain(all []target, rows int, wants []cellWants) {
	s.heads = emptied(s.heads, rows)[:rows]
	clear(s.heads)
	s.next = emptied(s.next, len(all))[:len(all)]
	for i := range all {
		head := &s.heads[all[i].row]
		s.next[i], *head = *head, uint32(i)+1
	}
	for row, i := range s.heads {
		for ; i != 0; i = s.next[i-1] {
			w := &all[i-1]
			wants[w.col].add(uint32(row), w.cell)
		}
	}
}

// sort puts what is wanted in the order of rows, digit by digit from the last.
func (s *wantSorter) sort(all []target, wants []cellWants) {
	s.order, s.spare = emptied(s.order, len(all))[:len(all)], emptied(s.spare, len(all))[:len(all)]
	order, spare := s.order, s.spare // row, index of all
	last := uint64(0)
	for i := range all {
		order[i] = uint64(all[i].row)<<32 | uint64(i)
		last = max(last, order[i]>>32)
	}
	const digit = 10
	for shift := 32; last > 0; shift, last = shift+digit, last>>digit {
		var begins [1<<digit + 1]int
		for _, o := range order {
			begins[o>>shift&(1<<digit-1)+1]++
		}
		for d := range begins[:1<<digit] {
			begins[d+1] += begins[d]
		}
		for _, o := range order {
			at := &begins[o>>shift&(1<<digit-1)]
			spare[*at] = o
			*at++
		}
		order, spare = spare, order
	}
	for _, o := range order {
		w := &all[uint32(o)]
		wants[w.col].add(uint32(o>>32), w.cell)
	}
}

// sourceColumn gives where a level has what cell.field numbers, -1 for the texts of keys.
func (r *run) sourceColumn(pl *plannedLevel, column int) int {
	switch {
	case column < len(pl.fields):
		return pl.fields[column]
	case column < r.keyColumn():
		return pl.carry[column-len(pl.fields)]
	case column == r.groupColumn():
		return pl.group
	case column == r.latestColumn():
		return pl.latest
	case column >= r.ageColumn(0):
		return r.plan.rules[column-r.ageColumn(0)].column
	}
	return -1
}
