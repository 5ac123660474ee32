package report

import (
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// Table is a Parquet file under way whose columns are named by the `parquet` tags of T, in the order of its fields, with the conventions of all
// reports. It is for one goroutine.
type Table[T any] struct {
	file *file
	w    *parquet.GenericWriter[T]
	opt  Options
	rows int64
}

// CreateTable begins a table. Of the options it looks at Mode, Temp, Staged, Encrypt, Sum and Wrote. Errors, here and below, are ErrOptions, for a type that not
// every reader has, or a *WriteError.
func CreateTable[T any](path string, opt Options) (*Table[T], error) {
	return createTable[T](path, opt, pageBytes)
}

// createTable is CreateTable with pages of up to so many bytes, for which the library makes room in each column before there is a row.
func createTable[T any](path string, opt Options, page int) (*Table[T], error) {
	if err := readable[T](); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f, err := createFile(path, opt)
	if err != nil {
		return nil, err
	}
	return &Table[T]{file: f, opt: opt, w: parquet.NewGenericWriter[T](f, conventions, settings(func(c *parquet.WriterConfig) {
		c.PageBufferSize = page
		c.KeyValueMetadata = map[string]string{"crosscheck.schema": schemaVersion}
	}))}, nil
}

// tableGroup is how many rows make a row group of a table.
const tableGroup = 1 << 17

// Write adds rows.
func (t *Table[T]) Write(rows []T) error {
	_, err := t.w.Write(rows)
	before := t.rows / tableGroup
	if t.rows += int64(len(rows)); err == nil && t.rows/tableGroup > before {
		err = t.w.Flush()
	}
	if err != nil {
		return t.file.wrapped(err)
	}
	return nil
}

// Close publishes the table.
func (t *Table[T]) Close() error {
	f := t.file
	t.file = nil
	if err := t.w.Close(); err != nil {
		f.discard()
		return f.wrapped(err)
	}
	if err := f.publish(); err != nil {
		return err
	}
	t.opt.wrote(t.rows)
	return nil
}

// Abort leaves nothing of a table that is not closed.
func (t *Table[T]) Abort() {
	if t.file != nil {
		t.file.discard()
		t.file = nil
	}
}

// WriteTable writes rows as a table; see CreateTable. Where they are few it makes room for few: a table of 40 columns would begin with 40 MB.
func WriteTable[T any](path string, rows []T, opt Options) error {
	t, err := createTable[T](path, opt, min(pageBytes, 4<<10+64*len(rows)))
	if err != nil {
		return err
	}
	defer t.Abort()
	if err := t.Write(rows); err != nil {
		return err
	}
	return t.Close()
}

// readable says whether every reader has the column types of T: no unsigned integers, TIME, INT96 or nanoseconds.
func readable[T any]() (err error) {
	defer func() {
		// The library panics over a Go type that it has no Parquet type for.
		if r := recover(); r != nil {
			err = optionsError("%T is no table: %v", *new(T), r)
		}
	}()
	for _, column := range parquet.SchemaOf(*new(T)).Columns() {
		leaf, _ := parquet.SchemaOf(*new(T)).Lookup(column...)
		bad := leaf.Node.Type().Kind() == parquet.Int96
		if logical := leaf.Node.Type().LogicalType(); logical != nil {
			switch t := logical.Value.(type) {
			case *format.IntType:
				bad = !t.IsSigned
			case *format.TimeType:
				bad = true
			case *format.TimestampType:
				_, bad = t.Unit.Value.(*format.NanoSeconds)
			}
		}
		if bad {
			return optionsError("column %q has a type that not every reader knows: %v", column, leaf.Node.Type())
		}
	}
	return nil
}
