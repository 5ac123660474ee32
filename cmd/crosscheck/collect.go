package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// firstHeap is how large the heap is when garbage is collected first. What a run keeps takes as much within some 30 ms: the four or five collections that the
// runtime would begin on the way, from 4 MB on, find next to nothing.
const (
	firstHeap   = 64 << 20
	runtimeHeap = 4 << 20 // where the runtime begins, with GOGC=100
)

// collectLater puts the first collection off, unless it was said when to collect. The next ones are as they were. A limit of memory that is set later holds.
func collectLater() {
	if os.Getenv("GOGC") != "" {
		return
	}
	before := debug.SetGCPercent(100 * (firstHeap / runtimeHeap))
	runtime.AddCleanup(new([1 << 10]byte), func(percent int) { debug.SetGCPercent(percent) }, before)
}
