package child

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// Machine says what was measured on, and with what.
type Machine struct {
	Cores  int    `json:"cores"` // that Go uses
	CPU    string `json:"cpu"`
	Memory int64  `json:"memory_bytes"` // that processes here may use; 0 if unknown
	System string `json:"system"`
	Go     string `json:"go"`
	Commit string `json:"commit"` // of the work tree it is run from, with a + if that has changes; "unknown" where git cannot say
}

// ThisMachine describes this one.
func ThisMachine() Machine {
	return Machine{
		Cores: runtime.GOMAXPROCS(0), CPU: processor(), Memory: memory(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Commit: commit(),
	}
}

// processor names the processor where the system tells.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return "an unknown processor"
}

// memory is that of the machine, or less where a container's limit says so.
func memory() int64 {
	all := field("/proc/meminfo", "MemTotal")
	text, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if err != nil {
		return all
	}
	if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && (all == 0 || limit < all) {
		return limit
	}
	return all
}

// Busy is the CPU time in seconds that all processes of the machine have had since it began; 0 where the system does not tell.
func Busy() float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	sum := 0.0
	for i, word := range strings.Fields(line) { // cpu user nice system idle iowait irq softirq steal guest guest_nice
		if ticks, err := strconv.ParseFloat(word, 64); err == nil && i > 0 && i <= 8 && i != 4 && i != 5 {
			sum += ticks
		}
	}
	const ticksPerSecond = 100 // USER_HZ on every architecture that Go knows
	return sum / ticksPerSecond
}

func commit() string {
	id, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	name := strings.TrimSpace(string(id))
	if changes, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output(); err == nil && len(changes) > 0 {
		name += "+"
	}
	return name
}
