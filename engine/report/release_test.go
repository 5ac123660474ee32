package report

import (
	"bytes"
	"os"
	"slices"
	"sync/atomic"
	"testing"

	"crosscheck/engine/verdict"
)

// detach copies all that findings point to.
func detach(findings []verdict.Finding) []verdict.Finding {
	texts := func(of [][]byte) [][]byte {
		of = slices.Clone(of)
		for i := range of {
			of[i] = bytes.Clone(of[i])
		}
		return of
	}
	out := slices.Clone(findings)
	for i := range out {
		f := &out[i]
		f.Key, f.Consensus, f.Group = bytes.Clone(f.Key), bytes.Clone(f.Consensus), bytes.Clone(f.Group)
		f.Values, f.Carry, f.Rows = texts(f.Values), texts(f.Carry), slices.Clone(f.Rows)
	}
	return out
}

// scribble overwrites all that findings point to.
func scribble(findings []verdict.Finding) {
	for i := range findings {
		f := &findings[i]
		texts := append([][]byte{f.Key, f.Consensus, f.Group}, f.Values...)
		for _, text := range append(texts, f.Carry...) {
			for j := range text {
				text[j] = 0xff
			}
		}
		clear(f.Values)
		clear(f.Carry)
		clear(f.Rows)
	}
	clear(findings)
}

// TestBlocksAreReleased: every block is given back once, and what happens to its memory then does not reach the file.
func TestBlocksAreReleased(t *testing.T) {
	for _, name := range []string{"r.parquet", "r.csv", "r.jsonl"} {
		for _, s := range shapes {
			h := s.header()
			want, err := os.ReadFile(write(t, name, h, blocks(s.random(), 100_000, 1), small(1)))
			if err != nil {
				t.Fatal(err)
			}
			var released atomic.Int64
			all := blocks(s.random(), 170, s.seed)
			for _, b := range all {
				findings := detach(b.Findings)
				b.Findings = findings
				b.Release = func() { scribble(findings); released.Add(1) }
			}
			got, err := os.ReadFile(write(t, name, h, all, small(3)))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s, %v: the file depends on what happens to blocks that were released", name, s)
			}
			if n := released.Load(); n != int64(len(all)) {
				t.Errorf("%s, %v: %d of %d blocks were released", name, s, n, len(all))
			}
		}
	}
}
