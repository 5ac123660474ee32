package engine

import (
	"context"
	"sync"

	"crosscheck/engine/guard"

	"golang.org/x/sync/errgroup"
)

// blockRecords is the number of suspects whose findings make a block. It is fixed, so that blocks depend on the data alone.
const blockRecords = 4096

// startedBlock is a block that is not full when a group of records ends: the next one goes on with it.
type startedBlock struct {
	mem     *blockMemory // nil: there is none
	records int
}

// write turns the suspects into findings, in the order of their keys, and gives them to the sink block by block. Blocks are
// made by all workers and handed over in order. Unless these are the last records, more will follow, with greater keys.
func (r *run) write(ctx context.Context, sink Sink, last bool) error {
	var blocks []func(*assembler) *blockMemory
	if !r.begun {
		header := r.plan.Header()
		header.Locate = r.locate
		if err := sink.Begin(header); err != nil {
			return err
		}
		r.begun = true
	}
	for begin := 0; begin < len(r.noKey); begin += blockRecords { // they come first: their key is empty
		end := min(begin+blockRecords, len(r.noKey))
		blocks = append(blocks, func(a *assembler) *blockMemory { return a.noKey(begin, end) })
	}
	places, err := r.newPlaces(ctx)
	if err != nil {
		return err
	}
	n, begin := len(places.all), 0
	r.progress.begin("write", int64(n))
	records := r.started.records // of the last block
	if mem := r.started.mem; mem != nil {
		begin = min(n, blockRecords-records)
		records += begin
		blocks = append(blocks, func(a *assembler) *blockMemory { return a.records(mem, places.sorted(0, begin, &a.spare)) })
		r.started = startedBlock{}
	}
	for begin := begin; begin < n; begin += blockRecords {
		end := min(begin+blockRecords, n)
		records = end - begin
		blocks = append(blocks, func(a *assembler) *blockMemory { return a.records(r.blocks.Get(), places.sorted(begin, end, &a.spare)) })
	}
	goesOn := !last && records > 0 && records < blockRecords // the last block does
	var mu sync.Mutex
	taken := 0
	err = inOrder(ctx, r.opt.Workers, len(blocks), func() func(int) *blockMemory {
		a := newAssembler(r)
		return func(i int) *blockMemory {
			mem := blocks[i](a)
			mu.Lock()
			defer mu.Unlock()
			r.counts.merge(&a.counts)
			return mem
		}
	}, func(mem *blockMemory) error {
		if taken++; goesOn && taken == len(blocks) {
			r.started = startedBlock{mem, records}
			return nil
		}
		if len(mem.findings) == 0 {
			return nil
		}
		return sink.Write(ctx, r.block(mem))
	})
	r.noKey, r.noKeyCells = nil, nil
	return err
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
