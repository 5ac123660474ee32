package engine_test

import (
	"math/rand/v2"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
)

// weights are masks of the weights of syndromes: all bits; one, with which half of the fields have the same; three.
var weights = []uint32{0, 1, 7}

// TestOracle runs random cases in many ways and holds each answer against the oracle's.
func TestOracle(t *testing.T) {
	enginetest.EachSeed(t, 400, func(t *testing.T, seed uint64) {
		c := enginetest.Random(seed)
		r := rand.New(rand.NewPCG(seed, 1))
		for i, v := range enginetest.Variants(r, len(c.Tables), 4) {
			masked := c
			masked.Options = engine.MaskWeights(c.Options, weights[i%len(weights)])
			v.Check(t, masked)
		}
	})
}
