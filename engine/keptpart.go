package engine

import (
	"encoding/binary"

	"crosscheck/engine/join"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// keptPart is the fingerprints of a part: what the table wants to know of its rows. As bytes it is, in the byte order of the machine:
//
//	rows       8 bytes: their number
//	keys       8 bytes a row, and 8 more where keys are wide: record.Key.Lo, record.Key.Hi
//	groups     8 bytes a row for each group of fields that the level has: the fingerprints
//	signatures 2 bytes a row and field, row by row
//	states     1 byte a row
//	texts      of the rows whose key is one that has a text (record.Interner)
//	unparsed   a field: 8 bytes, how many values do not read as its type, and 8 bytes a row for the first of them
//	failing    of the rows that fail a rule
//
// Each of these begins at a multiple of 8. Lists have their length before them, in 8 bytes; a row of texts and failing is 8 bytes each for the row, the
// number of the rule, and the length of the text plus one, 0 for none, and then the text.
type keptPart struct {
	rows     int
	keys     []record.Key
	states   []record.KeyState
	fps      [][]uint64 // a group; nil where the level lacks it
	sigs     []uint16
	texts    []failing  // rule is 0
	unparsed []unparsed // a field; references count from 0
	failing  []failing

	in, out []byte
}

// reset makes room for another part.
func (k *keptPart) reset(groups, fields int) {
	k.rows = 0
	k.keys, k.states, k.sigs = k.keys[:0], k.states[:0], k.sigs[:0]
	k.texts, k.failing = k.texts[:0], k.failing[:0]
	if len(k.fps) != groups {
		k.fps = make([][]uint64, groups)
	}
	for g := range k.fps {
		k.fps[g] = k.fps[g][:0]
	}
	k.unparsed = make([]unparsed, fields)
}

// batch gives some rows of the part, whose first row has the reference first.
func (k *keptPart) batch(l int, first uint32, begin, end, fields int) join.Batch {
	b := join.Batch{Level: l, Ref: first + uint32(begin), Keys: k.keys[begin:end], States: k.states[begin:end], Sigs: k.sigs[begin*fields : end*fields]}
	for _, fps := range k.fps {
		if fps != nil {
			fps = fps[begin:end]
		}
		b.FPs = append(b.FPs, fps)
	}
	return b
}

// take notes a batch that is hashed and checked.
func (k *keptPart) take(r *run, b *join.Batch, fail []failing) {
	for i, key := range b.Keys {
		if b.States[i] == record.KeyValid || b.States[i] == record.KeyNone {
			continue
		}
		if text, ok := r.intern.TextOf(r.keyTypes, key); ok {
			k.texts = append(k.texts, failing{row: int32(k.rows + i), text: []byte(text)})
		}
	}
	for _, f := range fail {
		f.row += int32(k.rows)
		k.failing = append(k.failing, f)
	}
	k.keys, k.states, k.sigs = append(k.keys, b.Keys...), append(k.states, b.States...), append(k.sigs, b.Sigs...)
	for g, fps := range b.FPs {
		k.fps[g] = append(k.fps[g], fps...)
	}
	k.rows += len(b.Keys)
}

// encode gives the part as bytes, which are valid until the next call.
func (k *keptPart) encode(r *run, l int) []byte {
	out := k.out[:0]
	number := func(n int) { out = binary.NativeEndian.AppendUint64(out, uint64(n)) }
	align := func() { out = append(out, make([]byte, -len(out)&7)...) }
	list := func(all []failing) {
		number(len(all))
		for _, f := range all {
			number(int(f.row))
			number(int(f.rule))
			if f.text == nil {
				number(0)
				continue
			}
			number(len(f.text) + 1)
			out = append(out, f.text...)
			align()
		}
	}
	number(k.rows)
	for _, key := range k.keys {
		out = binary.NativeEndian.AppendUint64(out, key.Lo)
	}
	if r.shape.WideKeys {
		for _, key := range k.keys {
			out = binary.NativeEndian.AppendUint64(out, key.Hi)
		}
	}
	for g, levels := range r.shape.Groups {
		if levels>>l&1 != 0 {
			out = append(out, arrow.Uint64Traits.CastToBytes(k.fps[g])...)
		}
	}
	out = append(out, arrow.Uint16Traits.CastToBytes(k.sigs)...)
	align()
	for _, s := range k.states {
		out = append(out, byte(s))
	}
	align()
	list(k.texts)
	for f := range k.unparsed {
		u := &k.unparsed[f]
		u.cut(maxUnparsed)
		number(int(u.count))
		number(len(u.first))
		for _, row := range u.first {
			number(int(row))
		}
	}
	list(k.failing)
	k.out = out
	return out
}

// decode takes a part from bytes, to which it then points. It gives false where they are not those of a part of this level.
func (k *keptPart) decode(r *run, l int, in []byte) bool {
	fields := len(r.plan.Fields)
	k.reset(len(r.shape.Groups), fields)
	ok := true
	take := func(n int) []byte { // n bytes and what aligns them
		padded := (n + 7) &^ 7
		if n < 0 || padded > len(in) {
			ok, in = false, nil
			return nil
		}
		b := in[:n]
		in = in[padded:]
		return b
	}
	number := func() int {
		if b := take(8); b != nil {
			return int(binary.NativeEndian.Uint64(b))
		}
		return 0
	}
	rows := number()
	each := func(bytes, times int) []byte { // so many bytes a row, if there are so many
		if rows < 0 || times > 0 && rows > len(in)/(bytes*times) {
			ok = false
			return nil
		}
		return take(rows * bytes * times)
	}
	list := func() (all []failing) {
		for n := number(); n > 0 && ok; n-- {
			f := failing{row: int32(number()), rule: int32(number())}
			if length := number(); length > 0 {
				f.text = take(length - 1)
			}
			if int(f.row) >= rows || f.row < 0 || len(all) > 0 && f.row < all[len(all)-1].row {
				ok = false
			}
			all = append(all, f)
		}
		return all
	}
	lo := arrow.Uint64Traits.CastFromBytes(each(8, 1))
	var hi []uint64
	if r.shape.WideKeys {
		hi = arrow.Uint64Traits.CastFromBytes(each(8, 1))
	}
	for g, levels := range r.shape.Groups {
		k.fps[g] = nil
		if levels>>l&1 != 0 {
			k.fps[g] = arrow.Uint64Traits.CastFromBytes(each(8, 1))
		}
	}
	k.sigs = arrow.Uint16Traits.CastFromBytes(each(2, fields))
	states := each(1, 1)
	k.texts = list()
	for f := range k.unparsed {
		u := &k.unparsed[f]
		u.count = int64(number())
		for n := number(); n > 0 && ok; n-- {
			row := number()
			ok = ok && row >= 0 && row < rows
			u.first = append(u.first, uint32(row))
		}
	}
	k.failing = list()
	if !ok || len(in) > 0 {
		return false
	}
	for i := range lo {
		k.keys = append(k.keys, record.Key{Lo: lo[i]})
		if hi != nil {
			k.keys[i].Hi = hi[i]
		}
		if states[i] >= byte(record.NumKeyStates) {
			return false
		}
		k.states = append(k.states, record.KeyState(states[i]))
	}
	for _, t := range k.texts {
		k.keys[t.row] = r.intern.Keep(r.keyTypes, t.text)
	}
	for _, f := range k.failing {
		if f.rule < 0 || int(f.rule) >= len(r.plan.rules) {
			return false
		}
	}
	k.rows = rows
	return true
}
