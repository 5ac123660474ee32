package engine

import (
	"context"
	"math/bits"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"crosscheck/engine/guard"
	"crosscheck/engine/join"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/sync/errgroup"
)

// run is the state of one comparison. Its phases, in order:
//
//	load      every level is decoded, hashed and added to the table; values of rows that differ are kept while at hand
//	examine   every record is looked at once: which are suspect, and which values are still missing to say so
//	gather    those values are read again, from the parts and columns that hold them
//	write     suspects become findings, sorted by key, block by block
type run struct {
	plan      *Plan
	opt       Options
	shape     join.Shape
	keyTypes  []record.Type
	keyText   record.KeyText
	intern    record.Interner
	allLevels uint32
	rank      []int        // a field: its place in the order of names, which is the order of findings
	order     []int        // the rules in the order of findings
	ruleRank  []int        // a rule: its place there
	spelling  [][]spelling // a field
	progress  progress

	table      *join.Table
	levelIn    []chan struct{} // a level: closed when all its rows are in the table
	workers    []*worker
	findings   []partFindings // a partition
	blocks     blockPool
	noKey      []rowRef
	noKeyCells []cell // raw key of each
	gathered   bool   // the values of members are read
	rows       []int64
	summary    Summary
}

// Run compares the levels and gives every finding to sink. It returns when all are written or ctx ends.
func Run(ctx context.Context, levels []Level, opt Options, sink Sink) (*Summary, error) {
	start := time.Now()
	plan, err := NewPlan(ctx, levels, opt)
	if err != nil {
		return nil, err
	}
	if opt.Planned != nil {
		if err := opt.Planned(plan); err != nil {
			return nil, err
		}
	}
	r, err := newRun(plan, opt)
	if err != nil {
		return nil, err
	}
	defer r.table.Release()
	for _, phase := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"load", r.load},
		{"gather", r.examineAndGather},
		{"write", func(ctx context.Context) error { return r.write(ctx, sink) }},
	} {
		begin := time.Now()
		r.progress.counted.Store(0)
		var err error
		pprof.Do(ctx, pprof.Labels("phase", phase.name), func(ctx context.Context) { // for profiles and traces, if one is taken
			trace.WithRegion(ctx, phase.name, func() { err = phase.do(ctx) })
		})
		if err != nil {
			return nil, err
		}
		took := time.Since(begin)
		r.summary.Phases = append(r.summary.Phases, newPhase(phase.name, took, r.progress.counted.Load()))
		r.progress.end(phase.name, took)
	}
	r.summary.Elapsed = time.Since(start)
	return &r.summary, nil
}

// defaults fills in what the options leave open.
func (o *Options) defaults() error {
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Partitions == 0 {
		o.Partitions = 256
	}
	if o.Workers < 0 {
		return optionError("workers is %d: give a positive number", o.Workers)
	}
	if o.Partitions < 0 || bits.OnesCount(uint(o.Partitions)) != 1 || o.Partitions > 1<<16 {
		return optionError("partitions is %d: give a power of two up to 65536", o.Partitions)
	}
	return nil
}

func newRun(plan *Plan, opt Options) (*run, error) {
	if err := opt.defaults(); err != nil {
		return nil, err
	}
	r := &run{plan: plan, opt: opt, allLevels: 1<<len(plan.Levels) - 1, rows: make([]int64, len(plan.levels))}
	r.progress.report = opt.Progress
	r.rank = make([]int, len(plan.Fields))
	byName := make([]int, len(plan.Fields))
	for f := range byName {
		byName[f] = f
	}
	slices.SortFunc(byName, func(a, b int) int { return strings.Compare(plan.Fields[a].Name, plan.Fields[b].Name) })
	for i, f := range byName {
		r.rank[f] = i
	}
	r.order, r.ruleRank = plan.ruleOrder(), make([]int, len(plan.rules))
	for i, rule := range r.order {
		r.ruleRank[rule] = i
	}
	for f := range plan.Fields {
		r.spelling = append(r.spelling, newSpelling(plan, f))
	}
	for _, k := range plan.Key {
		r.keyTypes = append(r.keyTypes, k.Type)
	}
	r.keyText = record.NewKeyText(r.keyTypes, &r.intern)
	r.shape = join.Shape{Levels: len(plan.levels), Compared: len(plan.Levels)}
	var stored []arrow.DataType
	for _, l := range plan.levels {
		stored = append(stored, l.stored[l.key[0]])
	}
	r.shape.WideKeys = len(r.keyTypes) > 1 || !record.NarrowKey(r.keyTypes[0], stored)
	groups := map[uint32]int{}
	for _, f := range plan.Fields {
		var levels uint32
		for l, source := range f.Source {
			if source != "" {
				levels |= 1 << l
			}
		}
		g, ok := groups[levels]
		if !ok {
			g = len(r.shape.Groups)
			groups[levels] = g
			r.shape.Groups = append(r.shape.Groups, levels)
		}
		r.shape.Group = append(r.shape.Group, g)
	}
	var most, total int64
	for _, l := range plan.levels {
		most = max(most, l.rows())
		total += l.rows()
	}
	r.progress.begin("load", total)
	r.table = join.NewTable(r.shape, opt.Partitions, most)
	return r, nil
}

// examineAndGather finds the suspects and reads what their findings need, in a second round for those records in which
// the differing fields do not explain the fingerprints.
func (r *run) examineAndGather(ctx context.Context) error {
	for _, w := range r.workers {
		r.noKey = append(r.noKey, w.noKey...)
		for l, n := range w.rows {
			r.rows[l] += n
		}
	}
	if err := r.examine(ctx); err != nil {
		return err
	}
	r.table.Release()
	if err := r.gather(ctx); err != nil {
		return err
	}
	n, err := r.unexplained(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		if err := r.gather(ctx); err != nil {
			return err
		}
	}
	return r.findTypos(ctx)
}

// parallel calls do with 0 to n-1, with all workers, until one fails or ctx ends.
func (r *run) parallel(ctx context.Context, n int, do func(i int) error) error {
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range min(r.opt.Workers, n) {
		g.Go(guard.Func(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := do(i); err != nil {
					return err
				}
			}
		}))
	}
	return g.Wait()
}

// newPacker makes a packer of keys for one goroutine.
func (r *run) newPacker() *record.KeyPacker {
	p := record.NewKeyPacker(r.keyTypes, &r.intern)
	p.StrictRegions = r.opt.StrictRegions
	return p
}

// locate is verdict.Header.Locate.
func (r *run) locate(l int, ref uint32) (file string, row int64) {
	pl := &r.plan.levels[l]
	i := pl.locate(ref)
	return pl.parts[i].File, pl.parts[i].FirstRow + int64(ref-pl.refs[i])
}
