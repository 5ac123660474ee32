package main

import (
	"os"
	"syscall"
)

// askSignals ask a process where it is.
var askSignals = []os.Signal{syscall.SIGUSR1}
