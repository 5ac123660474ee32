package engine

import (
	"context"
	"slices"

	"crosscheck/engine/record"
)

// standing is the row that stands for a level that holds a record more than once, as Level.LatestBy chose it.
type standing struct {
	record uint32
	level  int32
	ref    uint32
}

// rival is a row that may stand for its level.
type rival struct {
	standing
	part  int32
	value cell
}

var rivalBytes = sizeOf[rival]() + 2*sizeOf[wanted]() + keyWidth // with what it holds

// How many rivals there are at a time, if memory allows for the first.
const (
	mostRivals   = 1 << 19
	fewestRivals = 1 << 13
)

// chooseLatest reads what the rows of repeated keys hold in the column of Level.LatestBy and notes which of them stand for their
// levels: findings are those of the partitions. A key that a level holds a million times takes no more memory than many keys do.
func (r *run) chooseLatest(ctx context.Context, findings []partFindings) error {
	if !slices.ContainsFunc(r.plan.levels, func(l plannedLevel) bool { return l.latest >= 0 }) {
		return nil
	}
	sorted := int64(0)
	for p := range findings {
		sorted = max(sorted, r.table.SortBytes(p))
	}
	if r.over != nil && r.over.held.bytes() > 0 && r.over.held.bytes()+2*sorted > r.plan.Memory.limit*(100-tableShare-suspectsShare)/100 {
		if err := r.evict(ctx); err != nil {
			return err
		}
	}
	bytes := sorted // that are counted
	defer func() { r.budget.give(bytes) }()
	if err := r.budget.take(bytes); err != nil {
		return err
	}
	most := r.rivalsAtATime()
	var rivals []rival
	add := func(p int, rec uint32, l int32, ref uint32) (err error) {
		if len(rivals) == most {
			if rivals, err = r.choose(ctx, rivals, findings, false); err != nil {
				return err
			}
		}
		rivals = append(rivals, rival{standing{rec, l, ref}, int32(p), cell{field: int32(r.latestColumn()), level: int16(l)}})
		if more := sorted + int64(cap(rivals))*rivalBytes - bytes; more > 0 {
			bytes += more
			return r.budget.take(more)
		}
		return nil
	}
	for p := range findings {
		rows := r.table.ExtraRows(p)
		for i, row := range rows {
			if r.plan.levels[row.Level].latest < 0 {
				continue
			}
			if i == 0 || rows[i-1].Record != row.Record || rows[i-1].Level != row.Level {
				if err := add(p, row.Record, row.Level, r.table.Ref(p, row.Record, int(row.Level))); err != nil {
					return err
				}
			}
			if err := add(p, row.Record, row.Level, row.Ref); err != nil {
				return err
			}
		}
	}
	_, err := r.choose(ctx, rivals, findings, true)
	return err
}

// rivalsAtATime is as many as what the budget leaves has room for beside what comes next.
func (r *run) rivalsAtATime() int {
	if r.plan.Memory.limit == 0 {
		return mostRivals
	}
	room := r.plan.Memory.limit * buffersShare / 100
	if r.over == nil {
		room = (r.budget.limit - r.budget.taken.Load()) / 4
	}
	fewest := int64(fewestRivals)
	if r.opt.small {
		fewest = 2 // one that is ahead, and another one
	}
	return int(min(max(room/rivalBytes, fewest), mostRivals))
}

// choose reads what rivals hold and notes those that stand for their levels. Unless they are the last ones, those of the last key may go on: it gives the
// one of them that is ahead, alone.
func (r *run) choose(ctx context.Context, rivals []rival, findings []partFindings, last bool) ([]rival, error) {
	var read texts
	want := r.newWants()
	for i := range rivals {
		want.add(rivals[i].ref, &rivals[i].value)
	}
	if err := r.readTo(ctx, &read, want); err != nil {
		return nil, err
	}
	for left := rivals; len(left) > 0; {
		best, n := &left[0], 1
		for ; n < len(left) && left[n].part == best.part && left[n].record == best.record && left[n].level == best.level; n++ {
			if c := r.later(&left[n], best, &read); c > 0 || c == 0 && left[n].ref < best.ref {
				best = &left[n]
			}
		}
		if left = left[n:]; len(left) == 0 && !last {
			return append(rivals[:0], *best), nil
		}
		f := &findings[best.part]
		f.latest = append(f.latest, best.standing)
	}
	return rivals[:0], nil
}

// later compares what two rows hold; a null is less than anything.
func (r *run) later(a, b *rival, read *texts) int {
	switch x, y := read.of(&a.value.text), read.of(&b.value.text); {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return -1
	case y == nil:
		return 1
	default:
		return record.Compare(r.plan.levels[a.level].by, x, y)
	}
}
