package cliffs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"crosscheck/bench/child"
	"crosscheck/bench/synth"
	"crosscheck/engine"
	"crosscheck/engine/job"
)

// Tasks are what this package does in processes of their own.
var Tasks = child.Tasks{"cliffs-prepare": child.Task(prepare)}

// dataset is levels on disk with a job, and the memory that a run of it needs.
type dataset struct {
	Dir     string               `json:"dir"`
	Planted *synth.ShapeManifest `json:"planted"`
	Need    int64                `json:"need_bytes"`  // as the engine works it out
	Tight   int64                `json:"tight_bytes"` // with so much the rows are spilled, or else it is hardly enough
	Spills  bool                 `json:"spills"`
}

// night is the date that is run.
var night = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// prepare makes a data set and its job.
func prepare(ctx context.Context, s Scenario) (*dataset, error) {
	m, err := synth.GenerateShape(ctx, s.Data)
	if err != nil {
		return nil, err
	}
	d := &dataset{Dir: s.Data.Dir, Planted: m}
	if err := os.WriteFile(d.job(), []byte(jobText(&s, m.Sources)), 0o644); err != nil {
		return nil, err
	}
	return d, d.plan(ctx, s.Workers)
}

func (d *dataset) job() string     { return filepath.Join(d.Dir, "job.yaml") }
func (d *dataset) reports() string { return filepath.Join(d.Dir, "reports") }

// jobText is a job file for the levels of a scenario: restricted and public tiers, no night before.
func jobText(s *Scenario, sources []string) string {
	var b strings.Builder
	keyType := s.Data.Shape.Key
	if keyType == "pair" {
		keyType = "string"
	}
	if key := s.key(); len(key) > 1 {
		fmt.Fprintf(&b, "job: cliffs\nkey: [%s]\nlevels:\n", strings.Join(key, ", "))
	} else {
		fmt.Fprintf(&b, "job: cliffs\nkey: {column: %s, type: %s}\nlevels:\n", key[0], keyType)
	}
	for l, source := range sources {
		fmt.Fprintf(&b, "  %s: {path: %q}\n", synth.LevelName(l), source)
	}
	b.WriteString("fields:\n")
	for i, c := range s.Data.Shape.Columns {
		fmt.Fprintf(&b, "  - {name: %s, type: %s}\n", synth.ColumnName(i), c.Type)
	}
	return b.String()
}

// plan asks the engine how much memory a run needs. What makes it spill lies between what it needs beside the records and all.
func (d *dataset) plan(ctx context.Context, workers int) (err error) {
	j, err := job.Load(d.job(), os.LookupEnv)
	if err != nil {
		return err
	}
	j.Workers = workers
	levels, err := job.Open(j.Levels)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, job.Close(levels)) }()
	plan, err := engine.NewPlan(ctx, levels, j.Options(night, nil))
	if err != nil {
		return err
	}
	d.Need = plan.Memory.Need
	j.Memory = d.Need - plan.Memory.Table*6/10
	if plan, err := engine.NewPlan(ctx, levels, j.Options(night, nil)); err == nil && plan.Memory.Spill {
		d.Tight, d.Spills = j.Memory, true
	} else {
		d.Tight = d.Need + 16<<20 // no run takes less beside its columns
	}
	return nil
}

// check holds what a run found against what was planted.
func (d *dataset) check(s *engine.Summary, levels int) error {
	records, differs := s.Records, d.Planted.Differs
	if d.Planted.Same > 0 { // of one key the first rows of the levels are other records
		differs++
		for _, k := range s.Kinds {
			if k.Kind == "duplicate" && k.Findings != int64(levels) {
				return fmt.Errorf("%d levels have a key more than once, planted are %d", k.Findings, levels)
			}
		}
	}
	if s.Missing != d.Planted.Missing || s.Differing != differs {
		return fmt.Errorf("%d of %d records are missing and %d differ, planted are %d and %d", s.Missing, records, s.Differing, d.Planted.Missing, differs)
	}
	return nil
}
