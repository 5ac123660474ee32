package audit

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// Where the job keeps its manifests and the folders of runs under way.
const (
	committedFolder = "_committed"
	stagingFolder   = "_staging"
)

// manifest is what the trail is held against: a part of _committed/D.json, which package job writes.
type manifest struct {
	Started time.Time `json:"started"`
	Audit   *Anchor   `json:"audit"` // nil: of a version without a trail
	Files   []File    `json:"files"`

	name string // below the reports folder, with slashes
	date string // the run date
}

// manifests are those of a reports folder.
type manifests struct {
	all     []*manifest
	bySeq   map[int64][]*manifest // that anchor the entry
	last    int64                 // the greatest seq that one anchors
	lastBy  *manifest             // which one
	damaged []Digest              // files that have a manifest's name and are none
	staged  map[string]bool       // run dates that have a folder in _staging
}

// maxSeq is the greatest seq, which every reader of JSON holds exactly.
const maxSeq = 1<<53 - 1

var (
	manifestName = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)\.json$`)
	stagedName   = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)-\d+$`)
)

// readManifests reads all manifests of a reports folder and looks for runs that are not done.
func readManifests(reports string) (*manifests, error) {
	m := &manifests{bySeq: map[int64][]*manifest{}, staged: map[string]bool{}}
	names, err := namesIn(reports, committedFolder, manifestName)
	if err != nil {
		return nil, err
	}
	for _, date := range names {
		one := &manifest{name: path.Join(committedFolder, date+".json"), date: date}
		file := filepath.Join(reports, filepath.FromSlash(one.name))
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, readError(file, err)
		}
		if json.Unmarshal(text, one) != nil || one.Audit != nil && (one.Audit.Seq < 1 || one.Audit.Seq > maxSeq) {
			m.damaged = append(m.damaged, DigestOf(one.name, text))
			continue
		}
		m.all = append(m.all, one)
		if one.Audit == nil {
			continue
		}
		m.bySeq[one.Audit.Seq] = append(m.bySeq[one.Audit.Seq], one)
		if one.Audit.Seq > m.last {
			m.last, m.lastBy = one.Audit.Seq, one
		}
	}
	dates, err := namesIn(reports, stagingFolder, stagedName)
	for _, date := range dates {
		m.staged[date] = true
	}
	return m, err
}

// has says whether a night has a manifest, whatever it is worth.
func (m *manifests) has(date string) bool {
	name := path.Join(committedFolder, date+".json")
	return slices.ContainsFunc(m.all, func(one *manifest) bool { return one.name == name }) ||
		slices.ContainsFunc(m.damaged, func(d Digest) bool { return d.File == name })
}

// namesIn gives what the pattern takes from the names in a folder; one that is not there has none.
func namesIn(reports, folder string, pattern *regexp.Regexp) ([]string, error) {
	dir := filepath.Join(reports, folder)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, readError(dir, err)
	}
	var names []string
	for _, e := range entries {
		if m := pattern.FindStringSubmatch(e.Name()); m != nil {
			names = append(names, m[1])
		}
	}
	return names, nil
}

// lists says whether the manifest lists the files that an entry says were published.
func (m *manifest) lists(files []File) bool {
	if len(m.Files) != len(files) {
		return false
	}
	for i, f := range m.Files {
		if f.Path != files[i].Path || f.SHA256 != files[i].SHA256 {
			return false
		}
	}
	return true
}
