package join

import (
	"math/rand/v2"
	"testing"
)

// TestLook fills indexes to the brim and holds that look finds nearly all records, and none that is not there, in slots full of others' numbers.
func TestLook(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 4))
	for _, room := range []int{2, 10, 100, 5000} {
		const skip = 8
		slots := make([]uint32, slotsOf(room))
		x := newIndex(slots, room, skip)
		rows := make([]row, 0, 2*room+ahead)
		for i := range room {
			hash := rng.Uint64()
			rows = append(rows, row{hash: hash})
			tag := x.tag(hash)
			n, slot := x.next(tag, x.home(hash))
			for n != 0 { // another record has the tag
				n, slot = x.next(tag, slot+1)
			}
			x.set(slot, tag, uint32(i+1))
		}
		for range room {
			rows = append(rows, row{hash: rng.Uint64()})
		}
		p := partition{index: x, entries: make([]uint64, 4*room)}
		table := Table{stride: 4}
		table.homes.Store(&homes{first: &slots[0], size: len(x.slots), skip: skip, shift: 64 - skip})
		recs := p.look(&table, rows, []uint32{7})
		if len(recs) != 1+len(rows) || recs[0] != 7 {
			t.Fatalf("room for %d: %d records for %d rows, or what was there is gone", room, len(recs), len(rows))
		}
		found := 0
		for i, rec := range recs[1:] {
			if int(rec) >= room {
				t.Fatalf("room for %d: record %d is given", room, rec)
			}
			if i < room && int(rec) == i {
				found++
			}
		}
		if found < room*9/10-1 {
			t.Errorf("room for %d: %d of as many are found", room, found)
		}
		for _, s := range slots[len(x.slots):] {
			if s != 0 {
				t.Errorf("room for %d: a slot behind the last is taken", room)
			}
		}
	}
}
