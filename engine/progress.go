package engine

import (
	"sync/atomic"
	"time"
)

// progress counts rows of the phase under way and reports them.
type progress struct {
	report func(Progress)
	held   bool // the phase stays
	phase  string
	total  int64
	done   atomic.Int64

	counted atomic.Int64 // rows done, over all that begin was called for
}

// begin starts a phase of total rows.
func (p *progress) begin(phase string, total int64) {
	if p.held {
		return
	}
	p.phase, p.total = phase, total
	p.done.Store(0)
	p.add("", 0)
}

// hold keeps the phase through those that follow, which come in turns with it and are not reported.
func (p *progress) hold() { p.held = true }

// add counts rows of a level as done and reports them, unless the phase is held.
func (p *progress) add(level string, rows int64) {
	if p.held {
		p.counted.Add(rows)
		return
	}
	p.advance(level, rows)
}

// advance counts rows of a level as done in the phase and reports them.
func (p *progress) advance(level string, rows int64) {
	p.counted.Add(rows)
	done := p.done.Add(rows)
	if p.report != nil {
		p.report(Progress{Phase: p.phase, Level: level, Done: done, Total: p.total})
	}
}

// skip counts rows of a level as done that need not be read.
func (p *progress) skip(level string, rows int64) {
	p.counted.Add(-rows)
	p.add(level, rows)
}

// read reports that a level is in.
func (p *progress) read(level string, rows int64, took time.Duration) {
	if p.report != nil {
		p.report(Progress{Phase: p.phase, Level: level, Done: rows, Total: rows, Elapsed: max(took, 1)})
	}
}

// end reports that a phase is over, when nobody adds to it any more.
func (p *progress) end(phase Phase) {
	if p.report != nil {
		p.report(Progress{Phase: phase.Name, Done: phase.Rows, Total: phase.Rows, Elapsed: max(phase.Elapsed, 1)})
	}
}
