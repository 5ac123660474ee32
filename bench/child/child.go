// Package child carries out tasks of a program in processes of its own and tells what each took, so that no task pays for, or gains by,
// what another one left in memory. The program starts itself with [Command] as its first argument and then calls [Serve].
package child

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"crosscheck/engine/guard"
	"crosscheck/engine/offheap"

	"golang.org/x/sync/errgroup"
)

// Command is the word by which a program starts itself for one task.
const Command = "child"

// Usage is what one process took.
type Usage struct {
	Seconds float64 `json:"seconds"` // wall time from start to exit
	CPU     float64 `json:"cpu_s"`   // user and system time
	PeakMB  float64 `json:"peak_mb"` // largest resident set, mapped files included
	AnonMB  float64 `json:"anon_mb"` // largest part of it that is no mapped file, as seen every few milliseconds; 0 where the system does not say
}

// Start runs a task in a process of its own: arg goes in and the task's result comes out as JSON.
func Start(ctx context.Context, task string, arg, result any) (Usage, error) {
	self, err := os.Executable()
	if err != nil {
		return Usage{}, err
	}
	u, err := Measured(exec.CommandContext(ctx, self, Command, task), arg, result)
	if err != nil {
		return u, fmt.Errorf("task %s: %w", task, err)
	}
	return u, nil
}

// Measured runs a command that reads arg and writes result as JSON; where result is nil it is not looked at. This process must stay small, since
// Linux counts the memory of the process that started another into the peak of the new one.
func Measured(cmd *exec.Cmd, arg, result any) (Usage, error) {
	in, err := json.Marshal(arg)
	if err != nil {
		return Usage{}, err
	}
	var out bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	if result != nil {
		cmd.Stdout = &out
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return Usage{}, err
	}
	done := make(chan struct{})
	anon := int64(0)
	var watching errgroup.Group
	watching.Go(guard.Func(func() error {
		anon = watch(cmd.Process.Pid, done)
		return nil
	}))
	err = cmd.Wait()
	took := time.Since(begin)
	close(done)
	if err := errors.Join(err, watching.Wait()); err != nil {
		return Usage{}, err
	}
	if result != nil {
		if err := json.Unmarshal(out.Bytes(), result); err != nil {
			return Usage{}, fmt.Errorf("reading its result: %w", err)
		}
	}
	maxrss := float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) * 1024 // Linux counts in KiB
	if runtime.GOOS == "darwin" {
		maxrss /= 1024
	}
	return Usage{
		Seconds: took.Seconds(),
		CPU:     (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(),
		PeakMB:  maxrss / 1e6,
		AnonMB:  float64(anon) / 1e6,
	}, nil
}

// watch gives the largest anonymous memory of a process, in bytes, that was seen until done.
func watch(pid int, done <-chan struct{}) (peak int64) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return peak
		case <-tick.C:
			peak = max(peak, anonymous(pid))
		}
	}
}

// anonymous gives the resident memory of a process that is no mapped file, in bytes, 0 if it cannot be known.
func anonymous(pid int) int64 {
	return field(fmt.Sprintf("/proc/%d/status", pid), "RssAnon")
}

// field gives a number of KiB from a file of /proc, in bytes; 0 if it is not there.
func field(path, name string) int64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), name+":")
	line, _, _ := strings.Cut(rest, "kB")
	kib, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		return 0
	}
	return kib * 1024
}

// ReadOnce reads files, so that a task finds them in the page cache.
func ReadOnce(paths []string) error {
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, f)
		f.Close()
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
	}
	return nil
}

// Warm has so many bytes of memory, and no more than half of the machine's, written by a process of its own that ends then, so that what is measured next
// is given memory that was in use just before. Without it a task pays for what the one before it did not need: a virtual machine takes from its host,
// page by page, what none of its processes had for some seconds, which is fifty times slower than a page that it has.
func Warm(ctx context.Context, bytes int64) error {
	if all := memory(); all > 0 {
		bytes = min(bytes, all/2)
	}
	_, err := Start(ctx, warming, bytes, new(int64))
	return err
}

// warming is the task of Warm, which every program has.
const warming = "warm"

func warm(_ context.Context, bytes int64) (touched int64, err error) {
	const piece = 256 << 20
	for ; touched < bytes; touched += piece {
		b := offheap.New(piece)
		if b == nil {
			b = make([]byte, piece)
		}
		for i := 0; i < len(b); i += 4 << 10 {
			b[i] = 1
		}
		defer offheap.Free(b)
	}
	return touched, nil
}

// ErrTask says that the command line of a child is not one that Start makes.
var ErrTask = errors.New("this is no task: the program starts itself for these")

// Serve carries out a task for Start: args are those after Command.
func Serve(ctx context.Context, tasks Tasks, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return ErrTask
	}
	do := tasks[args[0]]
	if args[0] == warming {
		do = Task(warm)
	}
	if do == nil {
		return ErrTask
	}
	arg, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	result, err := do(ctx, arg)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

// Tasks are what a program can start, by name.
type Tasks map[string]func(context.Context, []byte) (any, error)

// Task reads the argument of a task from JSON.
func Task[Arg, Result any](do func(context.Context, Arg) (Result, error)) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, data []byte) (any, error) {
		var arg Arg
		if err := json.Unmarshal(data, &arg); err != nil {
			return nil, err
		}
		return do(ctx, arg)
	}
}
