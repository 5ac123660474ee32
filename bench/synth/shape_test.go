package synth

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/record"
)

// shapes is a shape with every type of column, on two levels of these formats.
func shapes(a, b string) Shape {
	s := Shape{Key: "cn_id", Width: 18, Levels: []Stored{{Format: a, Codec: "zstd", Group: 700}, {Format: b, Codec: "snappy"}}}
	for _, typ := range shapeTypes {
		s.Columns = append(s.Columns, Column{Type: typ, Width: 30, Distinct: 0.9, Scale: 2, Nulls: 0.1})
	}
	s.Columns = append(s.Columns, Column{Type: "string", Width: 40, Wide: true, Distinct: 50}, Column{Type: "string", Width: 6, Distinct: 3, Nulls: 0.5})
	return s
}

func shaped(t *testing.T, o ShapeOptions) (*ShapeManifest, [][][]string) {
	t.Helper()
	o.Dir = filepath.Join(t.TempDir(), "data")
	m, err := GenerateShape(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var tables [][][]string
	for _, p := range m.Paths {
		rows := readTable(t, p)[1:]
		slices.SortFunc(rows, func(a, b []string) int { return slices.Compare(a[len(a)-1:], b[len(b)-1:]) }) // by key
		tables = append(tables, rows)
	}
	return m, tables
}

// TestShape: widths, distinct values and nulls come out as asked, and keys are resident IDs of no region.
func TestShape(t *testing.T) {
	const n = 20000
	_, tables := shaped(t, ShapeOptions{Records: n, Shape: shapes(CSV, CSV), Seed: 3})
	s := shapes(CSV, CSV)
	for c, col := range s.Columns {
		distinct, nulls, width, values := map[string]bool{}, 0, 0, 0
		for _, row := range tables[0] {
			if row[c] == null || row[c] == "" {
				nulls++
				continue
			}
			distinct[row[c]], width, values = true, width+len(row[c]), values+1
		}
		if got := float64(nulls) / n; math.Abs(got-col.Nulls) > 0.01 {
			t.Errorf("column %d (%s): %.3f are null, want %.3f", c, col.Type, got, col.Nulls)
		}
		if got := float64(width) / float64(values); col.Type == "string" && math.Abs(got-col.Width) > 1.5 {
			t.Errorf("column %d: %.1f bytes a value, want %.1f", c, got, col.Width)
		}
		if col.Distinct > 1 && col.Type == "string" && len(distinct) != int(col.Distinct) {
			t.Errorf("column %d: %d distinct values, want %v", c, len(distinct), col.Distinct)
		}
		if col.Distinct < 1 && col.Type == "string" && len(distinct) < n/2 {
			t.Errorf("column %d: %d distinct values of %d", c, len(distinct), n)
		}
	}
	for i, row := range tables[0] {
		key := row[len(row)-1]
		if _, fault, ok := record.PackID([]byte(key)); !ok || fault != record.IDValid || key[:2] != "99" {
			t.Fatal("a key is no resident ID that begins with 99")
		}
		if i > 0 && key == tables[0][i-1][len(row)-1] {
			t.Fatal("a key is there twice")
		}
	}
	if len(tables[0]) != n {
		t.Errorf("%d rows of %d records", len(tables[0]), n)
	}
}

// TestShapeFaults: what the manifest says was planted is what a comparison of the texts finds.
func TestShapeFaults(t *testing.T) {
	for _, o := range []ShapeOptions{{}, {Mismatch: 0.01}, {Mismatch: 0.3}, {Apart: true}} {
		o.Records, o.Shape, o.Seed = 5000, shapes(CSV, CSV), 4
		o.Shape.Levels[1].Sorted = o.Apart
		m, tables := shaped(t, o)
		var missing, differs int64
		byKey := map[string][]string{}
		for _, row := range tables[0] {
			byKey[row[len(row)-1]] = row
		}
		for _, row := range tables[1] {
			key := row[len(row)-1]
			other, ok := byKey[key]
			delete(byKey, key)
			switch {
			case !ok:
				missing++
			case !slices.Equal(row, other):
				differs++
			}
		}
		missing += int64(len(byKey))
		if m.Missing != missing || m.Differs != differs {
			t.Errorf("%d missing and %d differing are said to be planted, %d and %d are there", m.Missing, m.Differs, missing, differs)
		}
		switch got := float64(missing+differs) / 5000; {
		case o.Apart && missing != 10_000:
			t.Errorf("%d of 10,000 records are on one level alone", missing)
		case !o.Apart && math.Abs(got-o.Mismatch) > 0.02:
			t.Errorf("%.3f of the records mismatch, want %.3f", got, o.Mismatch)
		}
	}
}

// TestShapeSame: the same options give the same bytes.
func TestShapeSame(t *testing.T) {
	o := ShapeOptions{Records: 3000, Shape: shapes(Parquet, CSV), Mismatch: 0.1, Seed: 5}
	var first [][]byte
	for range 2 {
		o.Dir = t.TempDir()
		m, err := GenerateShape(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range m.Paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(first) < len(m.Paths) {
				first = append(first, b)
			} else if string(b) != string(first[i]) {
				t.Errorf("level %d is not the same the second time", i)
			}
		}
	}
}

// TestShapeOptions: what cannot be made is refused, all at once.
func TestShapeOptions(t *testing.T) {
	bad := ShapeOptions{Shape: Shape{Key: "date", Columns: []Column{{Type: "money"}}, Levels: []Stored{{Format: "xlsx"}, {Format: Parquet, Codec: "rar"}}}, Mismatch: 2, Apart: true}
	_, err := GenerateShape(t.Context(), bad)
	for _, want := range []string{"records is 0", `key of type "date"`, `type "money"`, "distinct 0", `format "xlsx"`, `codec "rar"`, "mismatch is 2", "no record in common", "no folder"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
}
