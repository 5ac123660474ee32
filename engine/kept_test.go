package engine_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
)

// memory keeps fingerprints in a map.
type memory struct {
	mu    sync.Mutex
	kept  map[string][]byte
	loads int // that found something
	saves int
}

func keptName(level, part int, recipe string) string {
	return fmt.Sprintf("%d %d %s", level, part, recipe)
}

func (m *memory) options() *engine.Kept {
	return &engine.Kept{
		Load: func(level, part int, recipe string, buf []byte) []byte {
			m.mu.Lock()
			defer m.mu.Unlock()
			b, ok := m.kept[keptName(level, part, recipe)]
			if !ok {
				return nil
			}
			m.loads++
			return append(buf, b...)
		},
		Save: func(level, part int, recipe string, b []byte) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.saves++
			m.kept[keptName(level, part, recipe)] = slices.Clone(b)
		},
	}
}

// TestKept holds that answers from fingerprints that were kept, of all levels, of some, or of parts of them, are the oracle's, and that what is kept
// is not read in the phase of loading.
func TestKept(t *testing.T) {
	const cases, groups = 60, 4
	for g := range groups {
		t.Run(fmt.Sprintf("group=%d", g), func(t *testing.T) {
			t.Parallel()
			for seed := uint64(g); seed < cases; seed += groups {
				c := enginetest.Random(seed)
				r := rand.New(rand.NewPCG(seed, 4))
				for i, v := range enginetest.Variants(r, len(c.Tables), 3) {
					for l := range v.Layouts {
						v.Layouts[l].Late = 0 // readers would wait for others that never come
					}
					m := &memory{kept: map[string][]byte{}}
					c.Options.Kept = m.options()
					of := c
					of.Options = engine.MaskSignatures(c.Options, signatures[i%len(signatures)])
					v.Check(t, of)
					if m.loads > 0 || m.saves == 0 {
						t.Fatalf("seed %d, %v: %d loads, %d saves", seed, v, m.loads, m.saves)
					}
					all := m.saves
					v.Workers, v.Partitions = 1+r.IntN(4), 1<<r.IntN(5)
					v.Check(t, of)
					if m.loads != all || m.saves != all {
						t.Errorf("seed %d, %v: of %d parts %d were kept, and %d saved again", seed, v, all, m.loads, m.saves-all)
					}
					names := slices.Sorted(maps.Keys(m.kept))
					for _, name := range names {
						switch r.IntN(4) {
						case 0:
							delete(m.kept, name)
						case 1: // damaged in a way that can be seen
							b := m.kept[name]
							m.kept[name] = b[:r.IntN(len(b))]
						}
					}
					v.Check(t, of)
				}
			}
		})
	}
}

// TestKeptIsRead holds what is read of levels that are kept: their rows count as kept and not as read.
func TestKeptIsRead(t *testing.T) {
	c := enginetest.Random(3)
	v := plain(c)
	m := &memory{kept: map[string][]byte{}}
	c.Options.Kept = m.options()
	_, first := answer(t, c, v)
	_, second := answer(t, c, v)
	for l, n := range second.Kept {
		if first.Kept[l] != 0 || n != second.Levels[l].Rows {
			t.Errorf("level %d: %d rows were kept at first and %d of %d then", l, first.Kept[l], n, second.Levels[l].Rows)
		}
	}
	if first.Phases[0].Rows == 0 || second.Phases[0].Rows >= first.Phases[0].Rows {
		t.Errorf("%d rows were read at first and %d then", first.Phases[0].Rows, second.Phases[0].Rows)
	}
}

// TestKeptRecipe holds that fingerprints made in another way are not taken for those of a run.
func TestKeptRecipe(t *testing.T) {
	c := enginetest.Random(3)
	for seed := uint64(4); len(c.Options.Typo) > 0 || len(c.Options.Fields) < 3 || len(c.Options.Rules) > 0; seed++ {
		c = enginetest.Random(seed)
	}
	v := plain(c)
	m := &memory{kept: map[string][]byte{}}
	c.Options.Kept = m.options()
	answer(t, c, v)
	for what, change := range map[string]func(*engine.Options){
		"strict regions": func(o *engine.Options) { o.StrictRegions = !o.StrictRegions },
		"fewer fields":   func(o *engine.Options) { o.Fields = o.Fields[1:] },
		"other order":    func(o *engine.Options) { o.Fields = slices.Clone(o.Fields); slices.Reverse(o.Fields) },
		"signatures":     func(o *engine.Options) { *o = engine.MaskSignatures(*o, 1) },
	} {
		m.loads = 0
		other := c
		other.Options.Fields = slices.Clone(c.Options.Fields)
		change(&other.Options)
		v.Check(t, other)
		if m.loads > 0 {
			t.Errorf("%s: %d parts were kept", what, m.loads)
		}
	}
}

// TestKeptVersion notices that values become other fingerprints, or that they are written in another way: then keptVersion in kept.go must
// change, or runs would take what older ones kept for their own. It also notices other random cases, for which the sum alone is mended.
func TestKeptVersion(t *testing.T) {
	const want = "1122c9db8efb6b31"
	sum := sha256.New()
	for seed := range uint64(20) {
		c := enginetest.Random(seed)
		m := &memory{kept: map[string][]byte{}}
		c.Options.Kept = m.options()
		answer(t, c, plain(c))
		for _, name := range slices.Sorted(maps.Keys(m.kept)) {
			sum.Write([]byte(name))
			sum.Write(m.kept[name])
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil))[:16]; got != want {
		t.Errorf("the fingerprints have the sum %s, not %s", got, want)
	}
}
