package engine

import (
	"encoding/binary"
	"slices"

	"crosscheck/engine/cells"
	"crosscheck/engine/join"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// The fingerprints of a part are what the table wants to know of its rows, batch by batch. As bytes, in the byte order of the machine, a batch is
//
//	rows       8 bytes: their number, never 0
//	keys       8 bytes a row, record.Key.Lo, and 8 more, record.Key.Hi, where keys are wide
//	groups     8 bytes a row for each group of fields that the level has: the fingerprints
//	syndromes  8 bytes a row for each of these groups
//	states     1 byte a row
//	texts      of the rows whose key is the number of a text (record.Interner)
//	failing    of the rows that fail a rule
//
// and behind the last one come 8 bytes of 0 and, for each field, 8 bytes that say how many values do not read as its type, the list of the first of
// their rows, counted from 0 over the part, and the bytes and the number of the values whose widths were sampled, 8 bytes each. Each of these begins at a multiple of 8. Lists have their length before them; rows of texts and failing
// are 8 bytes each for the row in the batch, the rule, and the length of the text plus one, 0 for none, and then the text.

// keptPart collects the fingerprints of the part under way, and its values.
type keptPart struct {
	out      []byte
	rows     uint32
	unparsed []unparsed // a field; references count from 0
	widths   widths
	values   cells.Writer
}

// keptValueBytes is what the values of a row take, about.
const keptValueBytes = 96

// begin makes room for a part of so many columns of values: about so many bytes of fingerprints, and of values.
func (k *keptPart) begin(fields, columns int, fingerprints, size int64) {
	k.out, k.rows = slices.Grow(k.out[:0], int(fingerprints)), 0
	k.unparsed, k.widths = make([]unparsed, fields), newWidths(fields)
	k.values.Begin(columns, size)
}

func (k *keptPart) number(n int) { k.out = binary.NativeEndian.AppendUint64(k.out, uint64(n)) }

func (k *keptPart) align() { k.out = append(k.out, make([]byte, -len(k.out)&7)...) }

func (k *keptPart) list(all []failing) {
	k.number(len(all))
	for _, f := range all {
		k.number(int(f.row))
		k.number(int(f.rule))
		if f.text == nil {
			k.number(0)
			continue
		}
		k.number(len(f.text) + 1)
		k.out = append(k.out, f.text...)
		k.align()
	}
}

// add takes a batch that is hashed and checked.
func (k *keptPart) add(r *run, b *join.Batch, fail []failing) {
	if len(b.Keys) == 0 {
		return
	}
	k.number(len(b.Keys))
	for _, key := range b.Keys {
		k.out = binary.NativeEndian.AppendUint64(k.out, key.Lo)
	}
	if r.shape.WideKeys {
		for _, key := range b.Keys {
			k.out = binary.NativeEndian.AppendUint64(k.out, key.Hi)
		}
	}
	for _, fps := range b.FPs {
		k.out = append(k.out, arrow.Uint64Traits.CastToBytes(fps)...)
	}
	for _, syns := range b.Syns {
		k.out = append(k.out, arrow.Uint64Traits.CastToBytes(syns)...)
	}
	var texts []failing
	for i, s := range b.States {
		k.out = append(k.out, byte(s))
		if s == record.KeyValid || s == record.KeyNone {
			continue
		}
		if text, ok := r.intern.TextOf(r.keyTypes, b.Keys[i]); ok {
			texts = append(texts, failing{row: int32(i), text: []byte(text)})
		}
	}
	k.align()
	k.list(texts)
	k.list(fail)
	k.rows += uint32(len(b.Keys))
}

// end gives the part as bytes, which are valid until begin.
func (k *keptPart) end() []byte {
	k.number(0)
	for f := range k.unparsed {
		u := &k.unparsed[f]
		u.cut(maxUnparsed)
		k.number(int(u.count))
		k.number(len(u.first))
		for _, row := range u.first {
			k.number(int(row))
		}
		k.number(int(k.widths.bytes[f]))
		k.number(int(k.widths.values[f]))
	}
	return k.out
}

// keptReader reads the fingerprints of a part. What it gives points to its bytes and is valid until next.
type keptReader struct {
	r     *run
	level int
	in    []byte
	bad   bool

	keys   []record.Key
	states []record.KeyState
	batch  join.Batch // without Ref
	fail   []failing

	unparsed []unparsed // a field; references count from 0
	widths   widths
}

// take gives n bytes and skips what aligns them.
func (k *keptReader) take(n int) []byte {
	padded := (n + 7) &^ 7
	if n < 0 || padded > len(k.in) {
		k.bad, k.in = true, nil
		return nil
	}
	b := k.in[:n]
	k.in = k.in[padded:]
	return b
}

func (k *keptReader) number() int {
	if b := k.take(8); b != nil {
		return int(binary.NativeEndian.Uint64(b))
	}
	return 0
}

// words gives a word a row.
func (k *keptReader) words(rows int) []uint64 {
	return arrow.Uint64Traits.CastFromBytes(k.take(8 * rows))
}

func (k *keptReader) list(out []failing, rows int) []failing {
	for n := k.number(); n > 0 && !k.bad; n-- {
		f := failing{row: int32(k.number()), rule: int32(k.number())}
		if length := k.number(); length > 0 {
			f.text = k.take(length - 1)
		}
		if f.row < 0 || int(f.row) >= rows || len(out) > 0 && f.row < out[len(out)-1].row || f.rule < 0 || int(f.rule) > len(k.r.plan.rules) {
			k.bad = true
		}
		out = append(out, f)
	}
	return out
}

// next reads a batch, with its keys if they are wanted; false: there is none left, or none that is whole.
func (k *keptReader) next(keys bool) bool {
	rows, shape := k.number(), &k.r.shape
	if rows <= 0 || rows > len(k.in)/8 {
		k.bad = k.bad || rows != 0
		return false
	}
	k.batch = join.Batch{Level: k.level}
	lo := k.words(rows)
	var hi []uint64
	if shape.WideKeys {
		hi = k.words(rows)
	}
	groups := func(of [][]uint64) [][]uint64 {
		for _, levels := range shape.Groups {
			var words []uint64
			if levels>>k.level&1 != 0 {
				words = k.words(rows)
			}
			of = append(of, words)
		}
		return of
	}
	k.batch.FPs, k.batch.Syns = groups(nil), groups(nil)
	states := k.take(rows)
	texts := k.list(nil, rows)
	k.fail = k.list(k.fail[:0], rows)
	k.states = k.states[:0]
	for _, s := range states {
		k.bad = k.bad || s >= byte(record.NumKeyStates)
		k.states = append(k.states, record.KeyState(s))
	}
	k.batch.States = k.states
	if k.bad || !keys {
		k.batch.Keys = nil
		return !k.bad
	}
	k.keys = k.keys[:0]
	for _, x := range lo {
		k.keys = append(k.keys, record.Key{Lo: x})
	}
	for i, x := range hi {
		k.keys[i].Hi = x
	}
	for _, t := range texts {
		k.keys[t.row] = k.r.intern.Keep(k.r.keyTypes, t.text)
	}
	k.batch.Keys = k.keys
	return true
}

// rest reads what follows the last batch of a part of so many rows.
func (k *keptReader) rest(rows int) {
	fields := len(k.r.plan.Fields)
	k.unparsed, k.widths = make([]unparsed, fields), newWidths(fields)
	for f := range fields {
		u := &k.unparsed[f]
		u.count = int64(k.number())
		for n := k.number(); n > 0 && !k.bad; n-- {
			row := k.number()
			k.bad = k.bad || row < 0 || row >= rows
			u.first = append(u.first, uint32(row))
		}
		k.widths.bytes[f], k.widths.values[f] = int64(k.number()), int64(k.number())
	}
	k.bad = k.bad || len(k.in) > 0
}

// open holds that bytes are those of a part, and gives how many rows it has; then it is before the first batch.
func (k *keptReader) open(r *run, level int, in []byte) (rows int, ok bool) {
	k.r, k.level, k.in, k.bad = r, level, in, false
	for k.next(false) {
		rows += len(k.batch.States)
	}
	k.rest(rows)
	ok = !k.bad
	k.in, k.bad = in, false
	return rows, ok
}
