package synth

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Shape says what levels of other data look like: how many columns of which types, how wide, how often they repeat, how often null. It
// holds no value. Levels made from it have columns c000, c001, … for those of Columns, and those of the key.
type Shape struct {
	Key     string   `json:"key"`       // type of the key: cn_id, int64 or string, or pair: a string and an integer
	Width   float64  `json:"key_width"` // bytes of a key, where it is a string; all but the last 8 are the same in all
	Same    float64  `json:"same_key"`  // share of the rows that have one and the same key
	Columns []Column `json:"columns"`
	Levels  []Stored `json:"levels"`
}

// Column is what is known of a column that is compared.
type Column struct {
	Type      string   `json:"type"`      // as a job file calls it: string, cn_id, int64, decimal, float, boolean, date, timestamp
	Normalize []string `json:"normalize"` // steps, as a job file calls them
	Text      bool     `json:"text"`      // stored as text, whatever the type
	Width     float64  `json:"width"`     // mean bytes of a value that is text
	Wide      bool     `json:"wide"`      // its text is not ASCII
	Scale     int      `json:"scale"`     // digits after the point of a decimal
	Nulls     float64  `json:"nulls"`     // share of the records that have none
	Distinct  float64  `json:"distinct"`  // different values; below 1 a share of the records
}

// Stored says how a level is kept.
type Stored struct {
	Format string `json:"format"` // Parquet or CSV
	Codec  string `json:"codec"`  // of Parquet: none, snappy, gzip, brotli, lz4 or zstd
	Group  int    `json:"group"`  // rows of a row group; 0: DefaultRowGroupRows
	Files  int    `json:"files"`  // in which the level is, all but the last with as many rows; 0: one
	Sorted bool   `json:"sorted"` // rows are in the order of their keys
}

// ShapeKey is the name of the column that identifies a record; with that of a pair's second column.
const (
	ShapeKey  = "key"
	ShapeKey2 = "key2"
)

// ColumnName is the name of column c.
func ColumnName(c int) string { return fmt.Sprintf("c%03d", c) }

// LevelName is the name of level l, and of its file or folder less the extension.
func LevelName(l int) string { return fmt.Sprintf("level%02d", l+1) }

// Value types of columns, as job files call them.
var shapeTypes = []string{"string", "cn_id", "int64", "decimal", "float", "boolean", "date", "timestamp"}

// ShapeOptions says what is written.
type ShapeOptions struct {
	Records  int64   `json:"records"`
	Shape    Shape   `json:"shape"`
	Mismatch float64 `json:"mismatch"` // share of the records that a level lacks or in which a field differs
	Apart    bool    `json:"apart"`    // no level has a record of another one: each has as many of its own
	Seed     uint64  `json:"seed"`
	Dir      string  `json:"dir"` // made if missing
}

// ShapeManifest says what was written.
type ShapeManifest struct {
	Paths   []string `json:"paths"`   // of all files, level by level
	Sources []string `json:"sources"` // a level: its file, or a pattern of its files
	Bytes   int64    `json:"bytes"`   // of all files
	Missing int64    `json:"missing"` // records that a level lacks, rows of the same key left aside
	Differs int64    `json:"differs"` // records that one level has another value of, likewise
	Same    int64    `json:"same"`    // rows of the same key, less those that a level lacks
}

// validate tells everything that is wrong with the options.
func (o *ShapeOptions) validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if o.Records < 1 || o.Records > maxRecords {
		fault("records is %d: give 1 to %d", o.Records, int64(maxRecords))
	}
	if n := len(o.Shape.Levels); n < 2 || n > 16 {
		fault("%d levels: give 2 to 16", n)
	}
	if len(o.Shape.Columns) < 1 {
		fault("no column to compare")
	}
	if !slices.Contains([]string{"cn_id", "int64", "string", "pair"}, o.Shape.Key) {
		fault("key of type %q: give cn_id, int64, string or pair", o.Shape.Key)
	}
	for i, c := range o.Shape.Columns {
		if !slices.Contains(shapeTypes, c.Type) {
			fault("column %d of type %q", i, c.Type)
		}
		if !(c.Nulls >= 0 && c.Nulls <= 1 && c.Distinct > 0 && c.Width >= 0) {
			fault("column %d: nulls %v, distinct %v, width %v", i, c.Nulls, c.Distinct, c.Width)
		}
	}
	if s := o.Shape.Same; !(s >= 0 && s <= 1) {
		fault("same_key is %v: give a share of 0 to 1", s)
	}
	for i, l := range o.Shape.Levels {
		if l.Files < 0 || int64(l.Files) > o.Records {
			fault("level %d: %d files for %d records", i, l.Files, o.Records)
		}
		if l.Format != Parquet && l.Format != CSV {
			fault("level %d: format %q: use %s or %s", i, l.Format, Parquet, CSV)
		}
		if codecs[l.Codec] == nil && l.Format == Parquet {
			fault("level %d: unknown codec %q", i, l.Codec)
		}
	}
	if !(o.Mismatch >= 0 && o.Mismatch <= 1) {
		fault("mismatch is %v: give a share of 0 to 1", o.Mismatch)
	}
	if o.Apart && (o.Mismatch > 0 || o.Shape.Same > 0 || o.Records > maxRecords/16) {
		fault("levels that have no record in common have neither mismatches nor a key that is the same, and %d records at most", int64(maxRecords/16))
	}
	if o.Dir == "" {
		fault("no folder to write to")
	}
	return errors.Join(faults...)
}

// paths are those of the files of level l.
func (o *ShapeOptions) paths(l int) (all []string) {
	s := o.Shape.Levels[l]
	if s.Files < 2 {
		return []string{filepath.Join(o.Dir, LevelName(l)+"."+s.Format)}
	}
	for i := range s.Files {
		all = append(all, filepath.Join(o.Dir, LevelName(l), fmt.Sprintf("%05d.%s", i, s.Format)))
	}
	return all
}

// source is how a job names the files of level l.
func (o *ShapeOptions) source(l int) string {
	s := o.Shape.Levels[l]
	if s.Files < 2 {
		return o.paths(l)[0]
	}
	return filepath.Join(o.Dir, LevelName(l), "*."+s.Format)
}

// bytesOf adds up the sizes of files.
func bytesOf(paths []string) (n int64, err error) {
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return 0, err
		}
		n += info.Size()
	}
	return n, nil
}
