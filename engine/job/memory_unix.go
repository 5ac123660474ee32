//go:build unix

package job

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// PeakMemory is the most memory that this process has had resident so far, in bytes, mapped input included; 0 if unknown.
func PeakMemory() int64 {
	if runtime.GOOS == "linux" {
		return highWater()
	}
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss) // bytes there, KiB elsewhere
	}
	return int64(usage.Maxrss) << 10
}

// highWater reads VmHWM, in KiB, from /proc/self/status. Linux carries getrusage's figure over from the process that started this
// one, which may have been far larger.
func highWater() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		if f := bytes.Fields(lines.Bytes()); len(f) >= 2 && string(f[0]) == "VmHWM:" {
			kib, err := strconv.ParseInt(string(f[1]), 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}
