package engine

import (
	"slices"

	"crosscheck/engine/cells"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Of a part that is kept, package cells has the columns that gather may want of it: those of valueColumns, and behind them the texts of keys.
const (
	canonicalKey = iota // where they cannot be told from the packed ones
	rawKey              // of rows whose key is not valid; of all where keys with typos are looked for
	keyTexts
)

// valueColumns lists the columns of a level that findings may show: fields, carried columns, and those that rules and Level.LatestBy look at.
func (r *run) valueColumns(l int) []int {
	pl := &r.plan.levels[l]
	more := []int{pl.latest}
	for _, rule := range r.plan.rules {
		if rule.Kind == RuleOverdue && rule.level == l {
			more = append(more, rule.column)
		}
	}
	columns, _ := project(pl.fields, pl.carry, more)
	return columns
}

// addValues takes the values of a batch whose keys are packed; at says where the columns of valueColumns are in it.
func (w *worker) addValues(batch arrow.Record, keys []arrow.Array, at []int) {
	columns := make([]arrow.Array, 0, len(at)+keyTexts)
	for _, c := range at {
		columns = append(columns, batch.Column(c))
	}
	var texts [keyTexts]arrow.Array
	if !w.run.keyText.Reversible() {
		texts[canonicalKey] = w.keyColumn(func(dst []byte, i int) ([]byte, bool) { return w.packer.AppendCanonical(dst, keys, i) })
	}
	all, some := len(w.run.plan.typo) > 0, false
	for _, s := range w.batch.States {
		some = some || s != record.KeyValid
	}
	if all || some {
		texts[rawKey] = w.keyColumn(func(dst []byte, i int) ([]byte, bool) {
			if !all && w.batch.States[i] == record.KeyValid {
				return dst, false
			}
			return record.AppendRaw(dst, keys, i)
		})
	}
	w.keep.values.Add(append(columns, texts[:]...), int(batch.NumRows()))
	for _, t := range texts {
		if t != nil {
			t.Release()
		}
	}
}

// keyColumn makes a column of a text a row of the batch under way.
func (w *worker) keyColumn(text func(dst []byte, i int) ([]byte, bool)) arrow.Array {
	b := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	defer b.Release()
	for i := range w.batch.Keys {
		var ok bool
		if w.text, ok = text(w.text[:0], i); ok {
			b.Append(w.text)
		} else {
			b.AppendNull()
		}
	}
	return b.NewArray()
}

// keptValues is what is kept of the values of a part.
type keptValues struct {
	r       *run
	level   int
	columns []int
	reader  *cells.Reader
	done    func(whole bool)
}

// openValues opens what is kept of the values of a part, nil where nothing is, or nothing that is whole. Whoever asked closes it.
func (r *run) openValues(l, part int) *keptValues {
	in, done := r.opt.Kept.Values(l, part, r.recipes[l])
	if in == nil {
		return nil
	}
	if in.Size() == 0 { // a column of theirs cannot be kept
		done(true)
		return nil
	}
	v := &keptValues{r: r, level: l, columns: r.valueColumns(l), done: done}
	var err error
	if v.reader, err = cells.Open(in, in.Size(), len(v.columns)+keyTexts); err != nil {
		done(false)
		return nil
	}
	return v
}

// close says whether what was read was whole.
func (v *keptValues) close(whole bool) {
	v.reader.Release()
	v.done(whole)
}

// value gives an array that holds a value, and where; nil for a null. Rows count from 0 over the part.
func (v *keptValues) value(row, col int) (arr arrow.Array, at int, ok bool) {
	pl := &v.r.plan.levels[v.level]
	var column int
	var dt arrow.DataType = arrow.BinaryTypes.Binary
	switch col {
	case v.r.keyColumn():
		column = len(v.columns) + canonicalKey
	case v.r.rawKeyColumn():
		column = len(v.columns) + rawKey
	default:
		source := v.r.sourceColumn(pl, col)
		column = slices.Index(v.columns, source)
		if column < 0 {
			return nil, 0, false
		}
		dt = pl.stored[source]
	}
	arr, at, err := v.reader.Value(row, column, dt)
	return arr, at, err == nil
}

// gatherKept fills in values of a part, column by column, from what is kept of it. It gives false where that is not whole.
func (r *run) gatherKept(l, part int, wants []cellWants, hashers []*record.Hasher, texts *texts) (whole bool) {
	v := r.openValues(l, part)
	if v == nil {
		return false
	}
	defer func() { v.close(whole) }()
	keeper := keeper{texts: texts}
	var buf []byte
	for col := range wants {
		isField := col < len(hashers)
		for i, row := range wants[col].rows {
			cell := wants[col].cells[i]
			arr, at, ok := v.value(int(row), col)
			if !ok {
				return false
			}
			cell.text = text{}
			switch {
			case arr == nil && isField:
				cell.hash, ok = record.NullHash(col), false
			case arr == nil:
				ok = false
			case isField:
				cell.hash = hashers[col].At(arr, at)
				buf, ok = record.AppendText(buf[:0], arr, at)
			case col == r.keyColumn(), col == r.rawKeyColumn():
				if ok = arr.IsValid(at); ok {
					buf = append(buf[:0], arr.(*array.Binary).Value(at)...)
				}
			default:
				buf, ok = record.AppendText(buf[:0], arr, at)
			}
			if ok {
				keeper.keep(&cell.text, buf)
			}
		}
	}
	return true
}

// keptKeys gives the canonical keys of a part, row by row.
type keptKeys struct{ *keptValues }

// openKeptKeys is openValues where canonical keys are kept, of so many rows all of which can be read.
func (r *run) openKeptKeys(l, part, rows int) *keptKeys {
	v := r.openValues(l, part)
	if v == nil {
		return nil
	}
	for row := range rows {
		if _, _, ok := v.value(row, r.keyColumn()); !ok {
			v.close(false)
			return nil
		}
	}
	return &keptKeys{v}
}

// append appends the canonical key of a row that has one.
func (k *keptKeys) append(dst []byte, row int) []byte {
	arr, at, ok := k.value(row, k.r.keyColumn())
	if !ok || arr == nil {
		return dst
	}
	return append(dst, arr.(*array.Binary).Value(at)...)
}
