package footprint

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestHugeHeap holds that memory for the heap is mapped, advised to be in huge pages, and not taken; and that it is not asked for once more, which would fill it. A process is
// needed in which nothing was collected so far.
func TestHugeHeap(t *testing.T) {
	const child = "CROSSCHECK_HUGE_HEAP"
	if os.Getenv(child) == "" {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self, "-test.run=^TestHugeHeap$", "-test.count=1")
		cmd.Env = append(os.Environ(), child+"=1", "GOGC=", "GOMEMLIMIT=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("in a process of its own: %v\n%s", err, out)
		}
		return
	}
	const hugeBytes = 512 << 20
	hugeHeap(hugeBytes)
	hugeHeap(hugeBytes)
	sum := func(file, pattern string, of func(flags string) bool) (kib int) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
			if n, err := strconv.Atoi(m[1]); err == nil && of(m[2]) {
				kib += n
			}
		}
		return kib
	}
	advised := sum("/proc/self/smaps", `(?s)\nSize: +(\d+) kB.*?\nVmFlags:([^\n]*)`, func(flags string) bool { return strings.Contains(flags, " hg") })
	if advised < hugeBytes>>10 {
		t.Errorf("%d KiB are advised to be in huge pages", advised)
	}
	const most = 100 << 10
	if taken := sum("/proc/self/status", `VmRSS:\s+(\d+) (kB)`, func(string) bool { return true }); taken == 0 || taken > most {
		t.Errorf("the process takes %d KiB", taken)
	}
}
