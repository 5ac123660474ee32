package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"crosscheck/engine/durable/durabletest"
	"crosscheck/engine/job"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
	"golang.org/x/text/encoding/htmlindex"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"crosscheck": func() { os.Exit(start(os.Stderr, night)) },
		// Panics where it is told to.
		"crosscheck-panics": func() { os.Exit(panicking(os.Args[1:])) },
		// As if somebody pressed Ctrl-C when the levels are open.
		"crosscheck-interrupted": func() { os.Exit(start(interrupter{}, night)) },
		// Kills itself where it is told to.
		"crosscheck-killed": func() { os.Exit(killed()) },
		// Holds the lock of the folder given, as another run does, until it is killed.
		"hold-lock": func() { os.Exit(holdLock(os.Args[1])) },
	})
}

// night is the clock of the scripts: today is in the reports.
func night() time.Time { return time.Date(2026, 11, 23, 1, 0, 0, 0, time.Local) }

// TestScripts runs the command line as users see it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		WorkdirRoot:         durabletest.Dir(t),
		UpdateScripts:       os.Getenv("UPDATE_GOLDEN") != "",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code":     code,
			"mode":     mode,
			"truncate": truncate,
			"corrupt":  corrupt,
			"encode":   encode,
			"appears":  appears,
			"dump":     dump,
			"metadata": metadata,
			"all":      all,
			"cells":    cells,
			"digests":  digests,
			"profile":  isProfile,
			"hook":     hook,
		},
	})
}

// code runs a command line and holds it to an exit code: code 2 crosscheck diff.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%s: %v", args[1], err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// mode holds files to their permission bits: mode 600 file...
func mode(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has mode %s, want %s", name, got, args[0])
		}
	}
}

// truncate cuts a file to half its length: truncate file.
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()/2))
}

// corrupt overwrites the second quarter of a file with zeros: corrupt file.
func corrupt(ts *testscript.TestScript, neg bool, args []string) {
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	clear(b[len(b)/4 : len(b)/2])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o644))
}

// encode turns files of UTF-8 into another encoding: encode gb18030 file...
func encode(ts *testscript.TestScript, neg bool, args []string) {
	e, err := htmlindex.Get(args[0])
	ts.Check(err)
	for _, name := range args[1:] {
		b, err := os.ReadFile(ts.MkAbs(name))
		ts.Check(err)
		b, err = e.NewEncoder().Bytes(b)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), b, 0o644))
	}
}

// interrupter is a standard error that interrupts its own process when it is told that reading begins.
type interrupter struct{}

func (interrupter) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("reading ")) {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			return 0, err
		}
		time.Sleep(200 * time.Millisecond) // for the signal to arrive
	}
	return os.Stderr.Write(p)
}

// holdLock holds the lock of a reports folder until it is killed.
func holdLock(reports string) int {
	if err := os.MkdirAll(reports, 0o755); err != nil {
		return 1
	}
	f, err := os.Create(filepath.Join(reports, "_lock"))
	if err != nil || unix.Flock(int(f.Fd()), unix.LOCK_EX) != nil {
		return 1
	}
	holder := job.Holder{PID: 4711, Host: "night-1", Since: time.Date(2026, 11, 23, 1, 2, 3, 0, time.Local)}
	if json.NewEncoder(f).Encode(holder) != nil {
		return 1
	}
	time.Sleep(time.Minute)
	return 0
}

// appears waits until a file is there and not empty: appears file.
func appears(ts *testscript.TestScript, neg bool, args []string) {
	for range 500 {
		if info, err := os.Stat(ts.MkAbs(args[0])); err == nil && info.Size() > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not appear", args[0])
}

// isProfile holds that a profile or trace has texts in it, and nothing that looks like a resident ID of synthetic data: profile file text...
func isProfile(ts *testscript.TestScript, neg bool, args []string) {
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	if bytes.HasPrefix(b, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(bytes.NewReader(b))
		ts.Check(err)
		b, err = io.ReadAll(z)
		ts.Check(err)
	}
	for _, text := range args[1:] {
		if !bytes.Contains(b, []byte(text)) {
			ts.Fatalf("%s has no %q", args[0], text)
		}
	}
	if regexp.MustCompile(`99[0-9]{4}(19|20)[0-9]{2}`).Match(b) {
		ts.Fatalf("%s has a resident ID", args[0])
	}
}

// hook listens on $HOOK, answers posts with a status code and adds what they hold to a file, one a line: hook file code.
func hook(ts *testscript.TestScript, neg bool, args []string) {
	file := ts.MkAbs(args[0])
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			var f *os.File
			if f, err = os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
				_, err = f.Write(append(body, '\n'))
				f.Close()
			}
		}
		if err != nil {
			status = http.StatusInternalServerError
		}
		w.WriteHeader(status)
	}))
	ts.Defer(server.Close)
	ts.Setenv("HOOK", server.URL)
}
