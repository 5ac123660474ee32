package footprint

import (
	"os"
	"reflect"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// smallHeap is how large a heap is small: a larger one takes time to be collected and lies spread over its memory.
const smallHeap = 16 << 20

// hugeHeap has the n bytes that the heap grows by next, or fewer, come in huge pages, where the system gives them on advice: memory that is new is had in an eighth of the time, and what
// lies all over it is found sooner. The runtime maps memory when it is wanted, a few MB at a time, and cannot be told to advise on it. So one object is made as large
// as that, which nothing is written to, and collected: its memory stays mapped and advised, and none is taken until it is used. It does nothing once there was
// a collection, for the runtime would then write zeros to all of the object, nor where there is much already, it was said how to collect or so much may not be mapped. It
// takes two milliseconds, and one more a GB.
func hugeHeap(n int64) {
	n = min(n, mostHuge)
	var heap runtime.MemStats
	if runtime.ReadMemStats(&heap); heap.NumGC > 0 || heap.HeapAlloc > smallHeap || os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" || !mappable(n) {
		return
	}
	firstCollection.Stop()
	debug.SetGCPercent(-1) // one collection will do
	object := make([]byte, n)
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, reflect.ValueOf(object).Pointer(), uintptr(len(object)), unix.MADV_HUGEPAGE) // small pages do as well
	runtime.KeepAlive(object)
	object = nil
	runtime.GC()
	CollectLater()
}

// mappable tells whether a limit, such as that of ulimit -v, lets the process map n bytes more. Where it does not the runtime would end the process.
func mappable(n int64) bool {
	b, err := unix.Mmap(-1, 0, int(n), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return false
	}
	_ = unix.Munmap(b) // fails only for memory that is not mapped
	return true
}
