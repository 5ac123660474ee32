package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosscheck/bench/capacity"
	"crosscheck/bench/synth"

	"github.com/parquet-go/parquet-go"
)

// TestCapacity measures at a very small size, with levels like those of a job whose values must not come out, and answers another question from
// what was written.
func TestCapacity(t *testing.T) {
	data, dir := t.TempDir(), filepath.Join(t.TempDir(), "out")
	if _, err := synth.Generate(t.Context(), synth.Options{Records: 3000, Dir: data, Format: synth.CSV}); err != nil {
		t.Fatal(err)
	}
	job := filepath.Join(data, "job.yaml")
	text := "job: mine\nkey: {column: id_number, type: cn_id}\nlevels: {city: {path: city.csv}, street: {path: street.csv}}\n" +
		"fields: [{name: name}, {name: phone}, {name: birth_date, type: date}, {name: body_temp, type: decimal}, {name: institution}]\n"
	if err := os.WriteFile(job, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := capacityCommand(t.Context(), []string{"--like", job, "--sizes", "1000,2000,4000", "--rounds", "1", "--out", dir}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 of 6 columns", "3,003", "How long will a night take here?", "Which machine keeps within 30 min", "There is no distributed runner yet."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the answers lack %q:\n%s", want, out.String())
		}
	}

	rows, err := parquet.ReadFile[capacity.Measurement](filepath.Join(dir, "measurements.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int64]bool{}
	for _, r := range rows {
		seen[r.Records] = true
		if r.Seconds <= 0 || r.CPU <= 0 || r.Peak < 1e6 || r.Report <= 0 || r.InputBytes <= 0 || (r.Mismatch > 0) != (r.Findings > 0) {
			t.Errorf("a night of %d records: %+v", r.Records, r)
		}
	}
	if len(seen) != 3 || len(rows) < 10 {
		t.Errorf("%d nights of %d sizes were measured", len(rows), len(seen))
	}
	for file, least := range map[string]int{"fit.parquet": 20, "errors.parquet": 12} {
		f, err := os.Open(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		info, _ := f.Stat()
		p, err := parquet.OpenFile(f, info.Size())
		if err != nil || p.NumRows() < int64(least) {
			t.Errorf("%s: %v", file, err)
		}
		f.Close()
	}

	// The statistics are those of the levels, and no value and no name is anywhere.
	var shape synth.Shape
	text2, err := os.ReadFile(filepath.Join(dir, "shape.json"))
	if err == nil {
		err = json.Unmarshal(text2, &shape)
	}
	if err != nil {
		t.Fatal(err)
	}
	if shape.Key != "cn_id" || len(shape.Columns) != 5 || shape.Levels[0].Format != synth.CSV {
		t.Errorf("the shape is %+v", shape)
	}
	if phone := shape.Columns[1]; phone.Width != 11 || phone.Nulls < 0.01 || phone.Nulls > 0.03 || phone.Distinct >= 1 {
		t.Errorf("phones are %+v", phone)
	}
	if temp := shape.Columns[3]; temp.Type != "decimal" || temp.Distinct > 100 || temp.Distinct < 5 {
		t.Errorf("temperatures are %+v", temp)
	}
	if name := shape.Columns[0]; !name.Wide || name.Width < 5 || name.Width > 10 {
		t.Errorf("names are %+v", name)
	}
	secrets := valuesOf(t, filepath.Join(data, "city.csv"))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range append(secrets, "id_number", "body_temp", "institution", "mine") {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("%s holds a value or a name", e.Name())
			}
		}
	}

	out.Reset()
	if err := capacityCommand(t.Context(), []string{"--from", dir, "--records", "9000000000", "--window", "1s"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"9 billion", "keeps within 1 s", "it is outgrown today"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the answers from before lack %q:\n%s", want, out.String())
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil || !strings.Contains(string(page), `class="verdict bad"`) {
		t.Errorf("the page does not say that the window is missed: %v", err)
	}
}

// valuesOf gives keys, phone numbers and addresses of a level.
func valuesOf(t *testing.T, path string) (all []string) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n")[1:500] {
		cells := strings.Split(line, ",")
		for _, c := range []int{0, 4, 5} {
			if len(cells[c]) > 10 && strings.TrimSpace(cells[c]) != "" {
				all = append(all, cells[c])
			}
		}
	}
	if len(all) < 1000 {
		t.Fatalf("%d values to look for", len(all))
	}
	return all
}

// TestCapacityUsage: what cannot be measured is refused before anything is.
func TestCapacityUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--sizes", "1000,2000"}, {"--sizes", "x,1,2"}, {"--rounds", "0"}, {"--window", "1ms"}, {"--mismatch", "2"}, {"--growth", "-2"}, {"--records", "-1"},
		{"--from", "nowhere"}, {"--like", "nowhere.yaml"}, {"extra"}, {"--nothing"},
	} {
		if err := capacityCommand(t.Context(), append(args, "--out", t.TempDir()), io.Discard, io.Discard); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
	if err := command(t.Context(), []string{"nothing"}); err == nil {
		t.Error("an unknown command is taken")
	}
}
