package join

import (
	"errors"
	"math"
	"math/bits"
	"slices"
	"sync"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// Shape says what a table holds for a record.
type Shape struct {
	Levels   int      // compared levels, then rosters: levels without fields, added after the others
	Compared int      // how many of them are compared
	WideKeys bool     // keys need record.Key.Hi
	Groups   []uint32 // a group of fields: the levels that have them, bit by bit
	Group    []int    // a field: the index of its group
	Each     uint32   // levels of which each row is kept of a key that they hold more than once, bit by bit
}

// Table is the records of all levels added so far.
type Table struct {
	shape  Shape
	bits   uint // the partition is this many top bits of the hash
	parts  []partition
	all    uint32 // the bits of all compared levels
	simple bool   // one group that all levels have
	fpWord int    // index of the first fingerprint in an entry
	rfWord int    // index of the word with the record's number and the reference on the first level
	stride int    // words an entry
	slabs  []slab
	spare  sync.Pool // of *opened

	dropping sync.Mutex // held by Drop
}

// partition is a hash table with open addressing whose slots are the entries themselves, so that a look-up is one cache miss.
type partition struct {
	mu       sync.Mutex
	entries  []uint64 // slots of Table.stride words each; an empty one is zero
	pairs    int      // of slots
	records  int
	sigs     []uint16 // a record: the signatures of its base
	dropped  bool     // of Drop
	*repeats          // nil as long as there are none
	*opened           // nil until Open
	_        [32]byte // keeps the locks of neighbours on different cache lines
}

// opened is what a partition is asked with.
type opened struct {
	at   []uint32 // a record: where its entry is in entries
	held []uint32 // a record: the levels that hold it
}

// errTooMany is given when a partition is full.
var errTooMany = errors.New("too many records for the number of partitions")

// NewTable makes a table in the given number of partitions (a power of two) with room for the expected number of records. The
// caller releases it.
func NewTable(shape Shape, partitions int, expect int64) *Table {
	t := &Table{
		shape: shape,
		bits:  uint(bits.TrailingZeros(uint(partitions))),
		parts: make([]partition, partitions),
		all:   1<<shape.Compared - 1,
	}
	t.simple = len(shape.Groups) == 1 && shape.Groups[0] == t.all
	t.fpWord, t.rfWord, t.stride = shape.words()
	each := roomOf(partitions, expect)
	pairs, sigs := each*3/4, each*len(shape.Group)
	words := 2 * pairs * t.stride
	entries := arrow.Uint64Traits.CastFromBytes(t.slab(partitions, words*8))
	allSigs := arrow.Uint16Traits.CastFromBytes(t.slab(partitions, sigs*2))
	for i := range t.parts { // a partition that outgrows its share moves to memory of its own
		p := &t.parts[i]
		p.pairs, p.entries = pairs, entries[i*words:(i+1)*words]
		p.sigs = allSigs[i*sigs : i*sigs : (i+1)*sigs]
	}
	return t
}

// words gives the words of an entry: the first fingerprint, the record's number, and how many there are.
func (s *Shape) words() (fp, rf, stride int) {
	fp = 1
	if s.WideKeys {
		fp = 2
	}
	rf = fp + len(s.Groups)
	return fp, rf, rf + (s.Levels+2)/2
}

// roomOf is for how many records a partition has room at first. Hashing spreads them evenly: it holds the mean give or take a few standard
// deviations.
func roomOf(partitions int, expect int64) int {
	return int(expect)/partitions + int(expect)/partitions/32 + 32
}

// Bytes is what a table takes that NewTable makes.
func Bytes(shape Shape, partitions int, expect int64) int64 {
	_, _, stride := shape.words()
	each := int64(roomOf(partitions, expect))
	return int64(partitions) * (each*3/4*2*int64(stride)*8 + each*int64(len(shape.Group))*2)
}

// Bytes is what the table takes now.
func (t *Table) Bytes() (n int64) {
	for i := range t.parts {
		p := &t.parts[i]
		p.mu.Lock()
		n += int64(len(p.entries))*8 + int64(cap(p.sigs))*2 + p.repeats.bytes()
		p.mu.Unlock()
	}
	return n
}

// slab is memory outside the Go heap of which each partition has a share.
type slab struct {
	bytes []byte
	share int // bytes of a partition
}

// slab gives zeroed bytes for each partition that live until Drop or Release.
func (t *Table) slab(partitions, share int) []byte {
	n := partitions * share
	b := newSlab(n)
	if b == nil {
		return make([]byte, n)
	}
	t.slabs = append(t.slabs, slab{b, share})
	return b[:n]
}

// dropPiece is what is given back at a time: a huge page.
const dropPiece = 2 << 20

// Drop gives back the memory of partition p, which must not be used any more: whole pieces of the table, once all partitions that lie in them are dropped.
// Partitions are dropped by any goroutine.
func (t *Table) Drop(p int) {
	t.dropping.Lock()
	defer t.dropping.Unlock()
	part := &t.parts[p]
	part.dropped, part.entries, part.sigs, part.repeats = true, nil, nil, nil
	for _, s := range t.slabs {
		for from := p * s.share / dropPiece * dropPiece; from < (p+1)*s.share; from += dropPiece {
			till := min(from+dropPiece, len(s.bytes))
			all := true
			for q := from / s.share; q < len(t.parts) && q*s.share < till; q++ {
				all = all && t.parts[q].dropped
			}
			if all {
				clearSlab(s.bytes[from:till])
			}
		}
	}
}

// Release gives the table's memory back. The table must not be used any more.
func (t *Table) Release() {
	for _, b := range t.slabs {
		freeSlab(b.bytes)
	}
	t.slabs, t.parts = nil, nil
}

// Partitions is the number of partitions.
func (t *Table) Partitions() int { return len(t.parts) }

// Len is the number of records in partition p. They are numbered from 0.
func (t *Table) Len(p int) int { return t.parts[p].records }

// entry gives the words of a record of an open partition.
func (t *Table) entry(p int, rec uint32) []uint64 {
	part := &t.parts[p]
	at := int(part.at[rec])
	return part.entries[at : at+t.stride]
}

// Key gives the key of a record. Its partition is open, as it is for all that is asked about a single record.
func (t *Table) Key(p int, rec uint32) record.Key {
	e := t.entry(p, rec)
	hi := uint64(0)
	if t.shape.WideKeys {
		hi = e[1]
	}
	return record.KeyOf(e[0], hi)
}

// FP gives the fingerprint of the record's base in group g.
func (t *Table) FP(p int, rec uint32, g int) uint64 { return t.entry(p, rec)[t.fpWord+g] }

// Sig is the signature of a field of the base of a record: of the row that was compared first.
func (t *Table) Sig(p int, rec uint32, field int) uint16 {
	return t.parts[p].sigs[int(rec)*len(t.shape.Group)+field]
}

// The last words of an entry, seen as halves: the record's number plus one, then a reference a level.

// refOf gives the reference on a level from the last words of an entry.
func refOf(refs []uint64, level int) uint32 {
	return uint32(refs[(level+1)>>1] >> ((level + 1) & 1 * 32))
}

// addRef sets it where it is 0.
func addRef(refs []uint64, level int, ref uint32) {
	refs[(level+1)>>1] |= uint64(ref) << ((level + 1) & 1 * 32)
}

// Ref gives the reference of the row that stands for the record on a level, 0 where the level lacks it.
func (t *Table) Ref(p int, rec uint32, level int) uint32 {
	return refOf(t.entry(p, rec)[t.rfWord:], level)
}

// SetRef sets it.
func (t *Table) SetRef(p int, rec uint32, level int, ref uint32) {
	refs := t.entry(p, rec)[t.rfWord:]
	refs[(level+1)>>1] &^= math.MaxUint32 << ((level + 1) & 1 * 32)
	addRef(refs, level, ref)
}

// In gives the levels that hold the record, bit by bit.
func (t *Table) In(p int, rec uint32) uint32 { return t.in(t.entry(p, rec)[t.rfWord:]) }

// Open has partition p ready to be asked about its records, once all rows are added, and gives the levels that hold each, bit by bit. That
// is much faster than to ask In about each: it goes through the entries as they lie. It is for one goroutine a partition, until Close.
func (t *Table) Open(p int) (held []uint32) {
	part := &t.parts[p]
	o, ok := t.spare.Get().(*opened)
	if !ok {
		o = &opened{}
	}
	o.at = extend(o.at[:0], part.records)
	o.held = extend(o.held[:0], part.records)
	for at := 0; at < len(part.entries); at += t.stride {
		refs := part.entries[at+t.rfWord : at+t.stride]
		if n := uint32(refs[0]); n != 0 {
			o.held[n-1], o.at[n-1] = t.in(refs), uint32(at)
		}
	}
	part.opened = o
	return o.held
}

// Close ends Open.
func (t *Table) Close(p int) {
	t.spare.Put(t.parts[p].opened)
	t.parts[p].opened = nil
}

func (t *Table) in(refs []uint64) (in uint32) {
	for l := range t.shape.Levels {
		if refOf(refs, l) != 0 {
			in |= 1 << l
		}
	}
	return in
}

// home gives where the search for a hash begins: at the pair of slots that the hash without the bits of the partition is, as a
// fraction of all pairs.
func (p *partition) home(t *Table, h uint64) int {
	pair, _ := bits.Mul64(h<<(t.bits&63), uint64(p.pairs))
	return int(pair) * 2 * t.stride
}

// find gives where the entry of a key is, or the empty slot where it belongs. With hash and the high half of a key the low half is
// known too (record.KeyOf).
func (p *partition) find(t *Table, h, hi uint64) (at int, ok bool) {
	for at = p.home(t, h); ; at += t.stride {
		if at == len(p.entries) {
			at = 0
		}
		e := p.entries[at : at+t.stride]
		if uint32(e[t.rfWord]) == 0 {
			return at, false
		}
		if e[0] == h && (!t.shape.WideKeys || e[1] == hi) {
			return at, true
		}
	}
}

// touchNext loads what rows that need more than their pair of slots will look at: the signatures of the base of a record that is
// there, for most such rows differ from it, or else the pair behind, unless a slot is free.
func (p *partition) touchNext(t *Table, rows []row) (sum uint64) {
	fields := len(t.shape.Group)
	for i := range rows {
		h := rows[i].hash
		at := p.home(t, h)
		pair := p.entries[at : at+2*t.stride]
		number := uint32(pair[t.rfWord])
		if pair[0] != h {
			if number = uint32(pair[t.stride+t.rfWord]); number != 0 && pair[t.stride] != h {
				if at += 2 * t.stride; at < len(p.entries) {
					sum += p.entries[at] + p.entries[at+2*t.stride-1]
				}
				continue
			}
		}
		if number != 0 && fields > 0 {
			sum += uint64(p.sigs[int(number-1)*fields])
		}
	}
	return sum
}

// insert adds an entry for a key that find did not find, at the place that it gave, and gives the place at last. But for the key and
// the number the entry is zero.
func (p *partition) insert(t *Table, h, hi uint64, at int) (int, error) {
	n := p.records
	if n >= p.pairs/2*3 { // three quarters of the slots
		if len(p.entries) >= math.MaxUint32/4 {
			return 0, errTooMany
		}
		p.grow(t)
		at, _ = p.find(t, h, hi)
	}
	p.records++
	p.sigs = extend(p.sigs, len(t.shape.Group))
	e := p.entries[at : at+t.stride]
	e[0] = h
	if t.shape.WideKeys {
		e[1] = hi
	}
	e[t.rfWord] = uint64(n + 1)
	return at, nil
}

// extend makes s longer by n elements, whatever they hold.
func extend[E any](s []E, n int) []E {
	if len(s)+n <= cap(s) {
		return s[:len(s)+n]
	}
	return slices.Grow(s, n)[:len(s)+n]
}

// grow doubles the slots.
func (p *partition) grow(t *Table) {
	old := p.entries
	p.pairs = 2*p.pairs + 4
	p.entries = make([]uint64, 2*p.pairs*t.stride)
	for ; len(old) > 0; old = old[t.stride:] {
		e := old[:t.stride]
		if uint32(e[t.rfWord]) == 0 {
			continue
		}
		hi := uint64(0)
		if t.shape.WideKeys {
			hi = e[1]
		}
		to, _ := p.find(t, e[0], hi)
		copy(p.entries[to:], e)
	}
}
