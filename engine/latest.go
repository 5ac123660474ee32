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
	value cell
}

var rivalBytes = sizeOf[rival]() + sizeOf[wanted]() + keyWidth // with what it holds

// chooseLatest reads what the rows of repeated keys hold in the column of Level.LatestBy and notes which of them stand for their
// levels: findings are those of the partitions.
func (r *run) chooseLatest(ctx context.Context, findings []partFindings) error {
	if !slices.ContainsFunc(r.plan.levels, func(l plannedLevel) bool { return l.latest >= 0 }) {
		return nil
	}
	rivals := make([][]rival, r.table.Partitions())
	want := r.newWants()
	kept := int64(0)
	defer func() { r.budget.give(kept) }()
	for p := range rivals {
		rivals[p] = r.rivals(p)
		bytes := int64(len(rivals[p])) * rivalBytes
		kept += bytes
		if err := r.budget.take(bytes); err != nil {
			return err
		}
		for i := range rivals[p] {
			want.add(rivals[p][i].ref, &rivals[p][i].value)
		}
	}
	if err := r.read(ctx, want); err != nil {
		return err
	}
	for p, all := range rivals {
		for len(all) > 0 {
			best := 0
			n := 1
			for ; n < len(all) && all[n].record == all[0].record && all[n].level == all[0].level; n++ {
				if c := r.later(&all[n], &all[best]); c > 0 || c == 0 && all[n].ref < all[best].ref {
					best = n
				}
			}
			findings[p].latest = append(findings[p].latest, all[best].standing)
			all = all[n:]
		}
	}
	return nil
}

// rivals lists the rows of the keys of a partition that a level with a LatestBy holds more than once, by record and level.
func (r *run) rivals(p int) (all []rival) {
	add := func(rec uint32, l int32, ref uint32) {
		all = append(all, rival{standing{rec, l, ref}, cell{field: int32(r.latestColumn()), level: int16(l)}})
	}
	rows := r.table.ExtraRows(p)
	if len(rows) == 0 {
		return nil
	}
	r.table.Open(p)
	defer r.table.Close(p)
	for i, row := range rows {
		if r.plan.levels[row.Level].latest < 0 {
			continue
		}
		if i == 0 || rows[i-1].Record != row.Record || rows[i-1].Level != row.Level {
			add(row.Record, row.Level, r.table.Ref(p, row.Record, int(row.Level)))
		}
		add(row.Record, row.Level, row.Ref)
	}
	return all
}

// later compares what two rows hold; a null is less than anything.
func (r *run) later(a, b *rival) int {
	switch x, y := r.texts.of(&a.value.text), r.texts.of(&b.value.text); {
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
