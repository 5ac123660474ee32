//go:build unix

package job

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// PeakMemory is the most memory that this process has had resident so far, in bytes, mapped input included; 0 if unknown.
func PeakMemory() int64 {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss) // bytes there, KiB elsewhere
	}
	return int64(usage.Maxrss) << 10
}
