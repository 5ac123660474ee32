package engine_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/level"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// in gives a function that fails with err in one phase, from its third call on.
func (f *faulty) in(phase string, err error) func() error {
	var calls atomic.Int64
	return func() error {
		if *f.phase.Load() == phase && calls.Add(1) >= 3 {
			return err
		}
		return nil
	}
}

// TestSourceErrors: what a source says is wrong comes back as it is, whenever it shows.
func TestSourceErrors(t *testing.T) {
	fault := &level.InputError{Level: "a", File: "a", Row: 7, Msg: "is torn"}
	for _, phase := range []string{"load", "gather"} {
		t.Run(phase+"/read", func(t *testing.T) {
			f := new(faulty)
			fail := f.in(phase, fault)
			f.wrap = func(s level.Source) level.Source {
				return &hooked{Source: s, read: func(context.Context, int) error { return fail() }}
			}
			f.wantInputError(t, fault)
		})
		t.Run(phase+"/next", func(t *testing.T) {
			f := new(faulty)
			fail := f.in(phase, fault)
			f.wrap = func(s level.Source) level.Source { return &hooked{Source: s, next: fail} }
			f.wantInputError(t, fault)
		})
	}
}

func (f *faulty) wantInputError(t *testing.T, want *level.InputError) {
	t.Helper()
	err := f.run(t, t.Context(), new(enginetest.Collector), nil)
	var got *level.InputError
	if !errors.As(err, &got) || got != want {
		t.Errorf("error %v", err)
	}
}

// TestSourcePanics: a panic of a decoder is an error that names the file and not what the decoder held.
func TestSourcePanics(t *testing.T) {
	for _, phase := range []string{"load", "gather"} {
		t.Run(phase, func(t *testing.T) {
			f := new(faulty)
			fail := f.in(phase, errors.New("secret"))
			f.wrap = func(s level.Source) level.Source {
				return &hooked{Source: s, next: func() error {
					if err := fail(); err != nil {
						panic(err)
					}
					return nil
				}}
			}
			err := f.run(t, t.Context(), new(enginetest.Collector), nil)
			if err == nil || !strings.Contains(err.Error(), "while reading the part at row") || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestSampleErrors: a source that cannot be read for a sample of its texts fails the plan with what it says.
func TestSampleErrors(t *testing.T) {
	fault := &level.InputError{Level: "a", File: "a", Msg: "is torn"}
	fail := func() error { return fault }
	for name, wrap := range map[string]func(level.Source) level.Source{
		"read": func(s level.Source) level.Source {
			return &hooked{Source: s, read: func(context.Context, int) error { return fail() }}
		},
		"next": func(s level.Source) level.Source { return &hooked{Source: s, next: fail} },
	} {
		t.Run(name, func(t *testing.T) {
			alloc := new(enginetest.Scribbler)
			table := enginetest.Table{Name: "a", Columns: []enginetest.Column{{Name: "id", Type: arrow.BinaryTypes.String, Cells: []any{"x"}}}}
			src := wrap(enginetest.Source(table, enginetest.Layout{Alloc: alloc}))
			_, err := engine.NewPlan(t.Context(), []engine.Level{{Name: "a", Source: src}, {Name: "b", Source: src}},
				engine.Options{Key: []engine.Field{{Name: "id", Type: record.Auto}}})
			var got *level.InputError
			if !errors.As(err, &got) || got != fault || errors.Is(err, engine.ErrOptions) {
				t.Errorf("error %v", err)
			}
			if n := alloc.InUse(); n != 0 {
				t.Errorf("%d bytes of the sample were left behind", n)
			}
		})
	}
}

// shrunk is a source whose parts claim fewer rows than they have.
type shrunk struct{ level.Source }

func (s shrunk) Parts() []level.Part {
	parts := slices.Clone(s.Source.Parts())
	for i := range parts {
		parts[i].Rows -= min(parts[i].Rows, 1)
	}
	return parts
}

// boastful is a source whose parts claim more rows than they have though it reads several at a time.
type boastful struct{ level.Bundler }

func (s boastful) Parts() []level.Part {
	parts := slices.Clone(s.Bundler.Parts())
	for i := range parts {
		parts[i].Rows++
	}
	return parts
}

// TestSourceBreaksItsWord: a part with more rows than it said, parts read as one with fewer, or a part with fewer when it is read again, is an error,
// not a wrong report.
func TestSourceBreaksItsWord(t *testing.T) {
	f := new(faulty)
	f.wrap = func(s level.Source) level.Source { return shrunk{s} }
	if err := f.run(t, t.Context(), new(enginetest.Collector), nil); err == nil || !strings.Contains(err.Error(), "more rows than it said") {
		t.Errorf("more rows: error %v", err)
	}
	f = new(faulty)
	f.wrap = func(s level.Source) level.Source { return boastful{s.(level.Bundler)} }
	if err := f.run(t, t.Context(), new(enginetest.Collector), nil); err == nil || !strings.Contains(err.Error(), "fewer rows than they said") {
		t.Errorf("fewer rows of several parts: error %v", err)
	}
	f = new(faulty)
	end := f.in("gather", io.EOF)
	f.wrap = func(s level.Source) level.Source { return &hooked{Source: s, next: end} }
	if err := f.run(t, t.Context(), new(enginetest.Collector), nil); err == nil || !strings.Contains(err.Error(), "fewer rows than when it was read first") {
		t.Errorf("fewer rows: error %v", err)
	}
}
