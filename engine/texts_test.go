package engine

import (
	"bytes"
	"sync"
	"testing"
)

// TestTexts keeps texts of all lengths around those at which they are kept in another way, by several keepers at once, and looks them up.
func TestTexts(t *testing.T) {
	const keepers, rounds = 3, 40
	lengths := []int{0, 1, shortText - 1, shortText, shortText + 1, 100, firstChunk / 8, firstChunk, lastChunk / 8, lastChunk/8 + 1, lastChunk + 1}
	sample := func(keeper, round, n int) []byte {
		return bytes.Repeat([]byte{byte(keeper), byte(round), byte(n), 1}, n/4+1)[:n]
	}
	var all texts
	kept := make([][]text, keepers)
	var wait sync.WaitGroup
	for k := range kept {
		wait.Go(func() {
			keeper := keeper{texts: &all}
			for round := range rounds {
				for _, n := range lengths {
					var x text
					want := int64(n)
					if n <= shortText {
						want = 0
					}
					if beside := keeper.keep(&x, sample(k, round, n)); beside != want {
						t.Errorf("a text of %d bytes takes %d beside itself", n, beside)
					}
					kept[k] = append(kept[k], x)
				}
			}
		})
	}
	wait.Wait()
	for k := range kept {
		for i := range kept[k] {
			n := lengths[i%len(lengths)]
			if got := all.of(&kept[k][i]); got == nil || !bytes.Equal(got, sample(k, i/len(lengths), n)) || kept[k][i].none() {
				t.Fatalf("keeper %d, round %d: a text of %d bytes is not what was kept", k, i/len(lengths), n)
			}
		}
	}
	if none := (text{}); all.of(&none) != nil || !none.none() {
		t.Error("a null has a text")
	}
}
