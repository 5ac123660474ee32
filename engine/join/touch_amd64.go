//go:build !purego

package join

// touchPairs loads the pairs of slots where the rows' searches begin, in so few instructions that the processor has some two dozen
// cache misses under way at a time; what the compiler makes of the same loop reaches half of that.
//
//go:noescape
func touchPairs(entries []uint64, pairs, stride, partBits int, rows []row)
