package durabletest

import (
	"os"
	"testing"
)

// Dir gives a folder in memory where the system has such a place, else on disk: campaigns make and remove many thousand files, and wait for
// no disk. It goes when the test ends.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "crosscheck-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
