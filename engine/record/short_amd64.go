//go:build !purego

package record

import "golang.org/x/sys/cpu"

// eightAtOnce tells whether this processor has the instructions of hashShort.
var eightAtOnce = cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ

// hashShort sets out to XXH64 of n texts of up to viewInline bytes, given by their view headers; for longer ones it means nothing. n is
// a multiple of eight, not 0.
//
//go:noescape
func hashShort(views *byte, out *uint64, n int)

// hashLong sets out to XXH64 of n texts of more than viewInline bytes, given by their view headers, that all lie in one buffer of size
// bytes at base; for shorter ones it means nothing. It stops at the first eight of which one lies in another buffer or ends less than 32
// bytes before the end of this one, and gives how many it hashed. n is a multiple of eight, not 0.
//
//go:noescape
func hashLong(views, base *byte, size, buffer uint64, out *uint64, n int) (done int)
