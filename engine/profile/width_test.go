package profile

import (
	"math"
	"path/filepath"
	"testing"

	"crosscheck/bench/synth"
	"crosscheck/loaders"
)

// TestWidth: widths, nulls and what is not ASCII are the same whether a column is stored as text, as a dictionary or as numbers.
func TestWidth(t *testing.T) {
	var seen [2]map[string]Column
	for i, format := range []string{synth.CSV, synth.Parquet} {
		dir := t.TempDir()
		if _, err := synth.Generate(t.Context(), synth.Options{Records: 4000, Dir: dir, Format: format, Mismatch: -1}); err != nil {
			t.Fatal(err)
		}
		source, err := loaders.Open("city", loaders.Spec{Paths: []string{filepath.Join(dir, "city."+format)}})
		if err != nil {
			t.Fatal(err)
		}
		columns, err := Columns(t.Context(), Level{Name: "city", Source: source})
		if err != nil {
			t.Fatal(err)
		}
		if err := source.Close(); err != nil {
			t.Fatal(err)
		}
		seen[i] = map[string]Column{}
		for _, c := range columns {
			seen[i][c.Name] = c
		}
	}
	for name, want := range map[string]float64{"id_number": 18, "phone": 11, "sex": 3, "street_code": 4, "community_code": 7, "birth_date": 10, "body_temp": 4} {
		for i, format := range []string{"CSV", "Parquet"} {
			if got := seen[i][name].Width; math.Abs(got-want) > 1e-9 {
				t.Errorf("%s: %s is %.3f bytes wide, want %.0f", format, name, got, want)
			}
		}
	}
	for _, name := range []string{"name", "address", "institution", "test_result", "phone", "id_number"} {
		a, b := seen[0][name], seen[1][name]
		if a.Width != b.Width || a.Nulls != b.Nulls || a.Wide != b.Wide {
			t.Errorf("%s: %.3f bytes, %d nulls, wide %v as CSV, %.3f, %d, %v as Parquet", name, a.Width, a.Nulls, a.Wide, b.Width, b.Nulls, b.Wide)
		}
		if wide := name != "phone" && name != "id_number"; a.Wide != wide {
			t.Errorf("%s is wide: %v", name, a.Wide)
		}
	}
}
