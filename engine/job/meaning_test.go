package job_test

import (
	"bytes"
	"encoding/csv"
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

// TestMeaning runs the cases of testdata/meaning, each a few small levels, a job and its findings: what a mismatch means, case by
// case. UPDATE_GOLDEN writes the findings anew, to be read before they are kept.
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
			got := meaning(t, dir)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				archive.Files[want].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(archive.Files[want].Data) {
				t.Errorf("%s: found\n%s\nwant\n%s", archive.Comment, got, archive.Files[want].Data)
			}
		})
	}
}

// meaning runs the job in a folder and gives its findings in columns: what a reader of the case looks at, without what never changes.
func meaning(t *testing.T, dir string) string {
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
	if _, err := job.Compare(t.Context(), levels, j.Options(day, rosters), path, report.Options{RunDate: day, Mode: 0o600}); err != nil {
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
	return b.String()
}
