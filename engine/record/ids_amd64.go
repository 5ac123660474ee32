//go:build !purego

package record

import "golang.org/x/sys/cpu"

// fourAtOnce tells whether this processor has AVX2, the instructions of packPlain and of what is named for four.
var fourAtOnce = cpu.X86.HasAVX2

// packPlain packs n texts as plainIDs does, given by their view headers, whose four words are not below low and not above high. It stops
// at the first four of which not all are plain, and gives how many it packed. n is a multiple of four, not 0. All headers between
// low and high lie in the bytes at base.
//
//go:noescape
func packPlain(views *byte, low, high *[4]uint32, base *byte, keys *Key, states *KeyState, n int) (done int)
