package job

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosscheck/engine/audit"
	"crosscheck/engine/privacy"
)

// CheckTrail holds the audit trail of a reports folder against itself and the manifests. Errors are *audit.BrokenError and
// *audit.ReadError.
func CheckTrail(reports string) error {
	check, err := audit.Verify(reports)
	if err != nil {
		return err
	}
	return broken(reports, check)
}

func broken(reports string, check *audit.Check) error {
	if check.Fault == nil {
		return nil
	}
	return &audit.BrokenError{Reports: reports, Fault: *check.Fault}
}

// checkTrail holds the trail sound before anything is read, and that it can be written to.
func (n *night) checkTrail() error {
	trail, err := audit.Open(n.reports)
	if err != nil {
		return err
	}
	defer trail.Close()
	if n.check, err = trail.Verify(); err != nil {
		return err
	}
	return broken(n.reports, n.check)
}

// noteConfig records that the files of the configuration are not those of the job's entry before.
func (n *night) noteConfig(j *Job) error {
	e := j.configChange(n.check)
	if e == nil {
		return nil
	}
	e.RunDate = n.name
	_, err := audit.Append(n.reports, *e)
	return err
}

// configChange is the entry that says that the files of the configuration are not those of the job's entry before; nil if they are.
func (j *Job) configChange(check *audit.Check) *audit.Entry {
	before, known := check.Config[j.Name]
	same := func(a, b audit.Digest) bool { return a.SHA256 == b.SHA256 }
	if !known || slices.EqualFunc(before, j.config, same) {
		return nil
	}
	return &audit.Entry{What: audit.ConfigChange, Job: j.Name, Config: j.config}
}

// keyUse is the entry of a run that is about to give pseudonyms.
func (r *run) keyUse() audit.Entry {
	return audit.Entry{What: audit.KeyUse, Job: r.job.Name, RunDate: r.name, KeyID: r.key.ID(), Tiers: []string{string(privacy.Internal)}}
}

// publication is the entry of a night that is about to be published.
func (m *Manifest) publication() audit.Entry {
	e := audit.Entry{What: audit.Publish, Job: m.Job, RunDate: m.Date, KeyID: m.PseudonymKey, Config: m.config}
	for _, f := range m.Files {
		e.Files = append(e.Files, audit.File{Path: f.Path, Rows: f.Rows, SHA256: f.SHA256})
		e.Rows += f.Rows
		if tier, _, _ := strings.Cut(f.Path, "/"); !slices.Contains(e.Tiers, tier) {
			e.Tiers = append(e.Tiers, tier)
		}
	}
	return e
}

// failed is the entry of a run that read data and published nothing. What went wrong is told by its class alone: a message may
// name a file or a column, and whoever wants it has the log.
func (n *night) failed(j *Job, opt RunOptions, err error) *audit.Entry {
	e := &audit.Entry{What: audit.Run, Job: j.Name, RunDate: n.name, Outcome: "failed", Config: j.config}
	if errors.Is(err, context.Canceled) {
		e.Outcome = "interrupted"
	}
	if opt.Class != nil {
		e.ExitCode, e.Class = opt.Class(err)
	}
	return e
}

// killed is the entry of a run that left its staging folder, nil if it had published its night.
func (n *night) killed(staging string) (*audit.Entry, error) {
	name := filepath.Base(staging)
	date := name[:min(len(name), len(DateLayout))]
	if _, err := time.Parse(DateLayout, date); err != nil {
		return nil, nil // no run made it
	}
	u, err := readUndo(staging)
	if err != nil || u != nil && n.counts(u) {
		return nil, err
	}
	return &audit.Entry{What: audit.Run, RunDate: date, Outcome: "killed"}, nil
}

// record adds the entry of a run that published nothing, and says which publication it undoes.
func (n *night) record(e *audit.Entry) error {
	if e == nil {
		return nil
	}
	e.Undoes = n.check.Pending[e.RunDate]
	if _, err := audit.Append(n.reports, *e); err != nil {
		return err
	}
	delete(n.check.Pending, e.RunDate)
	return nil
}
