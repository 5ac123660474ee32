package report

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"crosscheck/engine/durable"

	"github.com/parquet-go/parquet-go"
)

// TestWriteTableLong holds that values are whole where they are longer than the room that is made for few rows, by which rows lie on several pages.
func TestWriteTableLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part-00000.parquet")
	want := make([]tally, 7)
	for i := range want {
		want[i] = tally{Level: strings.Repeat(string(rune('a'+i)), 20_000), Rows: int64(i)}
	}
	if err := WriteTable(path, want, Options{}); err != nil {
		t.Fatal(err)
	}
	got, err := parquet.ReadFile[tally](path)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%d rows, not those that were written (%v)", len(got), err)
	}
}

// syncs counts how often names are made durable.
type syncs struct {
	durable.OS
	n *int
}

func (s syncs) SyncDir(dir string) error {
	*s.n++
	return s.OS.SyncDir(dir)
}

// TestStaged holds that the name of a file is made durable, unless it is staged.
func TestStaged(t *testing.T) {
	for staged, want := range map[bool]int{false: 1, true: 0} {
		n := 0
		before := durable.Use(syncs{n: &n})
		err := WriteTable(filepath.Join(t.TempDir(), "part-00000.parquet"), []tally{{}}, Options{Staged: staged})
		durable.Use(before)
		if err != nil || n != want {
			t.Errorf("staged %v: the folder was synced %d times (%v)", staged, n, err)
		}
	}
}

type tally struct {
	Level   string   `parquet:"level"`
	Field   *string  `parquet:"field"`
	Rows    int64    `parquet:"rows"`
	Rate    *float64 `parquet:"rate"`
	Day     int32    `parquet:"run_date_day,date"`
	Passed  bool     `parquet:"passed"`
	Another string   `parquet:"a_first_by_name"`
}

func TestWriteTable(t *testing.T) {
	name, rate := "姓名", 0.25
	want := []tally{{Level: "city", Rows: 3, Rate: &rate, Day: 20780, Passed: true}, {Level: "区", Field: &name, Rows: -1, Another: "x"}}
	dir := t.TempDir()
	path := filepath.Join(dir, "part-00000.parquet")
	var first []byte
	for range 2 {
		if err := WriteTable(path, want, Options{Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if !bytes.Equal(first, data) {
			t.Error("the same rows give other bytes")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o644 || names(t, dir) != "part-00000.parquet" {
		t.Errorf("mode %v, folder %q (%v)", info.Mode(), names(t, dir), err)
	}
	got, err := parquet.ReadFile[tally](path)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d rows (%v)", len(got), err)
	}
	for i := range got {
		g, w := got[i], want[i]
		if (g.Field == nil) != (w.Field == nil) || g.Field != nil && *g.Field != *w.Field ||
			(g.Rate == nil) != (w.Rate == nil) || g.Rate != nil && *g.Rate != *w.Rate {
			t.Errorf("row %d is %+v", i, g)
		}
		g.Field, g.Rate, w.Field, w.Rate = nil, nil, nil, nil
		if g != w {
			t.Errorf("row %d is %+v, want %+v", i, g, w)
		}
	}
	pf := open(t, path)
	var columns []string
	for _, c := range pf.Schema().Columns() {
		columns = append(columns, c[0])
	}
	if !slices.Equal(columns, []string{"level", "field", "rows", "rate", "run_date_day", "passed", "a_first_by_name"}) {
		t.Errorf("columns are %q", columns)
	}
	if st := pf.Metadata().RowGroups[0].Columns[0].MetaData.Statistics; string(st.MinValue) != "city" || string(st.MaxValue) != "区" {
		t.Error("the column level has no statistics")
	}
	if pf.Metadata().CreatedBy != "crosscheck" || len(pf.Metadata().KeyValueMetadata) != 1 {
		t.Errorf("metadata is %q, %v", pf.Metadata().CreatedBy, pf.Metadata().KeyValueMetadata)
	}
}

func TestWriteTableWithoutRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part-00000.parquet")
	if err := WriteTable[tally](path, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	if pf := open(t, path); pf.NumRows() != 0 || len(pf.Schema().Columns()) != 7 {
		t.Errorf("%d rows, %d columns", pf.NumRows(), len(pf.Schema().Columns()))
	}
}

func TestWriteTableOfTypesThatNotEveryReaderHas(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.parquet")
	for what, err := range map[string]error{
		"unsigned":    WriteTable(path, []struct{ N uint32 }{{1}}, Options{}),
		"nanoseconds": WriteTable(path, []struct{ At time.Time }{{night}}, Options{}),
		"time of day": WriteTable(path, []struct {
			At int32 `parquet:",time"`
		}{{1}}, Options{}),
		"no parquet type": WriteTable(path, []struct{ C chan int }{{nil}}, Options{}),
	} {
		if !errors.Is(err, ErrOptions) {
			t.Errorf("%s: error is %v", what, err)
		}
	}
	if err := WriteTable(path, []struct {
		At time.Time `parquet:",timestamp(microsecond)"`
	}{{night}}, Options{}); err != nil {
		t.Errorf("microseconds: %v", err)
	}
	if got := names(t, dir); got != "t.parquet" {
		t.Errorf("left %q", got)
	}
}

func TestWriteTableFails(t *testing.T) {
	dir := t.TempDir()
	var we *WriteError
	if err := WriteTable(filepath.Join(dir, "missing", "t.parquet"), []tally{{}}, Options{}); !errors.As(err, &we) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	opt := Options{}
	opt.wrap = func(w io.Writer) io.Writer { return &full{w, 10} }
	if err := WriteTable(filepath.Join(dir, "t.parquet"), []tally{{}}, opt); !errors.As(err, &we) {
		t.Errorf("error is %v", err)
	}
	if got := names(t, dir); got != "" {
		t.Errorf("left %q", got)
	}
}
