package job

import (
	"fmt"
	"slices"
	"strings"

	"crosscheck/engine/nearest"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Fault is one thing wrong in a job file.
type Fault struct {
	File   string // the job file, as it was given
	Line   int    // counted from 1; 0 where the fault has no place
	Column int    // in characters, counted from 1
	Width  int    // characters that the fault covers, at least 1
	Source string // the line; of a file that may name records, nothing
	Msg    string // what is wrong, and the nearest right word
	Err    error  // the cause, or nil
}

// Error gives "job.yaml:4:15: unknown key ...".
func (f Fault) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.Msg
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Msg)
}

// Unwrap gives the cause.
func (f Fault) Unwrap() error { return f.Err }

// Excerpt gives the source line and below it a caret under each character that is wrong, or "" where there is no place or the line
// is not for everybody's eyes.
// Wide characters count as the two columns that a terminal gives them.
func (f Fault) Excerpt() string {
	if f.Source == "" {
		return ""
	}
	line := []rune(f.Source)
	before := min(max(f.Column-1, 0), len(line))
	covered := line[before:min(before+f.Width, len(line))]
	var pad strings.Builder
	for _, r := range line[:before] {
		if r == '\t' {
			pad.WriteByte('\t') // as wide as the tab above it
			continue
		}
		pad.WriteString(strings.Repeat(" ", text.RuneWidth(r)))
	}
	number := fmt.Sprintf("%5d", f.Line)
	return fmt.Sprintf("%s | %s\n%s | %s%s", number, f.Source, strings.Repeat(" ", len(number)),
		pad.String(), strings.Repeat("^", max(1, text.StringWidth(string(covered)))))
}

// Error is everything wrong with a job file.
type Error struct {
	Faults []Fault // in the order of the file, at least one
}

// Error gives a line a fault.
func (e *Error) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the faults.
func (e *Error) Unwrap() []error {
	errs := make([]error, len(e.Faults))
	for i, f := range e.Faults {
		errs[i] = f
	}
	return errs
}

// suggest says which of the words was probably meant, as the end of a sentence.
func suggest(word string, words []string) string {
	if best := nearest.Name(word, words); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return "; it can be " + oneOf(words)
}

// oneOf gives "a, b or c".
func oneOf(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// order sorts faults by place and drops those that an alias made twice.
func order(faults []Fault) []Fault {
	slices.SortStableFunc(faults, func(a, b Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return slices.CompactFunc(faults, func(a, b Fault) bool {
		return a.Line == b.Line && a.Column == b.Column && a.Msg == b.Msg
	})
}
