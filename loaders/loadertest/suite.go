package loadertest

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Run checks the loader of a format, each promise in a subtest of its own.
func Run(t *testing.T, f Format) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if err := runCheck(t, f, c); err != nil {
				t.Error(err)
			}
		})
	}
}

// check is one promise. run returns what is wrong, so that the suite can itself be tested on loaders that are wrong.
type check struct {
	name string
	run  func(*env) error
}

func runCheck(t testing.TB, f Format, c check) error {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	if err := c.run(&env{t: t, f: f, dir: t.TempDir(), mem: mem}); err != nil {
		return err
	}
	if n := mem.CurrentAlloc(); n != 0 {
		return fmt.Errorf("%d bytes of Arrow buffers were not released", n)
	}
	return nil
}

// env is what a check works with.
type env struct {
	t   testing.TB
	f   Format
	dir string
	mem *memory.CheckedAllocator
}

// defaultBatch is small, so that tables of a few hundred rows come in several batches.
const defaultBatch = 64

// write writes the tables, one file each, named so that name order is the order given. It gives the paths in that order and the table that a
// source of them should hold.
func (e *env) write(tables []Table) (paths []string, want Table) {
	for i, table := range tables {
		if e.f.AllText {
			table = table.asText()
		}
		path := filepath.Join(e.dir, fmt.Sprintf("part-%05d%s", i, e.f.Ext))
		e.f.Write(e.t, path, table)
		paths = append(paths, path)

		if e.f.EmptyIsNull {
			table = table.emptyToNull()
		}
		if i == 0 {
			want = table.slice(0, table.Rows())
			continue
		}
		for c := range want.Columns {
			want.Columns[c].Values = slices.Concat(want.Columns[c].Values, table.Columns[c].Values)
		}
	}
	return paths, want
}

// open opens files, given in name order, the last first.
func (e *env) open(paths []string, batchRows int) (level.Source, error) {
	backwards := slices.Clone(paths)
	slices.Reverse(backwards)
	s, err := e.f.Open(backwards, batchRows, e.mem)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return s, nil
}

// level writes the tables and opens them. It gives the source, the paths in name order and the table that the source should hold.
func (e *env) level(batchRows int, tables ...Table) (s level.Source, paths []string, want Table, err error) {
	paths, want = e.write(tables)
	s, err = e.open(paths, batchRows)
	return s, paths, want, err
}

// same writes the tables as a level and, in batches of each size, opens it, reads all of it and compares.
func (e *env) same(batches []int, tables ...Table) error {
	paths, want := e.write(tables)
	for _, batchRows := range batches {
		if err := e.holds(paths, batchRows, want); err != nil {
			return fmt.Errorf("batches of %d rows: %w", batchRows, err)
		}
	}
	return nil
}

// holds reads all of the files and compares.
func (e *env) holds(paths []string, batchRows int, want Table) (err error) {
	s, err := e.open(paths, batchRows)
	if err != nil {
		return err
	}
	defer closeSource(s, &err)
	got, rows, err := readAll(s, allColumns(s), batchRows)
	if err != nil {
		return err
	}
	return compare(got, rows, want, allColumns(s))
}

// closeSource closes s and reports its error unless there is an earlier one.
func closeSource(s level.Source, err *error) {
	if cerr := s.Close(); cerr != nil && *err == nil {
		*err = fmt.Errorf("close: %w", cerr)
	}
}

// sameSchema holds a source's schema against the table's.
func sameSchema(got *arrow.Schema, want Table) error {
	if got.NumFields() != len(want.Columns) {
		return fmt.Errorf("the schema has %d columns, want %d", got.NumFields(), len(want.Columns))
	}
	for i, c := range want.Columns {
		if f := got.Field(i); f.Name != c.Name {
			return fmt.Errorf("column %d of the schema is %q, want %q", i, f.Name, c.Name)
		} else if !arrow.TypeEqual(f.Type, c.Type) {
			return fmt.Errorf("column %q of the schema is %s, want %s", f.Name, f.Type, c.Type)
		}
	}
	return nil
}
