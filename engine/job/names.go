package job

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestName is how many characters a name may have.
const longestName = 64

// isName tells whether a text is a name of letters, digits and the characters of more, of which the first is a letter, a digit or of first. No
// regular expression does it: one of up to 64 times any letter takes 4 ms to compile, before any command begins.
func isName(name, first, more string) bool {
	also := first
	for _, c := range name {
		if !unicode.IsLetter(c) && !unicode.IsNumber(c) && !strings.ContainsRune(also, c) {
			return false
		}
		also = more
	}
	return name != "" && utf8.RuneCountInString(name) <= longestName
}

// IsLevelName says whether a level may be called so: 1 to 64 letters, digits and underscores.
func IsLevelName(name string) bool { return isName(name, "_", "_") }

// isJobName is for jobs, whose names folders and units of the system may have.
func isJobName(name string) bool { return isName(name, "", " _.-") }

// isRosterName is for rosters and rules, whose names stand in reports.
func isRosterName(name string) bool { return isName(name, "_", " _.-") }
