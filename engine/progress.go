package engine

import "sync/atomic"

// progress counts rows of the phase under way and reports them.
type progress struct {
	report func(Progress)
	phase  string
	total  int64
	done   atomic.Int64
}

// begin starts a phase of total rows.
func (p *progress) begin(phase string, total int64) {
	p.phase, p.total = phase, total
	p.done.Store(0)
	p.add("", 0)
}

// add counts rows of a level as done.
func (p *progress) add(level string, rows int64) {
	done := p.done.Add(rows)
	if p.report != nil {
		p.report(Progress{Phase: p.phase, Level: level, Done: done, Total: p.total})
	}
}
