package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"

	"crosscheck/engine/durable"
	"crosscheck/engine/report"

	"github.com/spf13/cobra"
)

// profiles says which profiles of a command are wanted: the paths of the files, "" for none. They name functions and phases, and hold
// nothing of what was read.
type profiles struct{ cpu, memory, trace string }

// flags adds the flags.
func (p *profiles) flags(c *cobra.Command) {
	c.Flags().StringVar(&p.cpu, "cpuprofile", "", "write a CPU profile to this file, for 'go tool pprof'")
	c.Flags().StringVar(&p.memory, "memprofile", "", "write a profile of allocations to this file, for 'go tool pprof'")
	c.Flags().StringVar(&p.trace, "trace", "", "write an execution trace to this file, for 'go tool trace'")
}

// profiled wraps what a command does in the profiles that are wanted. They are written however it ends; one that cannot be begun keeps it from
// beginning, one that cannot be finished is warned of.
func (a *app) profiled(p *profiles, do func(context.Context, []string) error) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) error {
		finish, err := p.start()
		if err != nil {
			return err
		}
		defer func() {
			if err := finish(); err != nil {
				a.warn([]string{"a profile is not written: " + err.Error()})
			}
		}()
		return do(ctx, args)
	}
}

// start begins the profiles; finish ends and writes them. Errors are *usageError and *report.WriteError.
func (p *profiles) start() (finish func() error, err error) {
	var steps []func() error
	finish = func() error {
		var errs []error
		for _, step := range steps {
			errs = append(errs, step())
		}
		return errors.Join(errs...)
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	for _, one := range []struct {
		path  string
		begin func(io.Writer) error
		end   func(io.Writer) error
	}{
		{p.cpu, pprof.StartCPUProfile, func(io.Writer) error { pprof.StopCPUProfile(); return nil }},
		{p.trace, trace.Start, func(io.Writer) error { trace.Stop(); return nil }},
		{p.memory, func(io.Writer) error { return nil }, writeAllocations},
	} {
		if one.path == "" {
			continue
		}
		f, err := os.Create(one.path)
		if err == nil {
			err = one.begin(f)
		}
		if err != nil {
			return nil, errors.Join(&report.WriteError{Path: one.path, Err: durable.Cause(err)}, finish())
		}
		steps = append(steps, func() error {
			if err := errors.Join(one.end(f), f.Close()); err != nil {
				return &report.WriteError{Path: one.path, Err: durable.Cause(err)}
			}
			return nil
		})
	}
	return finish, nil
}

// writeAllocations writes what was allocated since the program began, and what is still in use.
func writeAllocations(w io.Writer) error {
	runtime.GC()
	return pprof.Lookup("allocs").WriteTo(w, 0)
}

// check holds that no profile takes the place of another one, or of a file that is none.
func (p *profiles) check() error {
	flags := map[string]string{}
	for _, one := range []struct{ flag, path string }{{"--cpuprofile", p.cpu}, {"--memprofile", p.memory}, {"--trace", p.trace}} {
		if one.path == "" {
			continue
		}
		clean := filepath.Clean(one.path)
		if other := flags[clean]; other != "" {
			return usagef("%s and %s name one file, %s; give each its own", other, one.flag, one.path)
		}
		flags[clean] = one.flag
		if !replaceable(one.path) {
			return usagef("%s %s: the file is there and is no profile; name another one", one.flag, one.path)
		}
	}
	return nil
}

// replaceable tells whether a path is free, or an empty file, or a profile (gzip) or trace ("go 1.26 trace").
func replaceable(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return true // if it cannot be written, creating it says so
	}
	f, err := os.Open(path)
	if err != nil {
		return true
	}
	defer f.Close()
	head := make([]byte, 5)
	n, _ := io.ReadFull(f, head)
	return bytes.HasPrefix(head[:n], []byte("\x1f\x8b")) || string(head[:n]) == "go 1."
}
