package engine

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"crosscheck/engine/join"
	"crosscheck/engine/record"
)

// router tells the range of a key. Ranges are in the order of the keys' canonical texts, parted by splitters: range i holds the keys from
// splitter i-1 on and before splitter i.
type router struct {
	keyText  record.KeyText
	common   []byte   // with which all splitters begin
	texts    [][]byte // the splitters without it
	prefixes steps    // of texts
	numbers  steps    // resident IDs: the texts as packed keys, which are in the same order; nothing if not all are some
	orders   steps    // integers: what record.KeyText.Order gives for the texts
}

func (r *run) newRouter(splitters [][]byte) router {
	out := router{keyText: r.keyText}
	if n := len(splitters); n > 0 { // they are sorted
		out.common = splitters[0][:sharedPrefix(splitters[0], splitters[n-1])]
	}
	var prefixes, numbers, orders []uint64
	for _, s := range splitters {
		rest := s[len(out.common):]
		out.texts, prefixes = append(out.texts, rest), append(prefixes, prefixOf(rest))
		if len(r.keyTypes) != 1 {
			continue
		}
		switch r.keyTypes[0] {
		case record.CNID:
			if packed, _, ok := record.PackID(s); ok {
				numbers = append(numbers, packed)
			}
		case record.Int:
			orders = append(orders, record.OrderOfInt(s))
		}
	}
	out.prefixes = stepsOf(prefixes)
	if len(numbers) == len(splitters) {
		out.numbers = stepsOf(numbers)
	}
	out.orders = stepsOf(orders)
	return out
}

// sharedPrefix gives with how many bytes two texts begin that are the same.
func sharedPrefix(a, b []byte) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

const prefixBytes = 8

// prefixOf gives the first 8 bytes of a text as a number.
func prefixOf(text []byte) uint64 {
	var b [prefixBytes]byte
	copy(b[:], text)
	return binary.BigEndian.Uint64(b[:])
}

// routed is the rows of a batch by the ranges of their keys.
type routed struct {
	to    []uint16 // a row: its range; where it has no key, the one behind all ranges
	order []uint32 // rows by range
	ends  []uint32 // a range: of its rows in order
	valid bool     // all keys are
}

// of gives the rows of a range.
func (s *routed) of(at int) []uint32 {
	begin := uint32(0)
	if at > 0 {
		begin = s.ends[at-1]
	}
	return s.order[begin:s.ends[at]]
}

// sort sorts the rows of a batch, which is the one under way; canonical gives the text of a row's key.
func (t *router) sort(w *worker, b *join.Batch, canonical func(row int) []byte, s *routed) {
	n, none := len(b.Keys), uint16(len(t.texts)+1)
	s.to, s.order, s.ends = sized(s.to, n), sized(s.order, n), sized(s.ends, len(t.texts)+2)
	ends := s.ends
	clear(ends)
	ids := t.numbers.sorted != nil
	if ids {
		t.numbers.each(b.Keys, s.to)
	}
	states := record.KeyState(0)
	for i, key := range b.Keys {
		to := none
		states |= b.States[i]
		switch {
		case b.States[i] == record.KeyNone:
		case ids && record.IsPackedID(key):
			to = s.to[i]
		case t.keyText.Reversible():
			to = uint16(t.rangeOf(w, key))
		default:
			to = uint16(t.find(canonical(i)))
		}
		s.to[i] = to
		ends[to]++
	}
	s.valid = states == record.KeyValid
	sum := uint32(0)
	for at, n := range ends { // begin of each range
		ends[at] = sum
		sum += n
	}
	for i, to := range s.to {
		end := &ends[to]
		s.order[*end] = uint32(i)
		*end++
	}
}

// rangeOf gives the range of a key that gives its text back.
func (t *router) rangeOf(w *worker, key record.Key) int {
	if t.orders.sorted != nil && key.Hi == 0 { // others stand for a text, which is behind a lock
		order, n := t.keyText.Order(key), 0
		if order > 0 {
			n = t.orders.upTo(order - 1)
		}
		if t.orders.sorted[n] != order { // else texts must be compared
			return n
		}
	}
	w.text = t.keyText.Append(w.text[:0], key)
	return t.find(w.text)
}

// sized gives a list of n elements, of any value, in the memory of one if that is enough.
func sized[E any](list []E, n int) []E { return slices.Grow(list[:0], n)[:n] }

// steps is a sorted list of numbers with, for each value that the leading bits of a number may have, where to begin to count.
type steps struct {
	sorted []uint64 // and behind them so many of the greatest number that counts end before the list does
	first  uint64
	shift  int
	begins []uint16 // of sorted, by the leading bits of what a number is beyond first
	most   int      // so many numbers of the same leading bits there may be: a power of two less one
}

// leadingBits makes 16 values for each of 256 ranges.
const leadingBits = 12

// stepsOf gives steps for a sorted list, nothing for an empty one.
func stepsOf(sorted []uint64) (s steps) {
	if len(sorted) == 0 {
		return s
	}
	beyond := sorted[len(sorted)-1] - sorted[0]
	s.first, s.shift = sorted[0], max(bits.Len64(beyond)-leadingBits, 0)
	count := make([]int, beyond>>s.shift+1)
	for _, x := range sorted {
		count[(x-s.first)>>s.shift]++
	}
	begin := 0
	for _, n := range count {
		s.begins = append(s.begins, uint16(begin))
		begin += n
		s.most = max(s.most, 1<<bits.Len(uint(n))-1)
	}
	s.sorted = append(slices.Clone(sorted), slices.Repeat([]uint64{math.MaxUint64}, s.most)...) // at least one
	return s
}

// upTo counts the numbers up to x, which is less than the greatest there are, without a branch that depends on it.
func (s *steps) upTo(x uint64) (n int) {
	beyond, less := bits.Sub64(x, s.first, 0)
	beyond &= less - 1 // 0 where it is less
	n = int(s.begins[min(beyond>>(s.shift&63), uint64(len(s.begins)-1))])
	for half := (s.most + 1) / 2; half > 0; half /= 2 {
		_, less := bits.Sub64(x, s.sorted[n+half-1], 0)
		n += half & (int(less) - 1)
	}
	return n
}

// each is upTo for the low halves of keys, whatever they stand for.
func (s *steps) each(keys []record.Key, counts []uint16) {
	sorted, begins, first, shift, half := s.sorted, s.begins, s.first, s.shift&63, (s.most+1)/2
	counts = counts[:len(keys)]
	for i := range keys {
		x := keys[i].Lo
		beyond, less := bits.Sub64(x, first, 0)
		beyond &= less - 1
		n := int(begins[min(beyond>>shift, uint64(len(begins)-1))])
		for half := half; half > 0; half /= 2 {
			_, less := bits.Sub64(x, sorted[n+half-1], 0)
			n += half & (int(less) - 1)
		}
		counts[i] = uint16(n)
	}
}

// find gives the range of a canonical text.
func (t *router) find(text []byte) int {
	if n := len(t.common); n > 0 {
		switch bytes.Compare(text[:min(n, len(text))], t.common) {
		case -1:
			return 0
		case 1:
			return len(t.texts)
		}
		text = text[n:]
	}
	prefix := prefixOf(text)
	n := 0 // splitters whose prefix is less
	if prefix > 0 && len(t.texts) > 0 {
		n = t.prefixes.upTo(prefix - 1)
	}
	for n < len(t.texts) && t.prefixes.sorted[n] == prefix && bytes.Compare(t.texts[n], text) <= 0 {
		n++
	}
	return n
}
