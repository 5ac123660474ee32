package verdict

import (
	"math/rand/v2"
	"testing"
)

func TestVote(t *testing.T) {
	for _, c := range []struct {
		name               string
		hashes             []uint64
		held               uint32
		differs            bool
		outlier, consensus int
	}{
		{"two agree", []uint64{1, 1}, 0b11, false, NoLevel, 0},
		{"two differ", []uint64{1, 2}, 0b11, true, NoLevel, NoLevel},
		{"three agree", []uint64{1, 1, 1}, 0b111, false, NoLevel, 0},
		{"first alone", []uint64{1, 2, 2}, 0b111, true, 0, 1},
		{"last alone", []uint64{1, 1, 2}, 0b111, true, 2, 0},
		{"three ways", []uint64{1, 2, 3}, 0b111, true, NoLevel, NoLevel},
		{"only the held ones vote", []uint64{1, 9, 1}, 0b101, false, NoLevel, 0},
		{"two of three held", []uint64{1, 1, 2}, 0b110, true, NoLevel, NoLevel},
		{"two against two", []uint64{1, 2, 1, 2}, 0b1111, true, NoLevel, NoLevel},
		{"half is no majority", []uint64{1, 1, 2, 3}, 0b1111, true, NoLevel, NoLevel},
		{"one against two pairs", []uint64{1, 1, 2, 2, 3}, 0b11111, true, 4, NoLevel},
		{"majority beside two singles", []uint64{3, 1, 2, 1, 1}, 0b11111, true, NoLevel, 1},
		{"one level", []uint64{1, 2}, 0b01, false, NoLevel, 0},
		{"no level", []uint64{1, 2}, 0, false, NoLevel, NoLevel},
	} {
		d, o, k := Vote(c.hashes, c.held)
		if d != c.differs || o != c.outlier || k != c.consensus {
			t.Errorf("%s: got %v, %d, %d, want %v, %d, %d", c.name, d, o, k, c.differs, c.outlier, c.consensus)
		}
	}
}

// TestVoteOfAny holds Vote against VoteNear of what agrees, for any number of voters.
func TestVoteOfAny(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		hashes, agree := make([]uint64, maxLevels), make([]uint32, maxLevels)
		for l := range hashes {
			hashes[l] = rng.Uint64N(3)
		}
		held := rng.Uint32N(1<<maxLevels) & rng.Uint32N(1<<maxLevels) & rng.Uint32N(1<<maxLevels)
		Equal(hashes, held, agree)
		d, o, c := VoteNear(agree, held)
		if differs, outlier, consensus := Vote(hashes, held); differs != d || outlier != o || consensus != c {
			t.Fatalf("levels %b: got %v, %d, %d, want %v, %d, %d", held, differs, outlier, consensus, d, o, c)
		}
	}
}

func TestVoteNear(t *testing.T) {
	for _, c := range []struct {
		name               string
		agree              []uint32
		held               uint32
		differs            bool
		outlier, consensus int
	}{
		{"a chain: the middle is near both", []uint32{0b011, 0b111, 0b110}, 0b111, true, NoLevel, 1},
		{"all near", []uint32{0b111, 0b111, 0b111}, 0b111, false, NoLevel, 0},
		{"two near, one far", []uint32{0b011, 0b011, 0b100}, 0b111, true, 2, 0},
		{"a chain of four: the first of the middle", []uint32{0b0011, 0b0111, 0b1110, 0b1100}, 0b1111, true, NoLevel, 1},
		{"two, far", []uint32{0b01, 0b10}, 0b11, true, NoLevel, NoLevel},
		{"a level that does not vote", []uint32{0b101, 0, 0b101}, 0b101, false, NoLevel, 0},
	} {
		d, o, k := VoteNear(c.agree, c.held)
		if d != c.differs || o != c.outlier || k != c.consensus {
			t.Errorf("%s: got %v, %d, %d, want %v, %d, %d", c.name, d, o, k, c.differs, c.outlier, c.consensus)
		}
	}
}
