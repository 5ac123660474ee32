package engine

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"crosscheck/engine/record"
)

// Kept is where the fingerprints of parts and their values are kept from run to run, so that a part that is the same is not read again. All functions
// are called by many goroutines. What they are given and give holds keys and values.
//
// A recipe says all that what is kept of a level depends on beside what its file holds and how the loader reads it. The same bytes under
// another recipe are other fingerprints.
type Kept struct {
	// Load appends the fingerprints that were saved of a part to buf, or gives nil: nothing, or nothing that is whole.
	Load func(level, part int, recipe string, buf []byte) []byte
	// Values gives the values that were saved with them, nil where that fails. Whoever asked calls done, and says whether what was read was whole.
	Values func(level, part int, recipe string) (values *io.SectionReader, done func(whole bool))
	// Save keeps what was worked out of a part and its values. It must not hold on to the bytes.
	Save func(level, part int, recipe string, fingerprints, values []byte)
}

// keptVersion numbers how values become fingerprints and how these and the values are written. Whatever changes one of them changes it;
// TestKeptVersion tells.
const keptVersion = 4

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
	for _, c := range r.valueColumns(l) {
		fmt.Fprintf(&b, "value column %s\n", column(c))
	}
	fmt.Fprintf(&b, "raw keys %v\n", len(r.plan.typo) > 0)
	fmt.Fprintf(&b, "weights %d\n", r.shape.Weights)
	return b.String()
}

// keepLevels gives the recipe of each level, "" where nothing is kept: of rosters.
func (r *run) keepLevels() {
	r.recipes = make([]string, len(r.plan.levels))
	r.kept = make([][]bool, len(r.plan.levels))
	for l := range r.plan.Levels {
		if r.opt.Kept != nil {
			r.recipes[l] = r.recipe(l)
			r.kept[l] = make([]bool, len(r.plan.levels[l].parts))
		}
	}
}

// loadKept adds a part whose fingerprints are kept to the table, or spills its rows. It gives false where they are not.
func (w *worker) loadKept(ctx context.Context, l, part int) (bool, error) {
	r, k := w.run, &w.kept
	pl := &r.plan.levels[l]
	w.keptBytes = r.opt.Kept.Load(l, part, r.recipes[l], w.keptBytes[:0])
	if w.keptBytes == nil {
		return false, nil
	}
	rows, ok := k.open(r, l, w.keptBytes)
	ref := pl.refs[part]
	if !ok || rows > int(pl.refs[part+1]-ref) {
		return false, nil
	}
	var texts *keptKeys
	if r.over != nil && !r.keyText.Reversible() {
		if texts = r.openKeptKeys(l, part, rows); texts == nil {
			return false, nil
		}
		defer texts.close(true)
	}
	for f := range k.unparsed {
		w.unparsed[f*len(r.plan.levels)+l].take(&k.unparsed[f], ref)
		w.blanks[f*len(r.plan.levels)+l] = blankNull | blankEmpty
	}
	w.widths.merge(&k.widths)
	if r.over == nil {
		if err := w.waitFor(ctx, l-1, false); err != nil {
			return true, err
		}
	}
	own := w.batch
	defer func() { w.batch = own }()
	for first := ref; k.next(true); ref += uint32(len(k.batch.Keys)) {
		w.batch, w.failing = k.batch, append(w.failing[:0], k.fail...)
		w.batch.Ref = ref
		var err error
		if r.over != nil {
			err = w.spill(l, func(i int) []byte {
				w.text = texts.append(w.text[:0], int(ref-first)+i)
				return w.text
			}, (*failing).keptText)
		} else {
			err = w.addKept(l)
		}
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return true, err
		}
	}
	r.kept[l][part] = true
	w.rows[l] += int64(rows)
	w.reused[l] += int64(rows)
	r.progress.skip(pl.name, int64(rows))
	return true, nil
}

// addKept adds the batch under way, of which no value is at hand, to the table.
func (w *worker) addKept(l int) error {
	w.mark(len(w.batch.Keys))
	if err := w.add(l); err != nil {
		return err
	}
	w.skipNoKey(l, w.batch.Ref)
	w.keepFailed(l, (*failing).keptText)
	kept := w.keepHits(l, false)
	return w.run.budget.take(kept + int64(len(w.scratch.NoKey))*noKeyBytes)
}

// sampleKept gives the canonical keys of every so many rows of a part that is kept, of the whole of it or of its first batch. It gives false where it is
// not kept.
func (r *run) sampleKept(l, part int, every int64, whole bool) (texts [][]byte, ok bool) {
	if r.recipes[l] == "" {
		return nil, false
	}
	prints := r.opt.Kept.Load(l, part, r.recipes[l], nil)
	if prints == nil {
		return nil, false
	}
	var k keptReader
	rows, ok := k.open(r, l, prints)
	if !ok {
		return nil, false
	}
	canonical := func(row int) []byte { return r.keyText.Append(nil, k.batch.Keys[row]) }
	first := 0 // row of the part with which the batch begins
	if !r.keyText.Reversible() {
		v := r.openKeptKeys(l, part, rows)
		if v == nil {
			return nil, false
		}
		defer v.close(true)
		canonical = func(row int) []byte { return v.append(nil, first+row) }
	}
	for k.next(true) {
		ref := int64(r.plan.levels[l].refs[part]) + int64(first)
		for row := (every - ref%every) % every; row < int64(len(k.batch.Keys)); row += every {
			if k.batch.States[row] != record.KeyNone {
				texts = append(texts, canonical(int(row)))
			}
		}
		if first += len(k.batch.Keys); !whole {
			break
		}
	}
	return texts, true
}
