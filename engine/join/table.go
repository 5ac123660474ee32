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
}

// Table is the records of all levels added so far.
type Table struct {
	shape  Shape
	shift  uint // the partition is the hash shifted right by it
	parts  []partition
	all    uint32 // the bits of all compared levels
	simple bool   // one group that all levels have
	fpWord int    // index of the first fingerprint in an entry
	rfWord int    // index of the first row references
	stride int    // words an entry
	slabs  [][]byte
}

// partition is a hash table of entries with open addressing. A slot is 0 or the entry's number plus one in the low 24 bits
// and eight bits of its hash above.
type partition struct {
	mu     sync.Mutex
	slots  []uint32
	words  []uint64
	sigs   []uint16
	n      int
	extras []Extra
	_      [40]byte // keeps the locks of neighbours on different cache lines
}

// Extra is a row of a key that its level already held.
type Extra struct {
	Record uint32 // the entry in the partition
	Ref    uint32
	Level  int
	FP     uint64 // sum of the fingerprints of all groups of the level
}

const (
	slotBits   = 24
	slotMask   = 1<<slotBits - 1
	maxEntries = slotMask - 1
)

// errTooMany is given when a partition is full: more than some 16 million records in one.
var errTooMany = errors.New("too many records for the number of partitions")

// NewTable makes a table in the given number of partitions (a power of two) with room for the expected number of records. The
// caller releases it.
func NewTable(shape Shape, partitions int, expect int64) *Table {
	t := &Table{
		shape:  shape,
		shift:  uint(64 - bits.TrailingZeros(uint(partitions))),
		parts:  make([]partition, partitions),
		all:    1<<shape.Compared - 1,
		fpWord: 1,
	}
	if shape.WideKeys {
		t.fpWord = 2
	}
	t.simple = len(shape.Groups) == 1 && shape.Groups[0] == t.all
	t.rfWord = t.fpWord + len(shape.Groups)
	t.stride = t.rfWord + (shape.Levels+1)/2
	// Hashing spreads the records evenly: a partition holds the mean give or take a few standard deviations.
	each := int(expect)/partitions + int(expect)/partitions/32 + 32
	slots, words, sigs := slotsFor(each), each*t.stride, each*len(shape.Group)
	allSlots := arrow.Uint32Traits.CastFromBytes(t.slab(partitions * slots * 4))
	allWords := arrow.Uint64Traits.CastFromBytes(t.slab(partitions * words * 8))
	allSigs := arrow.Uint16Traits.CastFromBytes(t.slab(partitions * sigs * 2))
	for i := range t.parts { // a partition that outgrows its share moves to memory of its own
		t.parts[i].slots = allSlots[i*slots : (i+1)*slots]
		t.parts[i].words = allWords[i*words : i*words : (i+1)*words]
		t.parts[i].sigs = allSigs[i*sigs : i*sigs : (i+1)*sigs]
	}
	return t
}

// slab gives n zeroed bytes that live until Release.
func (t *Table) slab(n int) []byte {
	b := newSlab(n)
	if b == nil {
		return make([]byte, n)
	}
	t.slabs = append(t.slabs, b)
	return b
}

// Release gives the table's memory back. The table must not be used any more.
func (t *Table) Release() {
	for _, b := range t.slabs {
		freeSlab(b)
	}
	t.slabs, t.parts = nil, nil
}

// slotsFor gives the number of slots for n entries, a power of two, at most three quarters full.
func slotsFor(n int) int { return 1 << bits.Len(uint(n+n/3+8)) }

// Partitions is the number of partitions.
func (t *Table) Partitions() int { return len(t.parts) }

// Len is the number of records in partition p.
func (t *Table) Len(p int) int { return t.parts[p].n }

// Key gives the key of a record.
func (t *Table) Key(p int, rec uint32) record.Key {
	w := t.parts[p].words[int(rec)*t.stride:]
	if t.shape.WideKeys {
		return record.Key{Lo: w[0], Hi: w[1]}
	}
	return record.Key{Lo: w[0]}
}

// FP gives the fingerprint of the record's base in group g.
func (t *Table) FP(p int, rec uint32, g int) uint64 {
	return t.parts[p].words[int(rec)*t.stride+t.fpWord+g]
}

// Sig is the signature of a field of the base of a record: of the row that was compared first.
func (t *Table) Sig(p int, rec uint32, field int) uint16 {
	return t.parts[p].sigs[int(rec)*len(t.shape.Group)+field]
}

// Ref gives the reference of the row that stands for the record on a level, 0 where the level lacks it.
func (t *Table) Ref(p int, rec uint32, level int) uint32 {
	w := t.parts[p].words[int(rec)*t.stride+t.rfWord+level>>1]
	return uint32(w >> (level & 1 * 32))
}

// SetRef sets it.
func (t *Table) SetRef(p int, rec uint32, level int, ref uint32) {
	refs, shift := t.parts[p].words[int(rec)*t.stride+t.rfWord:], level&1*32
	refs[level>>1] = refs[level>>1]&^(math.MaxUint32<<shift) | uint64(ref)<<shift
}

// In gives the levels that hold the record, bit by bit.
func (t *Table) In(p int, rec uint32) uint32 {
	return t.in(t.parts[p].words[int(rec)*t.stride+t.rfWord:])
}

// Complete tells whether every compared level holds the record.
func (t *Table) Complete(p int, rec uint32) bool {
	first := int(rec)*t.stride + t.rfWord
	last := first + (t.shape.Compared-1)>>1
	words := t.parts[p].words
	for _, w := range words[first:last] {
		if w>>32 == 0 || uint32(w) == 0 {
			return false
		}
	}
	w := words[last]
	return uint32(w) != 0 && (t.shape.Compared&1 == 1 || w>>32 != 0)
}

func (t *Table) in(refs []uint64) (in uint32) {
	for l := range t.shape.Levels {
		if uint32(refs[l>>1]>>(l&1*32)) != 0 {
			in |= 1 << l
		}
	}
	return in
}

// Extras gives the rows beyond the first of their key in partition p, in no order.
func (t *Table) Extras(p int) []Extra { return t.parts[p].extras }

// home is the slot where the search for a hash begins.
func (p *partition) home(t *Table, h uint64) uint64 {
	return h << (64 - t.shift) >> 24 & uint64(len(p.slots)-1)
}

// find gives the entry of a key whose hash is h, or the slot where it belongs.
func (p *partition) find(t *Table, key record.Key, h uint64) (rec int, slot uint64, ok bool) {
	slots := p.slots
	tag := uint32(h) << slotBits
	for slot = p.home(t, h); ; slot = (slot + 1) & uint64(len(slots)-1) {
		s := slots[slot]
		if s == 0 {
			return 0, slot, false
		}
		if s&^slotMask != tag {
			continue
		}
		rec = int(s&slotMask) - 1
		w := p.words[rec*t.stride:]
		if w[0] == key.Lo && (!t.shape.WideKeys || w[1] == key.Hi) {
			return rec, slot, true
		}
	}
}

// touch loads the slots and then the entries that the rows will most likely need. Within each loop the loads do not
// depend on one another, so the processor waits for many cache misses at a time; find alone would take them one by one.
func (p *partition) touch(t *Table, rows []uint32, hashes []uint64) (sum uint64) {
	for _, row := range rows {
		sum += uint64(p.slots[p.home(t, hashes[row])])
	}
	if p.n == 0 {
		return sum
	}
	for _, row := range rows {
		if s := p.slots[p.home(t, hashes[row])]; s != 0 {
			sum += p.words[int(s&slotMask-1)*t.stride]
		}
	}
	return sum
}

// insert adds an entry for a key that find did not find; slot is what it gave. But for the key the entry is zero.
func (p *partition) insert(t *Table, key record.Key, h uint64, slot uint64) (rec int, err error) {
	if p.n >= maxEntries {
		return 0, errTooMany
	}
	if p.n >= len(p.slots)/4*3 {
		p.grow(t)
		_, slot, _ = p.find(t, key, h)
	}
	rec = p.n
	p.n++
	p.slots[slot] = uint32(h)<<slotBits | uint32(p.n)
	p.words = extend(p.words, t.stride)
	entry := p.words[rec*t.stride:]
	clear(entry)
	entry[0] = key.Lo
	if t.shape.WideKeys {
		entry[1] = key.Hi
	}
	return rec, nil
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
	p.slots = make([]uint32, 2*len(p.slots))
	for rec := range p.n {
		w := p.words[rec*t.stride:]
		key := record.Key{Lo: w[0]}
		if t.shape.WideKeys {
			key.Hi = w[1]
		}
		h := key.Hash()
		slot := p.home(t, h)
		for p.slots[slot] != 0 {
			slot = (slot + 1) & uint64(len(p.slots)-1)
		}
		p.slots[slot] = uint32(h)<<slotBits | uint32(rec+1)
	}
}
