package job

import (
	"strings"
	"testing"
)

// TestNames holds which names levels, jobs and rosters may have.
func TestNames(t *testing.T) {
	long := strings.Repeat("区", longestName)
	for _, c := range []struct {
		name               string
		level, job, roster bool
	}{
		{"city", true, true, true},
		{"区县2", true, true, true},
		{"Ⅳ٣", true, true, true}, // a letter number and an Arabic digit
		{"_city", true, false, true},
		{"north-west no. 1", false, true, true},
		{" city", false, false, false},
		{".city", false, false, false},
		{"-city", false, false, false},
		{"city/1", false, false, false},
		{"city\n", false, false, false},
		{"a\u0301", false, false, false}, // a combining mark is no letter
		{"cit\xff", false, false, false},
		{"cit\ufffd", false, false, false},
		{"", false, false, false},
		{long, true, true, true},
		{long + "1", false, false, false},
	} {
		if IsLevelName(c.name) != c.level || isJobName(c.name) != c.job || isRosterName(c.name) != c.roster {
			t.Errorf("%q: level %t, job %t, roster %t", c.name, IsLevelName(c.name), isJobName(c.name), isRosterName(c.name))
		}
	}
}
