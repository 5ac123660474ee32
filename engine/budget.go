package engine

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"reflect"
	"sync/atomic"

	"crosscheck/engine/join"
)

// MemoryPlan says how a run will fit the memory it may take, worked out from the sizes of the inputs before a row is compared.
type MemoryPlan struct {
	Budget int64 // Options.Memory; 0: none
	Need   int64 // what a run takes that has all in memory, where 5 % of the records differ
	Table  int64 // how much of either is the table of records, which is outside the Go heap where it is large
	Spill  bool  // rows are spilled
	Anew   bool  // they are because more turned out to be needed: the run begins anew

	OffHeap int64 // what lies outside the Go heap from now on
	Loaded  bool  // nothing has changed but OffHeap: the rows are spilled, and those of them that stay in memory become fewer

	SpillDir   string
	SpillBytes int64 // what spilling takes on disk where 5 % of the records differ; where far more do it takes more, if twice that much is free
	Ranges     int   // ranges of keys into which rows are spilled

	limit  int64 // what Budget leaves for the table and for what is kept of suspects
	held   int64 // for spilled rows that stay in memory
	early  int64 // so much of that is beyond the limit, for it is the report's when there is one
	verify int64 // what Options.Exact may take while nothing else is in memory
}

// What a run takes beside its records: the runtime, the report under way, and for each worker the pages and batches of a column.
const (
	fixedBytes  = 64 << 20
	reportBytes = 32 << 20 // of these the report, or what names many files
	workerBytes = 4 << 20
	columnBytes = 2 << 20
	smallColumn = 64 << 10 // of few rows, and for each of these
	valueBytes  = 64
	batchBytes  = 32 << 20 // all columns of a batch
)

var (
	cellBytes      = sizeOf[cell]()
	candidateBytes = sizeOf[candidate]()
	noKeyBytes     = sizeOf[rowRef]() + sizeOf[cell]() + sizeOf[wanted]() + keyWidth // of a row without a key
)

func sizeOf[E any]() int64 { return int64(reflect.TypeFor[E]().Size()) }

// partBytes is what a worker takes for what it reads at a time, and what is held of the largest: a page and a batch of each column, smaller where there are
// few rows; where its pages are large, or it is held as it lies in the file, that is most of it.
func (p *Plan) partBytes(columns, workers int) (most, largest int64) {
	for l := range p.levels {
		pl := &p.levels[l]
		for _, b := range pl.bundles(workers) {
			held := int64(0)
			for i := b.first; i < b.end; i++ {
				held += cmp.Or(pl.parts[i].Held, pl.parts[i].Bytes)
			}
			decoded := int64(columns) * min(columnBytes, smallColumn+int64(pl.refs[b.end]-pl.refs[b.first])*valueBytes)
			most = max(most, decoded, held+min(decoded/2, batchBytes))
			largest = max(largest, held)
		}
	}
	return most, largest
}

// partsBytes is what is held of all parts: where their columns lie, and what names them. It counts where parts are tens of thousands.
func (p *Plan) partsBytes() (n int64) {
	const part, column = 512, 64
	for l := range p.levels {
		n += int64(len(p.levels[l].parts)) * int64(part+column*len(p.levels[l].stored))
	}
	return n
}

// keptPartBytes is what a worker holds of the part under way that is to be kept: what the table wants of its rows, and their values, which take as much as
// in its file, twice, for memory that grows leaves as much behind as it had.
func (p *Plan) keptPartBytes() (most int64) {
	shape := p.shape()
	for l := range p.Levels {
		row := int64(rowLayoutOf(&shape, l).size)
		for _, part := range p.levels[l].parts {
			most = max(most, 2*(part.Rows*row+part.Bytes))
		}
	}
	return most
}

// suspectBytes is what is kept of a suspect beside its cells, and what its place takes.
func (r *run) suspectBytes() int64 {
	return sizeOf[suspect]() + 4*int64(max(len(r.plan.levels)-ownRows, 0)) + sizeOf[place]() + sizeOf[uint64]() + sizeOf[uint16]()
}

// planMemory decides whether rows will be spilled.
func (p *Plan) planMemory(opt Options) error {
	if err := opt.defaults(); err != nil {
		return err
	}
	columns := 0
	for l := range p.levels {
		columns = max(columns, len(p.levels[l].key)+len(p.levels[l].fields))
	}
	part, largest := p.partBytes(columns, opt.Workers)
	if opt.Kept != nil {
		part += p.keptPartBytes()
	}
	beside := fixedBytes + int64(opt.Workers)*(workerBytes+part) + p.partsBytes()
	most := p.mostRows()
	m := &p.Memory
	*m = MemoryPlan{Budget: opt.Memory, Table: join.Bytes(p.shape(), opt.Partitions, most)}
	m.Need = beside + m.Table + most/20*costOfSuspect(len(p.levels), differingFields)
	m.verify = (m.Need - beside) * verifyShare / 100
	if opt.Memory == 0 {
		return nil
	}
	rest := opt.Memory - beside
	if opt.small {
		rest = opt.Memory
	} else if rest < minimalRest {
		return &OptionError{Option: Option{List: "memory"}, Msg: fmt.Sprintf("%s of memory are too little: %d columns and %d workers need %s for parts of up to %s",
			bytesText(opt.Memory), columns, opt.Workers, bytesText(beside+minimalRest), bytesText(largest))}
	}
	m.limit, m.verify = rest, rest*verifyShare/100
	if m.Need > opt.Memory && !opt.small || opt.forceSpill > 0 {
		p.planSpill(opt)
	}
	return nil
}

// planSpill has the rows spilled.
func (p *Plan) planSpill(opt Options) {
	shape, disk := p.shape(), int64(0)
	for l := range p.levels {
		disk += p.levels[l].rows() * int64(rowLayoutOf(&shape, l).size)
	}
	m := &p.Memory
	m.Spill, m.SpillDir = true, cmp.Or(opt.SpillDir, os.TempDir())
	m.SpillBytes = disk + disk/64
	fields := differingFields
	if opt.Exact {
		fields = len(p.Fields) // all are looked at
	}
	if differing := p.mostRows() / 20; differing*costOfSuspect(len(p.levels), fields) >= parkFrom*m.limit*suspectsShare/100 && len(p.typo) == 0 {
		m.SpillBytes += differing * parkedBytes(len(p.levels), fields)
	}
	m.Table = m.limit * tableShare / 100
	m.early = max(min(reportBytes-p.partsBytes(), m.limit/2), 0)
	m.held = m.limit*heldShare/100 + m.early
	if opt.small {
		m.held, m.early = opt.held, 0
	}
	m.Ranges = rangesFor(p.mostRows(), p.mostRows()*costOfSuspect(len(p.levels), differingFields), m.limit*suspectsShare/100)
	if opt.forceSpill > 0 {
		m.Ranges = opt.forceSpill
	}
}

// mostRows is the number of rows of the level that has most.
func (p *Plan) mostRows() (most int64) {
	for l := range p.levels {
		most = max(most, p.levels[l].rows())
	}
	return most
}

// totalRows is the number of rows of all levels.
func (p *Plan) totalRows() (total int64) {
	for l := range p.levels {
		total += p.levels[l].rows()
	}
	return total
}

// How what a budget leaves is shared where rows are spilled, in percent. What is left of it is for what has yet to be collected as garbage: with less of it
// the collector works so much more that larger shares of suspects gain nothing.
const (
	tableShare    = 25
	suspectsShare = 50
	buffersShare  = 10
	heldShare     = 70 // before there are tables and suspects
	verifyShare   = 60
	minimalRest   = 16 << 20
)

// differingFields is how many fields a record that differs is thought to differ in.
const differingFields = 2

// costOfSuspect is what a record comes to in memory in which some fields differ, short ones.
func costOfSuspect(levels, fields int) int64 {
	return 160 + int64(levels*fields)*(cellBytes+24)
}

// rangeRecords are so many that their table is some 640 KB.
const rangeRecords = 1 << 14

// parkedBytes is what it comes to on disk where it is parked.
func parkedBytes(levels, fields int) int64 {
	return 64 + int64(levels)*4 + int64(levels*fields)*(parkedWant+parkedValue+keyWidth)
}

// rangesFor is so many ranges that one holds no more suspects than there is memory for though all its records are some, and that a table of its records
// stays in the processor's caches.
func rangesFor(records, suspects, memory int64) int {
	n := min(max(2*suspects/max(memory, 1), records/rangeRecords, 8), 256)
	return 1 << bits.Len64(uint64(n-1))
}

// budget bounds what is kept in memory of one run.
type budget struct {
	limit int64 // 0: none
	taken atomic.Int64
}

// errBeyond says that there is more to keep in memory than the budget has.
var errBeyond = errors.New("more is to be kept in memory than may be")

// take counts bytes that are kept in the Go heap, and a quarter more for what has yet to be collected; errBeyond where they are too many.
func (b *budget) take(n int64) error {
	if n == 0 {
		return nil
	}
	return b.takeTable(n + n/4)
}

// give takes back what take counted.
func (b *budget) give(n int64) { b.taken.Add(-n - n/4) }

// takeTable counts bytes of the table.
func (b *budget) takeTable(n int64) error {
	if b.limit > 0 && b.taken.Add(n) > b.limit {
		return errBeyond
	}
	return nil
}

// bytesText gives a number of bytes in MiB.
func bytesText(n int64) string { return fmt.Sprintf("%d MiB", (n+1<<20-1)>>20) }
