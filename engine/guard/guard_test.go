package guard

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const canary = "99canary"

//go:noinline
func fails(with any, key string) error {
	if key == canary {
		panic(with)
	}
	return nil
}

func TestPanicsTellNothing(t *testing.T) {
	for _, with := range []any{canary, errors.New(canary), fmt.Sprintf("key %s", canary), struct{ S string }{canary}, &struct{ S string }{canary}, []byte(canary)} {
		err := Do(func() error { return fails(with, canary) })
		var p *PanicError
		if !errors.As(err, &p) {
			t.Fatalf("%T: the error is a %T", with, err)
		}
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", p, p)} {
			if strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
				t.Errorf("%T: the error holds what the panic held", with)
			}
		}
		if want := fmt.Sprintf("%T", with); p.Type != want {
			t.Errorf("type %s, want %s", p.Type, want)
		}
		if len(p.Calls) == 0 || !strings.HasPrefix(p.Calls[0], "crosscheck/engine/guard.fails (guard/guard_test.go:") {
			t.Errorf("%T: the calls are %q", with, p.Calls)
		}
	}
}

func TestRuntimeFaults(t *testing.T) {
	var none []int
	at := len(none) + 3
	err := Do(func() error { return fmt.Errorf("%d", none[at]) })
	var p *PanicError
	if !errors.As(err, &p) || p.Type != "runtime.boundsError" || len(p.Calls) == 0 || strings.HasPrefix(p.Calls[0], "runtime.") {
		t.Errorf("%v", err)
	}
}

func TestNoPanic(t *testing.T) {
	want := errors.New("ordinary")
	if got := Func(func() error { return want })(); got != want {
		t.Errorf("%v", got)
	}
	if got := Do(func() error { return nil }); got != nil {
		t.Errorf("%v", got)
	}
}

// TestPassedOn holds that a panic that was caught, and raised again in another goroutine, still says where it was.
func TestPassedOn(t *testing.T) {
	first := Do(func() error { return fails(canary, canary) })
	if again := Do(func() error { panic(first) }); again != first {
		t.Errorf("%v", again)
	}
}
