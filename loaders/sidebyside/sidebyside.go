// Package sidebyside does pieces of work that do not depend on one another on all processors.
package sidebyside

import (
	"runtime"
	"sync"
	"sync/atomic"

	"crosscheck/engine/guard"
)

// Each calls f for 0 to n-1 on all processors and gives the error of the lowest number. Numbers above one that failed may be left out.
func Each(n int, f func(i int) error) error {
	var next, failed atomic.Int64
	failed.Store(int64(n))
	errs := make([]error, n)
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= failed.Load() {
					return
				}
				if errs[i] = guard.Do(func() error { return f(int(i)) }); errs[i] != nil {
					for low := failed.Load(); i < low && !failed.CompareAndSwap(low, i); low = failed.Load() {
					}
				}
			}
		})
	}
	wg.Wait()
	if i := failed.Load(); i < int64(n) {
		return errs[i]
	}
	return nil
}
