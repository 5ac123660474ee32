package engine

import (
	"context"
	"sync"
	"time"

	"crosscheck/engine/guard"

	"github.com/apache/arrow/go/v17/arrow"
)

// arrivals tells when all rows of a level are in the table. Until then, who waits for it adds batches that others have decoded.
type arrivals struct {
	in     []chan struct{} // a level: closed when it is in
	handed chan handed     // takes one only where somebody waits for it

	mu    sync.Mutex
	left  []int // a level: bundles, and batches that were handed over, which are not in
	rows  []int64
	first int       // of the levels that are not in
	since time.Time // when the level before was in
	tell  func(level int, rows int64, took time.Duration)
}

// handed is a batch of a bundle that another worker than the one that decoded it adds.
type handed struct {
	level, bundle int
	batch         arrow.Record // retained
	at            []int
	ref           uint32
}

// newArrivals is for levels of some bundles each; tell hears of each that is in.
func newArrivals(bundles []int, tell func(level int, rows int64, took time.Duration)) *arrivals {
	a := &arrivals{handed: make(chan handed), left: bundles, rows: make([]int64, len(bundles)), since: time.Now(), tell: tell}
	for range bundles {
		a.in = append(a.in, make(chan struct{}))
	}
	a.done(0, 0, 0) // levels without parts
	return a
}

// done counts bundles, or batches that were handed over, that are in, or are to come if they are less than none, and rows of their level.
func (a *arrivals) done(bundles, level int, rows int64) {
	if level >= len(a.left) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left[level] -= bundles
	a.rows[level] += rows
	for ; a.first < len(a.left) && a.left[a.first] == 0; a.first++ {
		close(a.in[a.first])
		a.tell(a.first, a.rows[a.first], time.Since(a.since))
		a.since = time.Now()
	}
}

// waitFor waits until a level is in; there is none before the first. If the worker has no batch under way, it adds those that are handed over.
func (w *worker) waitFor(ctx context.Context, level int, idle bool) error {
	if level < 0 {
		return nil
	}
	a := w.run.arrivals
	var others chan handed
	if idle {
		others = a.handed
	}
	for {
		select {
		case <-a.in[level]:
			return nil
		case h := <-others:
			if err := w.takeOver(ctx, &h); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// handOver has a worker that waits add a batch of a bundle. It gives false if none does.
func (w *worker) handOver(l, bundle int, batch arrow.Record, at []int, ref uint32) bool {
	a := w.run.arrivals
	a.done(-1, l, 0)
	batch.Retain()
	select {
	case a.handed <- handed{level: l, bundle: bundle, batch: batch, at: at, ref: ref}:
		return true
	default:
		batch.Release()
		a.done(1, l, 0)
		return false
	}
}

// takeOver adds a batch that was handed over.
func (w *worker) takeOver(ctx context.Context, h *handed) (err error) {
	defer h.batch.Release()
	pl := &w.run.plan.levels[h.level]
	defer pl.panicked(&pl.parts[w.run.bundled[h.level][h.bundle].first], &err)
	defer guard.Catch(&err)
	if err := w.addRows(ctx, h.level, h.bundle, h.batch, h.at, h.ref); err != nil {
		return err
	}
	w.run.arrivals.done(1, h.level, 0)
	return nil
}
