package job

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"crosscheck/engine/audit"
	"crosscheck/engine/privacy"
	"crosscheck/engine/privacy/secret"
)

// older purges nights before a day.
func older(day string, tiers ...privacy.Tier) PurgeOptions {
	before, err := time.Parse(DateLayout, day)
	if err != nil {
		panic(err)
	}
	if len(tiers) == 0 {
		tiers = privacy.Tiers()
	}
	return PurgeOptions{Before: before, Tiers: tiers, Why: "test"}
}

// leftIn gives the files of the reports folder but those of the trail and locks.
func leftIn(t *testing.T, reports string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(reports, func(path string, d os.DirEntry, err error) error {
		if rel, _ := filepath.Rel(reports, path); err == nil && !strings.HasPrefix(rel, filepath.FromSlash(audit.Folder)) && rel != "_lock" {
			if d.Type().IsRegular() || strings.HasPrefix(d.Name(), partition) || strings.HasPrefix(d.Name(), "_") {
				names = append(names, filepath.ToSlash(rel))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPurge(t *testing.T) {
	j := lookupJob(t, "{pseudonym_key: {file: key}}")
	reports := j.Reports.Dir
	if r, err := Purge(j, older("2026-11-20")); err != nil || len(r.Nights) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	on(t, j, "2026-08-01", "2026-08-02", "2026-11-23")
	all := tree(t, reports)
	whole, err := os.ReadFile(filepath.Join(reports, "_committed/2026-08-01.json"))
	if err != nil {
		t.Fatal(err)
	}
	dry := older("2026-08-03")
	dry.DryRun = true
	would, err := Purge(j, dry)
	if err != nil || len(would.Nights) != 2 || would.Entry != 0 {
		t.Fatalf("%+v, %v", would, err)
	}
	if now := tree(t, reports); now != all {
		t.Error("a dry run changed something")
	}

	// One tier: the manifest stays, and says so; all else in it is as it was.
	r, err := Purge(j, older("2026-08-02", privacy.Restricted))
	if err != nil || len(r.Nights) != 1 || r.Nights[0].Manifest || fmt.Sprint(r.Nights[0].Tiers) != "[restricted]" || r.Nights[0].Rows == 0 || r.Kept != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	entries, check := trailOf(t, reports)
	begun, done := entries[len(entries)-2], entries[len(entries)-1]
	if begun.What != audit.Purge || done.What != audit.Purge || done.Ends != begun.Seq || done.Outcome != "done" || done.Seq != r.Entry ||
		fmt.Sprint(begun.Nights) != "[2026-08-01]" || begun.Why != "test" || len(begun.Files) == 0 || begun.Files[0].SHA256 == "" || len(check.Notes) > 0 {
		t.Errorf("%+v\n%+v\n%v", begun, done, check.Notes)
	}
	manifest, err := os.ReadFile(filepath.Join(reports, "_committed/2026-08-01.json"))
	if err != nil {
		t.Fatal(err)
	}
	note := fmt.Sprintf(",\n  \"purged\": [\n    {\n      \"tier\": \"restricted\",\n      \"entry\": %d\n    }\n  ]\n}\n", begun.Seq)
	if before, ok := strings.CutSuffix(string(manifest), note); !ok || before+"\n}\n" != string(whole) {
		t.Errorf("the manifest is now %s", manifest)
	}
	for _, name := range leftIn(t, reports) {
		if strings.HasPrefix(name, "restricted/") && strings.Contains(name, "2026-08-01") || strings.HasPrefix(name, "_staging") {
			t.Errorf("%s is still there", name)
		}
	}

	// What is left of it, and another night; the last one never.
	r, err = Purge(j, older("2027-01-01"))
	if err != nil || len(r.Nights) != 2 || !r.Nights[0].Manifest || !r.Nights[1].Manifest || r.Kept != "2026-11-23" {
		t.Fatalf("%+v, %v", r, err)
	}
	left := leftIn(t, reports)
	if slices.ContainsFunc(left, func(name string) bool { return strings.Contains(name, "2026-08") }) || !slices.Contains(left, "_committed/2026-11-23.json") {
		t.Errorf("%v", left)
	}
	if _, check := trailOf(t, reports); len(check.Notes) > 0 || check.Manifests != 1 {
		t.Errorf("%+v", check)
	}
	r, err = Purge(j, older("2027-01-01"))
	if err != nil || len(r.Nights) > 0 || r.Entry != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	// A night that was purged can be run again, and is missed like any other if its manifest goes.
	on(t, j, "2026-08-01")
	if err := os.Remove(filepath.Join(reports, "_committed/2026-08-01.json")); err != nil {
		t.Fatal(err)
	}
	if _, check := trailOf(t, reports); len(check.Notes) != 1 {
		t.Errorf("%v", check.Notes)
	}
	lock, err := takeLock(reports)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.release()
	var locked *LockedError
	if _, err := Purge(j, older("2027-01-01")); !errors.As(err, &locked) {
		t.Errorf("got %v, want a *LockedError", err)
	}
}

// TestPurgeKilled kills a purge after each of its steps, and holds that the trail tells of it and that the next one ends it.
func TestPurgeKilled(t *testing.T) {
	j := lookupJob(t, "{pseudonym_key: {file: key}}")
	on(t, j, "2026-08-01", "2026-08-02", "2026-11-23")
	whole := os.DirFS(j.Reports.Dir)
	for _, tiers := range [][]privacy.Tier{privacy.Tiers(), {privacy.Restricted}} {
		var want []string
		for steps := -1; ; steps++ { // the first one is whole
			reports := filepath.Join(t.TempDir(), "reports")
			if err := os.CopyFS(reports, whole); err != nil {
				t.Fatal(err)
			}
			j.Reports.Dir = reports
			opt := older("2026-11-01", tiers...)
			ended := steps >= 0 && killPurge(t, j, opt, steps)
			if steps >= 0 {
				_, check := trailOf(t, reports)
				if len(check.Notes) != 1 || !strings.Contains(check.Notes[0], "did not end") {
					t.Fatalf("after %d steps: %v", steps, check.Notes)
				}
				// No manifest names tables that are gone.
				if _, err := Lookup(t.Context(), j, LookupOptions{Key: secret.New([]string{"990101198001010014"}), Tier: privacy.Restricted, Why: "test", History: true}); err != nil {
					t.Fatalf("a lookup after %d steps: %v", steps, err)
				}
			}
			if _, err := Purge(j, opt); err != nil {
				t.Fatal(err)
			}
			_, check := trailOf(t, reports)
			got := leftIn(t, reports)
			if steps < 0 {
				want = got
			}
			if len(check.Notes) > 0 || !slices.Equal(got, want) {
				t.Fatalf("after %d steps: %v\ngot  %v\nwant %v", steps, check.Notes, got, want)
			}
			if ended {
				break
			}
		}
	}
}

// killPurge does the first steps of a purge and leaves it, as a kill does. It reports whether there were no more.
func killPurge(t *testing.T, j *Job, opt PurgeOptions, steps int) bool {
	t.Helper()
	r, err := planPurge(j.Reports.Dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	n := &night{reports: j.Reports.Dir, staging: filepath.Join(j.Reports.Dir, stagingDir, "purge-4711")}
	entry, err := audit.Append(j.Reports.Dir, r.entry(j, opt))
	if err != nil {
		t.Fatal(err)
	}
	// Each manifest is a step, then each table.
	for i := range r.Nights {
		if steps == 0 {
			return false
		}
		if err := n.purgeManifest(&r.Nights[i], entry.Seq); err != nil {
			t.Fatal(err)
		}
		steps--
	}
	for _, night := range r.Nights {
		for _, folder := range night.tables {
			if steps == 0 {
				return false
			}
			if err := n.purgeTable(folder); err != nil {
				t.Fatal(err)
			}
			steps--
		}
	}
	return true
}
