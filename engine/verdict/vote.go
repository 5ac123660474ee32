package verdict

import "math/bits"

// maxLevels is the number of levels that can vote.
const maxLevels = 16

// Vote compares what the levels in held (bit by bit) say of one field, given by the hashes of their canonical values, one a
// level. It tells whether they differ; the outlier, the only level whose value no other level has, where three or more
// vote, or NoLevel; and the first level of those that more than half of the voters agree with, or NoLevel.
func Vote(hashes []uint64, held uint32) (differs bool, outlier, consensus int) {
	if bits.OnesCount32(held) == 3 {
		return voteOfThree(hashes, held)
	}
	var agree [maxLevels]uint32
	Equal(hashes, held, agree[:])
	return VoteNear(agree[:], held)
}

// voteOfThree is Vote for three levels.
func voteOfThree(hashes []uint64, held uint32) (differs bool, outlier, consensus int) {
	a := bits.TrailingZeros32(held)
	b := bits.TrailingZeros32(held & (held - 1))
	c := bits.Len32(held) - 1
	switch x, y, z := hashes[a], hashes[b], hashes[c]; {
	case x == y && y == z:
		return false, NoLevel, a
	case x == y:
		return true, c, a
	case x == z:
		return true, b, a
	case y == z:
		return true, a, b
	}
	return true, NoLevel, NoLevel
}

// Equal sets agree[l], for each level in held, to the levels in held with the same hash, itself among them.
func Equal(hashes []uint64, held uint32, agree []uint32) {
	for rest := held; rest != 0; rest &= rest - 1 {
		l := bits.TrailingZeros32(rest)
		agree[l] = 0
		for r := held; r != 0; r &= r - 1 {
			if m := bits.TrailingZeros32(r); hashes[m] == hashes[l] {
				agree[l] |= 1 << m
			}
		}
	}
}

// VoteNear is Vote where agreeing need not carry over: agree[l] holds the levels in held that level l agrees with, itself among
// them, and says the same of l as of them. The levels differ if any two do not agree. The outlier is the only level that agrees with
// none. The consensus is the level that most others agree with, the first of several, if they are more than half of the voters:
// of 1.00, 1.04 and 1.08, with a tolerance of 0.05, it is 1.04, and there is no outlier.
func VoteNear(agree []uint32, held uint32) (differs bool, outlier, consensus int) {
	outlier, consensus = NoLevel, NoLevel
	voters := bits.OnesCount32(held)
	singles, most := 0, voters/2
	for rest := held; rest != 0; rest &= rest - 1 {
		l := bits.TrailingZeros32(rest)
		same := bits.OnesCount32(agree[l])
		if same < voters {
			differs = true
		}
		if same == 1 {
			singles++
			outlier = l
		}
		if same > most {
			most, consensus = same, l
		}
	}
	if singles != 1 || voters < 3 {
		outlier = NoLevel
	}
	return differs, outlier, consensus
}
