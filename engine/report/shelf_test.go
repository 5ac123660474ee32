package report

import (
	"bytes"
	"encoding/base32"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/verdict"
)

// keyed gives findings whose records have keys like pseudonyms, in the order in which they were drawn, and the same sorted by key.
func keyed(s shape) (drawn, sorted []verdict.Finding) {
	r := rand.New(rand.NewPCG(s.seed, 7))
	drawn = s.random()
	alphabet := base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)
	var old, key []byte
	for i := range drawn {
		if i == 0 || !bytes.Equal(drawn[i].Key, old) {
			old, key = drawn[i].Key, []byte{}
			if len(old) > 0 {
				key = []byte(alphabet.EncodeToString(binaryKey(r)))
			}
		}
		drawn[i].Key = key
	}
	sorted = slices.Clone(drawn)
	slices.SortStableFunc(sorted, func(a, b verdict.Finding) int { return bytes.Compare(a.Key, b.Key) })
	return drawn, sorted
}

func binaryKey(r *rand.Rand) []byte {
	b := make([]byte, 16)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestShelf holds that findings come back as they were, in the order of their keys, whether they moved to the file or not and however many
// packs they came in.
func TestShelf(t *testing.T) {
	for _, s := range shapes {
		for _, c := range []struct{ limit, room int }{{1, 0}, {300, 0}, {300, 50_000}, {300, 1 << 20}, {stackBytes, 0}} {
			t.Run(fmt.Sprintf("findings=%d/levels=%d/limit=%d/room=%d", s.findings, s.levels, c.limit, c.room), func(t *testing.T) {
				drawn, want := keyed(s)
				dir := t.TempDir()
				shelf := NewShelf(dir, c.room)
				shelf.limit = c.limit
				var pack Pack
				for i := range drawn {
					if i == 0 || !bytes.Equal(drawn[i].Key, drawn[i-1].Key) {
						if i%7 == 0 {
							if err := shelf.Take(&pack); err != nil {
								t.Fatal(err)
							}
						}
						if err := pack.Begin(drawn[i].Key); err != nil {
							t.Fatal(err)
						}
					}
					pack.Add(&drawn[i])
				}
				if err := shelf.Take(&pack); err != nil {
					t.Fatal(err)
				}
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
	var pack Pack
	for _, key := range []string{"9", "wx", "99010119900101006X "[0:1], "张三", "AB", strings.Repeat("0", 256)} {
		if err := pack.Begin([]byte(key)); err == nil {
			t.Errorf("%q was taken for a pseudonym", key)
		} else if strings.Contains(err.Error(), key) {
			t.Error(err)
		}
	}
	shelf := NewShelf(filepath.Join(t.TempDir(), "nowhere"), 0)
	shelf.limit = 1
	if err := pack.Begin([]byte("0123")); err != nil {
		t.Fatal(err)
	}
	pack.Add(&verdict.Finding{})
	var failed *WriteError
	if err := shelf.Take(&pack); !errors.As(err, &failed) {
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
