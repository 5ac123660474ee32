//go:build !purego

package record

import "golang.org/x/sys/cpu"

// eightAtOnce tells whether this processor has the instructions of hashShortEights and hashLongEights.
var eightAtOnce = cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ

// hashGroup tells how many texts hashShort and hashLong hash at a time, a divisor of shortBlock; 0: this processor has not their instructions.
func hashGroup() int {
	switch {
	case eightAtOnce:
		return 8
	case fourAtOnce:
		return 16
	}
	return 0
}

// hashShort sets out to XXH64 of n texts of up to viewInline bytes, given by their view headers; for longer ones it means nothing. It tells
// whether there may be such. n is a multiple of hashGroup, not 0.
func hashShort(views *byte, out *uint64, n int) (longer bool) {
	if eightAtOnce {
		hashShortEights(views, out, n)
		return true
	}
	return hashShortFours(views, out, n)
}

// hashLong sets out to XXH64 of n texts, given by their view headers, of which those of more than viewInline bytes all lie in one buffer of
// size bytes at base. It stops at the first group of which one lies in another buffer or ends less than 32 bytes before the end of this
// one, and gives how many it hashed. n is a multiple of hashGroup, not 0.
func hashLong(views, base *byte, size, buffer uint64, out *uint64, n int) (done int) {
	if eightAtOnce {
		return hashLongEights(views, base, size, buffer, out, n)
	}
	return hashLongFours(views, base, size, buffer, out, n)
}

//go:noescape
func hashShortEights(views *byte, out *uint64, n int)

//go:noescape
func hashLongEights(views, base *byte, size, buffer uint64, out *uint64, n int) (done int)

//go:noescape
func hashShortFours(views *byte, out *uint64, n int) (longer bool)

//go:noescape
func hashLongFours(views, base *byte, size, buffer uint64, out *uint64, n int) (done int)
