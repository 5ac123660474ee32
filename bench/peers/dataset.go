package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"crosscheck/bench/child"
	"crosscheck/bench/peers/duck"
	"crosscheck/bench/synth"
)

// shape says what data set is wanted.
type shape struct {
	Records  int64   `json:"records"`
	Levels   int     `json:"levels"`
	Mismatch float64 `json:"mismatch"` // share of records that lack on a level or differ
	Format   string  `json:"format"`   // synth.Parquet or synth.CSV
}

// dataset is one that lies on disk.
type dataset struct {
	shape
	Dir    string   `json:"dir"`
	Names  []string `json:"names"`  // of the levels
	Files  []string `json:"files"`  // one a level
	Fields []string `json:"fields"` // the columns besides the key
	KeyAt  int      `json:"key_at"` // the place of the key among the columns
	Bytes  int64    `json:"bytes"`  // of all files
}

const (
	// seedOfAll is the seed of every data set here.
	seedOfAll = 20261123
	// mismatching is the share of synth's faulty records that mismatch; the others are duplicates.
	mismatching = 0.9
	// rowGroup is the number of rows of a row group as DuckDB writes it by default.
	rowGroup = 122880
)

var levelNames = []string{"city", "district", "street", "clinic", "school", "station", "county", "province"}

// validate tells what is wrong with what was asked for.
func (s *shape) validate() error {
	var errs []error
	if s.Records < 1 {
		errs = append(errs, fmt.Errorf("--records %d: give at least 1", s.Records))
	}
	if s.Levels < 2 || s.Levels > len(levelNames) {
		errs = append(errs, fmt.Errorf("--levels %d: give 2 to %d", s.Levels, len(levelNames)))
	}
	if !(s.Mismatch >= 0 && s.Mismatch <= mismatching) {
		errs = append(errs, fmt.Errorf("--mismatch %v: give a share of 0 to %v", s.Mismatch, mismatching))
	}
	if s.Format != synth.Parquet && s.Format != synth.CSV {
		errs = append(errs, fmt.Errorf("--format %q: give %s or %s", s.Format, synth.Parquet, synth.CSV))
	}
	return errors.Join(errs...)
}

// open gives the data set of that shape in a folder of its own below dir, and makes it if it is not there.
func (s *shape) open(ctx context.Context, dir string) (*dataset, error) {
	arg := dataset{shape: *s, Dir: filepath.Join(dir, fmt.Sprintf("%d-records-%d-levels-%g-mismatch-%s", s.Records, s.Levels, s.Mismatch, s.Format))}
	made, err := os.ReadFile(arg.manifest())
	if err == nil {
		d := new(dataset)
		return d, json.Unmarshal(made, d)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	progress("making %d records on %d levels in %s", s.Records, s.Levels, arg.Dir)
	d := new(dataset)
	_, err = child.Start(ctx, "prepare", arg, d)
	return d, err
}

func (d *dataset) manifest() string { return filepath.Join(d.Dir, "dataset.json") }

// prepare makes the files of a data set, and last its manifest, which makes it complete.
func prepare(ctx context.Context, d dataset) (*dataset, error) {
	raw := filepath.Join(d.Dir, "raw")
	defer os.RemoveAll(raw)
	d.Names = levelNames[:d.Levels]
	faulty := d.Mismatch / mismatching
	if faulty == 0 {
		faulty = -1 // none; 0 would be synth's default
	}
	m, err := synth.Generate(ctx, synth.Options{Records: d.Records, Levels: d.Names, Mismatch: faulty, Seed: seedOfAll, Dir: raw})
	if err != nil {
		return nil, err
	}
	db, err := duck.Open(runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var name string
	if err := db.Query(ctx, fmt.Sprintf("SELECT column_name FROM (DESCRIBE FROM read_parquet(%s))", duck.Text(m.Levels[0].Path)), []any{&name}, func() error {
		if name != synth.KeyColumn {
			d.Fields = append(d.Fields, name)
		} else {
			d.KeyAt = len(d.Fields)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	options := fmt.Sprintf("FORMAT parquet, CODEC 'snappy', ROW_GROUP_SIZE %d", rowGroup)
	if d.Format == synth.CSV {
		options = "FORMAT csv, HEADER"
	}
	for _, l := range m.Levels {
		path := filepath.Join(d.Dir, l.Level+"."+d.Format)
		from := fmt.Sprintf("read_parquet(%s, file_row_number = true)", duck.Text(l.Path))
		key := duck.Name(synth.KeyColumn)
		// Few keys are doubled: their later rows are looked up, not sorted out.
		if err := db.Exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE doubled AS SELECT %s, min(file_row_number) AS first FROM %s GROUP BY 1 HAVING count(*) > 1;
			COPY (SELECT l.* EXCLUDE (file_row_number) FROM %s l LEFT JOIN doubled USING (%s)
			WHERE trim(%s) <> '' AND (first IS NULL OR first = file_row_number) ORDER BY file_row_number) TO %s (%s)`,
			key, from, from, key, key, duck.Text(path), options)); err != nil {
			return nil, err
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		d.Files, d.Bytes = append(d.Files, path), d.Bytes+info.Size()
		if err := os.Remove(l.Path); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return &d, os.WriteFile(d.manifest(), text, 0o644)
}

// warm has memory ready for a task, which may take a few times as much as the files, and reads these, so that it finds them in the page cache.
func (d *dataset) warm(ctx context.Context) error {
	const least, times = 512 << 20, 6
	if err := child.Warm(ctx, max(least, times*d.Bytes)); err != nil {
		return err
	}
	return child.ReadOnce(d.Files)
}
