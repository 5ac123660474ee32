package loadertest

import (
	"encoding/gob"
	"os"
	"slices"
	"testing"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

func TestRun(t *testing.T) {
	Run(t, simple(faults{}))
}

// Every promise is broken by some loader that the suite turns down, in the check that is about it.
func TestRunTurnsDown(t *testing.T) {
	for _, test := range []struct {
		check string
		f     faults
	}{
		{"schema", faults{schema: true}},
		{"parts", faults{order: true}},
		{"parts", faults{firstRow: true}},
		{"parts", faults{rows: true}},
		{"projections", faults{projection: true}},
		{"projections", faults{noColumns: true}},
		{"batches", faults{batch: true}},
		{"unicode", faults{bytes: true}},
		{"lengths", faults{long: true}},
		{"nulls", faults{nulls: true}},
		{"empty", faults{emptyBatch: true}},
		{"sample", faults{sample: true}},
		{"again", faults{again: true}},
		{"concurrent", faults{again: true}},
		{"retained", faults{overwrite: true}},
		{"half_read", faults{leak: true}},
		{"cancelled", faults{deaf: true}},
		{"missing_file", faults{plainError: true}},
		{"changed_file", faults{stale: true}},
	} {
		i := slices.IndexFunc(checks, func(c check) bool { return c.name == test.check })
		if err := runCheck(t, simple(test.f), checks[i]); err == nil {
			t.Errorf("check %s passes a loader with %+v", test.check, test.f)
		}
	}
}

// faults are the ways in which the simple loader can be wrong.
type faults struct {
	schema, order, firstRow, rows, projection, noColumns, batch, bytes, long, nulls, emptyBatch bool
	sample, again, overwrite, leak, deaf, plainError, stale                                     bool
}

// simple is the smallest right loader: files of gob, parts of 150 rows, a record builder a batch.
func simple(f faults) Format {
	gob.Register(arrow.Date32(0))
	gob.Register(arrow.Timestamp(0))
	return Format{
		Ext:   ".gob",
		Write: writeGob,
		Open: func(paths []string, batchRows int, mem memory.Allocator) (level.Source, error) {
			return openGob(paths, batchRows, mem, f)
		},
	}
}

// gobColumn is a Column as gob can hold it: no nil in a slice of any, no private parts of a decimal.
type gobColumn struct {
	Name   string
	Type   int
	Valid  []bool
	Values []any
}

var gobTypes = []arrow.DataType{
	arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64,
	arrow.FixedWidthTypes.Boolean, arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Timestamp_us, DecimalType,
}

func writeGob(t testing.TB, path string, table Table) {
	var columns []gobColumn
	for _, c := range table.Columns {
		g := gobColumn{Name: c.Name, Type: slices.IndexFunc(gobTypes, func(d arrow.DataType) bool { return arrow.TypeEqual(d, c.Type) })}
		for _, v := range c.Values {
			g.Valid = append(g.Valid, v != nil)
			switch d := v.(type) {
			case nil:
			case decimal128.Num:
				g.Values = append(g.Values, d.BigInt().Int64())
			default:
				g.Values = append(g.Values, v)
			}
		}
		columns = append(columns, g)
	}
	file, err := os.Create(path)
	if err == nil {
		err = gob.NewEncoder(file).Encode(columns)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func readGob(path string) (Table, error) {
	var t Table
	file, err := os.Open(path)
	if err != nil {
		return t, &level.InputError{File: path, Msg: "cannot be opened", Err: err}
	}
	defer file.Close()
	var columns []gobColumn
	if err := gob.NewDecoder(file).Decode(&columns); err != nil {
		return t, &level.InputError{File: path, Msg: "is corrupt", Err: err}
	}
	for _, g := range columns {
		c := Column{Name: g.Name, Type: gobTypes[g.Type], Values: make([]any, len(g.Valid))}
		next := 0
		for i, valid := range g.Valid {
			if valid {
				c.Values[i] = g.Values[next]
				if n, ok := c.Values[i].(int64); ok && arrow.TypeEqual(c.Type, DecimalType) {
					c.Values[i] = decimal128.FromI64(n)
				}
				next++
			}
		}
		t.Columns = append(t.Columns, c)
	}
	return t, nil
}
