package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"sync"

	"crosscheck/engine/verdict"

	"golang.org/x/sync/errgroup"
)

// blockRecords is the number of suspects whose findings make a block. It is fixed, so that blocks depend on the data alone.
const blockRecords = 16384

// place is a suspect with the first 16 bytes of its key text, by which most pairs sort.
type place struct {
	prefix [2]uint64
	part   int32
	index  int32 // of partFindings.suspects
}

// write turns the suspects into findings, in the order of their keys, and gives them to the sink block by block. Blocks are
// made by all workers and handed over in order.
func (r *run) write(ctx context.Context, sink Sink) error {
	header := r.plan.Header()
	header.Locate = r.locate
	if err := sink.Begin(header); err != nil {
		return err
	}
	places := r.places()
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
	err := inOrder(ctx, r.opt.Workers, len(blocks), func() func(int) *verdict.Block {
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
	g.Go(func() error {
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
	})
	for range min(workers, n) {
		g.Go(func() error {
			do := maker()
			for i := range next {
				made[i] <- do(i)
			}
			return nil
		})
	}
	g.Go(func() error {
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
	})
	return g.Wait()
}

// places lists all suspects in the order of their key texts.
func (r *run) places() []place {
	offsets := make([]int, len(r.findings)+1)
	for p := range r.findings {
		offsets[p+1] = offsets[p] + len(r.findings[p].suspects)
	}
	places := make([]place, offsets[len(r.findings)])
	var wg sync.WaitGroup
	workers := r.opt.Workers
	bounds := make([]int, workers+1) // each worker sorts the suspects of some partitions
	for w := range workers {
		lo, hi := len(r.findings)*w/workers, len(r.findings)*(w+1)/workers
		bounds[w+1] = offsets[hi]
		wg.Go(func() {
			var buf []byte
			for p := lo; p < hi; p++ {
				for i := range r.findings[p].suspects {
					buf = r.appendKey(buf[:0], &r.findings[p], &r.findings[p].suspects[i])
					var prefix [16]byte
					copy(prefix[:], buf)
					places[offsets[p]+i] = place{
						prefix: [2]uint64{binary.BigEndian.Uint64(prefix[:]), binary.BigEndian.Uint64(prefix[8:])},
						part:   int32(p), index: int32(i),
					}
				}
			}
			slices.SortFunc(places[offsets[lo]:offsets[hi]], r.comparePlaces)
		})
	}
	wg.Wait()
	for len(bounds) > 2 { // merge neighbours until one run is left
		merged := []int{0}
		out := make([]place, 0, len(places))
		for i := 0; i+1 < len(bounds); i += 2 {
			end := bounds[min(i+2, len(bounds)-1)]
			out = mergePlaces(out, places[bounds[i]:bounds[i+1]], places[bounds[i+1]:end], r.comparePlaces)
			merged = append(merged, end)
		}
		places, bounds = out, merged
	}
	return places
}

func mergePlaces(out, a, b []place, compare func(a, b place) int) []place {
	for len(a) > 0 && len(b) > 0 {
		if compare(a[0], b[0]) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

func (r *run) comparePlaces(a, b place) int {
	switch {
	case a.prefix[0] < b.prefix[0]:
		return -1
	case a.prefix[0] > b.prefix[0]:
		return 1
	case a.prefix[1] < b.prefix[1]:
		return -1
	case a.prefix[1] > b.prefix[1]:
		return 1
	}
	f, g := &r.findings[a.part], &r.findings[b.part]
	x, y := r.appendKey(nil, f, &f.suspects[a.index]), r.appendKey(nil, g, &g.suspects[b.index])
	return bytes.Compare(x, y)
}

// appendKey appends the canonical key text of a suspect.
func (r *run) appendKey(dst []byte, f *partFindings, s *suspect) []byte {
	if r.keyText.Reversible() {
		return r.keyText.Append(dst, s.key)
	}
	cells := f.cells[s.cells.begin:s.cells.end]
	i := slices.IndexFunc(cells, func(c cell) bool { return int(c.field) == r.keyColumn() })
	return append(dst, cells[i].text...)
}
