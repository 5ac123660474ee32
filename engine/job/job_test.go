package job

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/record"
)

// env is the environment of the tests.
func env(name string) (string, bool) {
	v, ok := map[string]string{"DATA": "/srv/data", "NAME": "demo", "EMPTY": ""}[name]
	return v, ok
}

const whole = `# every setting once
job: residents
key: {column: id_number, type: cn_id}
levels:
  city:     {path: "${DATA}/city/*.parquet"}
  district:
    path: [district.parquet, more/*.parquet]
    format: parquet
  街道:
    path: &street street.csv
    format: csv
    encoding: utf-8
    delimiter: "\t"
    null_values: ["", NA, "-"]
    columns: {证件号码: id_number, 姓名: name}
fields: [name, {name: birth_date, type: date}]
ignore: [note]
reports: {dir: out, carry: [street_code, community_code]}
gates:
  - {metric: mismatch_rate, max: 0.02}
  - {metric: missing_rate, level: 街道, max: 1e-2}
  - {metric: missing_rate, max: 1}
waivers: known/waivers.yaml
workers: 4
`

func TestParseWhole(t *testing.T) {
	got, err := Parse("jobs/night.yaml", []byte(whole), env)
	if err != nil {
		t.Fatal(err)
	}
	want := &Job{
		File: "jobs/night.yaml",
		Name: "residents",
		Key:  []engine.Field{{Name: "id_number", Type: record.CNID}},
		Levels: []Level{
			{Name: "city", Paths: []string{"/srv/data/city/*.parquet"}},
			{Name: "district", Paths: []string{"jobs/district.parquet", "jobs/more/*.parquet"}, Format: "parquet"},
			{Name: "街道", Paths: []string{"jobs/street.csv"}, Format: "csv", Encoding: "utf-8", Delimiter: '\t',
				NullValues: []string{"", "NA", "-"}, Columns: map[string]string{"证件号码": "id_number", "姓名": "name"}},
		},
		Fields:  []engine.Field{{Name: "name"}, {Name: "birth_date", Type: record.Date}},
		Ignore:  []string{"note"},
		Reports: Reports{Dir: "jobs/out", Carry: []string{"street_code", "community_code"}},
		Gates: []Gate{
			{Metric: MismatchRate, Max: new(float64(0.02))},
			{Metric: MissingRate, Level: "街道", Max: new(float64(0.01))},
			{Metric: MissingRate, Max: new(float64(1))},
		},
		Waivers: &Waivers{File: "jobs/known/waivers.yaml"},
		Workers: 4,
	}
	got.reader = nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestParseKeyForms(t *testing.T) {
	for form, want := range map[string][]engine.Field{
		"id":                         {{Name: "id"}},
		"[a, b]":                     {{Name: "a"}, {Name: "b"}},
		"{column: id}":               {{Name: "id"}},
		"[{column: a, type: int64}]": {{Name: "a", Type: record.Int}},
		"[{column: a, type: string}, {column: b, type: int64}, c]": {{Name: "a", Type: record.String}, {Name: "b", Type: record.Int}, {Name: "c"}},
	} {
		j, err := Parse("job.yaml", []byte("job: j\nkey: "+form+"\nlevels: {a: {path: a.csv}, b: {path: b.csv}}\n"), env)
		if err != nil {
			t.Errorf("key: %s: %v", form, err)
		} else if !reflect.DeepEqual(j.Key, want) {
			t.Errorf("key: %s gave %+v, want %+v", form, j.Key, want)
		}
	}
}

func TestParseDefaults(t *testing.T) {
	j, err := Parse("dir/job.yaml", []byte("job: j\nkey: id\nlevels: {a: {path: a.csv}, b: {path: b.csv}}\n"), env)
	if err != nil {
		t.Fatal(err)
	}
	if j.Reports.Dir != "dir/reports" || j.Workers != 0 || j.Gates != nil || j.Fields != nil || j.Levels[0].NullValues != nil {
		t.Errorf("defaults: %+v", j)
	}
}

func TestParseAlias(t *testing.T) {
	src := "job: j\nkey: id\nlevels:\n  a: {path: a.csv, null_values: &n [NA]}\n  b: {path: b.csv, null_values: *n}\n"
	j, err := Parse("job.yaml", []byte(src), env)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(j.Levels[1].NullValues, []string{"NA"}) {
		t.Errorf("the alias gave %q", j.Levels[1].NullValues)
	}
}

// TestFaults holds job files with faults against what is said about them, with the place and the caret: testdata/faults/*.yaml
// and beside each a .txt.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse("job.yaml", src, env)
			var faults *Error
			if !errors.As(err, &faults) {
				t.Fatalf("got %v, want *Error", err)
			}
			var b strings.Builder
			for _, f := range faults.Faults {
				b.WriteString(f.Error() + "\n")
				if e := f.Excerpt(); e != "" {
					b.WriteString(e + "\n")
				}
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", b.String(), want)
			}
		})
	}
}

func TestLoadMissing(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "job.yaml"), env)
	var faults *Error
	if !errors.As(err, &faults) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want an *Error about a file that is not there", err)
	}
}

// FuzzParse holds that any text gives a job or faults with places inside the text, and never a panic.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	files, _ := filepath.Glob("testdata/faults/*.yaml")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		_, err := Parse("job.yaml", src, env)
		var faults *Error
		if err != nil && !errors.As(err, &faults) {
			t.Fatalf("%T", err)
		}
		if faults != nil {
			for _, fault := range faults.Faults {
				_ = fault.Excerpt()
			}
		}
	})
}
