// Package differential holds the engine against DuckDB: data sets made up from a seed, written to Parquet and CSV files by
// DuckDB, are compared by both, and both must give the same findings, row by row: the same values, votes, counts and
// places.
//
//	case.go     what a case is
//	draw.go     what is drawn by lot for a case
//	dataset.go  its rows, in SQL: every value is a hash of the seed, the record, the level and the column
//	columns.go  the kinds of columns and how each level may store one
//	oracle.go   DuckDB's findings: canonical values, standing rows, full outer join, votes
//	findings.go findings as rows, from DuckDB, from the engine's sink and from its report; where two lists part
//	engine.go   the engine's findings
//
// Failures name the seed, the shape of the case, counts and the first finding that differs by its kind, field and level. They
// hold no key and no value.
package differential

import (
	"fmt"
	"strings"

	"crosscheck/engine/record"
)

// Case is a data set and how it is compared.
type Case struct {
	Seed       uint64
	Records    int // distinct keys before levels drop some
	Levels     []Level
	Key        []Column
	Columns    []Column // besides the key; those on fewer than two levels are not compared
	Carry      []int    // columns that are shown beside each finding, as indexes of Columns
	Typed      bool     // the engine is told all types and the fields; if not, it finds out what it can
	Workers    int
	Partitions int
	Spill      bool // the engine has less memory than its records need

	missing, mutated, doubled, keyless int // percent of rows
}

// Level is one data set of a case.
type Level struct {
	Name    string
	Files   []string // in the order of their names
	CSV     bool
	Delim   string   // of CSV
	Options []string // of DuckDB's COPY to Parquet, one a file
	Order   []int    // columns as they stand in the files: index in Key, then in Columns
	Renamed bool     // the files name the first key column differently
	Empty   bool     // no rows
}

// Column is a key part or a field.
type Column struct {
	Name   string
	Family family
	Spread int64       // distinct values, about
	Nulls  int         // percent
	Type   record.Type // what it is compared as
	Stored []string    // SQL type a level; "" where the level lacks it. In CSV, the type whose text is written
}

// renamedKey is what files of a renamed level call the first key column.
const renamedKey = "证件号码"

// Fields lists the columns that are compared: those that two levels or more hold.
func (c *Case) Fields() []Column {
	var fields []Column
	for _, f := range c.Columns {
		if f.holders() >= 2 {
			fields = append(fields, f)
		}
	}
	return fields
}

func (f *Column) holders() (n int) {
	for _, s := range f.Stored {
		if s != "" {
			n++
		}
	}
	return n
}

// String describes the shape of the case.
func (c *Case) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %d records, typed %v, workers %d, partitions %d, carry %v\n",
		c.Seed, c.Records, c.Typed, c.Workers, c.Partitions, c.Carry)
	fmt.Fprintf(&b, "  missing %d%%, mutated %d%%, doubled %d%%, keyless %d%%\n", c.missing, c.mutated, c.doubled, c.keyless)
	for i, l := range c.Levels {
		fmt.Fprintf(&b, "  level %s: %d files, csv %v, empty %v", l.Name, len(l.Files), l.CSV, l.Empty)
		if !l.CSV {
			fmt.Fprintf(&b, ", %s", l.Options[0])
		}
		for _, o := range l.Order {
			col := c.column(o)
			if col.Stored[i] != "" {
				fmt.Fprintf(&b, ", %s %s as %s", col.Name, col.Stored[i], col.Type)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// column gives column i of Level.Order.
func (c *Case) column(i int) *Column {
	if i < len(c.Key) {
		return &c.Key[i]
	}
	return &c.Columns[i-len(c.Key)]
}

// fileName is what the files of level l call column i of Level.Order.
func (c *Case) fileName(l, i int) string {
	if i == 0 && c.Levels[l].Renamed {
		return renamedKey
	}
	return c.column(i).Name
}
