package footprint

import (
	"os"
	"runtime"
	"runtime/debug"
)

// firstHeap is how large the heap is when garbage is collected first. What a run keeps takes as much within some 30 ms: the four or five collections that the
// runtime would begin on the way, from 4 MB on, find next to nothing.
const (
	firstHeap   = 64 << 20
	runtimeHeap = 4 << 20 // where the runtime begins, with usualGrowth
	usualGrowth = 100     // GOGC
)

// firstCollection has the collections behind the next one come as usual.
var firstCollection runtime.Cleanup

// CollectLater puts the next collection off, unless it was said when to collect. The ones behind it come as usual. A limit of memory that is set later holds.
func CollectLater() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(usualGrowth * (firstHeap / runtimeHeap))
	firstCollection = runtime.AddCleanup(new([1 << 10]byte), func(percent int) { debug.SetGCPercent(percent) }, usualGrowth)
}
