package loadertest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// allColumns are the indexes of every column of the source.
func allColumns(s level.Source) []int {
	columns := make([]int, s.Schema().NumFields())
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// readPart reads the columns of one part to its end: a slice of values a column, and the number of rows. Every batch is
// checked against the contract.
func readPart(ctx context.Context, s level.Source, part int, columns []int, batchRows int) (values [][]any, rows int64, err error) {
	r, err := s.Read(ctx, part, columns)
	if err != nil {
		return nil, 0, err
	}
	return readRows(s, r, part, columns, batchRows)
}

// readRows reads what a reader gives that begins with a part, and releases it.
func readRows(s level.Source, r array.RecordReader, part int, columns []int, batchRows int) (values [][]any, rows int64, err error) {
	defer r.Release()
	if err := checkSchema(s, r.Schema(), columns); err != nil {
		return nil, 0, fmt.Errorf("part %d: the reader: %w", part, err)
	}
	values = make([][]any, len(columns))
	for batch := 0; r.Next(); batch++ {
		rec := r.Record()
		if err := checkSchema(s, rec.Schema(), columns); err != nil {
			return nil, 0, fmt.Errorf("part %d, batch %d: %w", part, batch, err)
		}
		if n := rec.NumRows(); n < 1 || n > int64(batchRows) {
			return nil, 0, fmt.Errorf("part %d, batch %d has %d rows, want 1 to %d", part, batch, n, batchRows)
		}
		rows += rec.NumRows()
		if values, err = appendBatch(values, rec); err != nil {
			return nil, 0, fmt.Errorf("part %d, batch %d: %w", part, batch, err)
		}
	}
	if err := r.Err(); err != nil {
		return nil, 0, err
	}
	if r.Next() {
		return nil, 0, fmt.Errorf("part %d: Next is true again after it was false", part)
	}
	return values, rows, nil
}

// readAll reads the columns of all parts, one after the other, and all of them as one where the source can.
func readAll(s level.Source, columns []int, batchRows int) (values [][]any, rows int64, err error) {
	values = make([][]any, len(columns))
	for part := range s.Parts() {
		v, n, err := readPart(context.Background(), s, part, columns, batchRows)
		if err != nil {
			return nil, 0, err
		}
		rows += n
		for c := range v {
			values[c] = append(values[c], v[c]...)
		}
	}
	if b, ok := s.(level.Bundler); ok && len(s.Parts()) > 1 {
		r, err := b.ReadBundle(context.Background(), 0, len(s.Parts()), columns)
		if err != nil {
			return nil, 0, err
		}
		bundled, n, err := readRows(s, r, 0, columns, batchRows)
		if err != nil {
			return nil, 0, err
		}
		if n != rows || !reflect.DeepEqual(bundled, values) {
			return nil, 0, errors.New("the parts read as one hold other rows than one by one")
		}
	}
	return values, rows, nil
}

// checkSchema holds the schema of a batch against the columns asked for.
func checkSchema(s level.Source, got *arrow.Schema, columns []int) error {
	if got.NumFields() != len(columns) {
		return fmt.Errorf("%d columns, want %d", got.NumFields(), len(columns))
	}
	for i, c := range columns {
		want := s.Schema().Field(c)
		if f := got.Field(i); f.Name != want.Name {
			return fmt.Errorf("column %d is %q, want %q", i, f.Name, want.Name)
		} else if !layoutOf(want.Type, f.Type) {
			return fmt.Errorf("column %q arrives as %s, which is no layout of %s", f.Name, f.Type, want.Type)
		}
	}
	return nil
}

// layoutOf says whether a batch may hold a column of the logical type in this layout.
func layoutOf(logical, layout arrow.DataType) bool {
	if d, ok := layout.(*arrow.DictionaryType); ok {
		if d.IndexType.ID() != arrow.INT32 {
			return false
		}
		layout = d.ValueType
	}
	if logical.ID() == arrow.STRING && layout.ID() == arrow.STRING_VIEW {
		return true
	}
	return arrow.TypeEqual(logical, layout)
}

func appendBatch(values [][]any, rec arrow.Record) ([][]any, error) {
	for c := range values {
		arr := rec.Column(c)
		if !arrow.TypeEqual(arr.DataType(), rec.Schema().Field(c).Type) {
			return nil, fmt.Errorf("column %q holds %s, its schema says %s", rec.ColumnName(c), arr.DataType(), rec.Schema().Field(c).Type)
		}
		if int64(arr.Len()) != rec.NumRows() {
			return nil, fmt.Errorf("column %q has %d values in a batch of %d rows", rec.ColumnName(c), arr.Len(), rec.NumRows())
		}
		nulls := 0
		for i := range arr.Len() {
			v, err := valueAt(arr, i)
			if err != nil {
				return nil, fmt.Errorf("column %q: %w", rec.ColumnName(c), err)
			}
			if v == nil {
				nulls++
			}
			values[c] = append(values[c], v)
		}
		if arr.NullN() != nulls {
			return nil, fmt.Errorf("column %q counts %d nulls and has %d", rec.ColumnName(c), arr.NullN(), nulls)
		}
	}
	return values, nil
}

// valueAt is value i of an array in the Go types of Column, copied out of the array's memory.
func valueAt(arr arrow.Array, i int) (any, error) {
	if arr.IsNull(i) {
		return nil, nil
	}
	switch a := arr.(type) {
	case *array.Dictionary:
		return valueAt(a.Dictionary(), a.GetValueIndex(i))
	case *array.String:
		return strings.Clone(a.Value(i)), nil
	case *array.StringView:
		return strings.Clone(a.Value(i)), nil
	case *array.Int32:
		return a.Value(i), nil
	case *array.Int64:
		return a.Value(i), nil
	case *array.Float64:
		return a.Value(i), nil
	case *array.Boolean:
		return a.Value(i), nil
	case *array.Date32:
		return a.Value(i), nil
	case *array.Timestamp:
		return a.Value(i), nil
	case *array.Decimal128:
		return a.Value(i), nil
	}
	return nil, fmt.Errorf("a %s array, which no table of the suite has", arr.DataType())
}

// compare holds values against the columns of the table, value by value; columns are indexes of both.
func compare(got [][]any, rows int64, want Table, columns []int) error {
	if rows != int64(want.Rows()) {
		return fmt.Errorf("%d rows, want %d", rows, want.Rows())
	}
	var errs []error
	for i, c := range columns {
		col := want.Columns[c]
		for row, v := range col.Values {
			if got[i][row] != v {
				errs = append(errs, fmt.Errorf("column %q, row %d of the level: %s, want %s", col.Name, row+1, shape(got[i][row]), shape(v)))
				break
			}
		}
	}
	return errors.Join(errs...)
}

// shape describes a value without giving it away.
func shape(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("a text of %d bytes", len(v))
	}
	return fmt.Sprintf("some %T", v)
}
