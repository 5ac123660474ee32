package engine

import (
	"context"
	"fmt"
	"slices"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// wanted is a value to be read again: of which row and which column, and the cell it goes to.
type wanted struct {
	ref  uint32
	col  int32 // cell.field
	cell *cell
}

// gather reads the values that the suspects and the rows without a key still want: level by level, only the parts that hold
// such rows, and of these only the columns that are wanted there; or single values where those of the part are kept.
func (r *run) gather(ctx context.Context) error {
	all := make([]*wants, r.opt.Workers)
	err := r.parallel(ctx, len(all), func(i int) error {
		all[i] = r.newWants()
		for p := i; p < len(r.findings); p += len(all) {
			r.wantCells(&r.findings[p], all[i])
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.gathered = true
	if r.noKeyCells == nil && len(r.noKey) > 0 {
		r.noKeyCells = make([]cell, len(r.noKey))
		for i, n := range r.noKey {
			r.noKeyCells[i] = cell{field: int32(r.rawKeyColumn()), level: int32(n.level)}
			all[0].add(n.ref, &r.noKeyCells[i])
		}
	}
	return r.read(ctx, all...)
}

// wantCells lists what must be read for a partition and was not read before.
func (r *run) wantCells(f *partFindings, want *wants) {
	for i := range f.suspects {
		s := &f.suspects[i]
		if int(s.cells.begin) < f.read {
			continue
		}
		odd := s.odds.begin
		for j := s.cells.begin; j < s.cells.end; j++ {
			c := &f.cells[j]
			ref := f.row(s, int(c.level))
			if int(c.field) == r.rawKeyColumn() {
				ref = f.odds[odd].ref
				odd++
			}
			want.add(ref, c)
		}
		for j := s.candidates.begin; j < s.candidates.end && !s.whole; j++ {
			if f.candidates[j].late {
				for k := range f.candidates[j].cells {
					want.add(f.candidates[j].ref, &f.candidates[j].cells[k])
				}
			}
		}
	}
	f.read = len(f.cells)
	if !r.gathered {
		r.wantMembers(f, want.add)
	}
}

// wants is values to be read again, by level and part. Each goroutine has its own.
type wants struct {
	r      *run
	byPart [][]pile[wanted]
}

const firstWanted, lastWanted = 16, 1024 // elements of a chunk

func (r *run) newWants() *wants {
	w := &wants{r: r, byPart: make([][]pile[wanted], len(r.plan.levels))}
	for l := range w.byPart {
		w.byPart[l] = make([]pile[wanted], len(r.plan.levels[l].parts))
	}
	return w
}

// add has a cell filled in from a row of its level.
func (w *wants) add(ref uint32, c *cell) {
	w.byPart[c.level][w.r.plan.levels[c.level].locate(ref)].add(wanted{ref: ref, col: c.field, cell: c}, firstWanted, lastWanted)
}

// read fills in the cells, all workers reading parts side by side.
func (r *run) read(ctx context.Context, all ...*wants) error {
	type task struct {
		level, part int
		want        [][]wanted
	}
	var tasks []task
	total := int64(0)
	for l := range r.plan.levels {
		for p := range r.plan.levels[l].parts {
			t := task{level: l, part: p}
			for _, w := range all {
				t.want = append(t.want, w.byPart[l][p]...)
			}
			if len(t.want) > 0 {
				tasks = append(tasks, t)
				total += r.plan.levels[l].parts[p].Rows
			}
		}
	}
	r.progress.begin("gather", total)
	return r.parallel(ctx, len(tasks), func(i int) error {
		t := tasks[i]
		return r.gatherPart(ctx, t.level, t.part, slices.Concat(t.want...))
	})
}

// gatherPart reads the wanted values of one part.
func (r *run) gatherPart(ctx context.Context, l, part int, want []wanted) error {
	slices.SortFunc(want, func(a, b wanted) int { return int(int64(a.ref) - int64(b.ref)) })
	pl := &r.plan.levels[l]
	fields := len(r.plan.Fields)
	used := make([]bool, r.ageColumn(len(r.plan.rules)))
	for _, w := range want {
		used[w.col] = true
	}
	var key []int
	if used[r.keyColumn()] || used[r.rawKeyColumn()] {
		key = pl.key
	}
	values := make([]int, len(used))
	for i := range values {
		values[i] = -1
		if used[i] {
			values[i] = r.sourceColumn(pl, i)
		}
	}
	hashers := make([]*record.Hasher, fields)
	for f := range hashers {
		if !used[f] {
			continue
		}
		hashers[f] = r.newHasher(f)
	}
	if r.kept[l] != nil && r.kept[l][part] && r.gatherKept(l, part, want, hashers) {
		r.progress.skip(pl.name, pl.parts[part].Rows)
		return nil
	}
	columns, at := project(key, values)
	at, keyAt := at[len(key):], at[:len(key)]
	packer := r.newPacker()
	keys := make([]arrow.Array, len(key))
	var text []byte
	var reader cellReader
	wants := make([]cellWants, len(used)) // a column, but for those of keys
	err := pl.scan(ctx, only(part), columns, func(batch arrow.Record, ref uint32) error {
		for i, c := range keyAt {
			keys[i] = batch.Column(c)
		}
		end := ref + uint32(batch.NumRows())
		for len(want) > 0 && want[0].ref < end {
			w := want[0]
			want = want[1:]
			row, ok := int(w.ref-ref), false
			switch int(w.col) {
			case r.keyColumn():
				text, ok = packer.AppendCanonical(text[:0], keys, row)
			case r.rawKeyColumn():
				text, ok = record.AppendRaw(text[:0], keys, row)
			default:
				wants[w.col].add(uint32(row), w.cell)
			}
			if ok {
				w.cell.text = reader.keep.keep(text)
			}
		}
		for col := range wants {
			if c := at[col]; c >= 0 {
				var h *record.Hasher
				if col < fields {
					h = hashers[col]
				}
				reader.read(&wants[col], batch.Column(c), h)
			}
		}
		r.progress.add(pl.name, batch.NumRows())
		return nil
	})
	if err == nil && len(want) > 0 {
		err = fmt.Errorf("level %s, %s: the part at row %d has fewer rows than when it was read first", pl.name, pl.parts[part].File, pl.parts[part].FirstRow)
	}
	return err
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
