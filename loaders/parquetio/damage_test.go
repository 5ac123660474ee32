package parquetio

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/level"
	"crosscheck/loaders/loadertest"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// smallFile is the bytes of a file of some rows in a style.
func smallFile(t testing.TB, s style) []byte {
	t.Helper()
	values := func(f func(i int) any) []any {
		out := make([]any, 40)
		for i := range out {
			if i%7 != 3 {
				out[i] = f(i)
			}
		}
		return out
	}
	path := filepath.Join(t.TempDir(), "small.parquet")
	s.write(t, path, loadertest.Table{Columns: []loadertest.Column{
		{Name: "text", Type: arrow.BinaryTypes.String, Values: values(func(i int) any { return strings.Repeat("x", i) })},
		{Name: "word", Type: arrow.BinaryTypes.String, Values: values(func(i int) any { return []string{"a", "bb", "ccc"}[i%3] })},
		{Name: "number", Type: arrow.PrimitiveTypes.Int64, Values: values(func(i int) any { return int64(i) })},
		{Name: "flag", Type: arrow.FixedWidthTypes.Boolean, Values: values(func(i int) any { return i%2 == 0 })},
	}})
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// readDamaged reads a file that may hold anything, some rows of it and all of them: it gives an error or rows, never a panic or a leak.
func readDamaged(t testing.TB, path string, whole int64) error {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	s, err := Open([]string{path}, Options{BatchRows: 16, Allocator: mem, whole: whole})
	if err != nil {
		return err
	}
	defer s.Close()
	columns := make([]int, s.Schema().NumFields())
	for i := range columns {
		columns[i] = i
	}
	var errs []error
	for part := range s.Parts() {
		if batch := s.begin(context.Background(), part, columns, beginning{10, 60}); batch != nil {
			touch(batch)
			batch.Release()
		}
		for _, rows := range [][]uint32{{2, 17, 18, 39}, nil} {
			r, err := s.Read(context.Background(), part, columns)
			if err != nil {
				return errors.Join(append(errs, err)...)
			}
			if rows != nil {
				r.(level.Picker).Pick(slices.Repeat([][]uint32{rows}, len(columns)))
			}
			for r.Next() {
				touch(r.Record())
			}
			errs = append(errs, r.Err())
			r.Release()
		}
	}
	return errors.Join(errs...)
}

// touch touches what the values of a batch point at.
func touch(batch arrow.Record) {
	for _, c := range batch.Columns() {
		for i := range c.Len() {
			c.ValueStr(i)
		}
	}
}

// TestDamage cuts small files at many lengths, all the short ones among them, and changes single bytes.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(5, 5))
	for _, s := range styles {
		if s.version == 1 && s.codec == nil && s.name != "plain" {
			continue
		}
		whole := smallFile(t, s)
		path := filepath.Join(dir, s.name+".parquet")
		check := func(what string, at int, damaged []byte, mustFail bool) {
			t.Helper()
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			err := readDamaged(t, path, int64(at%2*60)) // page by page or not
			var input *level.InputError
			if err != nil && (!errors.As(err, &input) || input.File != path) {
				t.Fatalf("%s: %s at byte %d: the error is no InputError with the file: %v", s.name, what, at, err)
			}
			if err == nil && mustFail {
				t.Fatalf("%s: %s at byte %d goes unnoticed", s.name, what, at)
			}
		}
		for n := 0; n < len(whole); n += 1 + n/40 {
			check("cut", n, whole[:n], true)
		}
		for range 300 {
			damaged := append([]byte(nil), whole...)
			at := rng.IntN(len(damaged))
			damaged[at] ^= byte(1 + rng.IntN(255))
			check("a changed byte", at, damaged, false)
		}
	}
}

func FuzzDamage(f *testing.F) {
	for _, s := range styles {
		f.Add(smallFile(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "f.parquet")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		readDamaged(t, path, 0)
		readDamaged(t, path, 1)
	})
}

func TestOpenFaults(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, columns ...loadertest.Column) string {
		path := filepath.Join(dir, name)
		styles[0].write(t, path, loadertest.Table{Columns: columns})
		return path
	}
	text := func(name string) loadertest.Column {
		return loadertest.Column{Name: name, Type: arrow.BinaryTypes.String, Values: []any{"x"}}
	}
	number := loadertest.Column{Name: "b", Type: arrow.PrimitiveTypes.Int64, Values: []any{int64(1)}}
	ab := write("1-ab.parquet", text("a"), text("b"))
	noise := filepath.Join(dir, "noise.parquet")
	if err := os.WriteFile(noise, []byte("this is not a Parquet file"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		paths []string
		want  string
	}{
		{"missing", []string{filepath.Join(dir, "none.parquet")}, "none.parquet: the file cannot be opened: no such file"},
		{"a folder", []string{dir}, "the file cannot be read"},
		{"noise", []string{noise}, "noise.parquet: this is no whole Parquet file"},
		{"a column less", []string{ab, write("2-a.parquet", text("a"))}, `2-a.parquet: column "b": the file lacks a column`},
		{"a column more", []string{write("0-a.parquet", text("a")), ab}, `0-a.parquet: column "b": the file lacks a column`},
		{"another type", []string{ab, write("3-ab.parquet", text("a"), number)}, `3-ab.parquet: column "b": the column is int64`},
	} {
		_, err := Open(c.paths, Options{})
		var input *level.InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
