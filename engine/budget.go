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

	SpillDir   string
	SpillBytes int64 // what spilling takes on disk
	Ranges     int   // ranges of keys into which rows are spilled

	limit int64 // of the table and what is kept of suspects, when all is in memory
}

// What a run takes beside its records: the runtime, the report under way, and for each worker the pages and batches of a column.
const (
	fixedBytes  = 64 << 20
	workerBytes = 4 << 20
	columnBytes = 2 << 20
	smallColumn = 64 << 10 // of a part with few rows, and for each of these
	valueBytes  = 64
	batchBytes  = 32 << 20 // all columns of a batch
)

var (
	cellBytes      = sizeOf[cell]()
	candidateBytes = sizeOf[candidate]()
)

func sizeOf[E any]() int64 { return int64(reflect.TypeFor[E]().Size()) }

// partBytes is what a worker takes for a part, and what the largest has in its file: a page and a batch of each column, smaller where parts are;
// where it is large, its columns as they lie in the file are most of it.
func (p *Plan) partBytes(columns int) (most, largest int64) {
	for l := range p.levels {
		for _, part := range p.levels[l].parts {
			decoded := int64(columns) * min(columnBytes, smallColumn+part.Rows*valueBytes)
			most = max(most, decoded, part.Bytes+min(decoded/2, batchBytes))
			largest = max(largest, part.Bytes)
		}
	}
	return most, largest
}

// suspectBytes is what is kept of a suspect beside its cells.
func (r *run) suspectBytes() int64 {
	return sizeOf[suspect]() + 4*int64(len(r.plan.levels)) + 2*sizeOf[place]()
}

// planMemory decides whether rows will be spilled.
func (p *Plan) planMemory(opt Options) error {
	if err := opt.defaults(); err != nil {
		return err
	}
	shape := p.shape()
	var most, total, disk int64
	columns := 0
	for l := range p.levels {
		rows := p.levels[l].rows()
		most = max(most, rows)
		total += rows
		disk += rows * int64(rowLayoutOf(&shape, l).size)
		columns = max(columns, len(p.levels[l].key)+len(p.levels[l].fields))
	}
	part, largest := p.partBytes(columns)
	beside := fixedBytes + int64(opt.Workers)*(workerBytes+part)
	mismatches := most / 20
	m := MemoryPlan{Budget: opt.Memory, Table: join.Bytes(shape, opt.Partitions, most)}
	m.Need = beside + m.Table + mismatches*costOfSuspect(len(p.levels))
	defer func() { p.Memory = m }()
	if opt.Memory == 0 {
		return nil
	}
	rest := opt.Memory - beside
	if opt.forceSpill > 0 {
		rest = opt.Memory
	} else if rest < minimalRest {
		return optionError("%s of memory are too little: %d columns and %d workers need %s for parts of up to %s", bytesText(opt.Memory), columns, opt.Workers,
			bytesText(beside+minimalRest), bytesText(largest))
	}
	m.limit = rest
	if m.Need <= opt.Memory && opt.forceSpill == 0 {
		return nil
	}
	m.Spill, m.SpillDir = true, cmp.Or(opt.SpillDir, os.TempDir())
	m.SpillBytes = disk + disk/64
	m.Table = rest * tableShare / 100
	m.Ranges = rangesFor(most*costOfSuspect(len(p.levels)), rest*suspectsShare/100)
	if opt.forceSpill > 0 {
		m.Ranges = opt.forceSpill
	}
	return nil
}

// How what a budget leaves is shared where rows are spilled, in percent. What is left of it is for what has yet to be collected as garbage.
const (
	tableShare    = 40
	suspectsShare = 35
	buffersShare  = 5
	minimalRest   = 16 << 20
)

// costOfSuspect is what a record comes to in memory in which two fields differ, short ones.
func costOfSuspect(levels int) int64 {
	return 256 + int64(levels)*2*(cellBytes+24)
}

// rangesFor is so many ranges that one holds no more suspects than there is memory for though all its records are some.
func rangesFor(suspects, memory int64) int {
	n := min(max(2*suspects/max(memory, 1), 8), 256)
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

// takeTable counts bytes of the table.
func (b *budget) takeTable(n int64) error {
	if b.limit > 0 && b.taken.Add(n) > b.limit {
		return errBeyond
	}
	return nil
}

// bytesText gives a number of bytes in MiB.
func bytesText(n int64) string { return fmt.Sprintf("%d MiB", (n+1<<20-1)>>20) }
