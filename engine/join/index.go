package join

import (
	"errors"
	"math"
	"math/bits"
)

// index finds the records of a partition by the hashes of their keys: a hash table with open addressing of whose slots eight are half a
// cache line, so that those of all partitions stay in the processor's caches more than entries do. A slot is 0 or the number of a record plus one, and in
// the bits above as many as there is room for of the hash, so that hardly any other record is looked at.
type index struct {
	slots  []uint32
	room   int  // records
	number uint // bits of a slot that number the record
	skip   uint // bits of a hash that all of the partition have in common, the first ones
}

// errTooMany is given when a partition is full.
var errTooMany = errors.New("too many records for the number of partitions")

// slotsOf is how many slots an index of so many records has, and as many more as beyond says.
func slotsOf(room int) int { return 2*room + beyond }

// beyond is how many slots that stay empty lie behind the others, for lookNear.
const beyond = 9

// newIndex makes an index of so many slots that are all 0.
func newIndex(slots []uint32, room int, skip uint) index {
	return index{slots: slots[:len(slots)-beyond], room: room, number: uint(bits.Len(uint(room))), skip: skip}
}

// home gives the slot where the search for a hash begins: what it is as a fraction of all slots.
func (x *index) home(hash uint64) int {
	at, _ := bits.Mul64(hash<<(x.skip&63), uint64(len(x.slots)))
	return int(at)
}

// tag is what the slot of a record with that hash holds, but for its number.
func (x *index) tag(hash uint64) uint32 { return uint32(hash) << x.number }

// next gives the number plus one of the first record, from slot at on, that may have a hash with that tag, and its slot; 0, and the
// slot where it belongs, if there is none.
func (x *index) next(tag uint32, at int) (number uint32, slot int) {
	for {
		if at == len(x.slots) {
			at = 0
		}
		switch s := x.slots[at]; {
		case s == 0:
			return 0, at
		case (s^tag)>>x.number == 0:
			return s & (1<<x.number - 1), at
		}
		at++
	}
}

// set fills an empty slot.
func (x *index) set(slot int, tag, number uint32) { x.slots[slot] = tag | number }

// find gives the number of the record with a key, or the empty slot of the index where it belongs. With hash and the high half of a key the low
// half is known too (record.KeyOf).
func (p *partition) find(t *Table, hash, hi uint64) (rec uint32, slot int, ok bool) {
	tag := p.index.tag(hash)
	for at := p.index.home(hash); ; at++ {
		n, slot := p.index.next(tag, at)
		if n == 0 {
			return 0, slot, false
		}
		if p.has(t, n-1, hash, hi) {
			return n - 1, slot, true
		}
		at = slot
	}
}

// has tells whether a record is the one that find looks for.
func (p *partition) has(t *Table, rec uint32, hash, hi uint64) bool {
	e := p.entries[int(rec)*t.stride:]
	return e[0] == hash && (!t.shape.WideKeys || e[1] == hi)
}

// insert adds a record for a key that find did not find, with the slot that it gave. But for the key its entry is zero.
func (p *partition) insert(t *Table, hash, hi uint64, slot int) (rec uint32, err error) {
	if p.records == p.index.room {
		if p.records >= math.MaxUint32/8 {
			return 0, errTooMany
		}
		if err := p.grow(t, int(hash>>(64-t.bits))); err != nil {
			return 0, err
		}
		_, slot, _ = p.find(t, hash, hi)
	}
	rec = uint32(p.records)
	p.records++
	p.index.set(slot, p.index.tag(hash), rec+1)
	e := p.entries[int(rec)*t.stride:]
	e[0] = hash
	if t.shape.WideKeys {
		e[1] = hi
	}
	return rec, nil
}

// grow gives partition i more room. The error is that of Growth.Ask.
func (p *partition) grow(t *Table, i int) error {
	entries, syndromes := p.entries, p.syndromes
	if err := t.nextRoom(i); err != nil {
		return err
	}
	copy(p.entries, entries)
	copy(p.syndromes, syndromes)
	for rec := range p.records {
		hash := p.entries[rec*t.stride]
		slot := p.index.home(hash)
		for p.index.slots[slot] != 0 {
			if slot++; slot == len(p.index.slots) {
				slot = 0
			}
		}
		p.index.set(slot, p.index.tag(hash), uint32(rec+1))
	}
	t.leave(i)
	return nil
}

// homes is where searches begin in the indexes of all partitions that are in the newest room.
type homes struct {
	first *uint32
	share int  // bytes from the slots of a partition to those of the next; 0 if there is one
	size  int  // slots of a partition
	skip  uint // bits of a hash that tell its partition
	shift uint // the others
}

// ahead is how many rows before it is added the slots of a row are fetched, one by one: a processor has two dozen loads under way, and lets others wait or
// forgets them. As many rows that mean nothing lie behind those of a batch.
const ahead = 64

// looking is look under way.
type looking struct {
	homes
	slots   *uint32
	size    int // of slots
	number  uint
	rows    *row
	left    int
	recs    *uint32 // a row
	entries *uint64
	stride  int // bytes of an entry
}

// looking begins to look for rows in the partition.
func (p *partition) looking(t *Table, rows []row, recs []uint32) looking {
	x := &p.index
	return looking{
		homes: *t.homes.Load(), slots: &x.slots[0], size: len(x.slots), number: x.number,
		rows: &rows[0], left: len(rows), recs: &recs[0], entries: &p.entries[0], stride: 8 * t.stride,
	}
}

// look appends the numbers of the records that the rows, one at least, most likely belong to; of any record if there is none. It has their entries on their
// way. Behind the rows are ahead more.
func (p *partition) look(t *Table, rows []row, recs []uint32) []uint32 {
	x := &p.index
	if eightSlots {
		n := len(recs)
		recs = extend(recs, len(rows))
		l := p.looking(t, rows, recs[n:])
		lookNear(&l)
		return recs
	}
	for i := range rows {
		hash := rows[i].hash
		n, _ := x.next(x.tag(hash), x.home(hash))
		recs = append(recs, max(n, 1)-1)
	}
	return recs
}
