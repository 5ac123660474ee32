package report

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"crosscheck/engine/verdict"
)

// keyed gives findings whose records have keys as a shelf takes them, in the order in which they were drawn, and the same sorted by key, which is text.
func keyed(s shape) (drawn, sorted []verdict.Finding) {
	r := rand.New(rand.NewPCG(s.seed, 7))
	drawn = s.random()
	var old, key []byte
	for i := range drawn {
		if i == 0 || !bytes.Equal(drawn[i].Key, old) {
			old, key = drawn[i].Key, []byte{}
			if len(old) > 0 {
				key = binaryKey(r)
			}
		}
		drawn[i].Key = key
	}
	sorted = slices.Clone(drawn)
	slices.SortStableFunc(sorted, func(a, b verdict.Finding) int { return bytes.Compare(a.Key, b.Key) })
	for i, f := range sorted {
		sorted[i].Key = []byte{}
		if len(f.Key) > 0 {
			sorted[i].Key = hexKey(nil, f.Key)
		}
	}
	return drawn, sorted
}

func hexKey(dst, key []byte) []byte { return hex.AppendEncode(dst, key) }

func binaryKey(r *rand.Rand) []byte {
	b := make([]byte, 16)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	if r.IntN(4) == 0 { // only its end tells it from others
		clear(b[:10])
	}
	return b
}

// TestShelf holds that findings come back as they were, in the order of their keys, whether they moved to the file or not and however many
// goroutines packed them.
func TestShelf(t *testing.T) {
	for _, s := range shapes {
		for _, c := range []struct{ limit, room int }{{1, 0}, {300, 0}, {300, 50_000}, {300, 1 << 20}, {stackBytes, 0}} {
			t.Run(fmt.Sprintf("findings=%d/levels=%d/limit=%d/room=%d", s.findings, s.levels, c.limit, c.room), func(t *testing.T) {
				drawn, want := keyed(s)
				dir := t.TempDir()
				shelf := NewShelf(dir, c.room, hexKey)
				shelf.limit = c.limit
				var workers sync.WaitGroup
				const some = 3
				for worker := range some {
					workers.Go(func() {
						pack, record := shelf.NewPack(), 0
						for from, i := 0, 1; i <= len(drawn); i++ {
							if i < len(drawn) && bytes.Equal(drawn[i].Key, drawn[from].Key) {
								continue
							}
							mine := drawn[from:i]
							from = i
							if record++; len(mine[0].Key) == 0 && worker > 0 || len(mine[0].Key) > 0 && record%some != worker {
								continue // those without a key keep their order, so one has them all
							}
							if err := pack.Begin(mine[0].Key); err != nil {
								t.Error(err)
							}
							for j := range mine {
								pack.Add(&mine[j])
							}
							if err := pack.End(); err != nil {
								t.Error(err)
							}
						}
					})
				}
				workers.Wait()
				if left, _ := os.ReadDir(dir); len(left) > 0 {
					t.Errorf("%s lies in the folder", left[0].Name())
				}
				var got []verdict.Finding
				var u unpacker
				r := rand.New(rand.NewPCG(s.seed, 8))
				err := shelf.each(s.levels, s.carry, func(b *sortedBoard) error {
					for first := 0; first < b.size(); { // as pages are cut: anywhere
						n := min(b.size()-first, 1+r.IntN(3*batchRows))
						b.batches(first, n, &u, func(run []verdict.Finding) {
							if len(run) > batchRows {
								t.Fatalf("a batch of %d findings", len(run))
							}
							got = append(got, detach(run)...)
						})
						first += n
					}
					b.done()
					return nil
				})
				if err := errors.Join(err, shelf.Close()); err != nil {
					t.Fatal(err)
				}
				if len(got) != len(want) {
					t.Fatalf("%d findings, want %d", len(got), len(want))
				}
				for i := range want {
					if s.carry == 0 {
						want[i].Carry = nil // a list of none is none
					}
					if !reflect.DeepEqual(got[i], want[i]) {
						t.Fatalf("finding %d:\n%+v, want\n%+v", i, got[i], want[i])
					}
				}
			})
		}
	}
}

func TestShelfFaults(t *testing.T) {
	shelf := NewShelf(filepath.Join(t.TempDir(), "nowhere"), 0, hexKey)
	shelf.limit = 1
	pack := shelf.NewPack()
	for _, key := range []string{"9", "99010119900101006X", strings.Repeat("0", 256)} {
		if err := pack.Begin([]byte(key)); err == nil {
			t.Errorf("%q was taken for a key", key)
		} else if strings.Contains(err.Error(), key) {
			t.Error(err)
		}
	}
	var err error
	for range 2 { // the first one has room
		if err = pack.Begin(make([]byte, KeyLen)); err != nil {
			t.Fatal(err)
		}
		pack.Add(&verdict.Finding{})
		err = pack.End()
	}
	if failed := (*WriteError)(nil); !errors.As(err, &failed) {
		t.Error(err)
	}
	if err := shelf.Close(); err != nil {
		t.Error(err)
	}
}

// TestFilesOnly holds that a table of files without rows has none.
func TestFilesOnly(t *testing.T) {
	s := shapes[3]
	h := s.header()
	h.FilesOnly = true
	h.Files = []string{"f.csv"}
	h.Locate = func(l int, ref uint32) (int, int64) { return 0, int64(ref) }
	pf := open(t, write(t, "r.parquet", h, blocks(s.random(), 999, 1), Options{Metadata: map[string]string{"crosscheck.tier": "internal"}}))
	if tier, _ := pf.Lookup("crosscheck.tier"); tier != "internal" {
		t.Errorf("crosscheck.tier is %q", tier)
	}
	some := false
	for _, row := range rows(t, pf) {
		for l := range h.Levels {
			at := slices.IndexFunc(pf.Schema().Columns(), func(c []string) bool { return c[0] == "source_"+h.Levels[l] })
			if v := row[at]; v != nil && v != "f.csv" {
				t.Fatalf("source %v", v)
			} else if v != nil {
				some = true
			}
		}
	}
	if !some {
		t.Error("no source at all")
	}
}
