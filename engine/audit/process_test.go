package audit

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"crosscheck/engine/flock"
)

// appender is the variable that makes a process of this test one that appends to the trail of a folder, as often as the other says.
const appender, appends = "CROSSCHECK_TEST_APPENDER", "CROSSCHECK_TEST_APPENDS"

func TestMain(m *testing.M) {
	if reports := os.Getenv(appender); reports != "" {
		n, err := strconv.Atoi(os.Getenv(appends))
		for i := 0; i < n && err == nil; i++ {
			_, err = Append(reports, Entry{What: Lookup, Why: fmt.Sprintf("%d of process %d", i, os.Getpid())})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// start starts a process that appends so often.
func start(t *testing.T, reports string, n int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), appender+"="+reports, appends+"="+strconv.Itoa(n))
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestProcesses has several processes append at once, while others verify.
func TestProcesses(t *testing.T) {
	reports := t.TempDir()
	const processes, each = 5, 20
	var all sync.WaitGroup
	pids := make([]int, processes)
	for p := range processes {
		c := start(t, reports, each)
		pids[p] = c.Process.Pid
		all.Go(func() {
			if err := c.Wait(); err != nil {
				t.Errorf("process %d: %v", p, err)
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(5 * time.Millisecond):
			if c := sound(t, reports); len(c.Notes) > 0 {
				t.Errorf("while others append: %q", c.Notes)
			}
		}
	}
	entries, unreadable, err := Read(reports)
	if err != nil || unreadable > 0 || len(entries) != processes*each {
		t.Fatalf("%d entries, %d unreadable, %v", len(entries), unreadable, err)
	}
	next := map[int]int{}
	for _, e := range entries {
		if want := fmt.Sprintf("%d of process %d", next[e.Who.PID], e.Who.PID); e.Why != want {
			t.Errorf("entry %d is %q, want %q", e.Seq, e.Why, want)
		}
		next[e.Who.PID]++
	}
	for _, pid := range pids {
		if next[pid] != each {
			t.Errorf("process %d has %d entries", pid, next[pid])
		}
	}
}

// TestKilled kills processes that append, at any moment, and holds that the trail stays sound and those that come after go on.
func TestKilled(t *testing.T) {
	reports := t.TempDir()
	var before int64
	for range 8 {
		c := start(t, reports, 1_000_000)
		time.Sleep(time.Duration(30+rand.IntN(60)) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait() // it was killed
		add(t, reports, time.Now(), Entry{What: Export})
		after := sound(t, reports).Head.Seq
		if after <= before {
			t.Errorf("%d entries, and %d before", after, before)
		}
		before = after
	}
}

// TestLock holds that who verifies waits for who appends, and not for one another.
func TestLock(t *testing.T) {
	reports := t.TempDir()
	trail := trailAt(t, reports, at(11, 1))
	for _, how := range []flock.How{flock.Alone, flock.Shared} {
		if got := tryLock(t, reports, how); got != flock.ErrHeld {
			t.Errorf("while one appends: %v", got)
		}
	}
	done := make(chan int64)
	go func() {
		c, err := Verify(reports)
		if err != nil {
			t.Error(err)
		}
		done <- c.Head.Seq
	}()
	time.Sleep(20 * time.Millisecond)
	if _, err := trail.Append(Entry{What: Lookup}); err != nil {
		t.Error(err)
	}
	trail.Close()
	if seq := <-done; seq != 1 {
		t.Errorf("verified up to entry %d", seq)
	}
}

// tryLock tries to lock a trail in passing.
func tryLock(t *testing.T, reports string, how flock.How) error {
	t.Helper()
	f, err := os.Open(lockPath(reports))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return flock.Try(f, how)
}
