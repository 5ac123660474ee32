package enginetest

import "testing"

// Cases says how many of so many random cases a test runs: all of them, and with -short, as under the race detector, the first quarter. A data race is
// one of a kind of case, in which many variants run side by side, not of a value; exactness, which is one of values, is held by the plain run. TestShare
// holds that the quarter has every kind of case.
func Cases(all uint64) uint64 {
	if testing.Short() {
		return (all + 3) / 4
	}
	return all
}
