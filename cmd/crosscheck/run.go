package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"crosscheck/engine/footprint"
	"crosscheck/engine/job"
	"crosscheck/engine/privacy"

	"github.com/spf13/cobra"
)

// run is the command `run`: one night of a job.
func (a *app) run() *cobra.Command {
	var file, date, metricsFile string
	var workers int
	var exact bool
	var room room
	var profiles profiles
	var logging logging
	c := &cobra.Command{
		Use:   "run -c job.yaml",
		Short: "Run a job for one date and publish its reports",
		Long: "run compares the levels of a job and publishes the reports of one date. A run of the same date replaces what it\n" +
			"published before; a run that fails or is interrupted publishes nothing. What it did stands in the audit trail; over a\n" +
			"trail that was changed it does not begin.\n\n" +
			"Exit codes: 0 published, all gates pass; 1 published, a gate failed; 2 usage, configuration or broken trail; 3 input, or\n" +
			"a gate with 'before: publish' failed; 4 another run holds the lock; 5 could not write; 70 internal error; 130 interrupted.",
		Example: "  crosscheck run -c job.yaml\n  crosscheck run -c job.yaml --date 2026-11-23 --format json --quiet",
		Args:    flagsAlone,
		RunE: a.runs(a.profiled(&profiles, func(ctx context.Context, _ []string) error {
			if err := errors.Join(a.startLog(&logging), checkWorkers(workers)); err != nil {
				return err
			}
			day, err := a.runDate(date)
			if err != nil {
				return err
			}
			j, err := job.Load(file, a.env)
			if err != nil {
				j.Lineage = nil // of a run that is none
				a.announce(ctx, j, day).end(ctx, err, nil)
				return err
			}
			if workers > 0 {
				j.Workers = workers
			}
			j.Exact = j.Exact || exact
			if j.Memory, j.SpillDir, err = room.decide(j.Memory, j.SpillDir); err != nil {
				return err
			}
			began := a.now()
			if err := checkMetrics(metricsFile); err != nil {
				return err
			}
			if a.log != nil {
				a.logStart(j, day)
			}
			m, err := a.announced(ctx, j, day)
			if metricsFile != "" {
				code, _ := exitCode(err)
				if failed := a.writeMetrics(metricsFile, j, began, code, m); failed != nil {
					a.warn([]string{"the metrics are not written: " + failed.Error()})
				}
			}
			return err
		})),
	}
	flagConfig(c, &file)
	c.Flags().StringVar(&date, "date", "", "the run date, as 2026-11-23 (default today)")
	c.Flags().StringVar(&metricsFile, "metrics", "", "write metrics of the run for Prometheus (node_exporter's textfile collector) to this .prom file")
	c.Flags().IntVar(&workers, "workers", 0, "goroutines (default the job's, else one a processor)")
	c.Flags().BoolVar(&exact, "exact", false, "compare keys and values themselves where their hashes agree; reads all levels once more (default the job's)")
	room.flags(c)
	profiles.flags(c)
	a.flagFormat(c)
	a.flagQuiet(c)
	logging.flags(c)
	return c
}

// announced runs a job and tells those of it whom the job names.
func (a *app) announced(ctx context.Context, j *job.Job, day time.Time) (*job.Manifest, error) {
	told := a.announce(ctx, j, day)
	m, err := a.night(ctx, j, day, told)
	told.end(ctx, err, m)
	return m, err
}

// flagConfig adds the flag of the job file.
func flagConfig(c *cobra.Command, file *string) {
	c.Flags().StringVarP(file, "config", "c", "", "the job file (required)")
	for _, err := range []error{c.MarkFlagRequired("config"), c.MarkFlagFilename("config", "yaml", "yml")} {
		if err != nil {
			panic(err) // the flag does not exist: a mistake in this package
		}
	}
}

// runDate reads a run date; "" is today, here.
func (a *app) runDate(date string) (time.Time, error) {
	if date == "" {
		date = a.now().Format(job.DateLayout)
	}
	day, err := time.Parse(job.DateLayout, date)
	if err != nil {
		return time.Time{}, usagef("--date %q is no date; write it as 2026-11-23", date)
	}
	return day, nil
}

// runDocument is the document of `run --format json`.
type runDocument struct {
	Command  string   `json:"command"`
	ExitCode int      `json:"exit_code"`
	Reports  string   `json:"reports"` // the reports folder
	Warnings []string `json:"warnings"`
	*job.Manifest
}

// night runs a job, shows what was found and gives a *gatesError if a gate failed.
func (a *app) night(ctx context.Context, j *job.Job, day time.Time, told *announcer) (*job.Manifest, error) {
	warnings := j.Warnings(day)
	a.warn(warnings)
	m, err := a.publish(ctx, j, day, told)
	if err != nil {
		return nil, err
	}
	if a.log != nil {
		a.logGates(m.Gates)
		a.logPublished(m)
	}
	var failed []job.Outcome
	for _, o := range m.Gates {
		if !o.Passed {
			failed = append(failed, o)
		}
	}
	var verdict error
	if len(failed) > 0 {
		verdict = &gatesError{failed: failed}
	}
	if a.format == "json" {
		code, _ := exitCode(verdict)
		if err := a.printJSON(runDocument{Command: "run", ExitCode: code, Reports: j.Reports.Dir, Warnings: warnings, Manifest: m}); err != nil {
			return m, a.out.failed()
		}
		return m, verdict
	}
	o := outcome{
		title:   j.Name + " · " + m.Date,
		summary: m.Summary,
		waivers: m.Waivers,
		bytes:   bytesOf(m.Inputs),
		peak:    m.PeakMemory,
		changes: m.Changes,
		gates:   m.Gates,
	}
	for _, f := range m.Files {
		o.reports = append(o.reports, reportFile{path: filepath.Join(j.Reports.Dir, filepath.FromSlash(f.Path)), rows: f.Rows, bytes: f.Bytes})
	}
	if err := o.write(a.out, a.outStyle); err != nil {
		return m, a.out.failed()
	}
	return m, verdict
}

// publish runs a job with its progress shown.
func (a *app) publish(ctx context.Context, j *job.Job, day time.Time, told *announcer) (*job.Manifest, error) {
	p := a.startProgress()
	defer p.end()
	var warnings []string
	m, err := job.Run(ctx, j, job.RunOptions{
		Date:    day,
		Version: version(),
		Found:   footprint.Found,
		Opened: func(inputs []job.Input) {
			told.inputs = inputs
			p.opened(inputs)
		},
		Progress: p.engine,
		Fitted:   p.fitted,
		Warn:     func(text string) { warnings = append(warnings, text) },
		Class:    exitCode,
	})
	a.warn(warnings)
	if err == nil && slices.Contains(m.LeftOut, string(privacy.Internal)) {
		p.say(noInternalTier)
	}
	if err == nil && m.Changes.Note != "" {
		a.warn([]string{m.Changes.Note})
	}
	return m, err
}

// noInternalTier says why there is none and what to do about it.
const noInternalTier = "the internal tier is left out: it needs a pseudonym key; 'crosscheck keygen' makes one, privacy.pseudonym_key in the job says where it is"

// warn says what ought to be looked at, also to those who want no progress.
func (a *app) warn(warnings []string) {
	for _, w := range warnings {
		if a.log != nil {
			a.log.Warn(w)
			continue
		}
		fmt.Fprintln(a.err, a.errStyle.warn("crosscheck: warning: ")+w)
	}
}

func bytesOf(inputs []job.Input) (n int64) {
	for _, in := range inputs {
		n += in.Bytes
	}
	return n
}
