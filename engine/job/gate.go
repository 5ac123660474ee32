package job

import (
	"fmt"
	"strconv"

	"crosscheck/engine"
	"crosscheck/engine/verdict"
	"crosscheck/engine/waiver"
)

// The metrics of gates.
const (
	// MismatchRate is the share of records that lack on a level or differ. A record counts unless every missing and differs finding
	// about it is waived.
	MismatchRate = "mismatch_rate"
	// MissingRate is the share of records that lack on the gate's level, or on any level if it names none. A record counts unless its
	// missing finding is waived.
	MissingRate = "missing_rate"
	// UnparseableRate is the share of the values of typed fields, on the gate's level or on all, that do not read as the type.
	UnparseableRate = "unparseable_rate"
)

// Metrics lists the metrics that a gate may name.
func Metrics() []string { return []string{MismatchRate, MissingRate, UnparseableRate} }

// Gate is a limit on a metric. A run that breaks one is published all the same and says so with its exit code.
type Gate struct {
	Metric string  `json:"metric"`
	Level  string  `json:"level,omitempty"` // of this level alone; not for MismatchRate
	Max    float64 `json:"max"`             // the greatest share that passes, 0 to 1
}

// Outcome is what became of a gate in a run.
type Outcome struct {
	Gate
	Value  float64 `json:"value"` // the share found, 0 to 1
	Passed bool    `json:"passed"`
}

// Judge holds the gates against what a run counted, less what is waived; w may be nil.
func Judge(gates []Gate, s *engine.Summary, w *waiver.Outcome) []Outcome {
	outcomes := make([]Outcome, 0, len(gates))
	for _, g := range gates {
		value := 0.0
		all, waived := g.count(s, w)
		of := s.Records
		if g.Metric == UnparseableRate {
			all, of = s.Unparsed(g.Level)
		}
		if of > 0 {
			value = float64(all-waived) / float64(of)
		}
		outcomes = append(outcomes, Outcome{Gate: g, Value: value, Passed: value <= g.Max})
	}
	return outcomes
}

// count is the number of records, or of values, that the gate limits, and how many of them are waived.
func (g Gate) count(s *engine.Summary, w *waiver.Outcome) (all, waived int64) {
	switch g.Metric {
	case MismatchRate:
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

// tellsFew says whether the gate's value gives away a count that is too small to be public.
func (g Gate) tellsFew(s *engine.Summary, w *waiver.Outcome, cells minCell) bool {
	return cells.tells(g.count(s, w)) || g.Level == "" && g.Metric != UnparseableRate && (cells.small(s.Missing) || cells.small(s.Differing) || cells.tellsWaived(s, w))
}

// String gives "missing_rate of street: 1.2 % of the records, at most 1 % allowed".
func (o Outcome) String() string {
	name := o.Metric
	if o.Level != "" {
		name += " of " + o.Level
	}
	of := "records"
	if o.Metric == UnparseableRate {
		of = "values"
	}
	return fmt.Sprintf("%s: %s of the %s, at most %s allowed", name, percent(o.Value), of, percent(o.Max))
}

// percent gives a share with as many digits as tell it from its limit.
func percent(share float64) string {
	return strconv.FormatFloat(share*100, 'g', 6, 64) + " %"
}
