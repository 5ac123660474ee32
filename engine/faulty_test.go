package engine_test

import (
	"context"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/level"
	"crosscheck/engine/verdict"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// hooked is a source whose Read and readers' Next ask first; io.EOF from next ends a reader early without an error.
type hooked struct {
	level.Source
	read func(ctx context.Context, part int) error
	next func() error
}

func (s *hooked) Read(ctx context.Context, part int, columns []int) (array.RecordReader, error) {
	if s.read != nil {
		if err := s.read(ctx, part); err != nil {
			return nil, err
		}
	}
	r, err := s.Source.Read(ctx, part, columns)
	return &hookedReader{RecordReader: r, next: s.next}, err
}

type hookedReader struct {
	array.RecordReader
	next func() error
	err  error
}

func (r *hookedReader) Next() bool {
	if r.next != nil {
		if r.err = r.next(); r.err != nil {
			return false
		}
	}
	return r.RecordReader.Next()
}

func (r *hookedReader) Err() error {
	switch r.err {
	case nil:
		return r.RecordReader.Err()
	case io.EOF:
		return nil
	}
	return r.err
}

// faulty is a run of a case of several blocks in which something goes wrong. It holds that neither goroutines nor memory of
// batches are left behind, and that there is no summary beside an error.
type faulty struct {
	phase atomic.Pointer[string] // the phase under way, "sample" before the first
	alloc enginetest.Scribbler
	wrap  func(level.Source) level.Source // each level's source; nil: as it is
	spill string                          // the folder that rows are spilled to, "" for a run in memory

	planned func(*engine.Plan) error // engine.Options.Planned
}

func (f *faulty) run(t *testing.T, ctx context.Context, sink engine.Sink, each func(engine.Progress)) error {
	t.Helper()
	c := many(20000)
	before := runtime.NumGoroutine()
	sample := "sample"
	f.phase.Store(&sample)
	opt := c.Options
	opt.Workers, opt.Partitions, opt.Planned = 3, 8, f.planned
	opt.Carry = []string{"x"} // read in the gather phase on both levels
	opt.Progress = func(p engine.Progress) {
		f.phase.Store(&p.Phase)
		if each != nil {
			each(p)
		}
	}
	if f.spill != "" {
		opt = engine.ForceSpill(opt, 6, 1<<20)
		opt.SpillDir = f.spill
	}
	var levels []engine.Level
	for _, table := range c.Tables {
		src := enginetest.Source(table, enginetest.Layout{PartRows: 700, BatchRows: 500, Alloc: &f.alloc})
		if f.wrap != nil {
			src = f.wrap(src)
		}
		levels = append(levels, engine.Level{Name: table.Name, Source: src})
	}
	sum, err := engine.Run(ctx, levels, opt, sink)
	if (sum == nil) != (err != nil) {
		t.Errorf("a summary: %v, an error: %v", sum != nil, err)
	}
	for deadline := time.Now().Add(2 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%d goroutines were left behind", runtime.NumGoroutine()-before)
			break
		}
	}
	if n := f.alloc.InUse(); n != 0 {
		t.Errorf("%d bytes of batches were left behind", n)
	}
	return err
}

// funcSink is a sink of two functions, nil for those that do nothing.
type funcSink struct {
	begin func() error
	write func() error
}

func (s funcSink) Begin(verdict.Header) error { return s.call(s.begin) }

func (s funcSink) Write(context.Context, *verdict.Block) error { return s.call(s.write) }

func (s funcSink) call(f func() error) error {
	if f == nil {
		return nil
	}
	return f()
}
