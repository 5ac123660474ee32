package main

import (
	"log/slog"
	"os"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/job"

	"github.com/spf13/cobra"
)

// logging is what the flags say about the log.
type logging struct {
	format string // text or json; "": messages are for people
	level  string
}

// logLevels are the words for the least level that is written.
var logLevels = []string{"debug", "info", "warn", "error"}

func (l *logging) flags(c *cobra.Command) {
	c.Flags().StringVar(&l.format, "log-format", "", "write what happens on standard error as a log, one event a line: text or json")
	c.Flags().StringVar(&l.level, "log-level", "", "the least level in the log: debug, info, warn or error (default info)")
	mustComplete(c, "log-format", "text", "json")
	mustComplete(c, "log-level", logLevels...)
}

// startLog has all that goes to standard error from here on go there as a log, if the flags ask for one. It is the one place that sets it up.
func (a *app) startLog(l *logging) error {
	if l.format == "" && l.level == "" {
		return nil
	}
	var least slog.Level
	if l.level != "" {
		if err := least.UnmarshalText([]byte(l.level)); err != nil {
			return usagef("unknown --log-level %q; it can be debug, info, warn or error", l.level)
		}
	}
	how := &slog.HandlerOptions{Level: least}
	switch l.format {
	case "text", "":
		a.log = slog.New(slog.NewTextHandler(a.err, how))
	case "json":
		a.log = slog.New(slog.NewJSONHandler(a.err, how))
	default:
		return usagef("unknown --log-format %q; it can be text or json", l.format)
	}
	return nil
}

// logStart says what is about to run.
func (a *app) logStart(j *job.Job, day time.Time) {
	a.log = a.log.With("job", j.Name, "run_date", day.Format(job.DateLayout))
	a.log.Info("run started", "version", version(), "pid", os.Getpid(), "levels", len(j.Levels))
}

// logOpened says what the levels are read from.
func (a *app) logOpened(inputs []job.Input) {
	for _, in := range inputs {
		a.log.Info("level opened", "level_name", in.Level, "files", len(in.Files), "bytes", in.Bytes, "rows", in.Rows)
	}
}

// logPhase says that a level is read or a phase is over.
func (a *app) logPhase(e engine.Progress) {
	what, of := "phase done", []any{"phase", e.Phase}
	if e.Level != "" {
		what, of = "level read", []any{"level_name", e.Level}
	}
	of = append(of, "seconds", e.Elapsed.Seconds(), unitOf(e.Phase), e.Done)
	if e.Elapsed > 0 {
		of = append(of, "per_second", int64(float64(e.Done)/e.Elapsed.Seconds()))
	}
	if memory := job.PeakMemory(); memory > 0 {
		of = append(of, "memory_peak_bytes", memory)
	}
	a.log.Info(what, of...)
}

// unitOf says what a phase of the engine counts.
func unitOf(phase string) string {
	if phase == "write" {
		return "records"
	}
	return "rows"
}

// logProgress says how far a phase is.
func (a *app) logProgress(ph *phase, at time.Time) {
	done, total, elapsed := ph.done.Load(), ph.total.Load(), at.Sub(ph.began)
	of := []any{"phase", ph.name, "done", done, "total", max(total, done), "unit", ph.unit, "seconds", elapsed.Seconds()}
	if elapsed > 0 {
		of = append(of, "per_second", int64(float64(done)/elapsed.Seconds()))
	}
	if memory := job.PeakMemory(); memory > 0 {
		of = append(of, "memory_peak_bytes", memory)
	}
	a.log.Info("progress", of...)
}

// logGates says how the gates fared.
func (a *app) logGates(gates []job.Outcome) {
	for _, o := range gates {
		of := []any{"metric", o.Metric, "value", o.Value, "passed", o.Passed}
		for _, about := range [][2]string{{"level_name", o.Level}, {"field", o.Field}, {"roster", o.Roster}, {"group", o.Group}, {"note", o.Note}} {
			if about[1] != "" {
				of = append(of, about[0], about[1])
			}
		}
		if o.Passed {
			a.log.Info("gate kept: "+o.String(), of...)
		} else {
			a.log.Error("gate failed: "+o.String(), of...)
		}
	}
}

// logPublished says what is published.
func (a *app) logPublished(m *job.Manifest) {
	a.log.Info("published", "records", m.Summary.Records, "rows", m.Summary.Rows(), "findings", m.Summary.Findings, "kept_rows", keptRows(m.Summary.Kept), "files", len(m.Files),
		"seconds", m.Summary.Elapsed.Seconds(), "rows_per_second", int64(m.RowsPerSecond), "memory_peak_bytes", m.PeakMemory)
}

// logEnd says how a run ended: what is wrong, one event each, and the exit code. The gates of a run that published are in the log already.
func (a *app) logEnd(faults []error, code int, kind string) {
	for _, f := range faults {
		doc := jsonError{}
		doc.add(f)
		var of []any
		for _, about := range [][2]string{{"level_name", doc.Faults[0].Level}, {"file", doc.Faults[0].File}, {"hint", hint(f, code)}} {
			if about[1] != "" {
				of = append(of, about[0], about[1])
			}
		}
		if line := doc.Faults[0].Line; line > 0 {
			of = append(of, "line", line)
		}
		a.log.Error(f.Error(), of...)
	}
	switch code {
	case exitOK:
		a.log.Info("run ended", "exit_code", code)
	case exitDiffers:
		a.log.Warn("run ended", "exit_code", code, "kind", "gate")
	default:
		a.log.Error("run failed", "exit_code", code, "kind", kind)
	}
}

// keptRows adds up the rows that were not read, since their fingerprints were kept.
func keptRows(levels []int64) (n int64) {
	for _, k := range levels {
		n += k
	}
	return n
}
