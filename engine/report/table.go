package report

import (
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// WriteTable writes rows as a Parquet file of one row group, columns named by the `parquet` tags of T in the order of its fields,
// with the conventions of all reports. Of the options it looks at Mode, Temp, Encrypt and Wrote. Errors are ErrOptions, for a type that not every
// reader has, or a *WriteError.
func WriteTable[T any](path string, rows []T, opt Options) error {
	if err := readable[T](); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	f, err := createFile(path, opt)
	if err != nil {
		return err
	}
	w := parquet.NewGenericWriter[T](f, conventions, settings(func(c *parquet.WriterConfig) {
		c.KeyValueMetadata = map[string]string{"crosscheck.schema": schemaVersion}
	}))
	if _, err = w.Write(rows); err == nil {
		err = w.Close()
	}
	if err != nil {
		f.discard()
		return f.wrapped(err)
	}
	if err := f.publish(); err != nil {
		return err
	}
	opt.wrote(int64(len(rows)))
	return nil
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
