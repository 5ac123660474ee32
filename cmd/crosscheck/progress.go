package main

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/guard"
	"crosscheck/engine/job"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"
)

// progress shows how far a command is: one line that changes on a terminal, elsewhere a plain line every half minute, and a line whenever the
// process is asked by a signal (askSignals), also where no progress is wanted. Counting is cheap and may be done by any number of
// goroutines; a ticker does the showing.
type progress struct {
	a     *app
	now   atomic.Pointer[phase]
	stop  chan struct{}
	ended errgroup.Group
	write sync.Mutex // one line at a time
}

// phase is a stretch of work and how much of it is done.
type phase struct {
	name  string
	unit  string // what is counted: rows, records
	began time.Time
	total atomic.Int64
	done  atomic.Int64
}

const (
	screenEvery = 100 * time.Millisecond
	linesEvery  = 30 * time.Second
)

// phaseNames are the engine's phases as a person calls them.
var phaseNames = map[string]string{"verify": "verifying", "load": "reading", "join": "joining", "gather": "comparing", "write": "writing"}

// startProgress begins to show progress. The caller ends it with end, which leaves a terminal line empty.
func (a *app) startProgress() *progress {
	p := &progress{a: a, stop: make(chan struct{})}
	var ticks <-chan time.Time
	stopTicks := func() {}
	if !a.quiet {
		every := linesEvery
		if a.errScreen && a.log == nil {
			every = screenEvery
		}
		tick := time.NewTicker(every)
		ticks, stopTicks = tick.C, tick.Stop
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, askSignals...)
	p.ended.Go(guard.Func(func() error {
		defer stopTicks()
		defer signal.Stop(asked)
		for {
			select {
			case <-p.stop:
				return nil
			case <-ticks:
				p.show()
			case <-asked:
				p.tell()
			}
		}
	}))
	return p
}

// tell writes where the command is as a line of its own.
func (p *progress) tell() {
	if p.a.log != nil {
		if now := p.now.Load(); now != nil {
			p.a.logProgress(now, time.Now())
		} else {
			p.a.log.Info("nothing is counted yet")
		}
		return
	}
	line := "crosscheck: nothing is counted yet"
	if now := p.now.Load(); now != nil {
		line = now.line(time.Now(), 0, job.PeakMemory(), style{})
	}
	p.put(line + "\n")
}

// end stops showing.
func (p *progress) end() {
	close(p.stop)
	if err := p.ended.Wait(); err != nil {
		panic(err) // of its goroutine, caught there: goes on in this one
	}
	if !p.a.quiet && p.a.log == nil {
		p.put("")
	}
}

// put writes a text, on a terminal in the place of the line that changes.
func (p *progress) put(text string) {
	p.write.Lock()
	defer p.write.Unlock()
	if p.a.errScreen {
		text = "\r\x1b[K" + text
	}
	fmt.Fprint(p.a.err, text)
}

// say writes a line of its own.
func (p *progress) say(format string, args ...any) {
	if p.a.log != nil {
		p.a.log.Info(fmt.Sprintf(format, args...))
		return
	}
	if p.a.quiet {
		return
	}
	p.put(fmt.Sprintf(format, args...) + "\n")
}

// engine takes the engine's reports.
func (p *progress) engine(e engine.Progress) {
	if e.Elapsed > 0 {
		switch {
		case p.a.log != nil:
			p.a.logPhase(e)
		case p.a.errScreen && (e.Level != "" || e.Phase != "load"): // all that load did stands in the lines of the levels
			p.say("%s", p.over(e))
		}
		return
	}
	name, ok := phaseNames[e.Phase]
	if !ok {
		name = e.Phase
	}
	p.count(name, "rows", e.Done, e.Total)
}

// over gives the line of a level or a phase that is over.
func (p *progress) over(e engine.Progress) string {
	name := e.Phase
	if known, ok := phaseNames[e.Phase]; ok {
		name = known
	}
	return p.a.errStyle.good("✓") + fmt.Sprintf(" %-9s %-12s %13s %-7s %6.1f s  %s/s", name, e.Level, thousands(e.Done), unitOf(e.Phase), e.Elapsed.Seconds(),
		perSecond(float64(e.Done)/e.Elapsed.Seconds()))
}

// count notes that done of total units of a phase are done. Reports of the same phase may come out of order.
func (p *progress) count(name, unit string, done, total int64) {
	now := p.now.Load()
	if now == nil || now.name != name {
		next := &phase{name: name, unit: unit, began: time.Now()}
		if !p.now.CompareAndSwap(now, next) {
			return // somebody else began the phase: the next report counts
		}
		now = next
	}
	now.total.Store(total)
	for {
		old := now.done.Load()
		if done <= old || now.done.CompareAndSwap(old, done) {
			return
		}
	}
}

// show writes the state of the phase under way.
func (p *progress) show() {
	now := p.now.Load()
	if now == nil {
		return
	}
	if !p.a.errScreen || p.a.log != nil {
		p.tell()
		return
	}
	width := 80
	if f, ok := p.a.err.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			width = w
		}
	}
	p.put(now.line(time.Now(), width, job.PeakMemory(), p.a.errStyle))
}

// line gives the state as text: with a bar if width, the columns of the terminal, leaves room for one; memory is the peak in bytes, 0 if
// unknown.
func (ph *phase) line(at time.Time, width int, memory int64, s style) string {
	done, total, elapsed := ph.done.Load(), ph.total.Load(), at.Sub(ph.began)
	total = max(total, done) // it is an estimate
	share := 0.0
	if total > 0 {
		share = float64(done) / float64(total)
	}
	about := fmt.Sprintf("%3.0f %%  %s of %s %s", 100*share, thousands(done), thousands(total), ph.unit)
	if elapsed > 500*time.Millisecond && done > 0 {
		speed := float64(done) / elapsed.Seconds()
		about += fmt.Sprintf("  %s/s", perSecond(speed))
		if left := time.Duration(float64(total-done) / speed * float64(time.Second)); left >= time.Second {
			about += "  " + remaining(left) + " left"
		}
	}
	if memory > 0 {
		about += "  " + size(memory)
	}
	name := fmt.Sprintf("%-9s", ph.name)
	const barWidth = 24
	if room := width - len(name) - len(about) - 4; room < 0 {
		if width > 0 {
			return text.Trim(name+" "+about, width-1)
		}
		return ph.name + " " + strings.TrimSpace(about)
	} else if room < barWidth {
		return s.bold(name) + " " + about
	}
	full := int(share * barWidth)
	return s.bold(name) + " " + strings.Repeat("█", full) + s.dim(strings.Repeat("░", barWidth-full)) + " " + about
}

// remaining gives 1:05 or 1:02:03.
func remaining(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// opened says what is about to be read.
func (p *progress) opened(inputs []job.Input) {
	if p.a.log != nil {
		p.a.logOpened(inputs)
		return
	}
	var levels []string
	for _, in := range inputs {
		levels = append(levels, fmt.Sprintf("%s (%s, %s)", in.Level, plural(int64(len(in.Files)), "file"), size(in.Bytes)))
	}
	p.say("reading %s", listed(levels))
}
