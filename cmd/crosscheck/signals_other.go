//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package main

import (
	"os"
	"syscall"
)

// askSignals ask a process where it is; terminals send the second one for Ctrl-T.
var askSignals = []os.Signal{syscall.SIGUSR1, syscall.SIGINFO}
