package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
)

// TestFaultless holds that the case of these tests goes well by itself, through all phases and in several blocks.
func TestFaultless(t *testing.T) {
	var phases []string
	blocks := 0
	f := new(faulty)
	err := f.run(t, t.Context(), funcSink{write: func() error { blocks++; return nil }}, func(p engine.Progress) {
		if p.Done == 0 && !slices.Contains(phases, p.Phase) {
			phases = append(phases, p.Phase)
		}
	})
	if err != nil || blocks < 3 {
		t.Errorf("%d blocks, error %v", blocks, err)
	}
	if got := strings.Join(phases, " "); got != "load gather write" {
		t.Errorf("phases %s", got)
	}
}

func TestCancel(t *testing.T) {
	for _, phase := range []string{"load", "gather", "write"} {
		for _, late := range []bool{false, true} {
			t.Run(phase+map[bool]string{false: "/begin", true: "/middle"}[late], func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				err := new(faulty).run(t, ctx, new(enginetest.Collector), func(p engine.Progress) {
					if p.Phase == phase && (!late || p.Done > 0) {
						cancel()
					}
				})
				if !errors.Is(err, context.Canceled) {
					t.Errorf("error %v", err)
				}
			})
		}
	}
	t.Run("before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := new(faulty).run(t, ctx, new(enginetest.Collector), nil); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("deadline", func(t *testing.T) {
		ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		defer cancel()
		if err := new(faulty).run(t, ctx, new(enginetest.Collector), nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

// TestSinkErrors: an error of the sink ends the run and comes back as it is.
func TestSinkErrors(t *testing.T) {
	full := errors.New("no room")
	writes := 0
	for name, sink := range map[string]funcSink{
		"begin":       {begin: func() error { return full }, write: func() error { t.Error("a block after Begin failed"); return nil }},
		"first write": {write: func() error { return full }},
		"third write": {write: func() error {
			if writes++; writes == 3 {
				return full
			}
			if writes > 3 {
				t.Error("a block after Write failed")
			}
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := new(faulty).run(t, t.Context(), sink, nil); err != full {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestSinkIsNeverCalledTwiceAtOnce holds what Sink promises, with a sink that is slower than the workers.
func TestSinkIsNeverCalledTwiceAtOnce(t *testing.T) {
	busy := make(chan struct{}, 1)
	call := func() error {
		select {
		case busy <- struct{}{}:
		default:
			t.Error("the sink is called twice at once")
			return nil
		}
		time.Sleep(5 * time.Millisecond)
		<-busy
		return nil
	}
	if err := new(faulty).run(t, t.Context(), funcSink{begin: call, write: call}, nil); err != nil {
		t.Error(err)
	}
}
