package engine_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/cespare/xxhash/v2"
)

// weaknesses are the bits of the hashes of values and keys that tests leave: so few that they collide all the time.
var weaknesses = [][2]int{{0, 64}, {1, 64}, {3, 64}, {64, 0}, {64, 2}, {64, 4}, {2, 3}, {64, 64}}

// TestExact runs random cases with hashes that hide differences, in values and in keys, and holds the answers against the oracle's.
func TestExact(t *testing.T) {
	enginetest.EachSeed(t, 240, func(t *testing.T, seed uint64) {
		c := enginetest.Random(seed)
		r := rand.New(rand.NewPCG(seed, 2))
		for i, v := range enginetest.Variants(r, len(c.Tables), 3) {
			for l := range v.Layouts {
				v.Layouts[l].Late = 0 // is about the order in which load reads parts
			}
			exact := c
			exact.Options.Exact = true
			if weak := weaknesses[r.IntN(len(weaknesses))]; i > 0 {
				exact.Options.Typo = nil // looked for among other records too, whose hashes nothing verifies
				exact.Options = engine.Weaken(exact.Options, weak[0], weak[1], 1+r.IntN(engine.VerifyTries-1))
			}
			if r.IntN(4) == 0 {
				exact.Options = engine.ForceSpill(exact.Options, 8, 1<<14)
			}
			v.Check(t, exact)
		}
	})
}

// TestHashesHide holds that the hashes of TestExact do hide differences where nothing is verified: it would pass with any others else.
func TestHashesHide(t *testing.T) {
	for _, weak := range weaknesses[:len(weaknesses)-1] {
		hidden := false
		for seed := range uint64(40) {
			c := enginetest.Random(seed)
			want, _ := enginetest.Oracle(c.Tables, c.Options, c.Rosters...)
			c.Options = engine.Weaken(c.Options, weak[0], weak[1], 1)
			v := plain(c)
			if got, _, err := v.Run(t.Context(), c, new(enginetest.Scribbler)); err != nil || enginetest.Diff(got.Findings, want) != "" {
				hidden = true
				break
			}
		}
		if !hidden {
			t.Errorf("%d bits of values and %d of keys hide nothing", weak[0], weak[1])
		}
	}
}

// oneRecord gives levels of one record that hold a text each.
func oneRecord(texts ...string) enginetest.Case {
	c := enginetest.Case{Options: engine.Options{Key: []engine.Field{{Name: "id", Type: record.Int}}, Fields: []engine.Field{{Name: "x", Type: record.String}}}}
	for l, text := range texts {
		c.Tables = append(c.Tables, enginetest.Table{Name: string(rune('a' + l)), Columns: []enginetest.Column{
			{Name: "id", Type: arrow.PrimitiveTypes.Int64, Cells: []any{int64(1)}}, {Name: "x", Type: arrow.BinaryTypes.String, Cells: []any{text}}}})
	}
	return c
}

// TestExactGivesUp holds that a run whose hashes all hide something ends with an error, and has written nothing.
func TestExactGivesUp(t *testing.T) {
	c := oneRecord("first", "other")
	c.Options.Exact = true
	c.Options = engine.Weaken(c.Options, 0, 64, engine.VerifyTries)
	v := plain(c)
	got, _, err := v.Run(t.Context(), c, new(enginetest.Scribbler))
	if err == nil || len(got.Findings) > 0 {
		t.Errorf("the error is %v, and %d findings were written", err, len(got.Findings))
	}
}

// TestExactCrafted compares texts that somebody chose so that they have one XXH64, as only a run with Exact notices: on two levels, as all that
// agrees among three, and as values of others than the first.
func TestExactCrafted(t *testing.T) {
	a, b := collision(t)
	for _, texts := range [][]string{{a, b}, {a, a, b}, {"another", a, b}} {
		c := oneRecord(texts...)
		want, _ := enginetest.Oracle(c.Tables, c.Options)
		for _, exact := range []bool{false, true} {
			c.Options.Exact = exact
			got, sum := answer(t, c, plain(c))
			if found := enginetest.Diff(got.Findings, want) == ""; found != exact || sum.Exact != exact {
				t.Errorf("%d levels, exact %v: found is %v", len(texts), exact, found)
			}
		}
	}
}

// TestExactParted compares texts with one XXH64 of a key that a level holds so often that what is seen of it is parted.
func TestExactParted(t *testing.T) {
	a, b := collision(t)
	c := oneRecord("another", a, b)
	for i := range 3000 {
		for column, cell := range []any{int64(1), fmt.Sprint("text ", i)} {
			column := &c.Tables[0].Columns[column]
			column.Cells = append(column.Cells, cell)
		}
	}
	want, _ := enginetest.Oracle(c.Tables, c.Options)
	c.Options.Exact = true
	v := plain(c)
	v.Layouts[0].PartRows = 100
	for _, memory := range []int64{1 << 20, 1 << 16} { // more and less than what is seen takes
		c.Options = engine.ForceSpill(c.Options, 4, memory)
		got, sum := answer(t, c, v)
		if d := enginetest.Diff(got.Findings, want); d != "" {
			t.Errorf("%d bytes: %s", memory, d)
		}
		if passes := sum.Phases[0].Rows / 3003; passes > 4 != (memory == 1<<16) {
			t.Errorf("%d bytes: %d passes", memory, passes)
		}
	}
}

// TestExactSums compares rows whose fields were chosen so that what two of them add to the fingerprints is the same in both: alone, and, with syndromes
// that are the same too, beside a third field that differs and seems to explain all.
func TestExactSums(t *testing.T) {
	hash := func(field int, x int64) uint64 { // as record.Hasher makes it of integers
		return record.Mix(uint64(x) ^ record.Mix(uint64(field)*0x9e3779b97f4a7c15+0x2545f4914f6cdd1d))
	}
	salt := func(field int) int64 { return int64(record.KeyOf(hash(field, 0), 0).Lo) }
	rng := rand.New(rand.NewPCG(6, 6))
	of := func(field int, hash uint64) int64 { return int64(record.KeyOf(hash, 0).Lo) ^ salt(field) }
	a := [3]int64{rng.Int64(), rng.Int64()}
	const apart = 12345 << 32 // of which syndromes see nothing
	b := [3]int64{of(0, hash(0, a[0])-apart), of(1, hash(1, a[1])+apart)}
	for third := range int64(2) {
		b[2] = third
		c := enginetest.Case{Options: engine.Options{Key: []engine.Field{{Name: "id", Type: record.Int}}}}
		for f := range 3 {
			c.Options.Fields = append(c.Options.Fields, engine.Field{Name: fmt.Sprint("f", f), Type: record.Int})
		}
		for l, row := range [][3]int64{a, b} {
			table := enginetest.Table{Name: string(rune('a' + l)), Columns: []enginetest.Column{{Name: "id", Type: arrow.PrimitiveTypes.Int64, Cells: []any{int64(1)}}}}
			for f, x := range row {
				table.Columns = append(table.Columns, enginetest.Column{Name: fmt.Sprint("f", f), Type: arrow.PrimitiveTypes.Int64, Cells: []any{x}})
			}
			c.Tables = append(c.Tables, table)
		}
		want, _ := enginetest.Oracle(c.Tables, c.Options)
		for _, exact := range []bool{false, true} {
			c.Options.Exact = exact
			got, _ := answer(t, c, plain(c))
			if found := enginetest.Diff(got.Findings, want) == ""; found != exact {
				t.Errorf("third field %d, exact %v: found is %v, of %d findings %d", third, exact, found, len(want), len(got.Findings))
			}
		}
	}
}

// collision makes two texts of 64 letters and signs with one XXH64. The first 8 of each 32 bytes go into one of its four sums by
// sum = rotl(sum + word·p2, 31)·p1, and nothing else does, so the second word makes good what the first one changes.
func collision(t *testing.T) (string, string) {
	const p1, p2 uint64 = 11400714785074694791, 14029467366897019727
	inverse := uint64(1) // of p2, by Newton's method
	for range 6 {
		inverse *= 2 - p2*inverse
	}
	start := p1
	start += p2
	round := func(word uint64) uint64 { return bits.RotateLeft64(start+word*p2, 31) * p1 }
	rng := rand.New(rand.NewPCG(5, 5))
	draw := func(b []byte) {
		for i := range b {
			b[i] = byte('a' + rng.IntN(26))
		}
	}
	first := make([]byte, 64)
	draw(first)
	second := bytes.Clone(first)
	le := binary.LittleEndian
	for range 1 << 20 {
		draw(second[:8])
		word := le.Uint64(first[32:]) + (round(le.Uint64(first))-round(le.Uint64(second)))*inverse
		le.PutUint64(second[32:], word)
		if !bytes.ContainsFunc(second, func(r rune) bool { return r < '!' || r > '~' }) {
			break
		}
	}
	if xxhash.Sum64(first) != xxhash.Sum64(second) || bytes.Equal(first, second) {
		t.Fatal("the texts do not have one XXH64")
	}
	return string(first), string(second)
}
