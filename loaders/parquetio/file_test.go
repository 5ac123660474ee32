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

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
)

// manyFiles writes a level of so many files that they do not stay open, one value each.
func manyFiles(t *testing.T) (paths, values []string) {
	t.Helper()
	dir := t.TempDir()
	for i := range keptOpen + 3 {
		values = append(values, fmt.Sprintf("v%d", i))
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("%04d.parquet", i)))
		leaf(t, paths[i], parquet.Optional(parquet.String()), parquet.ValueOf(values[i]))
	}
	return paths, values
}

// TestManyFiles: files that do not stay open are read, and one that was replaced meanwhile is an error, not other rows.
func TestManyFiles(t *testing.T) {
	paths, values := manyFiles(t)
	if _, texts, err := readColumn(t, paths...); err != nil || !slices.Equal(texts, values) {
		t.Fatalf("%d values of %d, %v", len(texts), len(values), err)
	}
	s, err := Open(paths, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	leaf(t, paths[7]+".new", parquet.Optional(parquet.String()), parquet.ValueOf("w7"))
	if err := os.Rename(paths[7]+".new", paths[7]); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(paths[8]); err != nil {
		t.Fatal(err)
	}
	for part, want := range map[int]string{7: "replaced or changed", 8: "cannot be opened"} {
		_, err := s.Read(context.Background(), part, []int{0})
		var in *level.InputError
		if !errors.As(err, &in) || in.File != paths[part] || !strings.Contains(err.Error(), want) {
			t.Errorf("part %d: %v", part, err)
		}
	}
}

// TestReadAhead: chunks that are read at once hold what they hold one by one, and large or scattered ones are not read at once.
func TestReadAhead(t *testing.T) {
	content := make([]byte, 3*mostAhead)
	for i := range content {
		content[i] = byte(i * 7)
	}
	file := strings.NewReader(string(content))
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
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
		a := readAhead(file, test.chunks, mem)
		if len(a.data) != test.atOnce {
			t.Errorf("%s: %d bytes were read at once, want %d", name, len(a.data), test.atOnce)
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
		if a.data != nil {
			mem.Free(a.data)
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
