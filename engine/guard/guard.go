// Package guard makes errors of panics, so that a fault of the program ends a run in order (what was staged goes, the trail says that it
// failed, the exit code is that of an internal error) and tells nothing of the data: neither the value of the panic nor the arguments of the
// calls, both of which can hold keys and values, are kept. A goroutine whose panic nobody catches would print both.
package guard

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// PanicError is a panic that was caught.
type PanicError struct {
	Type  string   // the Go type of its value, as runtime.boundsError
	Calls []string // where it was, the innermost first: function and line
}

// Error gives the type and the calls, one a line, and nothing of the panic's value.
func (e *PanicError) Error() string {
	return "internal error: a panic of type " + e.Type + "\n  at " + strings.Join(e.Calls, "\n  at ")
}

// Catch is to be deferred: it makes an error of a panic.
func Catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case *PanicError: // caught before, and passed on
		*err = p
	default:
		*err = &PanicError{Type: fmt.Sprintf("%T", p), Calls: calls()}
	}
}

// Do calls f and gives its error, or its panic as one.
func Do(f func() error) (err error) {
	defer Catch(&err)
	return f()
}

// Func gives f for a goroutine: its panics are errors.
func Func(f func() error) func() error { return func() error { return Do(f) } }

// most is how many calls are told.
const most = 24

// calls lists the calls that led to the panic under way, which Catch is looking at.
func calls() []string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	var all []string
	panicking := false
	for more := true; more && len(all) < most; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case !panicking:
			panicking = f.Function == "runtime.gopanic"
		case strings.HasPrefix(f.Function, "runtime."):
		default:
			all = append(all, fmt.Sprintf("%s (%s:%d)", f.Function, path.Join(path.Base(path.Dir(f.File)), path.Base(f.File)), f.Line))
		}
	}
	return all
}
