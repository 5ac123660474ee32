package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
)

// signatures are masks of the fields' signatures: all bits; one, with which half of the fields that differ look alike; three.
var signatures = []uint16{0, 1, 7}

// TestOracle runs random cases in many ways and holds each answer against the oracle's.
func TestOracle(t *testing.T) {
	const cases, variants, groups = 400, 4, 4
	for g := range groups {
		t.Run(fmt.Sprintf("group=%d", g), func(t *testing.T) {
			t.Parallel()
			for seed := uint64(g); seed < cases; seed += groups {
				c := enginetest.Random(seed)
				r := rand.New(rand.NewPCG(seed, 1))
				for i, v := range enginetest.Variants(r, len(c.Tables), variants) {
					masked := c
					masked.Options = engine.MaskSignatures(c.Options, signatures[i%len(signatures)])
					v.Check(t, masked)
				}
			}
		})
	}
}
