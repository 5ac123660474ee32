package synth

import (
	"slices"
	"testing"
)

// TestShapeLayout: files, orders and keys of a level come out as asked, and hold the records of one that is plain.
func TestShapeLayout(t *testing.T) {
	const n = 1000
	s := shapes(Parquet, CSV)
	s.Columns = s.Columns[:2]
	for _, key := range []string{"string", "pair", "int64"} {
		s.Key, s.Width = key, 12
		s.Levels[0].Files, s.Levels[0].Sorted, s.Levels[1].Files = 7, key != "int64", 3
		m, err := GenerateShape(t.Context(), ShapeOptions{Records: n, Shape: s, Seed: 1, Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Paths) != 10 || len(m.Sources) != 2 {
			t.Fatalf("%d files of %d levels", len(m.Paths), len(m.Sources))
		}
		var levels [2][][]string
		for i, path := range m.Paths {
			rows := readTable(t, path)[1:]
			if len(rows) == 0 {
				t.Error("a file is empty")
			}
			l := 0
			if i >= 7 {
				l = 1
			}
			levels[l] = append(levels[l], rows...)
		}
		keys := func(row []string) []string { return row[2:] }
		byKey := func(a, b []string) int { return slices.Compare(keys(a), keys(b)) }
		if key == "string" && !slices.IsSortedFunc(levels[0], byKey) {
			t.Error("keys are not in order")
		}
		for l := range levels {
			slices.SortFunc(levels[l], byKey)
			if got := len(slices.CompactFunc(slices.Clone(levels[l]), func(a, b []string) bool { return byKey(a, b) == 0 })); got != n {
				t.Errorf("key %s: %d records of %d", key, got, n)
			}
		}
		for i := range levels[0] {
			if byKey(levels[0][i], levels[1][i]) != 0 {
				t.Fatal("the levels have other records")
			}
		}
	}
}

// TestShapeSameKey: a share of the rows has one key, and the manifest counts the others.
func TestShapeSameKey(t *testing.T) {
	s := shapes(CSV, CSV)
	s.Same = 0.3
	m, tables := shaped(t, ShapeOptions{Records: 1000, Shape: s, Mismatch: 0.2, Seed: 1})
	var same int64
	for _, rows := range tables {
		count := map[string]int64{}
		for _, row := range rows {
			count[row[len(row)-1]]++
		}
		most := int64(0)
		for _, c := range count {
			most = max(most, c)
		}
		same += most
		if most < 270 || most > 300 || len(count) < 670 {
			t.Errorf("%d rows of one key, %d keys", most, len(count))
		}
	}
	if m.Same != same {
		t.Errorf("%d rows of one key are said to be planted, %d are there", m.Same, same)
	}
}
