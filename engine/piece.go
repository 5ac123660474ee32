package engine

import (
	"bytes"
	"encoding/binary"
	"slices"

	"crosscheck/engine/join"
	"crosscheck/engine/record"
	"crosscheck/engine/spill"

	"github.com/apache/arrow/go/v17/arrow"
)

// rowLayout says how rows of a level are spilled. A piece is twice the number of its rows, plus one if they all are valid, 8 bytes; the columns, one after
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
// value. Columns are in the byte order of the machine, which alone reads them again, the rest is little-endian. The narrower columns come
// last and pieces lie at multiples of 8 in memory, so that all values are aligned.
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
	located, _ := s.Located()
	if l.wide {
		l.widths = append(l.widths, 8)
	}
	for g, levels := range s.Groups {
		if levels>>level&1 != 0 {
			of := groupLayout{g, located[g] >= 0}
			if l.widths = append(l.widths, 8); of.syndrome {
				l.widths = append(l.widths, 8)
			}
			l.groups = append(l.groups, of)
		}
	}
	l.widths = append(l.widths, 4, stateBytes)
	for _, w := range l.widths {
		l.size += w
	}
	return l
}

const (
	pieceHead  = 8
	stateBytes = 1
)

// room is how many rows a piece of some bytes has, one at least.
func (l *rowLayout) room(bytes int) int { return max((bytes-pieceHead)/l.size, 1) }

// put puts rows of a batch into columns that have room for so many rows and hold n. valid: all keys of the batch are.
func (l *rowLayout) put(columns []byte, room, n int, rows []uint32, b *join.Batch, valid bool) {
	next := func(width int) (to []byte) { // the rows' place in the next column
		to, columns = columns[n*width:(n+len(rows))*width], columns[room*width:]
		return to
	}
	words := arrow.Uint64Traits.CastFromBytes
	keys := b.Keys
	to := words(next(8))[:len(rows)]
	for i, row := range rows {
		to[i] = keys[row].Lo
	}
	if l.wide {
		to := words(next(8))[:len(rows)]
		for i, row := range rows {
			to[i] = keys[row].Hi
		}
	}
	for _, of := range l.groups {
		if pick(words(next(8)), b.FPs[of.group], rows); of.syndrome {
			pick(words(next(8)), b.Syns[of.group], rows)
		}
	}
	if refs := arrow.Uint32Traits.CastFromBytes(next(4))[:len(rows)]; b.Refs != nil {
		pick(refs, b.Refs, rows)
	} else {
		for i, row := range rows {
			refs[i] = b.Ref + row
		}
	}
	states := next(stateBytes)
	if valid {
		clear(states) // record.KeyValid
		return
	}
	for i, row := range rows {
		states[i] = byte(b.States[row])
	}
}

// pick sets a list to some elements of another one.
func pick[E any](to, from []E, rows []uint32) {
	to = to[:len(rows)]
	for i, row := range rows {
		to[i] = from[row]
	}
}

// shut puts the columns of n rows side by side that had room for more, and gives what the piece has of them.
func (l *rowLayout) shut(piece []byte, room, n int) []byte {
	widths, head := l.widths, uint64(2*n)
	if states := piece[pieceHead+room*(l.size-stateBytes):][:n]; bytes.Count(states, []byte{byte(record.KeyValid)}) == n {
		widths, head = widths[:len(widths)-1], head+1
	}
	binary.LittleEndian.PutUint64(piece, head)
	at, from := pieceHead, pieceHead
	for _, width := range widths {
		copy(piece[at:], piece[from:from+n*width])
		at, from = at+n*width, from+room*width
	}
	return piece[:at]
}

// take appends the rows of a piece to a batch and gives what follows them, the rows that fail a rule.
func (l *rowLayout) take(b *join.Batch, piece []byte) (fails []byte) {
	head := binary.LittleEndian.Uint64(piece)
	n, valid := int(head/2), head%2 == 1
	columns := piece[pieceHead:]
	next := func(width int) (from []byte) {
		from, columns = columns[:n*width], columns[n*width:]
		return from
	}
	words := arrow.Uint64Traits.CastFromBytes
	var keys []record.Key
	b.Keys, keys = longer(b.Keys, n)
	lo := words(next(8))[:len(keys)]
	for i := range keys {
		keys[i] = record.Key{Lo: lo[i]}
	}
	if l.wide {
		hi := words(next(8))[:len(keys)]
		for i := range keys {
			keys[i].Hi = hi[i]
		}
	}
	for _, of := range l.groups {
		fps, syns := &b.FPs[of.group], &b.Syns[of.group]
		if *fps = append(*fps, words(next(8))...); of.syndrome {
			*syns = append(*syns, words(next(8))...)
		}
	}
	b.Refs = append(b.Refs, arrow.Uint32Traits.CastFromBytes(next(4))...)
	var states []record.KeyState
	if b.States, states = longer(b.States, n); valid {
		clear(states) // record.KeyValid
		return columns
	}
	for i, state := range next(stateBytes) {
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
				fps[n] = fps[i]
			}
			if syns := b.Syns[g]; len(syns) > 0 {
				syns[n] = syns[i]
			}
		}
		n++
	}
	b.Keys, b.Refs, b.States = b.Keys[:n], b.Refs[:n], b.States[:n]
	for g, fps := range b.FPs {
		if fps != nil {
			b.FPs[g], b.Syns[g] = fps[:n], b.Syns[g][:min(n, len(b.Syns[g]))]
		}
	}
}

// sealedBytes is what a piece takes in memory with room for its seal, so that what lies behind it is aligned.
func sealedBytes(n int) int { return (n + spill.Overhead + 7) &^ 7 }

// bytesToRead is what pieces take that are read from the file.
func bytesToRead(pieces []piece) (n int) {
	for i := range pieces {
		if pieces[i].rows == nil {
			n += sealedBytes(pieces[i].N)
		}
	}
	return n
}
