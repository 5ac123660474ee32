// Package synth writes synthetic levels of any size with a known share of faults, and a ledger of every fault it planted. It
// needs constant memory: nothing is kept a record, since everything about a record follows from (seed, record index).
//
// # Files
//
// A folder gets one file a level, <level>.parquet or <level>.csv, ledger.parquet or ledger.csv, and key_staff.csv. No value is a person's: the
// region of every resident ID begins with 99, which no region has, and every phone number with 100, which no network has.
//
// A level has 14 columns:
//
//	id_number       STRING         resident ID, 18 characters, right check character; distinct records have distinct IDs
//	name            STRING         surname and one or two characters
//	sex             STRING         男 or 女, as the ID says
//	birth_date      DATE           as the ID says
//	phone           STRING         11 digits; null in 2 % of the records
//	address         STRING         district, street, road, lane, house and room, 40 to 60 bytes
//	street_code     STRING         4 digits, the first often 0
//	community_code  STRING         street_code and 3 more digits
//	test_time       TIMESTAMP      microseconds, without a zone, whole seconds
//	test_result     STRING         阴性, 阳性 or 待复核
//	body_temp       DECIMAL(4,1)
//	vaccine_doses   INT32
//	vaccine_date    DATE           null where vaccine_doses is 0
//	institution     STRING         one of 300
//
// In CSV a date is 2006-01-02, a time 2006-01-02 15:04:05, a decimal 36.5, a null the empty field; UTF-8, a header, "\n", and no
// value ever needs a quote. In Parquet all columns are optional and snappy-compressed; those with few values have dictionaries.
//
// The ledger has a row for each finding that a comparison of all fields by id_number should report, records first, in the order
// of their index, then the rows without a key, level by level:
//
//	record_key  STRING  the ID; null for a row without a key
//	kind        STRING  missing, differs, duplicate, invalid_key, key_typo (if asked for)
//	field       STRING  the field that differs; null for other kinds
//	level       STRING  where the fault is; null where every level holds another value, and where a record is on one level alone
//	note        STRING  what was done, such as "two digits swapped"
//
// key_staff.csv is a roster: the id_number of every 30th record and its enterprise, a code that some 7 share. Every 100th member
// is on no level.
//
// The same options give the same rows on any machine, and the same bytes on any machine of the same processor architecture
// (snappy compresses a little differently on another).
package synth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"crosscheck/engine/guard"

	"golang.org/x/sync/errgroup"
)

// The formats of Options.Format.
const (
	Parquet = "parquet"
	CSV     = "csv"
)

// DefaultMismatch is the share of records with a fault where Options.Mismatch is 0.
const DefaultMismatch = 0.01

// DefaultRowGroupRows is the number of rows of a Parquet row group where Options.RowGroupRows is 0.
const DefaultRowGroupRows = 122880

// KeyColumn is the name of the column that identifies a record.
const KeyColumn = "id_number"

// Options says what is written. The zero value of each part but Records and Dir means its default.
type Options struct {
	Records      int64    // distinct records, at least 1
	Levels       []string // names of 2 to 16 levels, which become file names; default city, district, street
	Mismatch     float64  // share of records with a fault, up to 1; default DefaultMismatch, negative: none
	Seed         uint64   // other seeds give other records and faults
	Format       string   // Parquet or CSV; default Parquet
	Dir          string   // where the files go; made if missing
	Typos        bool     // some of the records that would be missing on a level have a key with a typo there
	RowGroupRows int      // rows of a Parquet row group; default DefaultRowGroupRows

	// Progress is called now and then with the number of rows written and to be written, over all levels (the latter leaves
	// out duplicates and rows without a key), by one goroutine a level, also by several at once; nil: no reports.
	Progress func(done, total int64)
}

// Manifest says what was written.
type Manifest struct {
	Seed       uint64       `json:"seed"`
	Records    int64        `json:"records"`
	Faulty     int64        `json:"faulty_records"` // records with at least one fault
	Mismatches int64        `json:"mismatches"`     // of these, records that lack on a level or differ
	Levels     []LevelFile  `json:"levels"`
	Roster     LevelFile    `json:"roster"`      // the key persons
	NotCovered int64        `json:"not_covered"` // of these, a member and a level that lacks it; no rows of the ledger
	Ledger     string       `json:"ledger"`      // path of the ledger
	Findings   int64        `json:"findings"`    // rows of the ledger
	Kinds      []FaultCount `json:"kinds"`       // rows of the ledger by kind, every kind, in the order of their names
	Fields     []FaultCount `json:"fields"`      // those of kind differs by field, every compared field, in column order
	FaultLevel []FaultCount `json:"fault_level"` // rows of the ledger by level, in order; those of no one level are left out
}

// LevelFile is one level as written.
type LevelFile struct {
	Level string `json:"level"`
	Path  string `json:"path"`
	Rows  int64  `json:"rows"`
}

// FaultCount counts planted faults.
type FaultCount struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

var levelName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\pL\pN_][\pL\pN_-]*$`) })

// defaults fills in what the options leave open.
func (o *Options) defaults() {
	if len(o.Levels) == 0 {
		o.Levels = []string{"city", "district", "street"}
	}
	if o.Mismatch == 0 {
		o.Mismatch = DefaultMismatch
	}
	o.Format = cmp.Or(o.Format, Parquet)
	o.RowGroupRows = cmp.Or(o.RowGroupRows, DefaultRowGroupRows)
}

// validate tells everything that is wrong with the options.
func (o *Options) validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if o.Records < 1 || o.Records > maxRecords {
		fault("records is %d: give 1 to %d", o.Records, int64(maxRecords))
	}
	if n := len(o.Levels); n < 2 || n > 16 {
		fault("%d levels: give 2 to 16", n)
	}
	seen := map[string]bool{"ledger": true, RosterName: true}
	for _, l := range o.Levels {
		if !levelName().MatchString(l) {
			fault("level name %q: use letters, digits, _ and -", l)
		} else if seen[strings.ToLower(l)] {
			fault("level name %q is taken: give each level a name of its own", l)
		}
		seen[strings.ToLower(l)] = true
	}
	if !(o.Mismatch <= 1) {
		fault("mismatch is %v: give a share of 0 to 1", o.Mismatch)
	}
	if o.Format != Parquet && o.Format != CSV {
		fault("format %q: use %s or %s", o.Format, Parquet, CSV)
	}
	if o.RowGroupRows < 1 {
		fault("row group of %d rows: give a positive number", o.RowGroupRows)
	}
	if o.Dir == "" {
		fault("no folder to write to")
	}
	return errors.Join(faults...)
}

// Generate writes the levels and the ledger. Files appear under their names when all are complete; if it fails or ctx ends
// before, there are none.
func Generate(ctx context.Context, opt Options) (*Manifest, error) {
	opt.defaults()
	if err := opt.validate(); err != nil {
		return nil, fmt.Errorf("synthetic data: %w", err)
	}
	if err := os.MkdirAll(opt.Dir, 0o777); err != nil {
		return nil, fmt.Errorf("synthetic data: make the folder: %w", err)
	}
	p := newPlan(&opt)
	files := make([]*file, len(opt.Levels)+2)
	defer func() {
		for _, f := range files {
			f.discard()
		}
	}()
	var names []string
	for _, l := range opt.Levels {
		names = append(names, l+"."+opt.Format)
	}
	for i, name := range append(names, RosterName+"."+CSV, "ledger."+opt.Format) {
		f, err := create(filepath.Join(opt.Dir, name))
		if err != nil {
			return nil, fmt.Errorf("synthetic data: %w", err)
		}
		files[i] = f
	}

	m := &Manifest{Seed: opt.Seed, Records: opt.Records, Levels: make([]LevelFile, len(opt.Levels))}
	var done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for l, name := range opt.Levels {
		g.Go(guard.Func(func() error {
			rows, err := p.writeLevel(ctx, l, files[l], func(rows int64) {
				if n := done.Add(rows); opt.Progress != nil {
					opt.Progress(n, opt.Records*int64(len(opt.Levels)))
				}
			})
			m.Levels[l] = LevelFile{Level: name, Path: files[l].path, Rows: rows}
			return err
		}))
	}
	g.Go(guard.Func(func() error {
		f := files[len(opt.Levels)]
		rows, lacking, err := p.writeRoster(ctx, f)
		m.Roster = LevelFile{Level: RosterName, Path: f.path, Rows: rows}
		m.NotCovered = lacking
		return err
	}))
	g.Go(guard.Func(func() error { return p.writeLedger(ctx, files[len(opt.Levels)+1], m) }))
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("synthetic data: %w", err)
	}
	for _, step := range []func(*file) error{(*file).complete, (*file).publish} {
		for _, f := range files {
			if err := step(f); err != nil {
				return nil, fmt.Errorf("synthetic data: %w", err)
			}
		}
	}
	return m, nil
}
