package capacity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"crosscheck/bench/child"
	"crosscheck/bench/synth"
	"crosscheck/engine"
	"crosscheck/engine/footprint"
	"crosscheck/engine/job"
	"crosscheck/engine/privacy"
)

// Tasks are what this package does in processes of their own.
var Tasks = child.Tasks{"capacity-prepare": child.Task(prepare), "capacity-night": child.Task(night)}

// The nights of a data set: the first is there so that the others, which are measured, have one to be held against.
var (
	firstNight = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	nextNight  = firstNight.AddDate(0, 0, 1)
)

// dataset is levels on disk with a job.
type dataset struct {
	Dir     string               `json:"dir"`
	Planted *synth.ShapeManifest `json:"planted"`
}

// prepare makes a data set and its job, and runs the first night.
func prepare(ctx context.Context, o synth.ShapeOptions) (*dataset, error) {
	m, err := synth.GenerateShape(ctx, o)
	if err != nil {
		return nil, err
	}
	d := &dataset{Dir: o.Dir, Planted: m}
	if err := os.WriteFile(filepath.Join(d.Dir, "pseudonym.key"), []byte(privacy.NewKey()), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(d.job(), []byte(jobText(&o.Shape, m.Paths)), 0o644); err != nil {
		return nil, err
	}
	_, err = d.run(ctx, firstNight, 0, false)
	return d, err
}

func (d *dataset) job() string { return filepath.Join(d.Dir, "job.yaml") }

// jobText is a job file for levels of a shape: every field with its type and steps, and both tiers.
func jobText(s *synth.Shape, paths []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "job: capacity\nkey: {column: %s, type: %s}\nlevels:\n", synth.ShapeKey, s.Key)
	for l, path := range paths {
		fmt.Fprintf(&b, "  %s: {path: %s}\n", synth.LevelName(l), filepath.Base(path))
	}
	b.WriteString("fields:\n")
	for i, c := range s.Columns {
		fmt.Fprintf(&b, "  - {name: %s, type: %s", synth.ColumnName(i), c.Type)
		if c.Type == "string" {
			fmt.Fprintf(&b, ", normalize: [%s]", strings.Join(c.Normalize, ", "))
		}
		b.WriteString("}\n")
	}
	b.WriteString("privacy: {pseudonym_key: {file: pseudonym.key}}\n")
	return b.String()
}

// nightTask says which night is to be measured.
type nightTask struct {
	Dataset dataset `json:"dataset"`
	Workers int     `json:"workers"`
	Spill   bool    `json:"spill"`
}

// nightDone is what a night tells of itself.
type nightDone struct {
	Load     float64 `json:"load_s"`
	Gather   float64 `json:"gather_s"`
	Write    float64 `json:"write_s"`
	Findings int64   `json:"findings"`
	Report   int64   `json:"report_bytes"` // all files that were published
	Peak     int64   `json:"peak_bytes"`
	Join     float64 `json:"join_s"` // of a night that spills
	Spilled  int64   `json:"spilled_bytes"`
}

// night runs the second night, which replaces one that was run before, with its memory as the command has it.
func night(ctx context.Context, t nightTask) (*nightDone, error) {
	footprint.CollectLater()
	return t.Dataset.run(ctx, nextNight, t.Workers, t.Spill)
}

// run runs a night and holds what it found against what was planted. Without workers there is one a processor; with spill it has
// less memory than it needs.
func (d *dataset) run(ctx context.Context, date time.Time, workers int, spill bool) (*nightDone, error) {
	j, err := job.Load(d.job(), os.LookupEnv)
	if err != nil {
		return nil, err
	}
	j.Workers = workers
	if spill {
		if j.Memory, err = tooLittle(ctx, j); err != nil {
			return nil, err
		}
	}
	m, err := job.Run(ctx, j, job.RunOptions{Date: date, Version: "capacity", Found: footprint.Found, Fitted: footprint.Fit})
	if err != nil {
		return nil, err
	}
	s := m.Summary
	if s.Missing != d.Planted.Missing || s.Differing != d.Planted.Differs {
		return nil, fmt.Errorf("%d records missing and %d differing were found, planted are %d and %d", s.Missing, s.Differing, d.Planted.Missing, d.Planted.Differs)
	}
	if spill != (s.Spilled > 0) {
		return nil, fmt.Errorf("%d bytes were spilled by a night that was to spill: %v", s.Spilled, spill)
	}
	done := &nightDone{Findings: s.Findings, Peak: job.PeakMemory(), Spilled: s.Spilled}
	for _, p := range s.Phases {
		to, ok := map[string]*float64{"load": &done.Load, "join": &done.Join, "gather": &done.Gather, "write": &done.Write}[p.Name]
		if !ok {
			return nil, errors.New("a phase is not known here: " + p.Name)
		}
		*to += p.Elapsed.Seconds()
	}
	for _, f := range m.Files {
		done.Report += f.Bytes
	}
	return done, nil
}

// tooLittle is memory for half of the table of records.
func tooLittle(ctx context.Context, j *job.Job) (bytes int64, err error) {
	levels, err := job.Open(j.Levels)
	defer func() { err = errors.Join(err, job.Close(levels)) }()
	if err != nil {
		return 0, err
	}
	options := j.Options(nextNight, nil)
	options.Memory = math.MaxInt64 / 4
	plan, err := engine.NewPlan(ctx, levels, options)
	if err != nil {
		return 0, err
	}
	return plan.Memory.Need - plan.Memory.Table/2, nil
}
