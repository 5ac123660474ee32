package engine

import (
	"context"
	"fmt"
	"strings"
)

// Kept is where the fingerprints of parts are kept from run to run, so that a part that is the same is not read again. Both functions are called by
// many goroutines. What they are given and give holds keys.
//
// A recipe says all that the fingerprints of a level depend on beside what its file holds and how the loader reads it. The same bytes under
// another recipe are other fingerprints.
type Kept struct {
	// Load appends what was saved of a part to buf, or gives nil: nothing, or nothing that is whole.
	Load func(level, part int, recipe string, buf []byte) []byte
	// Save keeps what was worked out of a part. It must not hold on to the bytes.
	Save func(level, part int, recipe string, fingerprints []byte)
}

// keptVersion numbers how values become fingerprints and how these are written. Whatever changes one of them changes it; TestKeptVersion tells.
const keptVersion = 1

// recipe describes a level for Kept.
func (r *run) recipe(l int) string {
	pl := &r.plan.levels[l]
	var b strings.Builder
	fmt.Fprintf(&b, "version %d\nkey %v wide %v strict %v\n", keptVersion, r.keyTypes, r.shape.WideKeys, r.opt.StrictRegions)
	column := func(c int) string {
		if c < 0 {
			return "none"
		}
		return fmt.Sprintf("%q %s", pl.source.Schema().Field(c).Name, pl.stored[c])
	}
	for _, c := range pl.key {
		fmt.Fprintf(&b, "key column %s\n", column(c))
	}
	for f, c := range pl.fields {
		field := &r.plan.Fields[f]
		fmt.Fprintf(&b, "field %s type %s canon %#v group %d\n", column(c), field.Type, field.Canon, r.shape.Group[f])
	}
	for g, levels := range r.shape.Groups {
		fmt.Fprintf(&b, "group %d %v\n", g, levels>>l&1 != 0)
	}
	for i, rule := range r.plan.rules {
		if rule.at[l] == nil {
			continue
		}
		fmt.Fprintf(&b, "rule %d %s against %q expr %q\n", i, rule.Kind, rule.Against, rule.Expr)
		for _, c := range rule.at[l] {
			fmt.Fprintf(&b, "rule column %s\n", column(c))
		}
	}
	fmt.Fprintf(&b, "signatures %d\n", r.opt.signatures)
	return b.String()
}

// keepLevels gives the recipe of each level of a run in memory, "" where nothing is kept: of rosters. Rows that are spilled are not kept.
func (r *run) keepLevels() {
	r.recipes = make([]string, len(r.plan.levels))
	for l := range r.plan.Levels {
		if r.opt.Kept != nil && r.over == nil {
			r.recipes[l] = r.recipe(l)
		}
	}
}

// loadKept adds a part whose fingerprints are kept to the table. It gives false where they are not.
func (w *worker) loadKept(ctx context.Context, l, part int) (bool, error) {
	r, k := w.run, &w.kept
	pl := &r.plan.levels[l]
	w.keptBytes = r.opt.Kept.Load(l, part, r.recipes[l], w.keptBytes[:0])
	if w.keptBytes == nil {
		return false, nil
	}
	rows, unparsed, ok := k.open(r, l, w.keptBytes)
	ref := pl.refs[part]
	if !ok || rows > int(pl.refs[part+1]-ref) {
		return false, nil
	}
	for f := range unparsed {
		w.unparsed[f*len(r.plan.levels)+l].take(&unparsed[f], ref)
	}
	if err := r.waitFor(ctx, l-1); err != nil {
		return true, err
	}
	own := w.batch
	defer func() { w.batch = own }()
	for k.next(true) {
		w.batch, w.failing = k.batch, append(w.failing[:0], k.fail...)
		w.batch.Ref = ref
		w.mark(len(k.batch.Keys))
		if err := w.add(l); err != nil {
			return true, err
		}
		w.skipNoKey(l, ref)
		w.keepFailed(l, func(f *failing) []byte { return f.text })
		if err := r.budget.take(w.keepHits(l, true, func(_, field int) cell { return cell{field: int32(field), level: int32(l)} })); err != nil {
			return true, err
		}
		if err := ctx.Err(); err != nil {
			return true, err
		}
		ref += uint32(len(k.batch.Keys))
	}
	w.rows[l] += int64(rows)
	w.reused[l] += int64(rows)
	r.progress.skip(pl.name, int64(rows))
	return true, nil
}
