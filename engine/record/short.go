package record

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/cespare/xxhash/v2"
)

// shortBlock is how many texts are hashed at a time, if they are likely to be short.
const shortBlock = 64

// hashes sets out[i] to XXH64 of row i of arr, whose texts t are; for null rows the result means nothing. arr is nil if no row is null.
//
// Eight texts at a time are hashed by the vector instructions of AVX-512, or four times four by those of AVX2, whatever their lengths:
// masks take the place of the branches on the length, half of which are mispredicted where names have two characters or three. Texts of up
// to 12 bytes stand in the headers of a view column, one after the other; longer ones are loaded from the buffer in which all of them lie.
func (t *texts) hashes(arr arrow.Array, out []uint64) {
	i := 0
	if hashGroup() > 0 && t.views != nil {
		for ; i+shortBlock <= len(out); i += shortBlock {
			t.hashBlock(arr, out, i)
		}
	}
	t.hashEach(arr, out, i, len(out))
}

// hashBlock hashes shortBlock rows from row i on.
func (t *texts) hashBlock(arr arrow.Array, out []uint64, i int) {
	views := t.views[i*viewSize : (i+shortBlock)*viewSize]
	size := func(j int) uint32 { return binary.LittleEndian.Uint32(views[j*viewSize:]) }
	if size(0) <= viewInline && size(shortBlock-1) <= viewInline { // the others are probably short too
		if !hashShort(&views[0], &out[i], shortBlock) {
			return
		}
		var long uint64 // which are not, bit by bit
		for j := range shortBlock {
			long |= (viewInline - uint64(size(j))) >> 63 << j
		}
		if bits.OnesCount64(long) <= shortBlock/8 {
			for ; long != 0; long &= long - 1 {
				j := i + bits.TrailingZeros64(long)
				t.hashEach(arr, out, j, j+1)
			}
			return
		}
	}
	group := hashGroup()
	for j := 0; j < shortBlock; {
		long := j
		for long < j+group && size(long) <= viewInline {
			long++
		}
		if long == j+group {
			hashShort(&views[j*viewSize], &out[i+j], group)
			j += group
			continue
		}
		done := 0
		if b := binary.LittleEndian.Uint32(views[long*viewSize+8:]); int64(b) < int64(len(t.buffers)) {
			if data := t.buffers[b].Bytes(); len(data) > 0 {
				done = hashLong(&views[j*viewSize], &data[0], uint64(len(data)), uint64(b), &out[i+j], shortBlock-j)
			}
		}
		j += done
		if j < shortBlock { // a group of which some are elsewhere
			t.hashEach(arr, out, i+j, i+j+group)
			j += group
		}
	}
}

// hashEach hashes rows one by one.
func (t *texts) hashEach(arr arrow.Array, out []uint64, from, to int) {
	nulls := arr != nil && arr.NullN() > 0
	for i := from; i < to; i++ {
		if !(nulls && arr.IsNull(i)) {
			out[i] = xxhash.Sum64(t.at(i))
		}
	}
}
