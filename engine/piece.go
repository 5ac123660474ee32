package engine

import (
	"bytes"
	"encoding/binary"
	"slices"

	"crosscheck/engine/join"
	"crosscheck/engine/record"
	"crosscheck/engine/spill"
)

// rowLayout says how rows of a level are spilled. A piece is twice the number of its rows, plus one if they all are valid, 4 bytes; the columns, one after
// the other, each of all rows:
//
//	8   low half of the key
//	8   high half, where keys need it
//	8   fingerprint, for each group that the level has, and behind it
//	8   its syndrome, where the group has more than one field: else there is nothing to locate
//	4   reference
//	1   state of the key, unless all are valid
//
// and the rows that fail a rule: the row's number in the piece, the rule, the length of the value plus one, 0 for none, 4 bytes each, and the
// value. All is little-endian.
type rowLayout struct {
	size   int   // of a row
	widths []int // of its columns
	wide   bool
	groups []groupLayout // that the level has
}

type groupLayout struct {
	group    int
	syndrome bool
}

func rowLayoutOf(s *join.Shape, level int) rowLayout {
	l := rowLayout{wide: s.WideKeys, widths: []int{8}}
	fields := make([]int, len(s.Groups)) // a group: how many
	for _, g := range s.Group {
		fields[g]++
	}
	if l.wide {
		l.widths = append(l.widths, 8)
	}
	for g, levels := range s.Groups {
		if levels>>level&1 != 0 {
			of := groupLayout{g, fields[g] > 1}
			if l.widths = append(l.widths, 8); of.syndrome {
				l.widths = append(l.widths, 8)
			}
			l.groups = append(l.groups, of)
		}
	}
	l.widths = append(l.widths, 4, 1)
	for _, w := range l.widths {
		l.size += w
	}
	return l
}

const pieceHead = 4

// room is how many rows a piece of some bytes has, one at least.
func (l *rowLayout) room(bytes int) int { return max((bytes-pieceHead)/l.size, 1) }

// put puts rows of a batch into columns that have room for so many rows and hold n.
func (l *rowLayout) put(columns []byte, room, n int, rows []uint32, b *join.Batch) {
	le := binary.LittleEndian
	next := func(width int) (to []byte) { // the rows' place in the next column
		to, columns = columns[n*width:(n+len(rows))*width], columns[room*width:]
		return to
	}
	to := next(8)
	for i, row := range rows {
		le.PutUint64(to[8*i:], b.Keys[row].Lo)
	}
	if l.wide {
		to := next(8)
		for i, row := range rows {
			le.PutUint64(to[8*i:], b.Keys[row].Hi)
		}
	}
	sums := func(of []uint64) {
		to := next(8)
		for i, row := range rows {
			le.PutUint64(to[8*i:], of[row])
		}
	}
	for _, of := range l.groups {
		if sums(b.FPs[of.group]); of.syndrome {
			sums(b.Syns[of.group])
		}
	}
	to = next(4)
	for i, row := range rows {
		le.PutUint32(to[4*i:], b.RefOf(row))
	}
	to = next(1)
	for i, row := range rows {
		to[i] = byte(b.States[row])
	}
}

// shut puts the columns of n rows side by side that had room for more, and gives what the piece has of them.
func (l *rowLayout) shut(piece []byte, room, n int) []byte {
	widths, head := l.widths, uint32(2*n)
	if states := piece[pieceHead+room*(l.size-1):][:n]; bytes.Count(states, []byte{byte(record.KeyValid)}) == n {
		widths, head = widths[:len(widths)-1], head+1
	}
	binary.LittleEndian.PutUint32(piece, head)
	at, from := pieceHead, pieceHead
	for _, width := range widths {
		copy(piece[at:], piece[from:from+n*width])
		at, from = at+n*width, from+room*width
	}
	return piece[:at]
}

// take appends the rows of a piece to a batch and gives what follows them, the rows that fail a rule.
func (l *rowLayout) take(b *join.Batch, piece []byte) (fails []byte) {
	le := binary.LittleEndian
	head := le.Uint32(piece)
	n, valid := int(head/2), head%2 == 1
	columns := piece[pieceHead:]
	next := func(width int) (from []byte) {
		from, columns = columns[:n*width], columns[n*width:]
		return from
	}
	var keys []record.Key
	b.Keys, keys = longer(b.Keys, n)
	from := next(8)
	for i := range keys {
		keys[i] = record.Key{Lo: le.Uint64(from[8*i:])}
	}
	if l.wide {
		from := next(8)
		for i := range keys {
			keys[i].Hi = le.Uint64(from[8*i:])
		}
	}
	sums := func(of []uint64) (all []uint64) {
		all, more := longer(of, n)
		from := next(8)
		for i := range more {
			more[i] = le.Uint64(from[8*i:])
		}
		return all
	}
	for _, of := range l.groups {
		fps, syns := &b.FPs[of.group], &b.Syns[of.group]
		if *fps = sums(*fps); of.syndrome {
			*syns = sums(*syns)
		} else {
			var more []uint64
			*syns, more = longer(*syns, n)
			clear(more)
		}
	}
	var refs []uint32
	b.Refs, refs = longer(b.Refs, n)
	from = next(4)
	for i := range refs {
		refs[i] = le.Uint32(from[4*i:])
	}
	var states []record.KeyState
	if b.States, states = longer(b.States, n); valid {
		clear(states) // record.KeyValid
		return columns
	}
	for i, state := range next(1) {
		states[i] = record.KeyState(state)
	}
	return columns
}

// longer gives a list with n more elements, of any value, and those.
func longer[E any](list []E, n int) (all, more []E) {
	all = slices.Grow(list, n)[:len(list)+n]
	return all, all[len(list):]
}

// appendFailing appends a row of a piece that fails a rule.
func appendFailing(dst []byte, row uint32, rule int32, text []byte) []byte {
	le := binary.LittleEndian
	dst = le.AppendUint32(dst, row)
	dst = le.AppendUint32(dst, uint32(rule))
	if text == nil {
		return le.AppendUint32(dst, 0)
	}
	return append(le.AppendUint32(dst, uint32(len(text))+1), text...)
}

// takeFailing takes a row that fails a rule from src.
func takeFailing(src []byte) (f failing, rest []byte) {
	le := binary.LittleEndian
	f.row, f.rule = int32(le.Uint32(src)), int32(le.Uint32(src[4:]))
	n := le.Uint32(src[8:])
	src = src[12:]
	if n > 0 {
		f.text, src = src[:n-1:n-1], src[n-1:]
	}
	return f, src
}

// keepPart leaves those rows of the batch under way that are of a part.
func (w *worker) keepPart(part hashPart) {
	b, n := &w.batch, 0
	fails := w.failing
	w.failing = fails[:0]
	for i, key := range b.Keys {
		mine := part.holds(key)
		for ; len(fails) > 0 && int(fails[0].row) == i; fails = fails[1:] {
			if mine {
				f := fails[0]
				f.row = int32(n)
				w.failing = append(w.failing, f)
			}
		}
		if !mine {
			continue
		}
		b.Keys[n], b.Refs[n], b.States[n] = key, b.Refs[i], b.States[i]
		for g, fps := range b.FPs {
			if fps != nil {
				fps[n], b.Syns[g][n] = fps[i], b.Syns[g][i]
			}
		}
		n++
	}
	b.Keys, b.Refs, b.States = b.Keys[:n], b.Refs[:n], b.States[:n]
	for g, fps := range b.FPs {
		if fps != nil {
			b.FPs[g], b.Syns[g] = fps[:n], b.Syns[g][:n]
		}
	}
}

// bytesOfPieces is what pieces take in memory as they are read.
func bytesOfPieces(pieces []spill.Extent) (n int) {
	for _, e := range pieces {
		n += e.N + spill.Overhead
	}
	return n
}
