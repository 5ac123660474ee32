package engine

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"crosscheck/engine/guard"
	"crosscheck/engine/verdict"

	"golang.org/x/sync/errgroup"
)

// blockRecords is the number of suspects whose findings make a block. It is fixed, so that blocks depend on the data alone.
const blockRecords = 16384

// write turns the suspects into findings, in the order of their keys, and gives them to the sink block by block. Blocks are
// made by all workers and handed over in order.
func (r *run) write(ctx context.Context, sink Sink) error {
	header := r.plan.Header()
	header.Locate = r.locate
	if err := sink.Begin(header); err != nil {
		return err
	}
	places, err := r.places()
	if err != nil {
		return err
	}
	r.progress.begin("write", int64(len(places)))
	order := make([]int, len(r.noKey))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := r.noKey[a], r.noKey[b]
		return cmp.Or(cmp.Compare(x.level, y.level), cmp.Compare(x.ref, y.ref))
	})

	// The rows without a key come first: their key is empty.
	var blocks []func(*assembler) *verdict.Block
	for chunk := range slices.Chunk(order, blockRecords) {
		blocks = append(blocks, func(a *assembler) *verdict.Block { return a.noKey(chunk) })
	}
	for chunk := range slices.Chunk(places, blockRecords) {
		blocks = append(blocks, func(a *assembler) *verdict.Block { return a.records(chunk) })
	}
	var mu sync.Mutex
	counts := newCounts(r)
	err = inOrder(ctx, r.opt.Workers, len(blocks), func() func(int) *verdict.Block {
		a := newAssembler(r)
		return func(i int) *verdict.Block {
			b := blocks[i](a)
			mu.Lock()
			defer mu.Unlock()
			counts.merge(&a.counts)
			return b
		}
	}, func(b *verdict.Block) error {
		if len(b.Findings) == 0 {
			return nil
		}
		return sink.Write(ctx, b)
	})
	if err != nil {
		return err
	}
	r.summary = r.summarize(&counts)
	return nil
}

// inOrder makes n blocks with some workers and hands them over one by one in order; a worker is never more than the number
// of workers ahead of the hand-over.
func inOrder[B any](ctx context.Context, workers, n int, maker func() func(i int) B, take func(B) error) error {
	if n == 0 {
		return ctx.Err()
	}
	g, ctx := errgroup.WithContext(ctx)
	made := make([]chan B, n)
	for i := range made {
		made[i] = make(chan B, 1)
	}
	ahead := make(chan struct{}, 2*workers) // blocks made or under way, not yet taken
	next := make(chan int)
	g.Go(guard.Func(func() error {
		defer close(next)
		for i := range n {
			select {
			case ahead <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case next <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}))
	for range min(workers, n) {
		g.Go(guard.Func(func() error {
			do := maker()
			for i := range next {
				made[i] <- do(i)
			}
			return nil
		}))
	}
	g.Go(guard.Func(func() error {
		for i := range made {
			select {
			case b := <-made[i]:
				if err := take(b); err != nil {
					return err
				}
				<-ahead
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}))
	return g.Wait()
}
