package record

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
)

// packIDs packs a column of resident IDs.
//
// Nearly all of them are plain: 18 ASCII characters of a valid ID that is not of a 29 February. The vector instructions of AVX2 pack four of
// those at a time; four of which one is anything else are packed one by one.
func (p *KeyPacker) packIDs(t *texts, arr arrow.Array, keys []Key, states []KeyState) {
	i := 0
	if fourAtOnce && t.views != nil {
		for i+4 <= len(keys) {
			i += p.packPlain(t, arr, keys[i:], states[i:], i)
			end := min(i+4, len(keys))
			p.packEach(t, arr, keys, states, i, end)
			i = end
		}
	}
	p.packEach(t, arr, keys, states, i, len(keys))
}

// packPlain packs rows from row i on, as many as are plain by fours and lie in one buffer, and gives how many these are.
func (p *KeyPacker) packPlain(t *texts, arr arrow.Array, keys []Key, states []KeyState, i int) int {
	const size = 18
	header := t.views[i*viewSize:]
	buffer := binary.LittleEndian.Uint32(header[8:])
	if binary.LittleEndian.Uint32(header) != size || int64(buffer) >= int64(len(t.buffers)) { // the second: of a null
		return 0
	}
	data := t.buffers[buffer].Bytes()
	if len(data) < size {
		return 0
	}
	low, high := [4]uint32{size, 0, buffer, 0}, [4]uint32{size, math.MaxUint32, buffer, uint32(min(len(data)-size, math.MaxUint32))}
	done := packPlain(&header[0], &low, &high, &data[0], &keys[0], &states[0], len(keys)&^3)
	nulls := arr.NullN() > 0
	if nulls || p.StrictRegions {
		for j := range done {
			if nulls && arr.IsNull(i+j) { // its header meant nothing, and happened to look like that of an ID
				keys[j], states[j] = Key{}, KeyNone
			} else {
				states[j] = p.state(keys[j].Lo, IDValid)
			}
		}
	}
	return done
}

// packEach packs rows one by one.
func (p *KeyPacker) packEach(t *texts, arr arrow.Array, keys []Key, states []KeyState, from, to int) {
	nulls := arr.NullN() > 0
	for i := from; i < to; i++ {
		if nulls && arr.IsNull(i) {
			keys[i], states[i] = Key{}, KeyNone
			continue
		}
		keys[i], states[i] = p.packID(t.at(i))
	}
}
