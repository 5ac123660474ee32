package engine_test

import (
	"math/rand/v2"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
)

// signatures are masks of the fields' signatures: all bits; one, with which half of the fields that differ look alike; three.
var signatures = []uint16{0, 1, 7}

// TestOracle runs random cases in many ways and holds each answer against the oracle's.
func TestOracle(t *testing.T) {
	enginetest.EachSeed(t, 400, func(t *testing.T, seed uint64) {
		c := enginetest.Random(seed)
		r := rand.New(rand.NewPCG(seed, 1))
		for i, v := range enginetest.Variants(r, len(c.Tables), 4) {
			masked := c
			masked.Options = engine.MaskSignatures(c.Options, signatures[i%len(signatures)])
			v.Check(t, masked)
		}
	})
}
