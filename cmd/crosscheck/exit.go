package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/audit"
	"crosscheck/engine/guard"
	"crosscheck/engine/job"
	"crosscheck/engine/level"
	"crosscheck/engine/report"
	"crosscheck/engine/spill"
)

// The exit codes.
const (
	exitOK          = 0   // published, all gates pass; no difference
	exitDiffers     = 1   // published, a gate failed; differences found
	exitUsage       = 2   // usage or configuration error, or a broken audit trail; nothing read
	exitInput       = 3   // input error, or a gate that is judged before publishing failed; nothing published
	exitLocked      = 4   // another run of this job holds the lock
	exitWrite       = 5   // could not write; nothing published
	exitInternal    = 70  // anything else: a fault of crosscheck
	exitInterrupted = 130 // interrupted; nothing published
	exitQuit        = 131 // ended by SIGQUIT with a dump; nothing published
)

// exitCode maps an error to the exit code and the word for it in JSON.
func exitCode(err error) (code int, kind string) {
	var (
		gates  *gatesError
		halt   *job.StoppedError
		usage  *usageError
		config *job.Error
		locked *job.LockedError
		input  *level.InputError
		write  *report.WriteError
		broken *audit.BrokenError
		trail  *audit.WriteError
		unread *audit.ReadError
		refuse *job.RefusedError
		table  *report.ReadError
		full   *spill.Error
		panics *guard.PanicError
	)
	switch {
	case err == nil:
		return exitOK, ""
	case errors.As(err, &panics): // whatever came of it elsewhere
		return exitInternal, "internal"
	case errors.Is(err, context.Canceled):
		return exitInterrupted, "interrupted"
	case errors.Is(err, errDiffers), errors.As(err, &gates):
		return exitDiffers, "differs"
	case errors.As(err, &halt):
		return exitInput, "gate"
	case errors.As(err, &usage), errors.As(err, &config), errors.Is(err, engine.ErrOptions), errors.Is(err, report.ErrOptions),
		errors.As(err, &broken), errors.Is(err, audit.ErrSound), errors.As(err, &refuse):
		return exitUsage, "usage"
	case errors.As(err, &locked):
		return exitLocked, "locked"
	case errors.As(err, &write), errors.As(err, &trail), errors.As(err, &full):
		return exitWrite, "write"
	case errors.As(err, &input), errors.As(err, &unread), errors.As(err, &table):
		return exitInput, "input"
	default:
		return exitInternal, "internal"
	}
}

// errDiffers says that diff found differences: an exit code, not a message.
var errDiffers = errors.New("differences found")

// gatesError says which gates failed. The run is published.
type gatesError struct{ failed []job.Outcome }

func (e *gatesError) Error() string {
	lines := make([]string, len(e.failed))
	for i, o := range e.failed {
		lines[i] = "gate failed: " + o.String()
	}
	return strings.Join(lines, "\n")
}

// usageError is a fault of the command line.
type usageError struct {
	err     error
	command string // whose help to look at, or ""
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{err: fmt.Errorf(format, args...)} }

// failed is what went wrong with standard output, if something did.
func (t *tracked) failed() error {
	if t.err == nil {
		return nil
	}
	return &report.WriteError{Path: "standard output", Err: t.err}
}

// fail says what went wrong, on standard error and, where asJSON, as the document on standard output, and gives the exit code.
func (a *app) fail(err error, asJSON bool) int {
	code, kind := exitCode(err)
	var gates *gatesError
	if a.log != nil && (err == nil || errors.As(err, &gates)) {
		a.logEnd(nil, code, kind)
		return code
	}
	if err == nil || errors.Is(err, errDiffers) {
		return code
	}
	if errors.As(err, &gates) {
		for _, o := range gates.failed {
			fmt.Fprintln(a.err, a.errStyle.bad("crosscheck: gate failed: ")+o.String())
		}
		return code
	}
	faults := flatten(err)
	if code == exitInterrupted {
		faults = append([]error{errInterrupted}, others(faults)...)
	}
	doc := jsonError{Kind: kind, ExitCode: code}
	var halt *job.StoppedError
	if errors.As(err, &halt) {
		doc.Gates = halt.Gates
	}
	if a.log != nil {
		a.logGates(doc.Gates)
		a.logEnd(faults, code, kind)
	}
	for i, f := range faults {
		doc.add(f)
		h := hint(f, code)
		if doc.Hint == "" {
			doc.Hint = h
		}
		if a.log != nil {
			continue
		}
		fmt.Fprintln(a.err, a.errStyle.bad("crosscheck: error: ")+f.Error())
		var place job.Fault
		if errors.As(f, &place) {
			if excerpt := place.Excerpt(); excerpt != "" {
				fmt.Fprintln(a.err, excerpt)
			}
		}
		if h != "" && (i == len(faults)-1 || hint(faults[i+1], code) != h) { // once for several in a row
			fmt.Fprintln(a.err, a.errStyle.dim("hint: ")+h)
		}
	}
	if asJSON {
		if err := a.printJSON(struct {
			Error jsonError `json:"error"`
		}{doc}); err != nil {
			fmt.Fprintln(a.err, a.errStyle.bad("crosscheck: error: ")+"cannot write to standard output: "+err.Error())
		}
	}
	return code
}

var errInterrupted = errors.New("interrupted; nothing was published")

// others leaves out what only says that the run was interrupted.
func others(faults []error) []error {
	var rest []error
	for _, f := range faults {
		if !errors.Is(f, context.Canceled) {
			rest = append(rest, f)
		}
	}
	return rest
}

// flatten takes apart errors that were joined, one a line.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var parts []error
	var lines []string
	for _, e := range joined.Unwrap() {
		parts = append(parts, flatten(e)...)
		lines = append(lines, e.Error())
	}
	if strings.Join(lines, "\n") != err.Error() {
		return []error{err} // it says more than its parts
	}
	return parts
}

// hint says what to try, or "".
func hint(err error, code int) string {
	var (
		usage  *usageError
		input  *level.InputError
		fault  job.Fault
		trail  *audit.BrokenError
		halt   *job.StoppedError
		refuse *job.RefusedError
	)
	switch {
	case errors.As(err, &halt):
		return "look at what was delivered; to publish it as it is, run without 'before: publish' at the gate"
	case errors.As(err, &usage):
		if usage.command != "" {
			return fmt.Sprintf("see '%s --help'", usage.command)
		}
		return ""
	case errors.As(err, &input):
		return input.Hint
	case errors.As(err, &trail):
		return brokenHint
	case errors.As(err, &refuse):
		return refuse.Hint
	case errors.As(err, &fault) && fault.Line == 0 && errors.Is(fault.Err, fs.ErrNotExist):
		return "'crosscheck demo' writes a job file to start from"
	case code == exitLocked:
		return "wait until it is done, or end that process"
	case code == exitInternal:
		return "this is a fault of crosscheck itself: please report it with the command line and this message"
	}
	return ""
}

// jsonError is the document of a command that failed.
type jsonError struct {
	Kind     string      `json:"kind"` // usage, input, gate, locked, write, internal or interrupted
	Message  string      `json:"message"`
	Hint     string      `json:"hint,omitempty"`
	ExitCode int         `json:"exit_code"`
	Faults   []jsonFault `json:"faults"`

	Gates []job.Outcome `json:"gates,omitempty"` // of a night that a gate kept from being published
}

// jsonFault is one of the things that are wrong, with its place where it has one.
type jsonFault struct {
	Message string `json:"message"`
	Level   string `json:"level,omitempty"`
	File    string `json:"file,omitempty"`
	Line    int64  `json:"line,omitempty"`
	Row     int64  `json:"row,omitempty"`
	Column  any    `json:"column,omitempty"` // a number in a job file, a name in an input
}

func (e *jsonError) add(err error) {
	if e.Message != "" {
		e.Message += "\n"
	}
	e.Message += err.Error()
	f := jsonFault{Message: err.Error()}
	var input *level.InputError
	var place job.Fault
	switch {
	case errors.As(err, &place):
		f.Message, f.File, f.Line = place.Msg, place.File, int64(place.Line)
		if place.Column > 0 {
			f.Column = place.Column
		}
	case errors.As(err, &input):
		f.Level, f.File, f.Row, f.Line = input.Level, input.File, input.Row, input.Line
		if input.Column != "" {
			f.Column = input.Column
		}
	}
	e.Faults = append(e.Faults, f)
}
