package job

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosscheck/engine/audit"
	"crosscheck/engine/durable"
	"crosscheck/engine/privacy"
)

// PurgeOptions says what is purged.
type PurgeOptions struct {
	Before time.Time      // nights of run dates before this day
	Tiers  []privacy.Tier // whose tables are removed
	Why    string         // for the trail, as "older than 90d"
	DryRun bool           // nothing is removed, and nothing written
}

// PurgeResult is what Purge removed, or would.
type PurgeResult struct {
	Nights []PurgedNight // in their order
	Kept   string        // the last night that was published, where it is old enough: it stays
	Entry  int64         // of the trail; 0: there was nothing to do, or it was a dry run

	Fingerprints bool // those that were kept of an old night go too
}

// PurgedNight is what is removed of a night.
type PurgedNight struct {
	Date     string
	Tiers    []string
	Rows     int64 // of all its tables, as far as the manifest says
	Files    int
	Bytes    int64
	Manifest bool // nothing of the night is left, so that its manifest goes too

	tables []string // below the reports folder, with slashes: the folders of the night
	files  []audit.File
}

// Purge removes the tables of old nights, and the manifest of a night with its last table. Where a table stays, the manifest stays and says what
// was purged. The last night that was published stays whatever its age, and so does the trail. What runs that were killed left in _staging
// is put back or dropped first, as the next run would.
//
// The trail says what will be removed before anything is, and then that it is. A purge that is killed leaves the rest to the next one: manifests go
// first, so that no manifest names tables that are gone, and each table leaves its place by one rename.
//
// Errors: *LockedError; *audit.BrokenError, before anything is removed; *level.InputError where a folder or a manifest cannot be read; *audit.ReadError,
// *audit.WriteError; *report.WriteError.
func Purge(j *Job, opt PurgeOptions) (r *PurgeResult, err error) {
	reports := j.Reports.Dir
	if _, err := os.Stat(reports); errors.Is(err, fs.ErrNotExist) {
		return &PurgeResult{}, nil
	}
	if opt.DryRun {
		if err := CheckTrail(reports); err != nil {
			return nil, err
		}
		return planPurge(reports, opt)
	}
	n := &night{reports: reports, job: j, owners: j.Privacy.Owners}
	if n.lock, err = takeLock(reports); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.lock.release()) }()
	if err := n.checkTrail(); err != nil {
		return nil, err
	}
	if err := n.recover(); err != nil {
		return nil, err
	}
	if r, err = planPurge(reports, opt); err != nil {
		return nil, err
	}
	done := audit.Entry{What: audit.Purge, Why: opt.Why, Job: j.Name, Outcome: "done", Ends: n.check.Purging}
	if len(r.Nights) > 0 || r.Fingerprints {
		n.staging = filepath.Join(reports, stagingDir, fmt.Sprintf("%s%d", purgedDir, os.Getpid()))
		e := r.entry(j, opt)
		if done.Ends, err = n.purge(e, r.Nights); err != nil {
			return nil, err
		}
		if err := n.drop(n.staging, nil); err != nil {
			return nil, err
		}
		if r.Fingerprints {
			dir := filepath.Join(reports, filepath.FromSlash(fingerprintsFolder))
			if err := durable.RemoveAll(dir); err != nil {
				return nil, writeError(dir, err)
			}
		}
		done.Tiers, done.Nights, done.Rows = e.Tiers, e.Nights, e.Rows
	}
	if done.Ends == 0 {
		return r, nil
	}
	_ = n.writeAllNights(j.Name, nil) // the next run tries again
	anchor, err := audit.Append(reports, done)
	r.Entry = anchor.Seq
	return r, err
}

// planPurge says what there is to remove.
func planPurge(reports string, opt PurgeOptions) (*PurgeResult, error) {
	manifests, err := readCommitted(reports)
	if err != nil {
		return nil, err
	}
	last, before := "", opt.Before.Format(DateLayout)
	if len(manifests) > 0 {
		last = manifests[len(manifests)-1].date
	}
	r := &PurgeResult{}
	nights := map[string]*PurgedNight{}
	stay := map[string]bool{} // nights of which a table stays
	for _, tier := range privacy.Tiers() {
		tables, err := nightFolders(reports, tier)
		if err != nil {
			return nil, err
		}
		for _, t := range tables {
			date := strings.TrimPrefix(path.Base(t), partition)
			switch {
			case date >= before:
			case date == last:
				r.Kept = last
			case !slices.Contains(opt.Tiers, tier):
				stay[date] = true
			default:
				if nights[date] == nil {
					nights[date] = &PurgedNight{Date: date}
				}
				if err := nights[date].add(reports, tier, t); err != nil {
					return nil, err
				}
			}
		}
	}
	r.Fingerprints = slices.Contains(opt.Tiers, privacy.Restricted) && oldFingerprints(reports, opt.Before)
	for i := range manifests {
		m := &manifests[i]
		night := nights[m.date]
		if night == nil && m.date < before && m.date != last && !stay[m.date] {
			night = &PurgedNight{Date: m.date} // a purge that was killed has left the manifest alone
			nights[m.date] = night
		}
		if night != nil {
			night.take(reports, m, !stay[m.date])
		}
	}
	for _, night := range nights {
		r.Nights = append(r.Nights, *night)
	}
	slices.SortFunc(r.Nights, func(a, b PurgedNight) int { return strings.Compare(a.Date, b.Date) })
	return r, nil
}

// nightFolders gives the folders of nights of all tables of a tier, below the reports folder, with slashes.
func nightFolders(reports string, tier privacy.Tier) ([]string, error) {
	var all []string
	tables, err := foldersIn(reports, string(tier))
	for _, t := range tables {
		nights, err := foldersIn(reports, t)
		if err != nil {
			return nil, err
		}
		for _, n := range nights {
			date, ok := strings.CutPrefix(path.Base(n), partition)
			if _, err := time.Parse(DateLayout, date); ok && err == nil {
				all = append(all, n)
			}
		}
	}
	return all, err
}

// foldersIn gives the folders in a folder; one that is not there has none. Links are none of them.
func foldersIn(reports, folder string) ([]string, error) {
	dir := filepath.Join(reports, filepath.FromSlash(folder))
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, cannotRead(dir, err)
	}
	var all []string
	for _, e := range entries {
		if e.IsDir() {
			all = append(all, path.Join(folder, e.Name()))
		}
	}
	return all, nil
}

// add takes up the folder of a table.
func (p *PurgedNight) add(reports string, tier privacy.Tier, folder string) error {
	p.tables = append(p.tables, folder)
	if !slices.Contains(p.Tiers, string(tier)) {
		p.Tiers = append(p.Tiers, string(tier))
	}
	dir := filepath.Join(reports, filepath.FromSlash(folder))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return cannotRead(dir, err)
	}
	for _, e := range entries {
		p.files = append(p.files, audit.File{Path: path.Join(folder, e.Name())})
		if info, err := e.Info(); err == nil {
			p.Bytes += info.Size()
		}
		p.Files++
	}
	return nil
}

// take takes up what the manifest of the night says of the files, and the manifest itself if nothing else is left.
func (p *PurgedNight) take(reports string, m *committed, whole bool) {
	for i := range p.files {
		at := slices.IndexFunc(m.Files, func(f File) bool { return f.Path == p.files[i].Path })
		if at >= 0 {
			p.files[i].Rows, p.files[i].SHA256 = m.Files[at].Rows, m.Files[at].SHA256
			p.Rows += m.Files[at].Rows
		}
	}
	if p.Manifest = whole; whole {
		f := File{Path: path.Join(committedDir, m.date+".json")}
		// What cannot be read now cannot be removed later, which tells of it.
		_ = f.measure(filepath.Join(reports, filepath.FromSlash(f.Path)))
		p.files = append(p.files, audit.File{Path: f.Path, SHA256: f.SHA256})
	}
}

// entry is the entry of the trail that says what will be removed.
func (r *PurgeResult) entry(j *Job, opt PurgeOptions) audit.Entry {
	e := audit.Entry{What: audit.Purge, Why: opt.Why, Job: j.Name}
	for _, night := range r.Nights {
		e.Nights = append(e.Nights, night.Date)
		e.Files = append(e.Files, night.files...)
		e.Rows += night.Rows
		for _, tier := range night.Tiers {
			if !slices.Contains(e.Tiers, tier) {
				e.Tiers = append(e.Tiers, tier)
			}
		}
	}
	if r.Fingerprints {
		e.Files = append(e.Files, audit.File{Path: fingerprintsFolder})
	}
	return e
}

// purge removes what is to be removed and gives the entry that says so. Meanwhile nobody verifies or looks up.
func (n *night) purge(e audit.Entry, nights []PurgedNight) (entry int64, err error) {
	trail, err := audit.Open(n.reports)
	if err != nil {
		return 0, err
	}
	defer trail.Close()
	anchor, err := trail.Append(e)
	if err != nil {
		return 0, err
	}
	for i := range nights {
		if err := n.purgeManifest(&nights[i], anchor.Seq); err != nil {
			return 0, err
		}
	}
	// Durably so before a table goes: no manifest outlives the tables it names.
	if err := syncDir(filepath.Join(n.reports, committedDir)); err != nil {
		return 0, err
	}
	for _, night := range nights {
		for _, t := range night.tables {
			if err := n.purgeTable(t); err != nil {
				return 0, err
			}
		}
	}
	return anchor.Seq, nil
}

// purgeManifest removes the manifest of a night, or has it say what is about to go.
func (n *night) purgeManifest(night *PurgedNight, entry int64) error {
	manifest := manifestOf(n.reports, night.Date)
	if !night.Manifest {
		return notePurged(manifest, night.Tiers, entry)
	}
	if err := durable.Remove(manifest); err != nil {
		return writeError(manifest, err)
	}
	return nil
}

// purgeTable moves the folder of a night out of its table, to be removed.
func (n *night) purgeTable(folder string) error {
	to := filepath.Join(n.staging, filepath.FromSlash(folder))
	if err := makeDir(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	from := filepath.Join(n.reports, filepath.FromSlash(folder))
	if err := durable.Rename(from, to); err != nil {
		return writeError(from, err)
	}
	return nil
}

// purgedDir begins the name of a folder in _staging that holds what a purge took away.
const purgedDir = "purge-"

// syncGone makes durable that tables left their places, before anything of them is removed.
func (n *night) syncGone() error {
	for _, t := range tables {
		if dir := filepath.Join(n.reports, filepath.FromSlash(t.name)); exists(dir) {
			if err := syncDir(dir); err != nil {
				return err
			}
		}
	}
	return nil
}
