package differential

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"testing"

	"crosscheck/bench/peers/duck"
	"crosscheck/bench/synth"
	"crosscheck/engine/verdict"
)

var (
	cases = flag.Uint64("cases", 300, "number of small data sets")
	seed  = flag.Uint64("seed", 0, "compare the data set of this seed alone")
)

// groups is the number of sets of cases that are compared side by side.
const groups = 2

// TestCases compares small data sets of all shapes.
func TestCases(t *testing.T) {
	if *seed > 0 {
		compareSeeds(t, *seed, *seed)
		return
	}
	for g := range uint64(groups) {
		t.Run(fmt.Sprintf("group=%d", g), func(t *testing.T) {
			t.Parallel()
			seen := compareSeeds(t, *cases*g/groups+1, *cases*(g+1)/groups)
			for _, k := range []verdict.Kind{verdict.Differs, verdict.Duplicate, verdict.InvalidKey, verdict.Missing} { // those without rules
				if seen[k.String()] == 0 && *cases >= 100 {
					t.Errorf("no data set has a finding of kind %s", k)
				}
			}
			t.Logf("findings: %v", seen)
		})
	}
}

// compareSeeds compares the data sets of the seeds and counts DuckDB's findings by kind.
func compareSeeds(t *testing.T, from, to uint64) map[string]int {
	db, err := duck.Open(1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	kinds := map[string]int{}
	for s := from; s <= to; s++ {
		found, err := check(t.Context(), db, Draw(s, t.TempDir()))
		if err != nil {
			t.Error(err)
		}
		for i := range found {
			kinds[found[i].kind]++
		}
	}
	return kinds
}

// TestSynthetic compares files that another Parquet writer and another CSV writer made.
func TestSynthetic(t *testing.T) {
	db, err := duck.Open(1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, format := range []string{synth.Parquet, synth.CSV} {
		for s := range uint64(6) {
			c, err := Synthetic(t.Context(), synth.Options{
				Records: int64(200 << s), Mismatch: 0.2, Seed: s, Format: format, Dir: t.TempDir(), RowGroupRows: 100 << s,
				Levels: []string{"city", "district", "street", "clinic"}[:2+s%3],
			})
			if err != nil {
				t.Fatal(err)
			}
			if found, err := compare(t.Context(), db, c); err != nil {
				t.Errorf("%s: %v", format, err)
			} else if len(found) == 0 {
				t.Errorf("%s, seed %d: there are no findings", format, s)
			}
		}
	}
}

// TestMillion compares a million records on three levels of many row groups, in memory and with rows spilled.
func TestMillion(t *testing.T) {
	db, err := duck.Open(2)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c := Large(1, 1_000_000, t.TempDir())
	found, err := check(t.Context(), db, c)
	if err != nil {
		t.Fatal(err)
	}
	c.Spill = true
	if _, err := compare(t.Context(), db, c); err != nil {
		t.Error(err)
	}
	if len(found) < 100_000 {
		t.Errorf("there are but %d findings", len(found))
	}
}

// check writes the case and compares the findings of DuckDB, of the engine, and of the engine's report as DuckDB reads it. It
// returns DuckDB's.
func check(ctx context.Context, db *duck.DB, c *Case) ([]finding, error) {
	err := c.Write(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, c)
	}
	return compare(ctx, db, c)
}

// compare is check for files that are there.
func compare(ctx context.Context, db *duck.DB, c *Case) ([]finding, error) {
	want, err := c.oracle(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, c)
	}
	path := filepath.Join(filepath.Dir(c.Levels[0].Files[0]), "report.parquet")
	seen, summary, err := c.run(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("the engine: %w\n%s", err, c)
	}
	read, err := c.query(ctx, db, fmt.Sprintf("SELECT %s FROM read_parquet(%s)", c.reportColumns(), duck.Text(path)))
	if err != nil {
		return nil, fmt.Errorf("DuckDB reading the report: %w\n%s", err, c)
	}
	if err := errors.Join(c.compare("engine", want, seen), c.compare("report", want, read), c.checkSummary(ctx, db, summary)); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, c)
	}
	return want, nil
}
