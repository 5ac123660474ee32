package synth

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Shape says what levels of other data look like: how many columns of which types, how wide, how often they repeat, how often null. It
// holds no value. Levels made from it have columns c00, c01, … for those of Columns, and ShapeKey.
type Shape struct {
	Key     string   `json:"key"`       // type of the key: cn_id, int64 or string
	Width   float64  `json:"key_width"` // bytes of a key, where it is a string
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
}

// ShapeKey is the name of the column that identifies a record.
const ShapeKey = "key"

// ColumnName is the name of column c.
func ColumnName(c int) string { return fmt.Sprintf("c%02d", c) }

// LevelName is the name of level l, and of its file less the extension.
func LevelName(l int) string { return fmt.Sprintf("level%02d", l+1) }

// Value types of columns, as job files call them.
var shapeTypes = []string{"string", "cn_id", "int64", "decimal", "float", "boolean", "date", "timestamp"}

// ShapeOptions says what is written.
type ShapeOptions struct {
	Records  int64   `json:"records"`
	Shape    Shape   `json:"shape"`
	Mismatch float64 `json:"mismatch"` // share of the records that a level lacks or in which a field differs
	Seed     uint64  `json:"seed"`
	Dir      string  `json:"dir"` // made if missing
}

// ShapeManifest says what was written.
type ShapeManifest struct {
	Paths   []string `json:"paths"`   // a level
	Bytes   int64    `json:"bytes"`   // of all files
	Missing int64    `json:"missing"` // records that one level lacks
	Differs int64    `json:"differs"` // records that one level has another value of
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
	if !slices.Contains([]string{"cn_id", "int64", "string"}, o.Shape.Key) {
		fault("key of type %q: give cn_id, int64 or string", o.Shape.Key)
	}
	for i, c := range o.Shape.Columns {
		if !slices.Contains(shapeTypes, c.Type) {
			fault("column %d of type %q", i, c.Type)
		}
		if !(c.Nulls >= 0 && c.Nulls <= 1 && c.Distinct > 0 && c.Width >= 0) {
			fault("column %d: nulls %v, distinct %v, width %v", i, c.Nulls, c.Distinct, c.Width)
		}
	}
	for i, l := range o.Shape.Levels {
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
	if o.Dir == "" {
		fault("no folder to write to")
	}
	return errors.Join(faults...)
}

// paths are those of the levels.
func (o *ShapeOptions) paths() (all []string) {
	for l, s := range o.Shape.Levels {
		all = append(all, filepath.Join(o.Dir, LevelName(l)+"."+s.Format))
	}
	return all
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
