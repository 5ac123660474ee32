package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
)

// TestSpilledOracle runs random cases with rows spilled, by any number of ranges and with any memory for tables and suspects, and holds each
// answer against the oracle's.
func TestSpilledOracle(t *testing.T) {
	const cases, variants, groups = 300, 3, 4
	for g := range groups {
		t.Run(fmt.Sprintf("group=%d", g), func(t *testing.T) {
			t.Parallel()
			for seed := uint64(g); seed < cases; seed += groups {
				c := enginetest.Random(seed)
				r := rand.New(rand.NewPCG(seed, 8))
				for i, v := range enginetest.Variants(r, len(c.Tables), variants) {
					spilled := c
					spilled.Options = engine.MaskSignatures(c.Options, signatures[i%len(signatures)])
					spilled.Options = engine.ForceSpill(spilled.Options, 1+r.IntN(20), 1<<(8+r.IntN(14)))
					for l := range v.Layouts {
						v.Layouts[l].Late = 0 // a sample of keys would wait for the parts that it leaves out
					}
					v.Check(t, spilled)
				}
			}
		})
	}
}

// TestSpilledBlocks: with rows spilled, the blocks are those of a run in memory, and nothing is left on disk.
func TestSpilledBlocks(t *testing.T) {
	dir := t.TempDir()
	for seed := range uint64(metamorphicCases) {
		c := enginetest.Random(seed)
		r := rand.New(rand.NewPCG(seed, 9))
		v := plain(c)
		want, _ := answer(t, c, v)
		spilled := c
		spilled.Options = engine.ForceSpill(c.Options, 1+r.IntN(20), 1<<(8+r.IntN(14)))
		spilled.Options.SpillDir = dir
		got, sum := answer(t, spilled, v)
		if d := enginetest.Diff(got.Findings, want.Findings); d != "" {
			t.Errorf("seed %d: %s", seed, d)
		}
		if !slices.Equal(got.Blocks, want.Blocks) {
			t.Errorf("seed %d: blocks of %v findings, not of %v", seed, got.Blocks, want.Blocks)
		}
		if sum.Spilled == 0 && sum.Records > 0 {
			t.Errorf("seed %d: nothing was spilled", seed)
		}
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("something is left on disk: %v, %v", names, err)
	}
}
