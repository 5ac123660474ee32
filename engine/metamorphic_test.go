package engine_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/verdict"
)

// These tests hold answers of the engine against each other, with no oracle between: what changes nothing of what the data
// say changes nothing of the report.

const metamorphicCases = 60

// answer runs a case in one way and gives what the sink got and the summary.
func answer(t *testing.T, c enginetest.Case, v enginetest.Variant) (*enginetest.Collector, *engine.Summary) {
	t.Helper()
	got, sum, err := v.Run(t.Context(), c, new(enginetest.Scribbler))
	if err != nil {
		t.Fatalf("seed %d, %v: %v", c.Seed, v, err)
	}
	return got, sum
}

// plain is the plainest variant of a case.
func plain(c enginetest.Case) enginetest.Variant {
	return enginetest.Variants(nil, len(c.Tables), 1)[0]
}

// TestBlocksDependOnTheDataAlone: workers, partitions, parts, batches and encodings leave findings, blocks and counts alone.
func TestBlocksDependOnTheDataAlone(t *testing.T) {
	for seed := range uint64(metamorphicCases) {
		c := enginetest.Random(seed)
		want, wantSum := answer(t, c, plain(c))
		for _, v := range enginetest.Variants(rand.New(rand.NewPCG(seed, 3)), len(c.Tables), 4)[1:] {
			v.Levels, v.Rows = plain(c).Levels, 0
			got, sum := answer(t, c, v)
			if d := enginetest.Diff(got.Findings, want.Findings); d != "" {
				t.Errorf("seed %d, %v: %s", seed, v, d)
			}
			if !slices.Equal(got.Blocks, want.Blocks) {
				t.Errorf("seed %d, %v: blocks of %v findings, not of %v", seed, v, got.Blocks, want.Blocks)
			}
			if d := enginetest.DiffSummary(sum, wantSum); d != "" {
				t.Errorf("seed %d, %v: summary: %s", seed, v, d)
			}
		}
	}
}

// TestShuffledRows: the order of rows says where a finding lies and, where a level holds a key twice, which row stands for
// it. It says nothing else.
func TestShuffledRows(t *testing.T) {
	for seed := range uint64(metamorphicCases) {
		c := enginetest.Random(seed)
		v := plain(c)
		want, _ := answer(t, c, v)
		v.Rows = seed + 1
		got, _ := answer(t, v.Of(c), v)
		if d := enginetest.Diff(rowless(got.Findings), rowless(want.Findings)); d != "" {
			t.Errorf("seed %d: %s", seed, d)
		}
	}
}

// rowless gives findings without what the order of rows decides.
func rowless(findings []enginetest.Finding) []enginetest.Finding {
	twice := map[string]bool{}
	for _, f := range findings {
		twice[f.Key] = twice[f.Key] || f.Kind == verdict.Duplicate
	}
	var out []enginetest.Finding
	for _, f := range findings {
		f.Rows = nil
		if f.Kind == verdict.KeyTypo {
			continue // the other record may be there twice
		}
		if twice[f.Key] {
			f.Carry = nil
			switch f.Kind {
			case verdict.Differs, verdict.Inconsistent, verdict.Overdue: // which row stands decides, or how the latest time is spelled
				continue
			}
		}
		out = append(out, f)
	}
	sortFindings(out)
	return out
}

// sortFindings puts findings in an order that follows from all they say.
func sortFindings(findings []enginetest.Finding) {
	slices.SortFunc(findings, func(a, b enginetest.Finding) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Field, b.Field), strings.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
}

// TestPermutedLevels: with the levels in another order the columns are, and nothing else but the spelling of the consensus,
// which is that of the first level that holds it.
func TestPermutedLevels(t *testing.T) {
	for seed := range uint64(metamorphicCases) {
		c := enginetest.Random(seed)
		c.Options.Carry = nil // comes from the first level that holds the record
		v := plain(c)
		want, wantSum := answer(t, c, v)
		v.Levels = rand.New(rand.NewPCG(seed, 4)).Perm(len(c.Tables))
		got, sum := answer(t, v.Of(c), v)
		sortFindings(want.Findings)
		for i := range want.Findings {
			want.Findings[i].Consensus = enginetest.Text{} // an empty text and a null are one
		}
		back := make([]enginetest.Finding, 0, len(got.Findings))
		for _, f := range got.Findings {
			back = append(back, inOrder(f, v.Levels))
		}
		sortFindings(back)
		if d := enginetest.Diff(back, want.Findings); d != "" {
			t.Errorf("seed %d, levels %v: %s", seed, v.Levels, d)
		}
		for i, l := range v.Levels {
			if g, w := sum.Levels[i], wantSum.Levels[l]; g != w {
				t.Errorf("seed %d: counts of level %d are %+v at place %d, %+v at its own", seed, l, g, i, w)
			}
		}
	}
}

// inOrder undoes an order of levels: what a finding says at place i goes to place levels[i].
func inOrder(f enginetest.Finding, levels []int) enginetest.Finding {
	out := f
	out.In, out.Rows = 0, make([]int64, len(f.Rows))
	if f.Values != nil {
		out.Values = make([]enginetest.Text, len(f.Values))
	}
	for i, l := range levels {
		out.In |= f.In >> i & 1 << l
		out.Rows[l] = f.Rows[i]
		if f.Values != nil {
			out.Values[l] = f.Values[i]
		}
		if f.Outlier == i {
			out.Outlier = l
		}
	}
	out.Consensus = enginetest.Text{}
	return out
}
