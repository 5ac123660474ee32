package job

import (
	"context"

	"crosscheck/engine/past"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"
)

// aging stands between the engine and the report, behind the waivers: it gives findings their status and first night, and has those of the
// last night that are gone written to a table of their own. The last night is read while the findings stream by, in the same order.
type aging struct {
	report.Writer               // of tonight's findings
	resolved      report.Writer // of the findings that are gone
	last          *past.Night   // nil: there is none
	merge         *past.Merge
}

// newAging makes the sink of a run that is held against the findings of an earlier night; last may be nil. Its writers are set before it begins.
func (n *night) newAging(j *Job, m *Manifest, last *report.Reader) *aging {
	s := &aging{}
	if last != nil {
		s.last = &past.Night{Fields: last.Fields, Carry: last.Carry, Looked: j.looked, Next: func() ([]verdict.Finding, error) {
			run, err := last.Next()
			if err != nil {
				err = n.lostFindings(m.last, err)
			}
			return run, err
		}}
	}
	return s
}

// Begin implements engine.Sink.
func (s *aging) Begin(h verdict.Header) error {
	s.merge = past.New(h, s.last)
	if err := s.resolved.Begin(h); err != nil {
		return err
	}
	return s.Writer.Begin(h)
}

// Write implements engine.Sink.
func (s *aging) Write(ctx context.Context, b *verdict.Block) error {
	gone, err := s.merge.Block(b.Findings)
	if err != nil {
		return err
	}
	if err := s.take(ctx, gone); err != nil {
		return err
	}
	return s.Writer.Write(ctx, b)
}

// take writes findings that are gone. They are copied: the merge uses their place again.
func (s *aging) take(ctx context.Context, gone []verdict.Finding) error {
	if len(gone) == 0 {
		return nil
	}
	return s.resolved.Write(ctx, &verdict.Block{Findings: append([]verdict.Finding(nil), gone...)})
}

// finish takes what is left of the last night and gives the counts. It does not close the tables.
func (s *aging) finish(ctx context.Context) (past.Counts, error) {
	for {
		gone, more, err := s.merge.Rest()
		if err == nil {
			err = s.take(ctx, gone)
		}
		if err != nil || !more {
			return s.merge.Counts(), err
		}
	}
}
