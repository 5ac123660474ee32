package differential

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"
	"crosscheck/loaders"
)

// reportDate is the date of all reports here; nothing depends on it.
var reportDate = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// run has the engine compare the case. It gives the findings as the sink saw them and writes a report to path.
func (c *Case) run(ctx context.Context, path string) (found []finding, summary *engine.Summary, err error) {
	var levels []engine.Level
	for _, l := range c.Levels {
		source, err := loaders.Open(l.Name, loaders.Spec{Paths: l.Files})
		if err != nil {
			return nil, nil, err
		}
		defer source.Close()
		level := engine.Level{Name: l.Name, Source: source}
		if l.Renamed {
			level.Columns = map[string]string{renamedKey: c.Key[0].Name}
		}
		levels = append(levels, level)
	}
	opt := engine.Options{Workers: c.Workers, Partitions: c.Partitions}
	for _, k := range c.Key {
		field := engine.Field{Name: k.Name}
		if c.Typed || !k.evidentKey(c.Levels) {
			field.Type = k.Type
		}
		opt.Key = append(opt.Key, field)
	}
	named := c.Typed
	for _, f := range c.Fields() {
		field := engine.Field{Name: f.Name}
		if c.Typed || !f.selfEvident(c.Levels) {
			field.Type, named = f.Type, true
		}
		opt.Fields = append(opt.Fields, field)
	}
	if !named {
		opt.Fields = nil
	}
	for _, i := range c.Carry {
		opt.Carry = append(opt.Carry, c.Columns[i].Name)
	}
	if c.Spill {
		plan, err := engine.NewPlan(ctx, levels, opt)
		if err != nil {
			return nil, nil, err
		}
		opt.Memory, opt.SpillDir = plan.Memory.Need-plan.Memory.Table/2, filepath.Dir(path)
	}
	w, err := report.Create(path, report.Options{RunDate: reportDate})
	if err != nil {
		return nil, nil, err
	}
	sink := &tee{Writer: w}
	summary, err = engine.Run(ctx, levels, opt, sink)
	if err != nil {
		w.Abort()
		return nil, nil, err
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	if spilled := summary.Spilled > 0; spilled != c.Spill {
		return nil, nil, fmt.Errorf("rows were spilled: %v", spilled)
	}
	if int64(len(sink.found)) != summary.Findings {
		return nil, nil, errors.New("the summary counts other findings than the sink saw")
	}
	return sink.found, summary, nil
}

// tee keeps the findings as rows and passes them on.
type tee struct {
	report.Writer
	header verdict.Header
	found  []finding
}

func (t *tee) Begin(h verdict.Header) error {
	t.header = h
	return t.Writer.Begin(h)
}

func (t *tee) Write(ctx context.Context, b *verdict.Block) error {
	for i := range b.Findings {
		t.found = append(t.found, fromEngine(&t.header, &b.Findings[i]))
	}
	return t.Writer.Write(ctx, b)
}
