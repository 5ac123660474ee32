package engine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
)

// memory keeps fingerprints and values in maps.
type memory struct {
	mu     sync.Mutex
	kept   map[string][]byte
	values map[string][]byte
	loads  int // that found something
	loaded map[string]bool
	saves  int
	bad    int // values that were not whole
}

func newMemory() *memory {
	return &memory{kept: map[string][]byte{}, values: map[string][]byte{}, loaded: map[string]bool{}}
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
			m.loaded[keptName(level, part, recipe)] = true
			return append(buf, b...)
		},
		Values: func(level, part int, recipe string) (*io.SectionReader, func(bool)) {
			m.mu.Lock()
			defer m.mu.Unlock()
			b, ok := m.values[keptName(level, part, recipe)]
			if !ok {
				return nil, nil
			}
			return io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b))), func(whole bool) {
				m.mu.Lock()
				defer m.mu.Unlock()
				if !whole {
					m.bad++
				}
			}
		},
		Save: func(level, part int, recipe string, b, values []byte) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.saves++
			m.kept[keptName(level, part, recipe)] = slices.Clone(b)
			m.values[keptName(level, part, recipe)] = slices.Clone(values)
		},
	}
}

// TestKept holds that answers from what was kept, of all levels, of some, or of parts of them, are the oracle's, with rows spilled or not in the
// one run and the other, and that what is damaged is noticed.
func TestKept(t *testing.T) {
	damaged := new(atomic.Int64)
	enginetest.EachSeed(t, 60, func(t *testing.T, seed uint64) {
		c := enginetest.Random(seed)
		r := rand.New(rand.NewPCG(seed, 4))
		for i, v := range enginetest.Variants(r, len(c.Tables), 3) {
			for l := range v.Layouts {
				v.Layouts[l].Late = 0 // readers would wait for others that never come
			}
			m := newMemory()
			c.Options.Kept = m.options()
			of := func() enginetest.Case {
				of := c
				of.Options = engine.MaskWeights(c.Options, weights[i%len(weights)])
				if r.IntN(2) == 0 {
					of.Options = engine.ForceSpill(of.Options, 1+r.IntN(20), 1<<(8+r.IntN(14)))
				}
				return of
			}
			v.Check(t, of())
			if m.loads > 0 || m.saves == 0 {
				t.Fatalf("seed %d, %v: %d loads, %d saves", seed, v, m.loads, m.saves)
			}
			all := m.saves
			v.Workers, v.Partitions = 1+r.IntN(4), 1<<r.IntN(5)
			v.Check(t, of())
			if len(m.loaded) != all || m.saves != all || m.bad > 0 {
				t.Errorf("seed %d, %v: of %d parts %d were kept, %d saved again, and %d found damaged", seed, v, all, len(m.loaded), m.saves-all, m.bad)
			}
			m.damage(r)
			v.Check(t, of())
			damaged.Add(int64(m.bad))
		}
	})
	t.Cleanup(func() {
		if damaged.Load() < 10 {
			t.Errorf("values were found damaged %d times", damaged.Load())
		}
	})
}

// damage damages some of what is kept in ways that can be seen, or removes it.
func (m *memory) damage(r *rand.Rand) {
	for _, name := range slices.Sorted(maps.Keys(m.kept)) {
		prints, values := m.kept[name], m.values[name]
		switch r.IntN(6) {
		case 0:
			delete(m.kept, name)
		case 1:
			m.kept[name] = prints[:r.IntN(len(prints))]
		case 2:
			delete(m.values, name)
		case 3:
			m.values[name] = values[:r.IntN(len(values))]
		case 4:
			values[r.IntN(len(values))] ^= 1 << r.IntN(8)
		}
	}
}

// TestKeptIsRead holds that nothing is read of levels that are kept, but for the sample of a plan: neither to load them nor for findings.
func TestKeptIsRead(t *testing.T) {
	gathered := int64(0)
	for seed := range uint64(40) {
		c := enginetest.Random(seed)
		if len(c.Options.Rosters) > 0 {
			continue // which are not kept
		}
		for _, spilled := range []bool{false, true} {
			v := plain(c)
			m := newMemory()
			c.Options.Kept = m.options()
			if spilled {
				c.Options = engine.ForceSpill(c.Options, 4, 1<<12)
			}
			_, first := answer(t, c, v)
			_, second := answer(t, c, v)
			for l, n := range second.Kept {
				if first.Kept[l] != 0 || n != second.Levels[l].Rows {
					t.Errorf("seed %d: level %d: %d rows were kept at first and %d of %d then", seed, l, first.Kept[l], n, second.Levels[l].Rows)
				}
			}
			for i, phase := range second.Phases {
				if phase.Name != "load" && phase.Name != "gather" {
					continue
				}
				if phase.Rows != 0 {
					t.Errorf("seed %d, spilled %v: %d rows were read to %s", seed, spilled, phase.Rows, phase.Name)
				}
				if phase.Name == "gather" {
					gathered += first.Phases[i].Rows
				}
			}
		}
	}
	if gathered == 0 {
		t.Error("no row was read again where nothing was kept")
	}
}

// TestKeptRecipe holds that fingerprints made in another way are not taken for those of a run.
func TestKeptRecipe(t *testing.T) {
	c := enginetest.Random(3)
	for seed := uint64(4); len(c.Options.Typo) > 0 || len(c.Options.Fields) < 3 || len(c.Options.Rules) > 0; seed++ {
		c = enginetest.Random(seed)
	}
	v := plain(c)
	m := newMemory()
	c.Options.Kept = m.options()
	answer(t, c, v)
	for what, change := range map[string]func(*engine.Options){
		"strict regions": func(o *engine.Options) { o.StrictRegions = !o.StrictRegions },
		"fewer fields":   func(o *engine.Options) { o.Fields = o.Fields[1:] },
		"other order":    func(o *engine.Options) { o.Fields = slices.Clone(o.Fields); slices.Reverse(o.Fields) },
		"weights":        func(o *engine.Options) { *o = engine.MaskWeights(*o, 1) },
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
	const want = "56bca034c6b65553"
	sum := sha256.New()
	for seed := range uint64(20) {
		c := enginetest.Random(seed)
		m := newMemory()
		c.Options.Kept = m.options()
		answer(t, c, plain(c))
		for _, name := range slices.Sorted(maps.Keys(m.kept)) {
			sum.Write([]byte(name))
			sum.Write(m.kept[name])
			sum.Write(m.values[name])
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil))[:16]; got != want {
		t.Errorf("the fingerprints have the sum %s, not %s", got, want)
	}
}
