// Package footprint fits the garbage collector and the heap of a process to a comparison, which is all that the process does meanwhile: commands and
// benchmarks call it, programs that do other things beside a comparison do not.
package footprint

import (
	"runtime/debug"
	"sync"

	"crosscheck/engine"
)

const (
	mostHuge     = 4 << 30  // of the heap comes in huge pages: to map more takes time
	programBytes = 24 << 20 // what the program's own pages take, which the garbage collector does not count
	largeTable   = 8 << 20  // of so many records, some hundred thousand, that hugeHeap pays
	heapPerTable = 10       // how many times as large the heap becomes at most, where all records differ
	manyFiles    = 4096     // of a level, what is known of which outgrows smallHeap before there is a plan
)

// Fit has the garbage collector keep within the memory that a plan leaves it now, and memory that is new come in huge pages where there will be much. It
// is for engine.Options.Fitted.
func Fit(m engine.MemoryPlan) {
	heap := heapPerTable * m.Table
	if m.Budget > 0 {
		heap = min(heap, m.Budget)
	}
	if m.Table >= largeTable {
		hugeHeap(heap)
	}
	if m.Budget > 0 {
		debug.SetMemoryLimit(m.Budget - m.OffHeap - programBytes)
	}
}

// Found is told how many files a level has. What is known of very many is a large heap itself before there is a plan, so memory that is new comes in huge pages from
// there on. It is for job.RunOptions.Found.
func Found(files int) {
	if files < manyFiles {
		return
	}
	many.Do(func() { hugeHeap(mostHuge) })
}

var many sync.Once
