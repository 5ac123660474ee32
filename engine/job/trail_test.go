package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/audit"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
)

const trailJob = `job: trail
key: {column: id, type: string}
levels: {a: {path: a.csv}, b: {path: b.csv}}
`

// auditedJob writes a small job with its levels and loads it.
func auditedJob(t *testing.T, dir string) *Job {
	t.Helper()
	for name, text := range map[string]string{"job.yaml": trailJob, "a.csv": "id,v\n99p,x\n99q,y\n", "b.csv": "id,v\n99p,x\n99q,z\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return reload(t, dir)
}

func reload(t *testing.T, dir string) *Job {
	t.Helper()
	j, err := Load(filepath.Join(dir, "job.yaml"), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// runAudited runs a job with a class of errors as a command line has one.
func runAudited(ctx context.Context, j *Job, opened func()) (*Manifest, error) {
	return Run(ctx, j, RunOptions{Date: testDate,
		Class: func(error) (int, string) { return 3, "input" },
		Opened: func([]Input) {
			if opened != nil {
				opened()
			}
		}})
}

// trailOf gives the entries of a sound trail.
func trailOf(t *testing.T, reports string) ([]audit.Entry, *audit.Check) {
	t.Helper()
	check, err := audit.Verify(reports)
	if err != nil || check.Fault != nil {
		t.Fatalf("the trail is said to be broken: %v, %v", check.Fault, err)
	}
	entries, _, err := audit.Read(reports)
	if err != nil {
		t.Fatal(err)
	}
	return entries, check
}

// TestTrailOfKey holds that the trail says when a pseudonym key is used, which one, and of what tier a night with one is.
func TestTrailOfKey(t *testing.T) {
	dir := t.TempDir()
	auditedJob(t, dir)
	key := privacy.NewKey()
	for name, text := range map[string]string{"job.yaml": trailJob + "privacy: {pseudonym_key: {file: key}}\n", "key": string(key)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j := reload(t, dir)
	m, err := runAudited(t.Context(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := runAudited(ctx, j, cancel); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's error", err)
	}
	if err := os.Remove(filepath.Join(dir, "b.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := runAudited(t.Context(), j, nil); err == nil { // nothing is read, and so no pseudonym given
		t.Fatal("no error")
	}
	entries, _ := trailOf(t, j.Reports.Dir)
	var got []string
	for _, e := range entries {
		got = append(got, fmt.Sprint(e.What, " ", e.Tiers, " ", e.KeyID == m.PseudonymKey, " ", e.Job, " ", e.RunDate))
	}
	want := []string{
		"key_use [internal] true trail 2026-11-23",
		"publish [restricted internal public] true trail 2026-11-23",
		"key_use [internal] true trail 2026-11-23",
		"run [] false trail 2026-11-23",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	all, err := os.ReadFile(filepath.Join(j.Reports.Dir, filepath.FromSlash(audit.Folder), "0001-"+entries[0].Time.Format("2006-01")+".jsonl"))
	if err != nil || strings.Contains(string(all), strings.TrimSpace(string(key))) {
		t.Errorf("the trail holds the key: %v", err)
	}
}

// TestTellingFiles holds that a file whose name is an identifier is named in no output that more people may read than the restricted ones.
func TestTellingFiles(t *testing.T) {
	dir := t.TempDir()
	j := auditedJob(t, dir)
	const telling = "990101198001010014.csv"
	text := strings.Replace(trailJob, "path: a.csv", "path: \""+telling+"\"", 1)
	if err := errors.Join(os.Rename(filepath.Join(dir, "a.csv"), filepath.Join(dir, telling)), os.WriteFile(j.File, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	m, err := runAudited(t.Context(), reload(t, dir), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Inputs[0].Files; !slices.Equal(got, []string{"*"}) {
		t.Errorf("the manifest names %q", got)
	}
	for _, name := range []string{m.Files[len(m.Files)-1].Path, committedDir + "/2026-11-23.json"} {
		content, err := os.ReadFile(filepath.Join(j.Reports.Dir, filepath.FromSlash(name)))
		if err != nil || strings.Contains(string(content), "990101198001010014") {
			t.Errorf("%s names the file: %v", name, err)
		}
	}
}

func TestTrailOfNights(t *testing.T) {
	dir := t.TempDir()
	j := auditedJob(t, dir)
	reports := j.Reports.Dir
	m, err := runAudited(t.Context(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	entries, check := trailOf(t, reports)
	if len(entries) != 1 || check.Head != m.Audit || check.Manifests != 1 {
		t.Fatalf("%d entries, %+v; the manifest anchors %+v", len(entries), check, m.Audit)
	}
	e := entries[0]
	if e.What != audit.Publish || e.Job != "trail" || e.RunDate != "2026-11-23" || fmt.Sprint(e.Tiers) != "[restricted public]" || len(e.Files) != len(m.Files) {
		t.Errorf("%+v", e)
	}
	if want := audit.DigestOf(filepath.Join(dir, "job.yaml"), []byte(trailJob)); len(e.Config) != 1 || e.Config[0] != want {
		t.Errorf("configuration %+v, want %+v", e.Config, want)
	}
	for i, f := range e.Files {
		content, err := os.ReadFile(filepath.Join(reports, filepath.FromSlash(f.Path)))
		sum := sha256.Sum256(content)
		if err != nil || f.SHA256 != hex.EncodeToString(sum[:]) || f.Rows != m.Files[i].Rows {
			t.Errorf("%+v, the manifest says %+v, %v", f, m.Files[i], err)
		}
		if strings.HasPrefix(f.Path, "restricted/mismatches/") && f.Rows != m.Summary.Findings {
			t.Errorf("%d rows of %d findings", f.Rows, m.Summary.Findings)
		}
	}

	// Another job file is on record before anything is read, also where its content is all that changed.
	if err := os.WriteFile(filepath.Join(dir, "job.yaml"), []byte(trailJob+"workers: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	j = reload(t, dir)
	for range 2 {
		if _, err := runAudited(t.Context(), j, nil); err != nil {
			t.Fatal(err)
		}
	}
	entries, _ = trailOf(t, reports)
	if len(entries) != 4 || entries[1].What != audit.ConfigChange || entries[1].Config[0] == entries[0].Config[0] || entries[3].What != audit.Publish {
		t.Errorf("%+v", entries)
	}

	// Before reading nothing is recorded, after that what became of it, and no message.
	var write *report.WriteError
	inTheWay := func() { // of a table
		staged, _, _ := (&night{}).paths(filepath.Join(reports, stagingDir, fmt.Sprintf("2026-11-23-%d", os.Getpid())), File{Path: mismatchesTable.path("2026-11-23")})
		if err := os.Mkdir(staged, 0o700); err != nil {
			t.Error(err)
		}
	}
	if _, err := runAudited(t.Context(), j, inTheWay); !errors.As(err, &write) {
		t.Fatalf("got %v, want a *WriteError", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := runAudited(ctx, j, cancel); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's error", err)
	}
	if err := os.Remove(filepath.Join(dir, "b.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := runAudited(t.Context(), j, nil); err == nil {
		t.Fatal("no error")
	}
	entries, _ = trailOf(t, reports)
	if len(entries) != 6 {
		t.Fatalf("%+v", entries[4:])
	}
	if e := entries[4]; e.What != audit.Run || e.Outcome != "failed" || e.Class != "input" || e.ExitCode != 3 || len(e.Config) != 1 || e.Undoes != 0 {
		t.Errorf("%+v", e)
	}
	if e := entries[5]; e.What != audit.Run || e.Outcome != "interrupted" {
		t.Errorf("%+v", e)
	}
	all, err := os.ReadFile(filepath.Join(reports, filepath.FromSlash(audit.Folder), "0001-"+entries[0].Time.Format("2006-01")+".jsonl"))
	if err != nil || strings.Contains(string(all), "99p") || strings.Contains(string(all), "99q") {
		t.Errorf("the trail holds a key: %v", err)
	}
}

// TestBrokenTrail holds that a run over a broken trail reads nothing and changes nothing.
func TestBrokenTrail(t *testing.T) {
	dir := t.TempDir()
	j := auditedJob(t, dir)
	if _, err := runAudited(t.Context(), j, nil); err != nil {
		t.Fatal(err)
	}
	entries, _ := trailOf(t, j.Reports.Dir)
	file := filepath.Join(j.Reports.Dir, filepath.FromSlash(audit.Folder), "0001-"+entries[0].Time.Format("2006-01")+".jsonl")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), `"rows":`, `"rows":1`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	before := tree(t, j.Reports.Dir)
	_, err = runAudited(t.Context(), j, func() { t.Error("levels were opened") })
	var broken *audit.BrokenError
	if !errors.As(err, &broken) || broken.Fault.Line != 1 || !strings.Contains(err.Error(), file+":1: ") {
		t.Errorf("got %v, want a *BrokenError", err)
	}
	if !errors.As(CheckTrail(j.Reports.Dir), &broken) {
		t.Error("CheckTrail finds nothing")
	}
	if after := tree(t, j.Reports.Dir); after != before {
		t.Errorf("got\n%s\nwant\n%s", after, before)
	}
	if _, err := audit.SealBreak(j.Reports.Dir, "a test", j.Name); err != nil {
		t.Fatal(err)
	}
	if _, err := runAudited(t.Context(), j, nil); err != nil {
		t.Error(err)
	}
	trailOf(t, j.Reports.Dir)
}

// TestKilledOnRecord kills a run at each of its stages, as far as its files tell, and holds that the next one puts on record what was lost.
func TestKilledOnRecord(t *testing.T) {
	for _, earlier := range []bool{false, true} {
		for stage, want := range map[string]string{
			"reading":    "run killed",
			"staged":     "run killed",
			"appended":   "publish, run killed undoes",
			"publishing": "publish, run killed undoes",
			"published":  "publish",
		} {
			t.Run(fmt.Sprintf("earlier=%v/%s", earlier, stage), func(t *testing.T) {
				dir := t.TempDir()
				if earlier {
					publishFake(t, dir, "old")
					want = "publish, " + want
				}
				n, m := begun(t, dir, stage)
				killed := filepath.Join(dir, stagingDir, "2026-11-23-0")
				if err := errors.Join(os.Rename(n.staging, killed), n.lock.release()); err != nil {
					t.Fatal(err)
				}
				if _, check := trailOf(t, dir); len(check.Pending) > 0 != (m.Audit.Seq > 0 && stage != "published") {
					t.Errorf("pending: %v", check.Pending)
				}
				next, err := begin(dir, testDate, nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := next.end(); err != nil {
					t.Fatal(err)
				}
				entries, check := trailOf(t, dir)
				var got []string
				for _, e := range entries {
					word := strings.TrimSpace(string(e.What) + " " + e.Outcome)
					if e.Undoes > 0 {
						word += " undoes"
						if e.Undoes != m.Audit.Seq {
							t.Errorf("it undoes entry %d, want %d", e.Undoes, m.Audit.Seq)
						}
					}
					if e.RunDate != "2026-11-23" {
						t.Errorf("run date %q", e.RunDate)
					}
					got = append(got, word)
				}
				if got := strings.Join(got, ", "); got != want {
					t.Errorf("the trail says %q, want %q", got, want)
				}
				if len(check.Pending) > 0 || len(check.Notes) > 0 {
					t.Errorf("%+v", check)
				}
				publishFake(t, dir, "new")
				trailOf(t, dir)
			})
		}
	}
}

// TestKilledWhileRemoving holds that a run that published and was killed while it removed its folder is not taken for one that did not,
// whatever is left of the folder.
func TestKilledWhileRemoving(t *testing.T) {
	dir := t.TempDir()
	n, m := begun(t, dir, "published")
	all := filepath.Join(dir, stagingDir)
	if err := errors.Join(os.RemoveAll(n.staging), os.MkdirAll(filepath.Join(all, doneWith+"2026-11-23-0", "public"), 0o700), n.lock.release()); err != nil {
		t.Fatal(err)
	}
	next, err := begin(dir, testDate, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := next.end(); err != nil {
		t.Fatal(err)
	}
	entries, check := trailOf(t, dir)
	if len(entries) != 1 || entries[0].Seq != m.Audit.Seq || len(check.Notes) > 0 {
		t.Errorf("%+v, %q", entries, check.Notes)
	}
	if _, err := os.Stat(all); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("_staging is left: %v", err)
	}
}

// begun takes a night to a stage and leaves it there.
func begun(t *testing.T, dir, stage string) (*night, *Manifest) {
	t.Helper()
	if stage == "reading" {
		n, err := begin(dir, testDate, nil)
		if err != nil {
			t.Fatal(err)
		}
		return n, &Manifest{}
	}
	n, m := stageFake(t, dir, "new")
	if stage == "staged" {
		return n, m
	}
	if stage == "published" {
		if err := n.publish(m); err != nil {
			t.Fatal(err)
		}
		return n, m
	}
	a, err := audit.Append(dir, m.publication())
	if err != nil {
		t.Fatal(err)
	}
	m.Audit = a
	if stage == "publishing" {
		if err := writeDurably(filepath.Join(n.staging, stagedName), []byte(`{"files": [{"path": "`+m.Files[0].Path+`"}]}`), 0o640); err != nil {
			t.Fatal(err)
		}
		if err := n.place(m.Files[:1]); err != nil {
			t.Fatal(err)
		}
	}
	return n, m
}

// TestUndone makes publishing fail after it was appended, and holds that the trail says so; where even that fails, the next run does.
func TestUndone(t *testing.T) {
	for _, full := range []bool{false, true} {
		dir := t.TempDir()
		publishFake(t, dir, "old")
		n, m := stageFake(t, dir, "new")
		staged, _, _ := n.paths(n.staging, m.Files[2])
		if err := os.Remove(staged); err != nil {
			t.Fatal(err)
		}
		err := n.publish(m)
		if err == nil {
			t.Fatal("no error")
		}
		n.failure = n.failed(&Job{Name: "test"}, RunOptions{}, err)
		folder := filepath.Join(dir, filepath.FromSlash(audit.Folder))
		if full { // no folder to append to
			if err := errors.Join(os.Rename(folder, folder+"-"), os.WriteFile(folder, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		err = n.end()
		var we *audit.WriteError
		if full != errors.As(err, &we) {
			t.Fatalf("full %v: got %v", full, err)
		}
		if full {
			if err := errors.Join(os.Remove(folder), os.Rename(folder+"-", folder)); err != nil {
				t.Fatal(err)
			}
			next, err := begin(dir, testDate, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := next.end(); err != nil {
				t.Fatal(err)
			}
		}
		entries, check := trailOf(t, dir)
		if e := entries[len(entries)-1]; len(entries) != 3 || e.Undoes != 2 || e.Outcome == "" || len(check.Notes) > 0 {
			t.Errorf("full %v: %+v, %q", full, entries, check.Notes)
		}
		if _, err := os.Stat(filepath.Join(dir, stagingDir)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("full %v: _staging is left: %v", full, err)
		}
		if got, want := tree(t, dir), fmt.Sprintf(published, "old"); got != want {
			t.Errorf("full %v: got\n%s\nwant\n%s", full, got, want)
		}
	}
}
