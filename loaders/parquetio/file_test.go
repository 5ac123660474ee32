package parquetio

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/level"
	"crosscheck/engine/record"

	"github.com/parquet-go/parquet-go"
)

// manyFiles writes a level of files, one value each.
func manyFiles(t *testing.T) (paths, values []string) {
	t.Helper()
	dir := t.TempDir()
	for i := range 12 {
		values = append(values, fmt.Sprintf("v%d", i))
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("%04d.parquet", i)))
		leaf(t, paths[i], parquet.Optional(parquet.String()), parquet.ValueOf(values[i]))
	}
	return paths, values
}

// TestManyFiles: files are read that do not stay open, and one that was replaced meanwhile is an error, not other rows. One that stays open is read as it was.
func TestManyFiles(t *testing.T) {
	paths, values := manyFiles(t)
	if _, texts, err := readColumn(t, paths...); err != nil || !slices.Equal(texts, values) {
		t.Fatalf("%d values of %d, %v", len(texts), len(values), err)
	}
	open := &kept{most: 5}
	s, err := Open(paths, Options{kept: open})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(s.files, func(f *file) bool { return f.kept })
	if at < 0 || open.n.Load() != open.most {
		t.Fatalf("%d files stay open", open.n.Load())
	}
	var gone []int
	for part, f := range s.files {
		if !f.kept && len(gone) < 2 {
			gone = append(gone, part)
		}
	}
	for _, part := range []int{at, gone[0]} {
		leaf(t, paths[part]+".new", parquet.Optional(parquet.String()), parquet.ValueOf("w"))
		if err := os.Rename(paths[part]+".new", paths[part]); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(paths[gone[1]]); err != nil {
		t.Fatal(err)
	}
	for part := range paths {
		r, err := s.Read(context.Background(), part, []int{0})
		want := map[int]string{gone[0]: "replaced or changed", gone[1]: "cannot be opened"}[part]
		if want == "" {
			if err != nil || !r.Next() {
				t.Fatal(part, err)
			}
			if text, ok := record.AppendText(nil, r.Record().Column(0), 0); !ok || string(text) != values[part] {
				t.Errorf("part %d has another value", part)
			}
			r.Release()
			continue
		}
		var in *level.InputError
		if !errors.As(err, &in) || in.File != paths[part] || !strings.Contains(err.Error(), want) {
			t.Errorf("part %d: %v", part, err)
		}
	}
	if err := s.Close(); err != nil || open.n.Load() != 0 {
		t.Errorf("%d files stay open, %v", open.n.Load(), err)
	}
}

// TestFaultsCloseFiles: where one file of a level cannot be read, none of the others stays open.
func TestFaultsCloseFiles(t *testing.T) {
	paths, _ := manyFiles(t)
	if err := os.Truncate(paths[9], 30); err != nil {
		t.Fatal(err)
	}
	open := &kept{most: 100}
	if _, err := Open(paths, Options{kept: open}); err == nil || open.n.Load() != 0 {
		t.Errorf("%d files stay open, %v", open.n.Load(), err)
	}
}

// TestReadAhead: chunks that are read at once hold what they hold one by one, and large or scattered ones are not read at once.
func TestReadAhead(t *testing.T) {
	content := make([]byte, 3*mostAhead)
	for i := range content {
		content[i] = byte(i * 7)
	}
	file := strings.NewReader(string(content))
	for name, test := range map[string]struct {
		chunks []*chunkMeta
		atOnce int
	}{
		"close":     {[]*chunkMeta{{begin: 100, size: 50}, {begin: 10, size: 80}, {begin: 150, size: 30}}, 170},
		"one":       {[]*chunkMeta{{begin: 100, size: 50}}, 0},
		"scattered": {[]*chunkMeta{{begin: 0, size: 10}, {begin: 1000, size: 10}}, 0},
		"large":     {[]*chunkMeta{{begin: 0, size: mostAhead}, {begin: mostAhead, size: 1}}, 0},
		"beyond":    {[]*chunkMeta{{begin: 3*mostAhead - 10, size: 8}, {begin: 3*mostAhead - 2, size: 8}}, 0},
		"negative":  {[]*chunkMeta{{begin: -5, size: 8}, {begin: 3, size: 8}}, 0},
		"overflow":  {[]*chunkMeta{{begin: 1<<63 - 1, size: 8}, {begin: 3, size: 8}}, 0},
	} {
		a := readAhead(file, test.chunks, func(n int) []byte { return make([]byte, n) })
		if n := max(len(a.data)-slack, 0); n != test.atOnce {
			t.Errorf("%s: %d bytes were read at once, want %d", name, n, test.atOnce)
		}
		for _, c := range test.chunks {
			if got := a.chunk(c); test.atOnce > 0 && string(got) != string(content[c.begin:c.begin+c.size]) || test.atOnce == 0 && got != nil {
				t.Errorf("%s: other bytes at %d", name, c.begin)
			}
		}
		for _, at := range []int64{5, 99, 179, 180, 1000} {
			if a.chunk(&chunkMeta{begin: at, size: 10}) != nil && (at < 10 || at+10 > 180) {
				t.Errorf("%s: there are bytes at %d", name, at)
			}
		}
	}
}

// TestWideBatches: batches of wide rows are short.
func TestWideBatches(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wide.parquet")
	var rows []parquet.Value
	for i := range 2000 {
		rows = append(rows, parquet.ValueOf(strings.Repeat(fmt.Sprint(i%10), 10_000)))
	}
	leaf(t, path, parquet.Encoded(parquet.String(), &parquet.Plain), rows...)
	s, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Read(context.Background(), 0, []int{0})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	read := int64(0)
	for r.Next() {
		n := r.Record().NumRows()
		if n*10_000 > batchBytes*11/10 {
			t.Fatalf("a batch has %d rows of 10 kB", n)
		}
		read += n
	}
	if r.Err() != nil || read != 2000 {
		t.Errorf("%d rows, %v", read, r.Err())
	}
}
