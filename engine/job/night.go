package job

import (
	"cmp"
	"context"
	"errors"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/audit"
	"crosscheck/engine/encrypt"
	"crosscheck/engine/guard"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
	"crosscheck/loaders/sidebyside"
)

// RunOptions says how a night is run.
type RunOptions struct {
	Date     time.Time               // the run date, a day in UTC; required
	Version  string                  // of the program, for the manifest
	Found    func(files int)         // told of each level how many files it has before they are opened, of several side by side; may be nil
	Opened   func([]Input)           // called once the levels are open; may be nil
	Progress func(engine.Progress)   // see engine.Options; may be nil
	Fitted   func(engine.MemoryPlan) // engine.Options.Fitted; may be nil
	Warn     func(string)            // told what did not go well and fails no run; may be nil

	// Class gives the exit code that an error leads to and the word for it, for the audit trail; may be nil.
	Class func(error) (code int, kind string)
}

// DateLayout is how run dates are written.
const DateLayout = time.DateOnly

// Run runs a job for one date and publishes what was found. It holds the lock of the reports folder from before the first level is
// opened until everything is published or put back. The manifest has the outcome of the gates, which keep it from publishing only where they say so.
//
// It leaves an entry in the audit trail if it publishes, one if it uses the pseudonym key, and one if it opened the levels and then failed or
// was interrupted.
//
// Errors: *LockedError; *audit.BrokenError, before anything is read; *audit.ReadError and *audit.WriteError; *Error from PseudonymKey,
// CheckRotation, Unlock, CheckInputs, Columns and CheckWaivers; *level.InputError or engine.ErrOptions, also several joined; *StoppedError; *report.WriteError;
// the context's. After an error nothing of this run is published and what was published before still is.
func Run(ctx context.Context, j *Job, opt RunOptions) (m *Manifest, err error) {
	key, err := j.PseudonymKey(ctx)
	if err != nil {
		return nil, err
	}
	n, err := begin(j.Reports.Dir, opt.Date, j)
	if err != nil {
		return nil, err
	}
	r := &run{night: n, job: j, opt: opt, key: key, manifest: newManifest(j, n, opt, key)}
	defer func() { err = errors.Join(err, r.leave(err)) }()
	defer func() { err = errors.Join(err, r.closed()) }()
	for _, phase := range []func(context.Context) error{
		r.admit,   // may this job run here, with this key? and against which night is it held?
		r.compare, // the levels become findings, for each tier, and those of the last night that are gone
		r.judge,   // do they keep within the gates?
		r.count,   // the findings become the other tables
		r.commit,  // all of it is published at once
	} {
		if err := guard.Do(func() error { return phase(ctx) }); err != nil {
			return nil, err
		}
	}
	return r.manifest, nil
}

// run is what the phases of Run share.
type run struct {
	*night
	job      *Job
	opt      RunOptions
	key      *privacy.Key        // nil: no internal tier
	with     *encrypt.Identities // opens the findings of the last night; nil: there are none to open
	manifest *Manifest           // filled in by one phase after the other
	shown    []bool              // a carried column: its values may be on a page
	reading  bool                // the levels are open: however this ends, the trail says so
	closing  <-chan error        // tells that the levels are closed; nil: none was opened, or they are
}

// newManifest is what is known of a night before anything is read.
func newManifest(j *Job, n *night, opt RunOptions, key *privacy.Key) *Manifest {
	m := &Manifest{
		Job:     j.Name,
		Date:    n.name,
		Version: opt.Version,
		Started: time.Now().UTC().Truncate(time.Millisecond),
		LeftOut: []string{},
		MinCell: cmp.Or(j.Privacy.MinCell, DefaultMinCell),
		date:    opt.Date,
		config:  j.config,
	}
	for _, f := range j.Key {
		m.Key = append(m.Key, f.Name)
	}
	if key == nil {
		m.LeftOut = append(m.LeftOut, string(privacy.Internal))
	} else {
		m.PseudonymKey = key.ID()
	}
	return m
}

// admit holds the key against that of the night before, finds the night to hold the findings against and has the trail say that the configuration
// is another one.
func (r *run) admit(ctx context.Context) (err error) {
	if err := r.job.CheckRotation(r.key); err != nil {
		return err
	}
	if r.key != nil {
		if err := errors.Join(r.makeTable(internalTable), r.makeTable(internalResolvedTable), r.syncFolders()); err != nil {
			return err
		}
	}
	if r.manifest.last, err = lastNight(r.reports, r.name); err != nil {
		return err
	}
	if r.with, err = r.job.Unlock(ctx, r.manifest.last); err != nil {
		return err
	}
	if e := r.job.Privacy.Encrypt; e != nil {
		r.to = e.To
	}
	return r.noteConfig(r.job)
}

// begins says that data is about to be read, and has the trail say that the key is about to be used.
func (r *run) begins() error {
	if r.key != nil {
		if _, err := audit.Append(r.reports, r.keyUse()); err != nil {
			return err
		}
	}
	r.reading = true
	if r.opt.Opened != nil {
		r.opt.Opened(r.manifest.Inputs)
	}
	return nil
}

// judge holds what was found against the gates, of which some keep the night from being published.
func (r *run) judge(context.Context) error {
	m := r.manifest
	m.Gates = Judge(r.job.Gates, m.Summary, m.Waivers.outcome(), m)
	return m.stopped()
}

// count stages the tables of counts and the page, which are small: most of the time goes into the files.
func (r *run) count(context.Context) error {
	m := r.manifest
	m.LastOpenPublic = m.last != nil && m.last.OpenPublic
	p := m.public()
	m.OpenPublic = p.showsOpen(m)
	summary, row := summaryRows(m.Summary, m.Waivers.outcome(), p), runRow(m, p)
	var steps []func() (File, error)
	if rows := reliabilityRows(m.Summary); len(rows) > 0 {
		steps = append(steps, func() (File, error) { return writeRows(r.night, reliabilityTable, m, rows) })
	}
	if rows := rosterRows(m.Summary); len(rows) > 0 {
		steps = append(steps, func() (File, error) { return writeRows(r.night, rostersTable, m, rows) })
	}
	steps = append(steps,
		func() (File, error) { return writeRows(r.night, summaryTable, m, summary) },
		func() (File, error) { return writeRows(r.night, runsTable, m, []RunRow{row}) },
		func() (File, error) { return r.writePage(summary, row) })
	files := make([]File, len(steps))
	if err := sidebyside.Each(len(steps), func(i int) (err error) {
		files[i], err = steps[i]()
		return err
	}); err != nil {
		return err
	}
	m.Files = append(m.Files, files...)
	return r.closed() // before anything is published
}

// writeRows is write for a table that is small enough to be held as rows.
func writeRows[T any](n *night, t table, m *Manifest, rows []T) (File, error) {
	return n.write(t, m, func(path string, how report.Options) error { return report.WriteTable(path, rows, how) })
}

// commit publishes what is staged.
func (r *run) commit(ctx context.Context) error {
	r.manifest.Finished = time.Now().UTC().Truncate(time.Millisecond)
	// The last moment at which an interrupt undoes the run for free; what follows takes no time to speak of.
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.publish(r.manifest); err != nil {
		return err
	}
	_ = r.writeAllNights(r.job.Name, r.manifest) // the night counts; the next one tries again
	return nil
}

// leave ends the night, whatever became of the run.
func (r *run) leave(err error) error {
	if err != nil && r.reading {
		r.failure = r.failed(r.job, r.opt, err)
	}
	return r.end()
}
