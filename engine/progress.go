package engine

import (
	"sync/atomic"
	"time"
)

// progress counts rows of the phase under way and reports them.
type progress struct {
	report func(Progress)
	phase  string
	total  int64
	done   atomic.Int64

	counted atomic.Int64 // rows done since the engine set it to 0, over all that begin was called for
}

// begin starts a phase of total rows.
func (p *progress) begin(phase string, total int64) {
	p.phase, p.total = phase, total
	p.done.Store(0)
	p.add("", 0)
}

// add counts rows of a level as done.
func (p *progress) add(level string, rows int64) {
	p.counted.Add(rows)
	done := p.done.Add(rows)
	if p.report != nil {
		p.report(Progress{Phase: p.phase, Level: level, Done: done, Total: p.total})
	}
}

// end reports that a phase is over, when nobody adds to it any more.
func (p *progress) end(phase string, took time.Duration) {
	if all := p.counted.Load(); p.report != nil {
		p.report(Progress{Phase: phase, Done: all, Total: all, Elapsed: max(took, 1)})
	}
}
