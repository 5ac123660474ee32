package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/durable"
	"crosscheck/engine/durable/durabletest"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/level"
	"crosscheck/engine/spill"
)

// spillFault wants a run that spills to fail because of its temporary file, with nothing left in the folder.
func spillFault(t *testing.T, dir string, err error) *spill.Error {
	t.Helper()
	var fault *spill.Error
	if !errors.As(err, &fault) || fault.Dir != dir {
		t.Errorf("error %v", err)
		return nil
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	return fault
}

// TestSpillFaults has each call fail in turn by which a run spills, reads back and closes, once and for good.
func TestSpillFaults(t *testing.T) {
	defer durable.Use(durable.OS{})
	calls := 0
	for _, sticky := range []bool{false, true} {
		for at := 1; ; at += 1 + at/6 {
			under := &measuring{FS: durable.OS{}}
			disk := &durabletest.FS{At: at, Err: []syscall.Errno{syscall.ENOSPC, syscall.EIO}[at%2], Sticky: sticky, Under: under}
			durable.Use(disk)
			dir := t.TempDir()
			err := (&faulty{spill: dir}).run(t, t.Context(), new(enginetest.Collector), nil)
			if n := under.open.Load(); n != 0 {
				t.Errorf("call %d: %d files stay open", at, n)
			}
			if disk.Calls() < at { // how many there are depends on who read which part
				if err != nil {
					t.Errorf("without a fault: %v", err)
				}
				calls = at
				break
			}
			if at == 2 && sticky {
				continue // the file cannot lose its name
			}
			if fault := spillFault(t, dir, err); fault != nil && !errors.Is(fault, disk.Err) {
				t.Errorf("call %d, %v, for good %v: error %v", at, disk.Err, sticky, err)
			}
		}
	}
	if calls < 25 {
		t.Errorf("only %d calls", calls)
	}
}

// closing is a file system whose files cannot be closed.
type closing struct{ durable.FS }

func (c closing) CreateTemp(dir, pattern string) (durable.File, error) {
	f, err := c.FS.CreateTemp(dir, pattern)
	return &closingFile{f}, err
}

type closingFile struct{ durable.File }

func (f *closingFile) Close() error { _ = f.File.Close(); return syscall.EIO }

// damaging is a file system in which one bit of each piece comes back flipped.
type damaging struct{ durable.FS }

func (d damaging) CreateTemp(dir, pattern string) (durable.File, error) {
	f, err := d.FS.CreateTemp(dir, pattern)
	return &damagedFile{f}, err
}

type damagedFile struct{ durable.File }

func (f *damagedFile) ReadAt(b []byte, at int64) (int, error) {
	n, err := f.File.ReadAt(b, at)
	b[n/2] ^= 4
	return n, err
}

// TestSpillFileFaults: a piece that comes back changed, and a file that cannot be closed, are errors of the run.
func TestSpillFileFaults(t *testing.T) {
	defer durable.Use(durable.OS{})
	for name, c := range map[string]struct {
		fs   durable.FS
		says string
	}{
		"damaged": {damaging{durable.OS{}}, "came back changed"},
		"closed":  {closing{durable.OS{}}, syscall.EIO.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			durable.Use(c.fs)
			err := (&faulty{spill: dir}).run(t, t.Context(), new(enginetest.Collector), nil)
			if fault := spillFault(t, dir, err); fault != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestSpilledCancel ends the context of a run that spills, in each of its phases.
func TestSpilledCancel(t *testing.T) {
	dir := t.TempDir()
	run := func(t *testing.T, f *faulty, ctx context.Context, sink engine.Sink, each func(engine.Progress)) {
		t.Helper()
		f.spill = dir
		if err := f.run(t, ctx, sink, each); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left over: %v, %v", left, err)
		}
	}
	for _, phase := range []string{"load", "join"} {
		for _, late := range []bool{false, true} {
			t.Run(phase+map[bool]string{false: "/begin", true: "/middle"}[late], func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				run(t, new(faulty), ctx, new(enginetest.Collector), func(p engine.Progress) {
					if p.Phase == phase && (!late || p.Done > 0) {
						cancel()
					}
				})
			})
		}
	}
	t.Run("gather", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		f := new(faulty)
		fail := f.in("join", context.Canceled)
		f.wrap = func(s level.Source) level.Source {
			return &hooked{Source: s, next: func() error {
				if fail() != nil {
					cancel()
				}
				return nil
			}}
		}
		run(t, f, ctx, new(enginetest.Collector), nil)
	})
	t.Run("write", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		run(t, new(faulty), ctx, funcSink{write: func() error { cancel(); return nil }}, nil)
	})
}

// TestSpilledSources: what a source or the sink of a run that spills says is wrong comes back, and a panic as an error that tells nothing of
// what the decoder held; while rows are spilled, and while values are read again.
func TestSpilledSources(t *testing.T) {
	dir := t.TempDir()
	fault := &level.InputError{Level: "a", File: "a", Row: 7, Msg: "is torn"}
	for _, phase := range []string{"load", "join"} {
		f := &faulty{spill: dir}
		fail := f.in(phase, fault)
		f.wrap = func(s level.Source) level.Source { return &hooked{Source: s, next: fail} }
		f.wantInputError(t, fault)

		f = &faulty{spill: dir}
		fail = f.in(phase, errors.New("secret"))
		f.wrap = func(s level.Source) level.Source {
			return &hooked{Source: s, next: func() error {
				if err := fail(); err != nil {
					panic(err)
				}
				return nil
			}}
		}
		err := f.run(t, t.Context(), new(enginetest.Collector), nil)
		if err == nil || !strings.Contains(err.Error(), "while reading the part at row") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", phase, err)
		}
	}
	full, writes := errors.New("no room"), 0
	f := &faulty{spill: dir}
	err := f.run(t, t.Context(), funcSink{write: func() error {
		if writes++; writes == 2 {
			return full
		}
		return nil
	}}, nil)
	if err != full {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// TestSpilledPanic: a panic of the file system below a run that spills ends it as an error of the program, without a deadlock.
func TestSpilledPanic(t *testing.T) {
	dir := t.TempDir()
	defer durable.Use(durable.OS{})
	for _, at := range []int{5, 20} {
		durable.Use(&durabletest.FS{At: at, Err: syscall.EIO, Then: func() { panic("secret") }})
		err := (&faulty{spill: dir}).run(t, t.Context(), new(enginetest.Collector), nil)
		if err == nil || !strings.Contains(err.Error(), "a panic of type string") || strings.Contains(err.Error(), "secret") {
			t.Errorf("call %d: error %v", at, err)
		}
	}
}

// measuring is a file system that notes the longest piece that is read of a temporary file, and how many of them are open.
type measuring struct {
	durable.FS
	longest, open atomic.Int64
}

func (m *measuring) CreateTemp(dir, pattern string) (durable.File, error) {
	f, err := m.FS.CreateTemp(dir, pattern)
	m.open.Add(1)
	return &measuredFile{f, m}, err
}

type measuredFile struct {
	durable.File
	fs *measuring
}

func (f *measuredFile) Close() error {
	f.fs.open.Add(-1)
	return f.File.Close()
}

func (f *measuredFile) ReadAt(b []byte, at int64) (int, error) {
	for n := f.fs.longest.Load(); int64(len(b)) > n && !f.fs.longest.CompareAndSwap(n, int64(len(b))); n = f.fs.longest.Load() {
	}
	return f.File.ReadAt(b, at)
}

// TestSpilledPieces: what a worker has yet to write of a range does not grow with the input.
func TestSpilledPieces(t *testing.T) {
	disk := &measuring{FS: durable.OS{}}
	defer durable.Use(durable.Use(disk))
	c := many(40000)
	v := enginetest.Variant{Workers: 2, Partitions: 8, Layouts: make([]enginetest.Layout, 2), Levels: []int{0, 1}}
	c.Options = engine.ForceSpill(c.Options, 2, 1<<16)
	answer(t, c, v)
	if n := disk.longest.Load(); n < 4<<10 || n > 9<<10 {
		t.Errorf("a piece of %d bytes, where they are to have 8 KiB", n)
	}
}

// TestSpillRoom: a run that needs more of the disk than is free says so, with both figures and what to do, before it reads a row or makes a file; one that
// needs less than what is free goes on.
func TestSpillRoom(t *testing.T) {
	defer durable.Use(durable.OS{})
	dir := t.TempDir()
	free := spill.Free(dir)
	if free < 0 {
		t.Skip("this system does not tell what is free")
	}
	for _, need := range []int64{free / 2, free + free/2 + 1<<30} {
		disk := &durabletest.FS{Under: durable.OS{}}
		durable.Use(disk)
		var read atomic.Bool
		f := &faulty{spill: dir, planned: func(p *engine.Plan) error {
			p.Memory.SpillBytes = need
			return nil
		}}
		err := f.run(t, t.Context(), new(enginetest.Collector), func(p engine.Progress) {
			if p.Done > 0 {
				read.Store(true)
			}
		})
		if need < free {
			if err != nil || disk.Calls() == 0 || !read.Load() {
				t.Errorf("half of what is free is needed: error %v", err)
			}
			continue
		}
		fault := spillFault(t, dir, err)
		if fault == nil {
			continue
		}
		if read.Load() || disk.Calls() > 0 {
			t.Errorf("it was noticed after %d calls, rows were read: %v", disk.Calls(), read.Load())
		}
		if text := fault.Error(); !strings.Contains(text, fmt.Sprintf("needs %d MiB, and ", (need+1<<20-1)>>20)) || !strings.HasSuffix(text, " MiB are free; name another folder or give more memory") {
			t.Errorf("error %q", text)
		}
	}
}
