//go:build !purego

package join

// touchSlots loads the slots where the rows' searches begin, in so few instructions that the processor has some two dozen
// cache misses under way at a time; what the compiler makes of the same loop reaches half of that. skip is index.skip.
//
//go:noescape
func touchSlots(slots []uint32, skip uint, rows []row)

// touchEntries loads the entries of records, which have so many words.
//
//go:noescape
func touchEntries(entries []uint64, stride int, recs []uint32)
