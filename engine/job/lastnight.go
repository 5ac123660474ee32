package job

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"crosscheck/engine/durable"
	"crosscheck/engine/encrypt"
	"crosscheck/engine/level"
	"crosscheck/engine/past"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"
)

// Changes says how the findings of a night stand against the last committed night before its date.
type Changes struct {
	Against string `json:"against,omitempty"` // that night; "": there is none, or none to hold against
	Basis   string `json:"basis,omitempty"`   // of that night then, see Manifest.basis
	Note    string `json:"note,omitempty"`    // why a night that is there is not held against
	past.Counts
}

// lastNight gives the manifest of the last committed night before a date, nil if there is none. The error is a *level.InputError.
func lastNight(reports, date string) (*Manifest, error) {
	dates, err := nightsOf(reports)
	if err != nil {
		return nil, err
	}
	at, _ := slices.BinarySearch(dates, date)
	if at == 0 {
		return nil, nil
	}
	return readManifest(reports, dates[at-1])
}

// LastNight gives the manifest of the latest night of a reports folder, nil where there is none. The error is a *level.InputError.
func LastNight(reports string) (*Manifest, error) { return lastNight(reports, "9999-12-31") }

// openLast opens the findings of the last night, if there are any that those of m can be held against; m.Changes says which night it is, or why
// there is none. Those that are encrypted are opened with the identities.
func (n *night) openLast(m *Manifest, with *encrypt.Identities) (*report.Reader, error) {
	m.Changes = &Changes{}
	if m.last == nil {
		return nil, nil
	}
	date := m.last.Date
	note := func(why string) (*report.Reader, error) {
		m.Changes.Note = "all findings count as new: the last night, " + date + ", " + why
		return nil, nil
	}
	levels := func(m *Manifest) (names []string) {
		for _, in := range m.Inputs {
			names = append(names, in.Level)
		}
		return names
	}
	switch {
	case !slices.Equal(levels(m), levels(m.last)):
		return note("compared other levels, " + strings.Join(levels(m.last), ", "))
	case !slices.Equal(m.Key, m.last.Key):
		return note("had another key, " + strings.Join(m.last.Key, ", "))
	}
	if slices.ContainsFunc(m.last.Purged, func(p Purged) bool { return p.Tier == string(privacy.Restricted) }) {
		return note("had its findings purged")
	}
	path, encrypted := m.last.findings(n.reports)
	var decrypt report.Decrypt
	if encrypted {
		if with == nil {
			return note("is encrypted, and the identity is none")
		}
		decrypt = with.Open
	}
	r, err := report.OpenFindings(path, decrypt)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return note("has no findings any more")
	case errors.Is(err, report.ErrSchema):
		return note("was published by another version, with other columns")
	case err != nil:
		return nil, n.lostFindings(m.last, err)
	case !slices.Equal(r.Levels, levels(m)):
		return nil, errors.Join(n.lostFindings(m.last, errors.New("its levels are not those of the manifest")), r.Close())
	}
	m.Changes.Against, m.Changes.Basis = date, m.last.basis()
	return r, nil
}

// basis is the SHA-256 of all that the next night takes from this one: its findings, how much its levels held, and whether its public tables
// tell what is open. It is "" where the manifest lists no findings, or encrypted ones, of which no two
// files are alike.
func (m *Manifest) basis() string {
	findings := mismatchesTable.path(m.Date)
	at := slices.IndexFunc(m.Files, func(f File) bool { return f.Path == findings })
	if at < 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %t %d", m.Files[at].SHA256, m.OpenPublic, m.Summary.Records)
	for _, l := range m.Summary.Levels {
		fmt.Fprintf(&b, " %d", l.Rows)
	}
	return digestOf([]byte(b.String()))
}

// findings says where the findings of a night lie, and whether they are encrypted.
func (m *Manifest) findings(reports string) (path string, encrypted bool) {
	t := mismatchesTable
	if at := t.encrypted().path(m.Date); slices.ContainsFunc(m.Files, func(f File) bool { return f.Path == at }) {
		t, encrypted = t.encrypted(), true
	}
	return filepath.Join(reports, filepath.FromSlash(t.path(m.Date))), encrypted
}

// lostFindings says that the findings of a night cannot be read.
func (n *night) lostFindings(last *Manifest, err error) error {
	path, _ := last.findings(n.reports)
	return &level.InputError{File: path, Msg: "the findings of the last night cannot be read", Err: durable.Cause(err),
		Hint: fmt.Sprintf("run that night again with --date %s, or bring the file back from a backup", last.Date)}
}

// looked says whether a finding of an earlier night would be found by this job too.
func (j *Job) looked(f *verdict.Finding) bool {
	switch f.Kind {
	case verdict.KeyTypo:
		return len(j.Typo) > 0
	case verdict.Inconsistent, verdict.Overdue:
		for _, r := range j.Rules {
			if r.Name == f.Reason {
				return true
			}
		}
		return false
	case verdict.NotCovered:
		for _, r := range j.Rosters {
			if r.Name != f.Reason {
				continue
			}
			at := slices.IndexFunc(f.Values, func(v []byte) bool { return v != nil })
			return len(r.Levels) == 0 || at >= 0 && slices.Contains(r.Levels, j.Levels[at].Name)
		}
		return false
	}
	return true
}
