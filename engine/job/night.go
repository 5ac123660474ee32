package job

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
)

// RunOptions says how a night is run.
type RunOptions struct {
	Date     time.Time             // the run date, a day in UTC; required
	Version  string                // of the program, for the manifest
	Opened   func([]Input)         // called once the levels are open; may be nil
	Progress func(engine.Progress) // see engine.Options; may be nil

	// Class gives the exit code that an error leads to and the word for it, for the audit trail; may be nil.
	Class func(error) (code int, kind string)
}

// DateLayout is how run dates are written.
const DateLayout = time.DateOnly

// Run runs a job for one date and publishes what was found. It holds the lock of the reports folder from before the first level is
// opened until everything is published or put back. Gates do not keep it from publishing: the manifest has their outcome.
//
// It leaves an entry in the audit trail if it publishes, and one if it opened the levels and then failed or was interrupted.
//
// Errors: *LockedError; *audit.BrokenError, before anything is read; *audit.ReadError and *audit.WriteError; *Error from PseudonymKey, CheckRotation, CheckInputs, Columns and CheckWaivers; *level.InputError or engine.ErrOptions, also several joined; *report.WriteError; the context's.
// After an error nothing of this run is published and what was published before still is.
func Run(ctx context.Context, j *Job, opt RunOptions) (m *Manifest, err error) {
	key, err := j.PseudonymKey(ctx)
	if err != nil {
		return nil, err
	}
	n, err := begin(j.Reports.Dir, opt.Date)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.end()) }()
	if err := j.CheckRotation(key); err != nil {
		return nil, err
	}

	m = &Manifest{
		Job:     j.Name,
		Date:    n.name,
		Version: opt.Version,
		Started: time.Now().UTC().Truncate(time.Millisecond),
		LeftOut: []string{},
		MinCell: cmp.Or(j.Privacy.MinCell, DefaultMinCell),
		date:    opt.Date,
		config:  j.config,
	}
	if key == nil {
		m.LeftOut = append(m.LeftOut, string(privacy.Internal))
	} else {
		m.PseudonymKey = key.ID()
		if err := n.makeTable(internalTable); err != nil {
			return nil, err
		}
	}
	for _, f := range j.Key {
		m.Key = append(m.Key, f.Name)
	}
	if err := n.noteConfig(j); err != nil {
		return nil, err
	}
	opened, reading := opt.Opened, false
	opt.Opened = func(inputs []Input) {
		reading = true
		if opened != nil {
			opened(inputs)
		}
	}
	defer func() {
		if err != nil && reading {
			n.failure = n.failed(j, opt, err)
		}
	}()
	if err := compare(ctx, j, n, opt, key, m); err != nil {
		return nil, err
	}
	if rows := reliabilityRows(m.Summary); len(rows) > 0 {
		if err := n.stage(reliabilityTable, m, func(path string, how report.Options) error {
			return report.WriteTable(path, rows, how)
		}); err != nil {
			return nil, err
		}
	}
	if rows := rosterRows(m.Summary); len(rows) > 0 {
		if err := n.stage(rostersTable, m, func(path string, how report.Options) error {
			return report.WriteTable(path, rows, how)
		}); err != nil {
			return nil, err
		}
	}
	if err := n.stage(summaryTable, m, func(path string, how report.Options) error {
		return report.WriteTable(path, summaryRows(m.Summary, m.Waivers.outcome(), minCell(m.MinCell)), how)
	}); err != nil {
		return nil, err
	}
	if err := n.stage(runsTable, m, func(path string, how report.Options) error {
		return report.WriteTable(path, []RunRow{runRow(m)}, how)
	}); err != nil {
		return nil, err
	}
	if err := n.countRows(m); err != nil {
		return nil, err
	}
	m.Finished = time.Now().UTC().Truncate(time.Millisecond)
	// The last moment at which an interrupt undoes the run for free; what follows takes no time to speak of.
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return m, n.publish(m)
}

// compare runs the engine over the levels and stages the findings, with a key also as the internal tier sees them.
func compare(ctx context.Context, j *Job, n *night, opt RunOptions, key *privacy.Key, m *Manifest) (err error) {
	levels, err := Open(j.Levels)
	defer func() { err = errors.Join(err, Close(levels)) }()
	rosters, rosterErr := OpenRosters(j.Rosters)
	defer func() { err = errors.Join(err, CloseRosters(rosters)) }()
	if err := errors.Join(err, rosterErr); err != nil {
		return err
	}
	m.Inputs = Inputs(levels)
	m.Rosters = RosterInputs(rosters)
	if err := j.CheckInputs(m.Inputs, m.Rosters); err != nil {
		return err
	}
	if opt.Opened != nil {
		opt.Opened(m.Inputs)
	}
	options := j.Options(opt.Date, rosters)
	options.Progress = opt.Progress
	var sink waiving
	var masked *internal
	if key != nil {
		masked = newInternal(key, j.Workers, n.staging)
		for _, in := range m.Inputs {
			masked.files = append(masked.files, in.Files...)
		}
		defer func() { err = errors.Join(err, masked.shelf.Close()) }()
	}
	options.Planned = func(plan *engine.Plan) error {
		if masked != nil || len(j.Privacy.Classes) > 0 { // a class for a column that nobody has is a mistake either way
			columns, err := j.Columns(ctx, plan, levels)
			if err != nil {
				return err
			}
			if masked != nil {
				masked.columns = treatments(columns)
			}
		}
		set, err := j.waiverSet(plan, opt.Date)
		if set != nil {
			sink.begin(set, j.Workers)
		}
		return err
	}
	err = n.stage(mismatchesTable, m, func(path string, how report.Options) error {
		how.Workers = j.Workers
		s, err := compareThrough(ctx, levels, options, path, how, func(w report.Writer) engine.Sink {
			if masked != nil {
				masked.Writer, w = w, masked
			}
			if j.Waivers == nil {
				return w
			}
			sink.Writer = w
			return &sink
		})
		if err != nil {
			return j.Place(err)
		}
		if j.Waivers != nil {
			m.Waivers = &WaiverOutcome{File: j.Waivers.File, Outcome: sink.set.Outcome(sink.tallies)}
		}
		m.Summary = s
		for i, l := range s.Levels {
			m.Inputs[i].Rows = l.Rows
		}
		for i, r := range s.Rosters {
			m.Rosters[i].Rows = r.Rows
		}
		m.Gates = Judge(j.Gates, s, m.Waivers.outcome())
		m.PeakMemory = PeakMemory()
		if seconds := s.Elapsed.Seconds(); seconds > 0 {
			m.RowsPerSecond = float64(s.Rows()) / seconds
		}
		return nil
	})
	if err != nil || masked == nil {
		return err
	}
	return n.stage(internalTable, m, func(path string, how report.Options) error { return masked.publish(ctx, path, how) })
}

// Compare runs the engine and writes the findings to a file, which has its name only if all went well.
func Compare(ctx context.Context, levels []engine.Level, options engine.Options, path string, how report.Options) (*engine.Summary, error) {
	return compareThrough(ctx, levels, options, path, how, func(w report.Writer) engine.Sink { return w })
}

// compareThrough is Compare with something between the engine and the file.
func compareThrough(ctx context.Context, levels []engine.Level, options engine.Options, path string, how report.Options, through func(report.Writer) engine.Sink) (*engine.Summary, error) {
	w, err := report.Create(path, how)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	s, err := engine.Run(ctx, levels, options, through(w))
	if err != nil {
		return nil, err
	}
	return s, w.Close()
}

// table is one table of a night.
type table struct {
	name string // below the reports folder
	mode os.FileMode
}

var (
	mismatchesTable  = table{"restricted/mismatches", 0o600}
	reliabilityTable = table{"restricted/reliability", 0o600}
	rostersTable     = table{"restricted/rosters", 0o600}
	internalTable    = table{"internal/mismatches", 0o640}
	summaryTable     = table{"public/summary", 0o644}
	runsTable        = table{"public/runs", 0o644}

	tables = []table{mismatchesTable, reliabilityTable, rostersTable, internalTable, summaryTable, runsTable}
)

// path is the table's file of a night, below the reports folder.
func (t table) path(date string) string { return t.name + "/run_date=" + date + "/part-00000.parquet" }

// file is a table's file of this night.
func (n *night) file(t table) File { return File{Path: t.path(n.name)} }

// stage has a table of the night written below the staging folder and notes it in the manifest.
func (n *night) stage(t table, m *Manifest, write func(path string, how report.Options) error) error {
	f := n.file(t)
	path := filepath.Join(n.staging, filepath.FromSlash(f.Path))
	if err := makeDir(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := write(path, report.Options{RunDate: m.date, Mode: t.mode}); err != nil {
		return err
	}
	if err := f.measure(path); err != nil {
		return err
	}
	m.Files = append(m.Files, f)
	return nil
}
