package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/audit"
	"crosscheck/engine/job"
	"crosscheck/engine/level"
	"crosscheck/engine/report"
)

func TestExitCode(t *testing.T) {
	input := &level.InputError{Level: "city", Msg: "bad"}
	write := &report.WriteError{Path: "x", Err: errors.New("full")}
	config := &job.Error{Faults: []job.Fault{{File: "job.yaml", Msg: "bad"}}}
	for _, c := range []struct {
		err  error
		code int
		kind string
	}{
		{nil, 0, ""},
		{errDiffers, 1, "differs"},
		{&gatesError{}, 1, "differs"},
		{usagef("no"), 2, "usage"},
		{config, 2, "usage"},
		{fmt.Errorf("%w: no such column", engine.ErrOptions), 2, "usage"},
		{fmt.Errorf("%w: no such format", report.ErrOptions), 2, "usage"},
		{fmt.Errorf("reading: %w", input), 3, "input"},
		{&audit.BrokenError{}, 2, "usage"},
		{audit.ErrSound, 2, "usage"},
		{&audit.ReadError{Path: "x", Err: errors.New("io")}, 3, "input"},
		{&audit.WriteError{Path: "x", Err: errors.New("full")}, 5, "write"},
		{&job.LockedError{}, 4, "locked"},
		{write, 5, "write"},
		{errors.New("surprise"), 70, "internal"},
		{context.Canceled, 130, "interrupted"},
		{fmt.Errorf("level city: %w", context.Canceled), 130, "interrupted"},
		// several at once: what the user must mend first
		{errors.Join(config, input), 2, "usage"},
		{errors.Join(input, write), 5, "write"},
		{errors.Join(context.Canceled, write), 130, "interrupted"},
	} {
		if code, kind := exitCode(c.err); code != c.code || kind != c.kind {
			t.Errorf("%v: %d %s, want %d %s", c.err, code, kind, c.code, c.kind)
		}
	}
}

func TestFlatten(t *testing.T) {
	a, b, c := errors.New("a"), errors.New("b"), errors.New("c")
	for _, tt := range []struct {
		err  error
		want int
	}{
		{a, 1},
		{errors.Join(a, errors.Join(b, c)), 3},
		{fmt.Errorf("both %w and %w", a, b), 1},
		{fmt.Errorf("more: %w", errors.Join(a, b)), 1},
	} {
		if got := flatten(tt.err); len(got) != tt.want {
			t.Errorf("%q: %d parts, want %d", tt.err, len(got), tt.want)
		}
	}
}
