package job

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"crosscheck/engine/audit"
	"crosscheck/engine/durable"
	"crosscheck/engine/durable/durabletest"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
	"crosscheck/engine/spill"
)

// campaign is a job of two nights, of which the next one has another finding, with a pseudonym key, to be broken again and again.
type campaign struct {
	*testing.T
	job     *Job
	reports string // of the job, in a folder of its own, disk
	disk    string
	base    string // a copy of disk as the two nights left it
	none    string // an empty folder
	cases   []campaignCase
}

// campaignCase is what is done while something fails.
type campaignCase struct {
	name string
	base string // what the disk holds before
	date string // the night that changes; "": none, or none alone
	do   func() error
}

// newCampaign publishes two nights. No run of a campaign waits for a disk.
func newCampaign(t *testing.T) *campaign {
	t.Helper()
	dir := durabletest.Dir(t)
	auditedJob(t, dir)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("job.yaml", trailJob+"privacy: {pseudonym_key: {file: key}}\nreports: {dir: disk/reports}\n")
	write("key", string(privacy.NewKey()))
	c := &campaign{T: t, job: reload(t, dir), disk: filepath.Join(dir, "disk"), base: filepath.Join(dir, "base"), none: filepath.Join(dir, "none")}
	c.reports = c.job.Reports.Dir
	if err := errors.Join(os.Mkdir(c.disk, 0o755), os.Mkdir(c.none, 0o755)); err != nil {
		t.Fatal(err)
	}
	real := durable.Use(&durabletest.FS{})
	t.Cleanup(func() { durable.Use(real) })
	for i := range 2 {
		if err := c.night(i - 2); err != nil {
			t.Fatal(err)
		}
	}
	write("b.csv", "id,v\n99p,w\n99q,y\n") // one finding is new, one is gone
	copyTree(t, c.disk, c.base)
	date := func(days int) string { return testDate.AddDate(0, 0, days).Format(DateLayout) }
	c.cases = []campaignCase{
		{"first", c.none, date(0), func() error { return c.night(0) }},
		{"fresh", c.base, date(0), func() error { return c.night(0) }},
		{"rerun", c.base, date(-1), func() error { return c.night(-1) }},
		{"purge", c.base, "", func() error { return c.purge(-1) }},
	}
	return c
}

// spilled is a night that spills its rows, for the job also has a roster of so many rows, none of them with a key, that it thinks that it must, and that few stay in memory.
func (c *campaign) spilled() campaignCase {
	c.Helper()
	crowd := filepath.Join(filepath.Dir(c.disk), "crowd.csv")
	if err := os.WriteFile(crowd, []byte("id,v\n"+strings.Repeat(",\n", 2_100_000)), 0o600); err != nil {
		c.Fatal(err)
	}
	j := reload(c.T, filepath.Dir(c.disk))
	j.Rosters = []Roster{{Level: Level{Name: "crowd", Paths: []string{crowd}}}}
	j.Memory, j.Workers = 91<<20, 1
	return campaignCase{"spilled", c.base, testDate.Format(DateLayout), func() error {
		m, err := Run(c.Context(), j, RunOptions{Date: testDate, Class: func(error) (int, string) { return 5, "write" }})
		if err == nil && m.Summary.Spilled == 0 {
			c.Error("nothing was spilled")
		}
		return err
	}}
}

// night runs the job for the test date and so many days after it.
func (c *campaign) night(days int) error {
	_, err := Run(c.Context(), c.job, RunOptions{Date: testDate.AddDate(0, 0, days), Class: func(error) (int, string) { return 5, "write" }})
	return err
}

// purge removes what is older than so many days after the test date.
func (c *campaign) purge(days int) error {
	_, err := Purge(c.job, PurgeOptions{Before: testDate.AddDate(0, 0, days), Tiers: privacy.Tiers(), Why: "a test"})
	return err
}

// again has the disk hold what a case begins with.
func (c *campaign) again(base string) {
	c.Helper()
	if err := os.RemoveAll(c.disk); err != nil {
		c.Fatal(err)
	}
	copyTree(c.T, base, c.disk)
}

// outcome gives the tables of the nights before a case and after it.
func (c *campaign) outcome(of campaignCase) (before, after map[string]string) {
	c.Helper()
	c.again(of.base)
	before = findings(c.T, c.reports)
	if err := of.do(); err != nil {
		c.Fatal(err)
	}
	return before, findings(c.T, c.reports)
}

// step says how many points of a campaign are left out between two that are tried: with -short six, else two, and with CROSSCHECK_CAMPAIGN=all none.
func (c *campaign) step() int {
	switch {
	case os.Getenv("CROSSCHECK_CAMPAIGN") == "all":
		return 1
	case testing.Short():
		return 7
	}
	return 3
}

// TestFaultAtEveryCall has each call by which a night or a purge writes something fail in turn, once and for good, with the errors that disks give by
// turns; see campaign.step. It holds that the run says what it could not write, that after a fault that passes the nights before it are as they
// were, that the next run publishes the tables that one without a fault would have published, and that nothing is left over.
func TestFaultAtEveryCall(t *testing.T) {
	c := newCampaign(t)
	errnos := []syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EROFS, syscall.EACCES}
	points := 0
	for _, of := range append(c.cases, c.spilled()) {
		before, want := c.outcome(of)
		for _, sticky := range []bool{false, true} {
			for at := 1; ; at += c.step() {
				c.again(of.base)
				disk := &durabletest.FS{At: at, Err: errnos[points%len(errnos)], Sticky: sticky}
				real := durable.Use(disk)
				err := of.do()
				durable.Use(real)
				if disk.Calls() < at {
					break
				}
				points++
				where := fmt.Sprintf("%s, call %d, %v, for good %v", of.name, at, disk.Err, sticky)
				var table *report.WriteError
				var trail *audit.WriteError
				var temp *spill.Error
				switch got := findings(t, c.reports); {
				case err == nil && !maps.Equal(got, want):
					t.Errorf("%s: no error, and the tables are not what they were to be", where)
				case err != nil && !errors.As(err, &table) && !errors.As(err, &trail) && !errors.As(err, &temp):
					t.Errorf("%s: no error of writing: %v", where, err)
				case err != nil && !sticky && of.name != "purge" && !maps.Equal(got, before):
					t.Errorf("%s: %v, and the nights before it changed", where, err)
				}
				if err := of.do(); err != nil {
					t.Fatalf("%s: the next one: %v", where, err)
				}
				c.sound(where, want)
			}
		}
	}
	t.Logf("%d points, all survived unless said otherwise", points)
	if points < 100 {
		t.Errorf("only %d points were tried", points)
	}
}

// sound holds that the tables are these, that all files are what their manifests say, that the trail is sound and nothing is left over.
func (c *campaign) sound(where string, want map[string]string) {
	c.Helper()
	if got := findings(c.T, c.reports); !maps.Equal(got, want) {
		c.Errorf("%s: the tables are not what they were to be", where)
	}
	if err := CheckTrail(c.reports); err != nil {
		c.Errorf("%s: %v", where, err)
	}
	if left := leftOver(c.T, c.reports); len(left) > 0 {
		c.Errorf("%s: left over: %q", where, left)
	}
	c.intact(where, "")
}

// intact holds that each file of each night, but for the one named, is the one that its manifest lists.
func (c *campaign) intact(where, but string) {
	c.Helper()
	manifests, err := readCommitted(c.reports)
	if err != nil {
		c.Fatalf("%s: %v", where, err)
	}
	for _, m := range manifests {
		if m.damaged {
			c.Errorf("%s: the manifest of %s is damaged", where, m.date)
		}
		for _, f := range m.Files {
			if tier, _, _ := strings.Cut(f.Path, "/"); m.date == but || m.purged(privacy.Tier(tier)) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(c.reports, filepath.FromSlash(f.Path)))
			if err != nil || digestOf(text) != f.SHA256 {
				c.Errorf("%s: %s is not what its manifest says (%v)", where, f.Path, err)
			}
		}
	}
}

// findings gives the tables of all nights but runs, which has times in it, by path.
func findings(t *testing.T, reports string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, tier := range privacy.Tiers() {
		err := filepath.WalkDir(filepath.Join(reports, string(tier)), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // no night has it
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, partFile) || strings.Contains(path, runsTable.name) {
				return err
			}
			text, err := os.ReadFile(path)
			all[path] = digestOf(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// leftOver gives what no run that is done leaves: files under way, staging folders, empty folders of nights, anything but Parquet in a table.
func leftOver(t *testing.T, reports string) (left []string) {
	t.Helper()
	err := filepath.WalkDir(reports, func(path string, d fs.DirEntry, err error) error {
		if path == reports && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(reports, path)
		rel = filepath.ToSlash(rel)
		bad := strings.HasSuffix(rel, ".tmp") || d.Name() == stagingDir
		if strings.Contains(rel, partition) && !d.IsDir() {
			bad = bad || d.Name() != partFile && d.Name() != pageTable.file
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), partition) {
			entries, err := os.ReadDir(path)
			bad = bad || err != nil || len(entries) == 0
		}
		if bad {
			left = append(left, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// copyTree copies a folder with its modes.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, path)
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.Mkdir(target, info.Mode().Perm())
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}
