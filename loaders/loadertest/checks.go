package loadertest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
)

// checks are the promises, the simple ones first.
var checks = []check{
	{"schema", checkSchemas},
	{"parts", checkParts},
	{"projections", checkProjections},
	{"batches", checkBatches},
	{"unicode", func(e *env) error { return e.same([]int{7}, hanTable()) }},
	{"lengths", func(e *env) error { return e.same([]int{5}, lengthTable()) }},
	{"nulls", checkNulls},
	{"empty", checkEmpty},
	{"many_files", checkManyFiles},
	{"sample", checkSample},
	{"again", checkAgain},
	{"concurrent", checkConcurrent},
	{"retained", checkRetained},
	{"half_read", checkHalfRead},
	{"cancelled", checkCancelled},
	{"missing_file", checkMissingFile},
	{"changed_file", checkChangedFile},
}

func checkSchemas(e *env) (err error) {
	s, _, want, err := e.level(defaultBatch, typed(10, 1))
	if err != nil {
		return err
	}
	defer closeSource(s, &err)
	return sameSchema(s.Schema(), want)
}

// checkParts: files in name order whatever the order given, rows of a file numbered from 1 without a gap, Rows exact, Modified as the system says.
func checkParts(e *env) (err error) {
	s, paths, want, err := e.level(defaultBatch, typed(500, 1), typed(1, 2), typed(300, 3))
	if err != nil {
		return err
	}
	defer closeSource(s, &err)
	file, next := -1, int64(1)
	for i, p := range s.Parts() {
		if file < 0 || p.File != paths[file] {
			file, next = file+1, 1
			if file == len(paths) || p.File != paths[file] {
				return fmt.Errorf("part %d is of %s, which is not the next file by name", i, p.File)
			}
		}
		if p.FirstRow != next {
			return fmt.Errorf("part %d of %s starts at row %d, want %d", i, p.File, p.FirstRow, next)
		}
		if p.Bytes < 0 {
			return fmt.Errorf("part %d of %s has %d bytes", i, p.File, p.Bytes)
		}
		if info, err := os.Stat(p.File); err != nil || !p.Modified.IsZero() && !p.Modified.Equal(info.ModTime()) {
			return fmt.Errorf("part %d of %s was modified at another time than its file, or %v", i, p.File, err)
		}
		_, rows, err := readPart(context.Background(), s, i, allColumns(s), defaultBatch)
		if err != nil {
			return err
		}
		if rows != p.Rows {
			return fmt.Errorf("part %d of %s says %d rows and has %d", i, p.File, p.Rows, rows)
		}
		next += rows
	}
	if file != len(paths)-1 {
		return fmt.Errorf("the parts name %d of %d files", file+1, len(paths))
	}
	got, rows, err := readAll(s, allColumns(s), defaultBatch)
	if err != nil {
		return err
	}
	return compare(got, rows, want, allColumns(s))
}

// checkProjections: no column, every column alone, every ordered pair, all of them forwards, backwards and rotated.
func checkProjections(e *env) (err error) {
	s, _, want, err := e.level(defaultBatch, typed(130, 4), typed(20, 5))
	if err != nil {
		return err
	}
	defer closeSource(s, &err)
	n := s.Schema().NumFields()
	projections := [][]int{{}}
	for i := range n {
		rotated := make([]int, n)
		backwards := make([]int, 0, n)
		for j := range n {
			rotated[j] = (i + j) % n
			if i != j {
				projections = append(projections, []int{i, j})
			}
			if n-1-j >= i {
				backwards = append(backwards, n-1-j)
			}
		}
		projections = append(projections, []int{i}, rotated, backwards)
	}
	for _, columns := range projections {
		got, rows, err := readAll(s, columns, defaultBatch)
		if err == nil {
			err = compare(got, rows, want, columns)
		}
		if err != nil {
			return fmt.Errorf("columns %v: %w", columns, err)
		}
	}
	return nil
}

func checkBatches(e *env) error {
	return e.same([]int{1, 2, 7, 8, 9, 63, 64, 65, 1000, 1 << 20}, typed(150, 6), typed(64, 7))
}

func checkNulls(e *env) error { return e.same([]int{1, 8, 13, 64, 1000}, nullTable()) }

// checkEmpty: a table without rows has its schema and reads as nothing; empty files among others do no harm.
func checkEmpty(e *env) (err error) {
	s, _, want, err := e.level(defaultBatch, typed(0, 1))
	if err != nil {
		return err
	}
	if err := sameSchema(s.Schema(), want); err != nil {
		return errors.Join(err, s.Close())
	}
	_, rows, err := readAll(s, allColumns(s), defaultBatch)
	closeSource(s, &err)
	if err != nil {
		return err
	}
	if rows != 0 {
		return fmt.Errorf("an empty table has %d rows", rows)
	}
	return e.same([]int{defaultBatch}, typed(0, 1), typed(70, 2), typed(0, 3), typed(1, 4), typed(0, 5))
}

func checkManyFiles(e *env) error {
	tables := make([]Table, 101)
	for i := range tables {
		tables[i] = typed(1+i%5, uint64(i))
	}
	return e.same([]int{defaultBatch}, tables...)
}

// checkSample: what parts begin with are their first rows, as many as are asked for where a batch has them; a sample is that of the first part that has
// some.
func checkSample(e *env) (err error) {
	s, _, want, err := e.level(defaultBatch, typed(0, 1), typed(90, 2), typed(10, 3))
	if err != nil {
		return err
	}
	defer closeSource(s, &err)
	for _, columns := range [][]int{allColumns(s), {3}, {2, 0}} {
		for _, rows := range []int{1, 10, defaultBatch, 1000} {
			batch, part, err := level.Sample(context.Background(), s, columns, rows)
			if err != nil {
				return err
			}
			if batch == nil {
				return errors.New("there is no sample of a level with rows")
			}
			if err := checkBeginning(batch, s.Parts()[part].Rows, rows, want, columns); err != nil {
				return err
			}
			first := 0
			for part, p := range s.Parts() {
				batch, err := level.Begin(context.Background(), s, part, columns, rows)
				if err != nil {
					return err
				}
				if batch == nil && p.Rows > 0 {
					return fmt.Errorf("part %d, of %d rows, has no beginning", part, p.Rows)
				}
				if batch != nil {
					if err := checkBeginning(batch, p.Rows, rows, want.slice(first, want.Rows()), columns); err != nil {
						return err
					}
				}
				first += int(p.Rows)
			}
		}
	}
	return nil
}

// checkBeginning releases a batch with the first rows of a part, of which some were asked for.
func checkBeginning(batch arrow.Record, of int64, rows int, want Table, columns []int) error {
	defer batch.Release()
	got, err := appendBatch(make([][]any, len(columns)), batch)
	n := batch.NumRows()
	if fewest := min(int64(rows), defaultBatch, of); n < fewest {
		return fmt.Errorf("a sample of %d rows has %d, want %d", rows, n, fewest)
	}
	if err := errors.Join(err, compare(got, n, want.slice(0, int(n)), columns)); err != nil {
		return fmt.Errorf("a sample of %d rows: %w", rows, err)
	}
	return nil
}

// checkAgain: a part read a second time, also after others, gives the same rows.
func checkAgain(e *env) (err error) {
	s, _, want, err := e.level(defaultBatch, typed(400, 8), typed(400, 99))
	if err != nil {
		return err
	}
	defer closeSource(s, &err)
	for range 3 {
		got, rows, err := readAll(s, allColumns(s), defaultBatch)
		if err != nil {
			return err
		}
		if err := compare(got, rows, want, allColumns(s)); err != nil {
			return err
		}
	}
	return nil
}

// checkConcurrent: readers of the same and of different parts do not disturb one another.
func checkConcurrent(e *env) (err error) {
	s, _, want, err := e.level(defaultBatch, typed(400, 9), typed(200, 10))
	if err != nil {
		return err
	}
	defer closeSource(s, &err)
	errs := make([]error, 6)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			columns := allColumns(s)[i%3:]
			got, rows, err := readAll(s, columns, defaultBatch)
			if err == nil {
				err = compare(got, rows, want, columns)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// checkMissingFile: a file that is not there is an input error that names it, also among files that are.
func checkMissingFile(e *env) error {
	s, paths, _, err := e.level(defaultBatch, typed(3, 1))
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	missing := filepath.Join(e.dir, "zz-missing"+e.f.Ext)
	for _, paths := range [][]string{{missing}, append(paths, missing)} {
		s, err := e.f.Open(paths, defaultBatch, e.mem)
		if err == nil {
			return errors.Join(errors.New("a missing file is opened without an error"), s.Close())
		}
		if err := inputError(err, missing); err != nil {
			return err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return errors.New("the error of a missing file is not fs.ErrNotExist")
		}
	}
	return nil
}

// checkChangedFile: a file cut short after Open is an input error of some part, never a panic or wrong rows.
func checkChangedFile(e *env) (err error) {
	s, paths, _, err := e.level(defaultBatch, typed(400, 11))
	if err != nil {
		return err
	}
	defer closeSource(s, &err)
	info, err := os.Stat(paths[0])
	if err != nil {
		return err
	}
	if err := os.Truncate(paths[0], info.Size()/2); err != nil {
		return err
	}
	_, _, err = readAll(s, allColumns(s), defaultBatch)
	if err == nil {
		return errors.New("a file cut to half its size after Open reads without an error")
	}
	return inputError(err, paths[0])
}

// inputError says what is wrong with an error that should be a *level.InputError about the file.
func inputError(err error, file string) error {
	var in *level.InputError
	switch {
	case !errors.As(err, &in):
		return fmt.Errorf("the error is a %T, want a *level.InputError: %w", err, err)
	case in.File != file:
		return fmt.Errorf("the error names file %q, want %q", in.File, file)
	case in.Msg == "" && in.Err == nil:
		return errors.New("the error says nothing")
	}
	return nil
}
