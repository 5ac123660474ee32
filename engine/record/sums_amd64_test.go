//go:build !purego

package record

import (
	"testing"

	"golang.org/x/sys/cpu"
)

// inEachWay runs a test of sums in all ways in which this processor can add rows.
func inEachWay(t *testing.T, test func(t *testing.T)) {
	atOnce, eight := sumsAtOnce, eightSums
	defer func() { sumsAtOnce, eightSums = atOnce, eight }()
	if eight {
		t.Run("eight", test)
	}
	if eightSums = false; cpu.X86.HasAVX2 {
		t.Run("four", test)
	}
	sumsAtOnce = false
	t.Run("one", test)
}
