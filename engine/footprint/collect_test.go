package footprint

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestCollectLater holds that only the first collection comes late, and none where it was said when to collect.
func TestCollectLater(t *testing.T) {
	percent := func() int {
		n := debug.SetGCPercent(100)
		debug.SetGCPercent(n)
		return n
	}
	const usual = 100
	defer debug.SetGCPercent(debug.SetGCPercent(usual))
	t.Setenv("GOGC", "50")
	CollectLater()
	if n := percent(); n != usual {
		t.Errorf("GOGC was given, and is %d %%", n)
	}
	t.Setenv("GOGC", "")
	CollectLater()
	if n := percent(); n != usual*firstHeap/runtimeHeap {
		t.Errorf("before the first collection it is %d %%", n)
	}
	for began := time.Now(); percent() != usual; time.Sleep(time.Millisecond) {
		runtime.GC()
		if time.Since(began) > 10*time.Second {
			t.Fatalf("after collections it is %d %%", percent())
		}
	}
}
