package job_test

import (
	"strings"
	"testing"

	"crosscheck/engine/job"
)

// TestRosterFault: what is wrong with the files of a roster is said of a roster.
func TestRosterFault(t *testing.T) {
	_, err := job.OpenRosters([]job.Roster{{Level: job.Level{Name: "staff", Paths: []string{t.TempDir() + "/staff.csv"}}}})
	if err == nil || !strings.HasPrefix(err.Error(), "roster staff: ") {
		t.Errorf("a roster without a file: %v", err)
	}
}
