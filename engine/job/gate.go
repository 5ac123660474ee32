package job

import (
	"fmt"
	"strconv"

	"crosscheck/engine"
)

// The metrics of gates.
const (
	MismatchRate = "mismatch_rate" // records that lack on a level or differ, of all records
	MissingRate  = "missing_rate"  // records that lack on the gate's level, or on any level if it names none, of all records
	// UnparseableRate is values that do not read as their field's type, on the gate's level or on all, of all values of typed fields.
	UnparseableRate = "unparseable_rate"
)

// Metrics lists the metrics that a gate may name.
func Metrics() []string { return []string{MismatchRate, MissingRate, UnparseableRate} }

// Gate is a limit on a metric. A run that breaks one is published all the same and says so with its exit code.
type Gate struct {
	Metric string  `json:"metric"`
	Level  string  `json:"level,omitempty"` // for MissingRate: of this level alone
	Max    float64 `json:"max"`             // the greatest share that passes, 0 to 1
}

// Outcome is what became of a gate in a run.
type Outcome struct {
	Gate
	Value  float64 `json:"value"` // the share found, 0 to 1
	Passed bool    `json:"passed"`
}

// Judge holds the gates against what a run counted.
func Judge(gates []Gate, s *engine.Summary) []Outcome {
	outcomes := make([]Outcome, 0, len(gates))
	for _, g := range gates {
		value := g.rate(s)
		outcomes = append(outcomes, Outcome{Gate: g, Value: value, Passed: value <= g.Max})
	}
	return outcomes
}

// rate is the share that the gate limits.
func (g Gate) rate(s *engine.Summary) float64 {
	switch g.Metric {
	case MismatchRate:
		return s.MismatchRate()
	case UnparseableRate:
		return s.UnparseableRate(g.Level)
	}
	for i, l := range s.Levels {
		if l.Level == g.Level {
			return s.MissingRate(i)
		}
	}
	return s.AnyMissingRate()
}

// count is the number of records that the gate limits, waived ones among them.
func (g Gate) count(s *engine.Summary) int64 {
	switch g.Metric {
	case MismatchRate:
		return s.Missing + s.Differing
	case UnparseableRate:
		n, _ := s.Unparsed(g.Level)
		return n
	}
	for _, l := range s.Levels {
		if l.Level == g.Level {
			return l.Missing
		}
	}
	return s.Missing
}

// tellsFew says whether the gate's value gives away a count that is too small to be public.
func (g Gate) tellsFew(s *engine.Summary) bool {
	if waivedFew(s) {
		return true // with the count of all it would tell that of the waived
	}
	if g.Level == "" && g.Metric != UnparseableRate {
		return small(s.Missing) || small(s.Differing)
	}
	return small(g.count(s))
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
