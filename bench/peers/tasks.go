package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"crosscheck/bench/synth"
	"crosscheck/engine"
	"crosscheck/engine/footprint"
	"crosscheck/engine/record"
	"crosscheck/engine/report"
	"crosscheck/loaders"
)

// counts is what a comparison found.
type counts struct {
	Missing int64            `json:"missing"` // records that lack on a level
	Differs map[string]int64 `json:"differs"` // records by field that differs

	Differing int64 `json:"differing"` // records on every level of which a field differs; not known of all
}

// difference says in what two counts differ, "" if they agree.
func (c *counts) difference(d *counts) string {
	if c.Missing != d.Missing {
		return fmt.Sprintf("%d and %d records missing", c.Missing, d.Missing)
	}
	for field, n := range c.Differs {
		if n != d.Differs[field] {
			return fmt.Sprintf("%d and %d records differing in %s", n, d.Differs[field], field)
		}
	}
	if len(c.Differs) != len(d.Differs) {
		return fmt.Sprintf("%d and %d fields", len(c.Differs), len(d.Differs))
	}
	return ""
}

// output is the file that a comparison writes.
func (d *dataset) output(who string) string { return filepath.Join(d.Dir, "out-"+who+".parquet") }

// crosscheck is the whole task by this engine, with its memory as the command has it.
func crosscheck(ctx context.Context, d dataset) (*counts, error) {
	footprint.CollectLater()
	var levels []engine.Level
	for i, name := range d.Names {
		source, err := loaders.Open(name, loaders.Spec{Paths: d.Files[i : i+1]})
		if err != nil {
			return nil, err
		}
		defer source.Close()
		levels = append(levels, engine.Level{Name: name, Source: source})
	}
	w, err := report.Create(d.output("crosscheck"), report.Options{RunDate: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return nil, err
	}
	s, err := engine.Run(ctx, levels, engine.Options{Key: []engine.Field{{Name: synth.KeyColumn, Type: record.CNID}}, Fitted: footprint.Fit}, w)
	if err != nil {
		w.Abort()
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	c := &counts{Missing: s.Missing, Differs: map[string]int64{}, Differing: s.Differing}
	for _, f := range s.Fields {
		c.Differs[f.Field] = f.Differs
	}
	return c, nil
}
