package job

import (
	"context"
	"errors"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/guard"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
	"crosscheck/loaders"
)

// compare opens the levels, runs the engine over them, holds what it finds against the last night and stages the findings, and those that are
// gone: as they are and, with a key, as the internal tier sees them.
func (r *run) compare(ctx context.Context) (err error) {
	opened := time.Now()
	var known *scans
	var lines *loaders.Scans
	if r.job.Cache && !r.job.Exact {
		known = r.openScans(r.job.statesOf())
		lines = known.loader()
	}
	levels, err := open(r.job.Levels, lines, r.opt.Found)
	defer func() { r.close(levels) }()
	rosters, rosterErr := OpenRosters(r.job.Rosters)
	defer func() { err = errors.Join(err, CloseRosters(rosters)) }()
	if err := errors.Join(err, rosterErr); err != nil {
		return err
	}
	m := r.manifest
	m.Inputs = Inputs(levels)
	noteModified(m.Inputs, levels)
	m.Rosters = RosterInputs(rosters)
	if err := r.job.CheckInputs(m.Inputs, m.Rosters); err != nil {
		return err
	}
	if err := r.begins(); err != nil {
		return err
	}
	last, err := r.openLast(m, r.with)
	if err != nil {
		return err
	}
	if last != nil {
		defer func() { err = errors.Join(err, last.Close()) }()
	}
	c := comparison{run: r, levels: levels, aging: r.newAging(r.job, m, last)}
	if r.key != nil {
		c.masked, c.maskedGone = r.newInternal(), r.newInternal()
		defer func() { err = errors.Join(err, c.masked.shelf.Close(), c.maskedGone.shelf.Close()) }()
	}
	options := r.job.Options(r.opt.Date, rosters)
	options.Progress = r.opt.Progress
	if options.SpillDir == "" {
		options.SpillDir = r.staging
	}
	end := func(bool) {}
	if !options.Exact { // which reads all there is
		var kept *keeper
		if kept, end = r.keepFingerprints(ctx, levels, known, opened); kept != nil {
			options.Kept, c.levels = kept.engine(), kept.sampled(levels)
		}
	}
	options.Fitted = r.opt.Fitted
	options.Planned = func(plan *engine.Plan) error { return c.planned(ctx, plan) }
	err = c.stageLinked(ctx, options)
	end(err == nil)
	if err != nil || r.key == nil {
		return err
	}
	if err := r.stage(internalTable, m, func(path string, how report.Options) error { return c.masked.publish(ctx, path, how) }); err != nil {
		return err
	}
	return r.stage(internalResolvedTable, m, func(path string, how report.Options) error { return c.maskedGone.publish(ctx, path, how) })
}

// close begins to close the levels while the tables of counts are made: of tens of thousands of files that takes as long as those.
func (r *run) close(levels []engine.Level) {
	closing := make(chan error, 1)
	r.closing = closing
	go func() { closing <- guard.Do(func() error { return Close(levels) }) }()
}

// closed waits until the levels are closed, if they are closing.
func (r *run) closed() error {
	if r.closing == nil {
		return nil
	}
	err := <-r.closing
	r.closing = nil
	return err
}

// comparison is what stands between the engine and the restricted tables: waivers and the last night give findings their status, then they are
// masked for the internal tables.
type comparison struct {
	*run
	levels     []engine.Level
	waiving    waiving
	aging      *aging
	masked     *internal // nil: no internal tier
	maskedGone *internal // nil with it
}

// planned takes up what the engine is about to do, before it reads.
func (c *comparison) planned(ctx context.Context, plan *engine.Plan) error {
	for _, k := range plan.Key {
		c.manifest.KeyType = append(c.manifest.KeyType, k.Type.String())
	}
	if err := c.job.CheckGates(plan); err != nil {
		return err
	}
	// A class for a column that nobody has is a mistake with or without an internal tier; the page shows values of carried columns.
	if c.masked != nil || len(c.job.Privacy.Classes) > 0 || len(plan.Carry) > 0 || c.job.gatesGroups() {
		columns, err := c.job.Columns(ctx, plan, c.levels)
		if err != nil {
			return err
		}
		if err := c.job.CheckGroups(columns); err != nil {
			return err
		}
		c.shown = publicGroups(columns)
		if c.masked != nil {
			c.masked.columns = treatments(columns)
			c.maskedGone.columns = c.masked.columns
		}
	}
	set, err := c.job.waiverSet(plan, c.opt.Date)
	if set != nil {
		c.waiving.begin(set, c.job.Workers)
	}
	return err
}

// stageLinked is stageFindings with the link table beside, where the job asks for it.
func (c *comparison) stageLinked(ctx context.Context, options engine.Options) error {
	if !c.job.Privacy.Links || c.masked == nil {
		return c.stageFindings(ctx, options)
	}
	return c.stage(linksTable, c.manifest, func(path string, how report.Options) (err error) {
		table, err := report.CreateTable[LinkRow](path, how)
		if err != nil {
			return err
		}
		defer table.Abort()
		c.masked.links.table, c.masked.links.keyID = table, c.key.ID()
		if err := c.stageFindings(ctx, options); err != nil {
			return err
		}
		return table.Close()
	})
}

// stageFindings runs the engine and stages the restricted tables: tonight's findings, and those of the last night that are gone.
func (c *comparison) stageFindings(ctx context.Context, options engine.Options) error {
	return c.stage(resolvedTable, c.manifest, func(path string, how report.Options) error {
		how.Workers = c.job.Workers
		gone, err := report.Create(path, how)
		if err != nil {
			return err
		}
		defer gone.Abort()
		c.resolve(gone)
		if err := c.stage(mismatchesTable, c.manifest, func(path string, how report.Options) error {
			how.Workers = c.job.Workers
			s, err := compareThrough(ctx, c.levels, options, path, how, c.sink)
			if err != nil {
				return c.job.Place(err)
			}
			c.note(s)
			c.manifest.Changes.Counts, err = c.aging.finish(ctx)
			return err
		}); err != nil {
			return err
		}
		return gone.Close()
	})
}

// resolve sets what the findings that are gone go through on their way to the restricted table.
func (c *comparison) resolve(w report.Writer) {
	if c.maskedGone != nil {
		c.maskedGone.Writer, w = w, c.maskedGone
	}
	c.aging.resolved = w
}

// sink gives what the findings go through on their way to the restricted table.
func (c *comparison) sink(w report.Writer) engine.Sink {
	if c.masked != nil {
		c.masked.Writer, w = w, c.masked
	}
	c.aging.Writer = w
	if c.job.Waivers == nil {
		return c.aging
	}
	c.waiving.Writer = c.aging
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
