package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/pprof"
	"syscall"

	"crosscheck/engine/guard"
)

// dumpOnQuit has SIGQUIT end the process with a dump of its goroutines, as ever, but without the arguments of the calls: the
// runtime's own dump prints them, and a packed key is a number. For the same reason a fatal error of the runtime tells no calls, unless GOTRACEBACK
// asks for them.
func dumpOnQuit(stderr io.Writer) {
	if os.Getenv("GOTRACEBACK") == "" {
		debug.SetTraceback("none")
	}
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGQUIT)
	go func() {
		<-quit
		_ = guard.Do(func() error { // it ends either way
			fmt.Fprintln(stderr, "crosscheck: quit; what its goroutines were at:")
			return pprof.Lookup("goroutine").WriteTo(stderr, 1)
		})
		os.Exit(exitQuit)
	}()
}
