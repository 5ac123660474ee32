package job

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/verdict"
	"crosscheck/engine/waiver"
)

// The metrics of gates.
const (
	// MismatchRate is the share of records that lack on a level or differ. A record counts unless every missing and differs finding
	// about it is waived. With a field it is the share of the records compared in it that differ in it, less those whose finding is waived.
	MismatchRate = "mismatch_rate"
	// MissingRate is the share of records that lack on the gate's level, or on any level if it names none. A record counts unless its
	// missing finding is waived.
	MissingRate = "missing_rate"
	// UnparseableRate is the share of the values of typed fields, on the gate's level or on all, that do not read as the type. Types found by content
	// do not count.
	UnparseableRate = "unparseable_rate"
	// NewMismatches counts the findings of the status new. Its change is their share of the findings that were open on the last night,
	// new or persisting. It is judged only against a last night: on the first one all findings are new.
	NewMismatches = "new_mismatches"
	// RecordsMetric counts the distinct keys of the gate's level, or of the job.
	RecordsMetric = "records"
	// RowsMetric counts the rows of the gate's level, or of all. Its change, as that of RecordsMetric, is relative to the last night: -0.2 is a fifth less.
	RowsMetric = "rows"
	// AgeMetric is how long before the run the newest file of the gate's level was changed; of all levels the oldest counts. For a run date
	// in the past, how long before the end of that date.
	AgeMetric = "age"
	// NotCoveredRate is the share of the members of the gate's roster, or of one group of them, whom a level lacks that must know them. A member
	// counts unless every not_covered finding about it is waived.
	NotCoveredRate = "not_covered_rate"
	// OverdueRate is the share of the members of the gate's roster, or of one group of them, for whom a rule finds no value that is recent enough. A
	// member counts unless every overdue finding about it is waived.
	OverdueRate = "overdue_rate"
)

// Metrics lists the metrics that a gate may name.
func Metrics() []string {
	return []string{MismatchRate, MissingRate, UnparseableRate, NewMismatches, RecordsMetric, RowsMetric, AgeMetric, NotCoveredRate, OverdueRate}
}

// BeforePublish is Gate.Before of a gate that keeps a run which breaks it from publishing.
const BeforePublish = "publish"

// Gate is a limit on a metric. A run that breaks one is published all the same and says so with its exit code, unless Before says otherwise. Limits
// that are nil or 0 are none.
type Gate struct {
	Metric    string   `json:"metric"`
	Level     string   `json:"level,omitempty"`           // of this level alone
	Field     string   `json:"field,omitempty"`           // of MismatchRate: of this field alone
	Roster    string   `json:"roster,omitempty"`          // of NotCoveredRate and OverdueRate: of its members
	Group     string   `json:"group,omitempty"`           // of this group of the roster alone
	Min       *float64 `json:"min,omitempty"`             // the least that passes
	Max       *float64 `json:"max,omitempty"`             // the most that passes: a share, 0 to 1, or a count
	MinChange *float64 `json:"min_change,omitempty"`      // against the last night, -1 to 0
	MaxChange *float64 `json:"max_change,omitempty"`      // against the last night, from 0
	MaxAge    float64  `json:"max_age_seconds,omitempty"` // of AgeMetric
	Before    string   `json:"before,omitempty"`          // BeforePublish or ""
}

// Outcome is what became of a gate in a run.
type Outcome struct {
	Gate
	Value     float64  `json:"value"`                // a share, 0 to 1, a count, or seconds
	Against   string   `json:"against,omitempty"`    // the night that a change is measured against
	LastNight *float64 `json:"last_night,omitempty"` // what the change is relative to
	Change    *float64 `json:"change,omitempty"`     // nil: LastNight is 0 or there is none
	Note      string   `json:"note,omitempty"`       // why a limit was not judged
	Passed    bool     `json:"passed"`
}

// StoppedError says that gates that are judged before publishing kept a night from being published.
type StoppedError struct {
	Date   string
	Failed []Outcome // gates that failed and are judged before publishing
	Gates  []Outcome // all gates
}

// Error gives a line a gate.
func (e *StoppedError) Error() string {
	lines := make([]string, len(e.Failed))
	for i, o := range e.Failed {
		lines[i] = fmt.Sprintf("the night %s is not published: %s", e.Date, o)
	}
	return strings.Join(lines, "\n")
}

// stopped gives the *StoppedError of a night, if a gate keeps it from being published.
func (m *Manifest) stopped() error {
	e := &StoppedError{Date: m.Date, Gates: m.Gates}
	for _, o := range m.Gates {
		if !o.Passed && o.Before == BeforePublish {
			e.Failed = append(e.Failed, o)
		}
	}
	if len(e.Failed) == 0 {
		return nil
	}
	return e
}

// Judge holds the gates against what a run counted, less what is waived; w may be nil. The manifest tells what gates on more than rates look at:
// the inputs, the changes and the last night; with nil, these are not judged.
func Judge(gates []Gate, s *engine.Summary, w *waiver.Outcome, m *Manifest) []Outcome {
	outcomes := make([]Outcome, 0, len(gates))
	for _, g := range gates {
		o := Outcome{Gate: g, Passed: true}
		var err error
		switch {
		case g.ofMembers():
			o.countMembers(s, w)
		case g.isRate():
			o.Value = g.rate(s, w)
		case m == nil:
			err = errNotLooked
		case g.Metric == NewMismatches:
			err = o.countNew(m)
		case g.Metric == AgeMetric:
			err = o.measureAge(m)
		default:
			err = o.countVolume(s, m)
		}
		if err != nil {
			o.Note = "not judged: " + err.Error()
		}
		o.judge()
		outcomes = append(outcomes, o)
	}
	return outcomes
}

var errNotLooked = errors.New("nothing is known of the inputs and the last night")

// judge holds the value and the change against the limits.
func (o *Outcome) judge() {
	judged := o.Note == "" || o.Metric != NewMismatches && o.Metric != AgeMetric // what is left unjudged of the others is their change
	if judged {
		o.Passed = o.Passed && !(o.Max != nil && o.Value > *o.Max || o.Min != nil && o.Value < *o.Min || o.MaxAge > 0 && o.Value > o.MaxAge)
	}
	if o.LastNight == nil {
		return
	}
	if last := *o.LastNight; last > 0 {
		change := o.Value / last
		if o.Metric != NewMismatches {
			change = (o.Value - last) / last
		}
		o.Change = &change
		o.Passed = o.Passed && !(o.MaxChange != nil && change > *o.MaxChange || o.MinChange != nil && change < *o.MinChange)
	} else if o.MaxChange != nil && o.Value > 0 {
		o.Passed = false // from nothing to something is more than any share
	}
}

// changes says whether the gate looks at the last night.
func (g Gate) changes() bool { return g.MinChange != nil || g.MaxChange != nil }

func (g Gate) isRate() bool {
	return g.Metric == MismatchRate || g.Metric == MissingRate || g.Metric == UnparseableRate || g.ofMembers()
}

// rate is the share that the gate limits.
func (g Gate) rate(s *engine.Summary, w *waiver.Outcome) float64 {
	all, waived := g.count(s, w)
	of := s.Records
	switch {
	case g.Metric == UnparseableRate:
		all, of = s.Unparsed(g.Level)
	case g.Field != "":
		of = 0
		for _, f := range s.Fields {
			if f.Field == g.Field {
				of = f.Compared
			}
		}
	}
	if of == 0 {
		return 0
	}
	return float64(all-waived) / float64(of)
}

// count is the number of records, or of values, that a gate on a rate limits, and how many of them are waived.
func (g Gate) count(s *engine.Summary, w *waiver.Outcome) (all, waived int64) {
	switch g.Metric {
	case MismatchRate:
		for _, f := range s.Fields {
			if f.Field == g.Field {
				return f.Differs, w.Of(verdict.Differs.String(), f.Field, "", "")
			}
		}
		return s.Missing + s.Differing, w.Records()
	case UnparseableRate:
		all, _ = s.Unparsed(g.Level)
		return all, 0
	}
	waived = w.Of(verdict.Missing.String(), "", g.Level, "")
	for _, l := range s.Levels {
		if l.Level == g.Level {
			return l.Missing, waived
		}
	}
	return s.Missing, waived
}

// countNew counts the new findings, and those that were open on the last night.
func (o *Outcome) countNew(m *Manifest) error {
	c := m.Changes
	o.Value = float64(c.New)
	switch {
	case c.Note != "":
		return errors.New(c.Note)
	case c.Against == "":
		return errNoLastNight
	}
	o.Against = c.Against
	open := float64(c.Open)
	o.LastNight = &open
	return nil
}

var errNoLastNight = errors.New("there is no earlier night")

// countVolume counts the rows or records of a level or of all, tonight and on the last night.
func (o *Outcome) countVolume(s *engine.Summary, m *Manifest) error {
	o.Value, _ = o.volume(s)
	switch {
	case !o.changes():
		return nil
	case m.last == nil:
		return errNoLastNight
	}
	last, known := o.volume(m.last.Summary)
	if !known {
		return fmt.Errorf("the last night, %s, has no level %s", m.last.Date, o.Level)
	}
	o.Against, o.LastNight = m.last.Date, &last
	return nil
}

// volume counts rows or records of a summary; known is false where it has no such level.
func (g Gate) volume(s *engine.Summary) (n float64, known bool) {
	if g.Level == "" {
		if g.Metric == RecordsMetric {
			return float64(s.Records), true
		}
		return float64(s.Rows()), true
	}
	for _, l := range s.Levels {
		if l.Level == g.Level && g.Metric == RecordsMetric {
			return float64(l.Records), true
		}
		if l.Level == g.Level {
			return float64(l.Rows), true
		}
	}
	return 0, false
}

// measureAge measures how old the inputs are.
func (o *Outcome) measureAge(m *Manifest) error {
	now := m.Started
	if end := m.date.AddDate(0, 0, 1); end.Before(now) {
		now = end
	}
	for _, in := range m.Inputs {
		if o.Level != "" && in.Level != o.Level {
			continue
		}
		if in.Modified == nil {
			return fmt.Errorf("it is not known when the files of %s were changed", in.Level)
		}
		o.Value = max(o.Value, now.Sub(*in.Modified).Truncate(time.Second).Seconds())
	}
	return nil
}
