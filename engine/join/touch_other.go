//go:build !amd64 || purego

package join

import (
	"math/bits"
	"runtime"
)

// touchPairs loads the pairs of slots where the rows' searches begin.
func touchPairs(entries []uint64, pairs, stride, partBits int, rows []row) {
	last, sum := 2*stride-1, uint64(0)
	for i := range rows {
		pair, _ := bits.Mul64(rows[i].hash<<(partBits&63), uint64(pairs))
		at := int(pair) * 2 * stride
		sum += entries[at] ^ entries[at+last]
	}
	runtime.KeepAlive(sum)
}
