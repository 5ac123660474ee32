//go:build !amd64 || purego

package join

import "runtime"

// touchSlots loads the slots where the rows' searches begin. skip is index.skip.
func touchSlots(slots []uint32, skip uint, rows []row) {
	x, sum := index{slots: slots, skip: skip}, uint32(0)
	for i := range rows {
		sum += slots[x.home(rows[i].hash)]
	}
	runtime.KeepAlive(sum)
}

// touchEntries loads the entries of records, which have so many words.
func touchEntries(entries []uint64, stride int, recs []uint32) {
	sum := uint64(0)
	for _, rec := range recs {
		at := int(rec) * stride
		sum += entries[at] ^ entries[at+stride-1]
	}
	runtime.KeepAlive(sum)
}
