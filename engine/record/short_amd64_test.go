//go:build !purego

package record

import (
	"encoding/binary"
	"testing"
)

// TestHashesByFours holds the hashes of processors without AVX-512 against the library's where there is AVX-512 too.
func TestHashesByFours(t *testing.T) {
	if !fourAtOnce {
		t.Skip("this processor has no AVX2")
	}
	defer func(was bool) { eightAtOnce = was }(eightAtOnce)
	eightAtOnce = false
	t.Run("columns", TestHashes)
	t.Run("lengths", TestHashesOfEachLength)
}

// TestHashLongGoesOn holds that texts of one buffer are all hashed at once, and where a group is reached that is not, none is beyond it.
func TestHashLongGoesOn(t *testing.T) {
	group := hashGroup()
	if group == 0 {
		t.Skip("this processor has not the instructions")
	}
	data, out := make([]byte, 200), make([]uint64, shortBlock)
	for length := viewInline + 1; length <= 80; length++ {
		for stop := range shortBlock + 1 {
			views := make([]byte, shortBlock*viewSize)
			for i := range shortBlock {
				binary.LittleEndian.PutUint32(views[i*viewSize:], uint32(length))
				binary.LittleEndian.PutUint32(views[i*viewSize+8:], 1)
			}
			want := shortBlock
			if stop < shortBlock {
				want = stop / group * group
				if stop%2 == 0 { // in another buffer
					binary.LittleEndian.PutUint32(views[stop*viewSize+8:], 0)
				} else { // too near the end
					binary.LittleEndian.PutUint32(views[stop*viewSize+12:], uint32(len(data)-31-length))
				}
			}
			if done := hashLong(&views[0], &data[0], uint64(len(data)), 1, &out[0], shortBlock); done != want {
				t.Fatalf("texts of %d bytes, where number %d is not to be hashed: %d hashed", length, stop, done)
			}
		}
	}
}
