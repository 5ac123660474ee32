package enginetest

import (
	"fmt"
	"reflect"
	"testing"

	"crosscheck/engine/record"
	"crosscheck/engine/verdict"
)

// TestRandomCoversMuch holds that the cases of some hundred seeds, those that are left with -short, have everything that an engine can stumble over.
func TestRandomCoversMuch(t *testing.T) {
	seen := map[string]int64{}
	see := func(what string, n int64) { seen[what] += n }
	from, to := seeds(1000, true)
	for seed := from; seed < to; seed++ {
		c := Random(seed)
		found, sum := Oracle(c.Tables, c.Options, c.Rosters...)
		see(fmt.Sprintf("%d levels", len(c.Tables)), 1)
		see(fmt.Sprintf("%d key parts", len(c.Options.Key)), 1)
		see("key "+c.Options.Key[0].Type.String(), 1)
		for _, f := range c.Options.Fields {
			see("rules of "+f.Type.String(), b2i(!f.Canon.Default()))
			see("steps "+f.Canon.Steps.String(), 1)
			see("tolerances of "+f.Type.String(), b2i(!f.Tolerance.IsZero()))
			see("fields that ignore nulls", b2i(f.IgnoreNull))
			see("formats", b2i(len(f.Canon.Formats) > 0))
			see("lists", b2i(f.Canon.List != ""))
			see("maps", b2i(f.Canon.Map != nil))
			see("no null words", b2i(f.Canon.Nulls != nil && len(f.Canon.Nulls) == 0))
		}
		see("cases without fields", b2i(len(c.Options.Fields) == 0))
		see("cases that carry", b2i(len(c.Options.Carry) > 0))
		see("cases without records", b2i(sum.Records == 0))
		see("cases with many records", b2i(sum.Records > 120))
		if sum.Records != sum.Matched+sum.Missing+sum.Differing {
			t.Errorf("seed %d: records do not add up", seed)
		}
		see("records", sum.Records)
		see("matched", sum.Matched)
		see("differing", sum.Differing)
		see("missing", sum.Missing)
		for i := range c.Tables {
			if l := sum.Levels[i]; l.Rows != l.NoKey+l.Extra+l.Records || l.Records+l.Missing != sum.Records {
				t.Errorf("seed %d: rows of level %d do not add up", seed, i)
			}
			see("levels without rows", b2i(c.Tables[i].Rows() == 0))
			see("keys in numbers beside text", b2i(c.Options.Key[0].Type == record.CNID && c.Tables[i].column("key0").Type.ID() != c.Tables[0].column("key0").Type.ID()))
			for _, f := range c.Options.Fields {
				if col := c.Tables[i].column(f.Name); col == nil {
					see("fields that a level lacks", 1)
				} else {
					see(fmt.Sprintf("%s in %s", f.Type, col.Type), 1)
				}
			}
			for f := range sum.Fields {
				see("values that do not parse", b2i(len(sum.Fields[f].Unparseable) > 0 && sum.Fields[f].Unparseable[i] > 0))
				see("more of them than are listed", b2i(sum.Fields[f].Unparseable[i] > 10))
			}
			see("malformed", sum.Levels[i].Malformed)
			see("without a key", sum.Levels[i].NoKey)
		}
		for i := range found {
			f := &found[i]
			see(f.Kind.String(), 1)
			switch f.Kind {
			case verdict.Duplicate:
				for _, v := range f.Values {
					see("duplicates "+v.Text, 1)
				}
				see("keys many times", b2i(f.Count > 30))
			case verdict.Differs:
				see("outliers", b2i(f.Outlier != verdict.NoLevel))
				see("consensus", b2i(f.Consensus.Valid))
				see("no outlier on many levels", b2i(f.Outlier == verdict.NoLevel && len(f.Values) > 2))
			}
		}
	}
	want := []string{"2 levels", "5 levels", "16 levels", "1 key parts", "2 key parts", "3 key parts", "key cn_id", "key string", "key int64",
		"cases without fields", "cases that carry", "cases without records", "cases with many records", "matched", "differing", "missing", "levels without rows",
		"keys in numbers beside text", "fields that a level lacks", "malformed", "without a key", "duplicates identical", "duplicates conflicting", "keys many times",
		"outliers", "consensus", "no outlier on many levels", "values that do not parse", "more of them than are listed", "fields that ignore nulls", "formats", "lists",
		"maps", "no null words"}
	for typ := range nullWords {
		want = append(want, "rules of "+typ.String())
	}
	for typ := range tolerances {
		want = append(want, "tolerances of "+typ.String())
	}
	for _, steps := range append(stepSets, numberSteps...) {
		want = append(want, "steps "+steps.String())
	}
	for _, k := range verdict.Kinds() {
		want = append(want, k.String())
	}
	for _, k := range fieldKinds {
		for _, dt := range k.stored {
			want = append(want, fmt.Sprintf("%s in %s", k.typ, dt))
		}
	}
	for _, what := range want {
		if seen[what] == 0 {
			t.Errorf("no case has %s", what)
		}
	}
	for _, share := range []string{"matched", "differing", "missing"} {
		if seen[share]*8 < seen["records"] {
			t.Errorf("%d of %d records are %s: too few", seen[share], seen["records"], share)
		}
	}
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func TestSameSeedSameCase(t *testing.T) {
	for seed := range uint64(20) {
		a, b := Random(seed), Random(seed)
		fa, sa := Oracle(a.Tables, a.Options, a.Rosters...)
		fb, sb := Oracle(b.Tables, b.Options, b.Rosters...)
		if Diff(fa, fb) != "" || DiffSummary(sa, sb) != "" {
			t.Errorf("seed %d gives two cases", seed)
		}
		if reflect.DeepEqual(a.Tables, Random(seed+1).Tables) && a.Tables[0].Rows() > 0 {
			t.Errorf("seeds %d and %d give the same case", seed, seed+1)
		}
	}
}
