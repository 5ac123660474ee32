package job

import (
	"context"
	"errors"

	"crosscheck/engine"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
)

// compare opens the levels, runs the engine over them and stages the findings: as they are and, with a key, as the internal tier sees them.
func (r *run) compare(ctx context.Context) (err error) {
	levels, err := Open(r.job.Levels)
	defer func() { err = errors.Join(err, Close(levels)) }()
	rosters, rosterErr := OpenRosters(r.job.Rosters)
	defer func() { err = errors.Join(err, CloseRosters(rosters)) }()
	if err := errors.Join(err, rosterErr); err != nil {
		return err
	}
	r.manifest.Inputs = Inputs(levels)
	r.manifest.Rosters = RosterInputs(rosters)
	if err := r.job.CheckInputs(r.manifest.Inputs, r.manifest.Rosters); err != nil {
		return err
	}
	if err := r.begins(); err != nil {
		return err
	}
	c := comparison{run: r, levels: levels}
	if r.key != nil {
		c.masked = newInternal(r.key, r.job.Workers, r.staging)
		for _, in := range r.manifest.Inputs {
			c.masked.files = append(c.masked.files, in.Files...)
		}
		defer func() { err = errors.Join(err, c.masked.shelf.Close()) }()
	}
	options := r.job.Options(r.opt.Date, rosters)
	options.Progress = r.opt.Progress
	options.Planned = func(plan *engine.Plan) error { return c.planned(ctx, plan) }
	if err := r.stage(mismatchesTable, r.manifest, func(path string, how report.Options) error {
		how.Workers = r.job.Workers
		s, err := compareThrough(ctx, levels, options, path, how, c.sink)
		if err != nil {
			return r.job.Place(err)
		}
		c.note(s)
		return nil
	}); err != nil || c.masked == nil {
		return err
	}
	return r.stage(internalTable, r.manifest, func(path string, how report.Options) error { return c.masked.publish(ctx, path, how) })
}

// comparison is what stands between the engine and the restricted table: waivers give findings their status, then they are masked for the
// internal table.
type comparison struct {
	*run
	levels  []engine.Level
	waiving waiving
	masked  *internal // nil: no internal tier
}

// planned takes up what the engine is about to do, before it reads.
func (c *comparison) planned(ctx context.Context, plan *engine.Plan) error {
	if c.masked != nil || len(c.job.Privacy.Classes) > 0 { // a class for a column that nobody has is a mistake either way
		columns, err := c.job.Columns(ctx, plan, c.levels)
		if err != nil {
			return err
		}
		if c.masked != nil {
			c.masked.columns = treatments(columns)
		}
	}
	set, err := c.job.waiverSet(plan, c.opt.Date)
	if set != nil {
		c.waiving.begin(set, c.job.Workers)
	}
	return err
}

// sink gives what the findings go through on their way to the restricted table.
func (c *comparison) sink(w report.Writer) engine.Sink {
	if c.masked != nil {
		c.masked.Writer, w = w, c.masked
	}
	if c.job.Waivers == nil {
		return w
	}
	c.waiving.Writer = w
	return &c.waiving
}

// note fills in the manifest with what the engine counted.
func (c *comparison) note(s *engine.Summary) {
	m := c.manifest
	if c.job.Waivers != nil {
		m.Waivers = &WaiverOutcome{File: c.job.Waivers.File, Outcome: c.waiving.set.Outcome(c.waiving.tallies)}
	}
	m.Summary = s
	for i, l := range s.Levels {
		m.Inputs[i].Rows = l.Rows
		m.Inputs[i].Files = shownFiles(m.Inputs[i].Files)
	}
	for i, r := range s.Rosters {
		m.Rosters[i].Rows = r.Rows
		m.Rosters[i].Files = shownFiles(m.Rosters[i].Files)
	}
	m.Gates = Judge(c.job.Gates, s, m.Waivers.outcome())
	m.PeakMemory = PeakMemory()
	if seconds := s.Elapsed.Seconds(); seconds > 0 {
		m.RowsPerSecond = float64(s.Rows()) / seconds
	}
}

// shownFiles gives the names of files as the manifest and the public tables show them.
func shownFiles(files []string) []string {
	shown := make([]string, len(files))
	for i, f := range files {
		shown[i] = privacy.File(f)
	}
	return shown
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
