package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"crosscheck/engine"

	"github.com/jedib0t/go-pretty/v6/text"
)

// TestProgressConcurrent reports from many goroutines at once, out of order: the count never falls and phases follow.
func TestProgressConcurrent(t *testing.T) {
	var out bytes.Buffer
	a := &app{err: &out}
	p := a.startProgress()
	for _, name := range []string{"load", "gather", "write"} {
		var g sync.WaitGroup
		for w := range 8 {
			g.Go(func() {
				for i := range 1000 {
					p.engine(engine.Progress{Phase: name, Done: int64(i*8 + w), Total: 8000})
				}
			})
		}
		g.Wait()
		now := p.now.Load()
		if now.name != phaseNames[name] || now.done.Load() != 7999 {
			t.Errorf("%s: %s at %d", name, now.name, now.done.Load())
		}
	}
	p.show()
	p.end()
	if got, want := out.String(), "writing 100 %  7,999 of 8,000 rows"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProgressLine(t *testing.T) {
	ph := &phase{name: "reading", unit: "rows", began: time.Now()}
	ph.done.Store(1_500_000)
	ph.total.Store(6_000_000)
	at := ph.began.Add(2 * time.Second)
	for _, c := range []struct {
		width  int
		memory int64
		want   string
	}{
		{0, 412_000_000, "reading 25 %  1,500,000 of 6,000,000 rows  750,000/s  0:06 left  412 MB"},
		{0, 0, "reading 25 %  1,500,000 of 6,000,000 rows  750,000/s  0:06 left"},
		{100, 0, "reading   ██████░░░░░░░░░░░░░░░░░░  25 %  1,500,000 of 6,000,000 rows  750,000/s  0:06 left"},
		{80, 0, "reading    25 %  1,500,000 of 6,000,000 rows  750,000/s  0:06 left"},
		{40, 0, "reading    25 %  1,500,000 of 6,000,000"},
	} {
		got := ph.line(at, c.width, c.memory, style{})
		if got != c.want {
			t.Errorf("width %d: got %q, want %q", c.width, got, c.want)
		}
		if c.width > 0 && text.StringWidth(got) >= c.width {
			t.Errorf("width %d: the line has %d columns", c.width, text.StringWidth(got))
		}
	}
}

func TestQuiet(t *testing.T) {
	var out bytes.Buffer
	a := &app{err: &out, quiet: true, errScreen: true}
	p := a.startProgress()
	p.say("something")
	p.engine(engine.Progress{Phase: "load", Done: 1, Total: 2})
	p.end()
	if out.Len() > 0 {
		t.Errorf("quiet wrote %q", out.String())
	}
}

// TestScreen holds that a message, or the line of a level or phase that is over, takes the place of the line that changes, and that this is gone
// at the end.
func TestScreen(t *testing.T) {
	var out bytes.Buffer
	a := &app{err: &out, errScreen: true}
	p := a.startProgress()
	p.count("reading", "rows", 1, 2)
	p.show()
	p.say("done")
	p.engine(engine.Progress{Phase: "load", Level: "city", Done: 3_000_000, Total: 3_000_000, Elapsed: 1500 * time.Millisecond})
	p.engine(engine.Progress{Phase: "load", Done: 9, Total: 9, Elapsed: time.Second})
	p.engine(engine.Progress{Phase: "write", Done: 1200, Total: 1200, Elapsed: time.Second})
	p.end()
	screen := out.String()
	want := "\r\x1b[Kdone\n" +
		"\r\x1b[K✓ reading   city             3,000,000 rows       1.5 s  2.00 million/s\n" +
		"\r\x1b[K✓ writing                        1,200 records    1.0 s  1,200/s\n"
	if !strings.Contains(screen, want) || !strings.HasSuffix(screen, "\r\x1b[K") {
		t.Errorf("wrote %q", screen)
	}
}
