package engine

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"crosscheck/engine/guard"
	"crosscheck/engine/join"
	"crosscheck/engine/record"
	"crosscheck/engine/spare"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/sync/errgroup"
)

// run is the state of one comparison. Its phases, in order:
//
//	verify    with Options.Exact: a hash is found that hides no difference
//	load      every level is decoded, hashed and added to the table; values of rows that differ are kept while at hand
//	gather    every record is looked at once: which are suspect, and which values are still missing to say so; those are read again, from
//	          the parts and columns that hold them
//	write     suspects become findings, sorted by key, block by block
//
// Where memory does not hold all records, load spills the rows by ranges of keys, and for some ranges after the other:
//
//	join      rows come back and are added to a table, and its records are looked at
//	gather    all values that the suspects need are read; or the suspects are parked, and that is done when all are
//	write     suspects become findings
type run struct {
	plan       *Plan
	opt        Options
	shape      join.Shape
	keyTypes   []record.Type
	keyText    record.KeyText
	intern     record.Interner
	seed       *record.Seed // of the hashes, for Options.Exact; nil: they have none
	allLevels  uint32
	byName     []int       // the fields in the order of names, which is the order of findings
	rank       []int       // a field: its place there
	order      []int       // the rules in the order of findings
	ruleRank   []int       // a rule: its place there
	spelling   []spellings // a field
	blanks     []blanks    // a field and a level
	respelled  []respelled // a level
	beside     bool        // values of all suspects are read again whatever their fields hold
	unlessNull []bool      // a field: of some levels it is spelledUnlessNull, or spelledUnlessChanged
	progress   progress

	table      *join.Table
	over       *overflow    // where the rows go that do not fit into memory; nil: they go to the table
	budget     budget       // of a run in memory
	tableBytes atomic.Int64 // that are counted in it
	arrivals   *arrivals
	workers    []*worker
	findings   []partFindings // a partition of a table: what is not written yet
	texts      texts          // of values
	blocks     spare.Pool[blockMemory]
	sorters    spare.Pool[wantSorter]

	spareFindings spare.Pool[partFindings] // of records that were joined before: their memory alone
	groupCells    []cell                   // of the parked group that is written: those of all its findings

	noKey      []rowRef // what is not written yet, by level and reference
	noKeyCells []cell   // raw key of each
	withoutKey []int64  // a level: rows without a key
	gathered   bool     // the values of members are read
	wanted     []*wants // a worker: what examine found to be read again; nil: gather looks for it
	begun      bool     // the sink is
	started    startedBlock

	rows       []int64          // a level
	reused     []int64          // a level: rows of parts that were kept
	bundled    [][]bundle       // a level: as it is read
	bundleRefs [][]uint32       // a level: the references with which they begin, and that behind the last
	recipes    []string         // a level, for Options.Kept; "": nothing of it is kept
	kept       [][]bool         // a level and a part: it was not read, since it is kept
	patterns   map[uint32]int64 // which levels hold a record → records
	repeated   []int64          // a roster: rows beyond the first of their key
	counts     counts
	summary    Summary
}

// Run compares the levels and gives every finding to sink. It returns when all are written or ctx ends. Errors are those of NewPlan, of
// the sources and the sink as they are, and *spill.Error.
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
	var verified []Phase
	if opt.Exact {
		if verified, err = verifyFirst(ctx, plan, &opt); err != nil {
			return nil, err
		}
	}
	sum, err := runOnce(ctx, plan, opt, sink)
	if errors.Is(err, errBeyond) { // nothing is written so far
		debug.FreeOSMemory() // for what was in memory comes on top else
		plan.planSpill(opt)
		plan.Memory.Anew = true
		sum, err = runOnce(ctx, plan, opt, sink)
	}
	if err != nil {
		return nil, err
	}
	sum.Exact, sum.Phases = opt.Exact, append(verified, sum.Phases...)
	sum.Elapsed = time.Since(start)
	return sum, nil
}

// runOnce runs a plan in memory or with rows spilled.
func runOnce(ctx context.Context, plan *Plan, opt Options, sink Sink) (*Summary, error) {
	m := plan.Memory
	opt.fitted(m, max(m.Table, m.held))
	r, err := newRun(plan, opt)
	if err != nil {
		return nil, err
	}
	do := r.inMemory
	if plan.Memory.Spill {
		do = r.spilled
	}
	if err := do(ctx, sink); err != nil {
		return nil, err
	}
	phases := r.summary.Phases
	r.summary = r.summarize(&r.counts)
	r.summary.Phases = phases
	if r.over != nil {
		r.summary.Spilled = r.over.file.Size()
	}
	return &r.summary, nil
}

// fitted calls Fitted with a plan, and so much outside the Go heap.
func (o *Options) fitted(m MemoryPlan, offHeap int64) {
	if m.OffHeap = offHeap; o.Fitted != nil {
		o.Fitted(m)
	}
}

// inMemory runs with one table for all records.
func (r *run) inMemory(ctx context.Context, sink Sink) error {
	r.progress.begin("load", r.plan.totalRows())
	r.budget.limit = r.plan.Memory.limit
	r.table = join.NewTable(r.shape, r.opt.Partitions, r.plan.mostRows(), join.Growth{Rows: r.plan.totalRows(), Ask: r.growing})
	defer func() { r.table.Release() }()
	if err := r.grown(); err != nil {
		return err
	}
	if err := r.phase(ctx, "load", r.load); err != nil {
		return err
	}
	if err := r.phase(ctx, "gather", func(ctx context.Context) error {
		if err := r.examine(ctx); err != nil {
			return err
		}
		r.table.Release()
		return r.gatherAll(ctx)
	}); err != nil {
		return err
	}
	return r.phase(ctx, "write", func(ctx context.Context) error { return r.write(ctx, sink, true) })
}

// phase does a part of a phase and adds its time and rows to those of the phase.
func (r *run) phase(ctx context.Context, name string, do func(context.Context) error) error {
	begin, counted := time.Now(), r.progress.counted.Load()
	var err error
	pprof.Do(ctx, pprof.Labels("phase", name), func(ctx context.Context) { // for profiles and traces, if one is taken
		trace.WithRegion(ctx, name, func() { err = do(ctx) })
	})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(r.summary.Phases, func(p Phase) bool { return p.Name == name })
	if i < 0 {
		i = len(r.summary.Phases)
		r.summary.Phases = append(r.summary.Phases, Phase{Name: name})
	}
	r.summary.Phases[i].add(time.Since(begin), r.progress.counted.Load()-counted)
	if !r.progress.held {
		r.progress.end(r.summary.Phases[i])
	}
	return nil
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
	r := &run{plan: plan, opt: opt, seed: opt.seed, allLevels: 1<<len(plan.Levels) - 1, rows: make([]int64, len(plan.levels)), withoutKey: make([]int64, len(plan.levels)), reused: make([]int64, len(plan.levels)),
		patterns: map[uint32]int64{}, repeated: make([]int64, len(plan.rosters))}
	r.progress.report = opt.Progress
	r.blanks = make([]blanks, len(plan.Fields)*len(plan.levels))
	r.byName, r.rank = make([]int, len(plan.Fields)), make([]int, len(plan.Fields))
	for f := range r.byName {
		r.byName[f] = f
	}
	slices.SortFunc(r.byName, func(a, b int) int { return strings.Compare(plan.Fields[a].Name, plan.Fields[b].Name) })
	for i, f := range r.byName {
		r.rank[f] = i
	}
	r.order, r.ruleRank = plan.ruleOrder(), make([]int, len(plan.rules))
	for i, rule := range r.order {
		r.ruleRank[rule] = i
	}
	for f := range plan.Fields {
		r.spelling = append(r.spelling, newSpellings(plan, f))
		r.unlessNull = append(r.unlessNull, slices.ContainsFunc(r.spelling[f].pairs, func(s spelling) bool { return s == spelledUnlessNull || s == spelledUnlessChanged }))
	}
	for _, k := range plan.Key {
		r.keyTypes = append(r.keyTypes, k.Type)
	}
	r.keyText = record.NewKeyText(r.keyTypes, &r.intern)
	r.beside = !r.keyText.Reversible() || len(plan.Carry) > 0
	r.shape = plan.shape()
	if opt.weights != 0 {
		r.shape.Weights = opt.weights
	}
	r.counts = newCounts(r)
	r.keepLevels()
	for l := range plan.levels {
		bundles := r.bundles(l)
		refs := make([]uint32, 0, len(bundles)+1)
		for _, b := range bundles {
			refs = append(refs, plan.levels[l].refs[b.first])
		}
		r.bundled = append(r.bundled, bundles)
		r.respelled = append(r.respelled, newRespelled(len(plan.Fields), len(bundles)))
		r.bundleRefs = append(r.bundleRefs, append(refs, plan.levels[l].refs[len(plan.levels[l].parts)]))
	}
	return r, nil
}

// shape is that of a table of the plan's records. The types of the key are known.
func (p *Plan) shape() join.Shape {
	s := join.Shape{Levels: len(p.levels), Compared: len(p.Levels), Each: p.eachRow(), Weights: math.MaxUint64}
	var stored []arrow.DataType
	for _, l := range p.levels {
		stored = append(stored, l.stored[l.key[0]])
	}
	s.WideKeys = len(p.Key) > 1 || !record.NarrowKey(p.Key[0].Type, stored)
	groups, fields := map[uint32]int{}, map[uint32]int{}
	for _, f := range p.Fields {
		var levels uint32
		for l, source := range f.Source {
			if source != "" {
				levels |= 1 << l
			}
		}
		g, ok := groups[levels]
		if !ok || fields[levels]%record.MostLocated == 0 {
			g = len(s.Groups)
			groups[levels] = g
			s.Groups = append(s.Groups, levels)
		}
		fields[levels]++
		s.Group = append(s.Group, g)
	}
	return s
}

// eachRow gives the levels of which all rows of a key are looked at, bit by bit.
func (p *Plan) eachRow() (levels uint32) {
	for l := range p.levels {
		if p.levels[l].latest >= 0 {
			levels |= 1 << l
		}
	}
	for _, rule := range p.rules {
		if rule.Kind == RuleOverdue {
			levels |= 1 << rule.level
		}
	}
	return levels
}

// gatherAll reads what the findings of the suspects need, in a second round what only the values of the first one tell.
func (r *run) gatherAll(ctx context.Context) error {
	if err := r.gather(ctx); err != nil {
		return err
	}
	n, err := r.wantMore(ctx)
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
	return r.parallelBy(ctx, n, func(_, i int) error { return do(i) })
}

// parallelBy is parallel for those who keep something for each of the workers, which are numbered from 0.
func (r *run) parallelBy(ctx context.Context, n int, do func(worker, i int) error) error {
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for worker := range min(r.opt.Workers, n) {
		g.Go(guard.Func(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := do(worker, i); err != nil {
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
	p.StrictRegions, p.Seed = r.opt.StrictRegions, r.seed
	return p
}

// newHasher makes a hasher of a field for one goroutine.
func (r *run) newHasher(field int) *record.Hasher {
	f := &r.plan.Fields[field]
	h := record.NewHasher(f.Type, f.Canon, field)
	h.Use(r.seed)
	h.Weigh(record.WeightsOf(field, r.shape.Weights))
	return h
}

// locate is verdict.Header.Locate.
func (r *run) locate(l int, ref uint32) (file int, row int64) {
	pl := &r.plan.levels[l]
	s := pl.stretches[holder(pl.starts, ref)]
	return s.file, s.row + int64(ref)
}
