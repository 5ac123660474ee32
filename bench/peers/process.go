package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// childCommand is the word by which this program starts itself for one task.
const childCommand = "child"

// usage is what one process took.
type usage struct {
	Seconds float64 `json:"seconds"` // wall time from start to exit
	CPU     float64 `json:"cpu_s"`   // user and system time
	PeakMB  float64 `json:"peak_mb"` // largest resident set, mapped files included
	AnonMB  float64 `json:"anon_mb"` // largest part of it that is no mapped file, as seen every few milliseconds; 0 where the system does not say
}

// start runs a task in a process of its own: arg goes in and the task's result comes out as JSON.
func start(ctx context.Context, task string, arg, result any) (usage, error) {
	self, err := os.Executable()
	if err != nil {
		return usage{}, err
	}
	u, err := measured(exec.CommandContext(ctx, self, childCommand, task), arg, result)
	if err != nil {
		return u, fmt.Errorf("task %s: %w", task, err)
	}
	return u, nil
}

// measured runs a command that reads arg and writes result as JSON. This process must stay small, since Linux counts the memory of
// the process that started another into the peak of the new one.
func measured(cmd *exec.Cmd, arg, result any) (usage, error) {
	in, err := json.Marshal(arg)
	if err != nil {
		return usage{}, err
	}
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, os.Stderr
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	done, peak := make(chan struct{}), make(chan int64)
	go func() { peak <- watch(cmd.Process.Pid, done) }()
	err = cmd.Wait()
	took := time.Since(begin)
	close(done)
	anon := <-peak
	if err != nil {
		return usage{}, err
	}
	if err := json.Unmarshal(out.Bytes(), result); err != nil {
		return usage{}, fmt.Errorf("reading its result: %w", err)
	}
	maxrss := float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) * 1024 // Linux counts in KiB
	if runtime.GOOS == "darwin" {
		maxrss /= 1024
	}
	return usage{
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
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	line, _, _ := strings.Cut(rest, "kB")
	kib, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		return 0
	}
	return kib * 1024
}

// child carries out a task for start.
func child(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return errUsage
	}
	do, ok := tasks[args[0]]
	if !ok {
		return errUsage
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

// tasks are what start can run.
var tasks = map[string]func(context.Context, []byte) (any, error){
	"prepare":    task(prepare),
	"crosscheck": task(crosscheck),
	"duckdb":     task(duckJoin),
	"count":      task(countJoin),
	"floor":      task(floor),
	"versions":   task(versions),
}

// task reads the argument of a task from JSON.
func task[Arg, Result any](do func(context.Context, Arg) (Result, error)) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, data []byte) (any, error) {
		var arg Arg
		if err := json.Unmarshal(data, &arg); err != nil {
			return nil, err
		}
		return do(ctx, arg)
	}
}
