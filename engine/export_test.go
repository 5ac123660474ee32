package engine

import (
	"context"
	"fmt"
	"time"

	"crosscheck/engine/join"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// MaskWeights gives the options with the weights of syndromes cut down to the bits of mask in each half, so that fields have the same.
func MaskWeights(opt Options, mask uint32) Options {
	opt.weights = uint64(mask)<<32 | uint64(mask)
	return opt
}

// ForceSpill gives the options with rows spilled by some ranges of keys, whatever memory there is: with so little for tables and suspects
// that there are many of them where there is 1 byte.
func ForceSpill(opt Options, ranges int, memory int64) Options {
	opt.forceSpill, opt.small, opt.Memory = ranges, true, memory
	return opt
}

// Hold gives the options of ForceSpill with so many bytes for spilled rows that stay in memory.
func Hold(opt Options, bytes int64) Options {
	opt.held = bytes
	return opt
}

// DiskFree gives the options with so many bytes free where rows are spilled.
func DiskFree(opt Options, bytes int64) Options {
	opt.diskFree = bytes
	return opt
}

// Within gives the options with so much memory for what a run keeps of records, which begins in memory.
func Within(opt Options, memory int64) Options {
	opt.small, opt.Memory = true, memory
	return opt
}

// Weaken gives the options with hashes of which so many bits are used, in the first tries of a run that verifies them or, without Exact, at all.
func Weaken(opt Options, values, keys, tries int) Options {
	opt.weak = nil
	for range tries {
		opt.weak = append(opt.weak, record.NewSeed(values, keys))
	}
	if !opt.Exact {
		opt.seed = opt.weak[0]
	}
	return opt
}

// VerifyTries is how many hashes a run with Options.Exact tries.
const VerifyTries = verifyTries

// HandOver has one worker decode the first level and another one, which waits for that level to be in, add all batches of it. It gives how many records
// there are then.
func HandOver(ctx context.Context, levels []Level, opt Options) (records int, err error) {
	plan, err := NewPlan(ctx, levels, opt)
	if err != nil {
		return 0, err
	}
	r, err := newRun(plan, opt)
	if err != nil {
		return 0, err
	}
	r.table = join.NewTable(r.shape, opt.Partitions, plan.mostRows(), join.Growth{Rows: plan.totalRows()})
	defer r.table.Release()
	r.workers = []*worker{r.newWorker(0), r.newWorker(1)}
	for _, w := range r.workers {
		defer w.release()
	}
	r.catch()
	r.arrivals = newArrivals([]int{len(r.bundled[0])}, func(int, int64, time.Duration) {})
	waited := make(chan error, 1)
	go func() { waited <- r.workers[1].waitFor(ctx, 0, true) }()
	columns, at := project(plan.levels[0].key, plan.levels[0].fields)
	for b, bundle := range r.bundled[0] {
		if err := plan.levels[0].scan(ctx, bundle, columns, func(batch arrow.Record, ref uint32) error {
			for !r.workers[0].handOver(0, b, batch, at, ref) {
				if len(waited) > 0 {
					return fmt.Errorf("the worker waits no more: %v", <-waited)
				}
				time.Sleep(time.Millisecond)
			}
			return nil
		}); err != nil {
			return 0, err
		}
		r.arrivals.done(1, 0, 0)
	}
	if err := <-waited; err != nil {
		return 0, err
	}
	for p := range r.table.Partitions() {
		records += r.table.Len(p)
	}
	return records, nil
}
