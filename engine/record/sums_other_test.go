//go:build purego || !amd64

package record

import "testing"

// inEachWay runs a test of sums in the one way that there is.
func inEachWay(t *testing.T, test func(t *testing.T)) { t.Run("one", test) }
