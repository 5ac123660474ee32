package sidebyside

import (
	"errors"
	"sync/atomic"
	"testing"
)

func TestEach(t *testing.T) {
	var calls atomic.Int64
	if err := Each(100, func(int) error { calls.Add(1); return nil }); err != nil || calls.Load() != 100 {
		t.Errorf("%d calls, error %v", calls.Load(), err)
	}
	low := errors.New("low")
	for range 100 {
		if err := Each(50, func(i int) error {
			if i == 7 {
				return low
			} else if i > 7 {
				return errors.New("high")
			}
			return nil
		}); err != low {
			t.Fatalf("error %v", err)
		}
	}
}
