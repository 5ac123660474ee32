package verdict

import "math/bits"

// Vote compares what the levels in held (bit by bit) say of one field, given by the hashes of their canonical values, one a
// level. It tells whether they differ; the outlier, the only level whose value no other level has, where three or more
// vote, or NoLevel; and the first level of those that more than half of the voters agree with, or NoLevel.
func Vote(hashes []uint64, held uint32) (differs bool, outlier, consensus int) {
	outlier, consensus = NoLevel, NoLevel
	voters := bits.OnesCount32(held)
	singles := 0
	for rest := held; rest != 0; rest &= rest - 1 {
		l := bits.TrailingZeros32(rest)
		first, same := l, 0
		for r := held; r != 0; r &= r - 1 {
			if m := bits.TrailingZeros32(r); hashes[m] == hashes[l] {
				first = min(first, m)
				same++
			}
		}
		if same < voters {
			differs = true
		}
		if same == 1 {
			singles++
			outlier = l
		}
		if 2*same > voters {
			consensus = first
		}
	}
	if singles != 1 || voters < 3 {
		outlier = NoLevel
	}
	return differs, outlier, consensus
}
