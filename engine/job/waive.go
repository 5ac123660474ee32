package job

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/guard"
	"crosscheck/engine/record"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"
	"crosscheck/engine/waiver"

	"golang.org/x/sync/errgroup"
)

// CheckWaivers holds what the waivers name against what a run compares. The error is an *Error.
func (j *Job) CheckWaivers(plan *engine.Plan, date time.Time) error {
	_, err := j.waiverSet(plan, date)
	return err
}

// waiverSet makes the waivers ready for a run of a date, nil if the job has none. The error is an *Error with what is wrong with the
// names of fields and with keys, which only the plan can tell.
func (j *Job) waiverSet(plan *engine.Plan, date time.Time) (*waiver.Set, error) {
	if j.Waivers == nil {
		return nil, nil
	}
	shape := waiver.Shape{Header: plan.Header(), RuleLevel: map[string]int{}, RuleRoster: map[string]string{}}
	for _, f := range plan.Fields {
		holds := uint32(0)
		for l, source := range f.Source {
			if source != "" {
				holds |= 1 << l
			}
		}
		shape.Holds = append(shape.Holds, holds)
	}
	for _, rule := range j.Rules {
		if l := slices.Index(plan.Levels, rule.Level); l >= 0 {
			shape.RuleLevel[rule.Name] = l
		}
		shape.RuleRoster[rule.Name] = rule.Roster
	}
	var faults []Fault
	fault := func(line, column int32, msg string) {
		if len(faults) < maxFaults {
			faults = append(faults, Fault{File: j.Waivers.File, Line: int(line), Column: int(column), Width: 1, Msg: msg})
		}
	}
	var types []record.Type
	for _, k := range plan.Key {
		types = append(types, k.Type)
	}
	entries := j.Waivers.entries.Reveal()
	waivers := make([]waiver.Waiver, len(entries))
	for i := range entries {
		e := &entries[i]
		waivers[i] = e.Waiver
		waivers[i].Expired = e.expired(date)
		for _, name := range e.fields {
			f := slices.Index(shape.Header.Fields, name.text)
			if f < 0 {
				fault(name.line, name.column, "unknown field"+suggest(name.text, shape.Header.Fields))
			}
			waivers[i].Fields = append(waivers[i].Fields, f)
		}
		for _, k := range e.keys {
			key, ok := record.CanonicalKey(types, k.parts)
			if !ok {
				fault(k.line, k.column, keyShape(len(types)))
			}
			waivers[i].Keys = append(waivers[i].Keys, string(key))
		}
	}
	if len(faults) > 0 {
		return nil, &Error{Faults: order(faults)}
	}
	return waiver.New(waivers, shape), nil
}

// keyShape says what a key of n columns must be.
func keyShape(n int) string {
	if n == 1 {
		return "a key of this job is one text that is not blank"
	}
	return fmt.Sprintf("a key of this job is a list of %d texts, none of them blank", n)
}

// waiving stands between the engine and the report and gives findings their status.
type waiving struct {
	report.Writer
	set     *waiver.Set
	tallies []*waiver.Tally // one a worker
}

// begin takes the waivers of a run that judges with a number of goroutines, 0 for one a processor.
func (w *waiving) begin(set *waiver.Set, workers int) {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	w.set = set
	for range workers {
		w.tallies = append(w.tallies, set.NewTally())
	}
}

// judgeAlone is the number of findings for which a goroutine is worth its while.
const judgeAlone = 1024

// Write implements engine.Sink.
func (w *waiving) Write(ctx context.Context, b *verdict.Block) error {
	var g errgroup.Group
	rest := b.Findings
	share := max(judgeAlone, (len(rest)+len(w.tallies)-1)/len(w.tallies))
	for _, tally := range w.tallies {
		n := min(share, len(rest))
		for n > 0 && n < len(rest) && bytes.Equal(rest[n].Key, rest[n-1].Key) {
			n++ // a record is judged as a whole
		}
		mine := rest[:n]
		rest = rest[n:]
		g.Go(guard.Func(func() error {
			tally.Judge(mine)
			return nil
		}))
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return w.Writer.Write(ctx, b)
}
