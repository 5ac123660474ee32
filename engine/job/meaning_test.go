package job_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"crosscheck/engine/job"
	"crosscheck/engine/report"

	"golang.org/x/tools/txtar"
)

// TestMeaning runs the cases of testdata/meaning: what a mismatch means, case by case. A case says in its comment what it shows and
// holds a few small levels, the job.yaml over them, the findings, and where that matters the values that do not read as
// their type (unparseable: field, level, file, row). Drop a file there to add one. UPDATE_GOLDEN writes both anew, to be read
// before they are kept.
func TestMeaning(t *testing.T) {
	files, err := filepath.Glob("../../testdata/meaning/*.txtar")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			want := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "findings" })
			if want < 0 {
				t.Fatal("the case says no findings")
			}
			for _, f := range archive.Files {
				if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := map[string]string{}
			got["findings"], got["unparseable"] = meaning(t, dir)
			for i, f := range archive.Files {
				switch is, ok := got[f.Name]; {
				case !ok || is == string(f.Data):
				case os.Getenv("UPDATE_GOLDEN") != "":
					archive.Files[i].Data = []byte(is)
					if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
						t.Fatal(err)
					}
				default:
					t.Errorf("%s%s are\n%s\nwant\n%s", archive.Comment, f.Name, is, f.Data)
				}
			}
		})
	}
}

// meaning runs the job in a folder and gives its findings in columns: what a reader of the case looks at, without what never
// changes; and where values do not read as their type.
func meaning(t *testing.T, dir string) (findings, unparseable string) {
	t.Helper()
	j, err := job.Load(filepath.Join(dir, "job.yaml"), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	levels, err := job.Open(j.Levels)
	if err != nil {
		t.Fatal(err)
	}
	defer job.Close(levels)
	rosters, err := job.OpenRosters(j.Rosters)
	if err != nil {
		t.Fatal(err)
	}
	defer job.CloseRosters(rosters)
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	path := filepath.Join(dir, "out.csv")
	summary, err := job.Compare(t.Context(), levels, j.Options(day, rosters), path, report.Options{RunDate: day, Mode: 0o600})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var keep []int
	for i, name := range rows[0] {
		shown := !strings.HasPrefix(name, "in_") && !strings.HasPrefix(name, "source_") && name != "status" && name != "first_seen"
		if shown && (i < 3 || slices.ContainsFunc(rows[1:], func(row []string) bool { return row[i] != "" })) {
			keep = append(keep, i)
		}
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	for _, row := range rows {
		var cells []string
		for _, i := range keep {
			cells = append(cells, row[i])
		}
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	for _, u := range summary.Unparseable {
		unparseable += fmt.Sprintf("%s,%s,%s,%d\n", u.Field, u.Level, filepath.Base(u.File), u.Row)
	}
	return b.String(), unparseable
}
