package job

import (
	"slices"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/verdict"
	"crosscheck/engine/waiver"
)

// DefaultMinCell is the smallest count above zero that a public table shows where the job says nothing else.
const DefaultMinCell = 10

// SummaryRow is a row of public/summary: how often a kind of mismatch was found, over the job, in a field or on a level.
//
//	kind         field  level  count is                                          of
//	any          null   null   findings of the kind                              null
//	differs      set    null   records in which the field differs                records compared in the field
//	differs      set    set    times that this level alone disagrees, 3 or more  records compared in the field
//	missing      null   set    records that the level lacks                      records of the job
//	duplicate    null   set    keys that the level holds more than once          keys of the level
//	invalid_key  null   set    rows without a key or with a malformed one        rows of the level
//
// Rows about a rule or a roster have its name as reason, those about invalid keys why:
//
//	invalid_key  null   set    rows with a key that is invalid for the reason    rows of the level
//	inconsistent of a field, a level or both that the rule is about              records of the job
//	not_covered  null   set    members whom the level lacks                      members of the roster
//	overdue      set    set    members without a value that is recent enough     members of the roster
type SummaryRow struct {
	Kind       string   `parquet:"kind"`
	Field      *string  `parquet:"field,optional"`
	Level      *string  `parquet:"level,optional"`
	Reason     *string  `parquet:"reason,optional"`
	Count      *int64   `parquet:"count,optional"`  // null where it is withheld
	Waived     *int64   `parquet:"waived,optional"` // of the count; null with it, and where it is withheld
	Of         *int64   `parquet:"of,optional"`     // what the count is a part of
	Rate       *float64 `parquet:"rate,optional"`   // (count - waived) / of
	Suppressed bool     `parquet:"suppressed"`      // the count is too small, or would tell one that is
}

// RunRow is the one row of public/runs. Counts that are too small (see Privacy.MinCell) are null, and so are those that would tell one that is, here
// and in public/summary.
type RunRow struct {
	Job             string     `parquet:"job"`
	Date            int32      `parquet:"date,date"`
	Started         time.Time  `parquet:"started,timestamp(millisecond)"`
	ElapsedSeconds  float64    `parquet:"elapsed_seconds"`
	Rows            int64      `parquet:"rows"`
	Bytes           int64      `parquet:"bytes"`
	RowsPerSecond   float64    `parquet:"rows_per_second"`
	PeakMemoryBytes int64      `parquet:"peak_memory_bytes"`
	Records         int64      `parquet:"records"`
	Matched         *int64     `parquet:"matched,optional"`
	Missing         *int64     `parquet:"missing,optional"`
	Differing       *int64     `parquet:"differing,optional"`
	Waived          *int64     `parquet:"waived,optional"` // of missing and differing: records whose missing and differs findings are all waived
	Findings        *int64     `parquet:"findings,optional"`
	Against         *int32     `parquet:"against,optional,date"`  // the last night, if the findings are held against it
	New             *int64     `parquet:"new,optional"`           // findings by status
	Persisting      *int64     `parquet:"persisting,optional"`    //
	Resolved        *int64     `parquet:"resolved,optional"`      // findings of the last night that are gone
	MismatchRate    *float64   `parquet:"mismatch_rate,optional"` // (missing + differing - waived) / records
	MissingRate     *float64   `parquet:"missing_rate,optional"`  // records whose missing finding is not waived / records
	GatesPassed     bool       `parquet:"gates_passed"`
	Inputs          []InputRow `parquet:"inputs,list"`
	Gates           []GateRow  `parquet:"gates,list"`
	Version         string     `parquet:"version"`
}

// InputRow is a level of a run.
type InputRow struct {
	Level string   `parquet:"level"`
	Files []string `parquet:"files,list"`
	Rows  int64    `parquet:"rows"`
	Bytes int64    `parquet:"bytes"`

	Modified *time.Time `parquet:"modified,optional,timestamp(millisecond)"` // when the file that was changed last was
}

// GateRow is a gate of a run and its verdict.
type GateRow struct {
	Metric string   `parquet:"metric"`
	Level  *string  `parquet:"level,optional"`
	Max    *float64 `parquet:"max,optional"`
	Value  *float64 `parquet:"value,optional"` // null where it would tell a count that is too small
	Passed bool     `parquet:"passed"`

	Field     *string  `parquet:"field,optional"`
	Roster    *string  `parquet:"roster,optional"`
	Group     *string  `parquet:"group,optional"`
	MinChange *float64 `parquet:"min_change,optional"` // the least change against the last night that passes
	MaxChange *float64 `parquet:"max_change,optional"`
}

// summaryRows gives the rows of public/summary in a fixed order; w may be nil.
func summaryRows(s *engine.Summary, w *waiver.Outcome, p *public) []SummaryRow {
	var rows []SummaryRow
	addWaived := func(kind, field, level, reason string, count, ofWaived, of int64) {
		row := SummaryRow{Kind: kind, Field: optional(field), Level: optional(level), Reason: optional(reason)}
		if wholeKind, field, level := partOf(kind, field, level); of >= 0 && (wholeKind == "" || p.shows(partWhole, wholeKind, field, level, "")) {
			row.Of = &of
		}
		if p.shows(partFound, kind, field, level, reason) {
			row.Count = &count
			if p.shows(partWaived, kind, field, level, reason) {
				row.Waived = &ofWaived
			}
		}
		if p.shows(partRest, kind, field, level, reason) && row.Of != nil && of > 0 {
			rate := float64(count-ofWaived) / float64(of)
			row.Rate = &rate
		}
		row.Suppressed = row.Count == nil
		rows = append(rows, row)
	}
	add := func(kind, field, level, reason string, count, of int64) {
		addWaived(kind, field, level, reason, count, w.Of(kind, field, level, reason), of)
	}
	for _, k := range s.Kinds {
		add(k.Kind, "", "", "", k.Findings, -1)
	}
	for _, f := range s.Fields {
		add(verdict.Differs.String(), f.Field, "", "", f.Differs, f.Compared)
		if held := slices.DeleteFunc(slices.Clone(f.HeldBy), func(held bool) bool { return !held }); len(held) < 3 {
			continue // two levels cannot say which of them is the odd one
		}
		for l, n := range f.Outlier {
			if f.HeldBy[l] {
				add(verdict.Differs.String(), f.Field, s.Levels[l].Level, "", n, f.Compared)
			}
		}
	}
	rowsOf := map[string]int64{}
	for _, l := range s.Levels {
		add(verdict.Missing.String(), "", l.Level, "", l.Missing, s.Records)
		add(verdict.Duplicate.String(), "", l.Level, "", l.Duplicates, l.Records)
		add(verdict.InvalidKey.String(), "", l.Level, "", l.NoKey+l.Malformed, l.Rows)
		rowsOf[l.Level] = l.Rows
	}
	for _, k := range s.InvalidKeys {
		add(verdict.InvalidKey.String(), "", k.Level, k.Reason, k.Rows, rowsOf[k.Level])
	}
	members := map[string]int64{}
	for _, r := range s.Rosters {
		members[r.Roster] = r.Members
		for l, n := range r.Lacking {
			if r.Required[l] {
				add(verdict.NotCovered.String(), "", s.Levels[l].Level, r.Roster, n, r.Members)
			}
		}
	}
	for _, r := range s.Rules {
		kind, of := ruleKind(r), s.Records
		if kind == verdict.Overdue.String() {
			of = members[r.Roster]
		}
		addWaived(kind, r.Field, r.Level, r.Rule, r.Findings, w.Of(kind, "", "", r.Rule), of)
	}
	return rows
}

// partOf names the number that a count is a part of, if it is one that may have to be withheld; kind is "" if not.
func partOf(kind, field, level string) (wholeKind, wholeField, wholeLevel string) {
	switch kind {
	case verdict.Differs.String():
		return kind, field, ""
	case verdict.Duplicate.String():
		return kind, "", level
	}
	return "", "", ""
}

// ReliabilityRow is a row of restricted/reliability: how often a level is the odd one out, of a field or where a carried column
// has a value.
type ReliabilityRow struct {
	Column  string  `parquet:"column"`         // the field, or the carried column
	Value   *string `parquet:"value,optional"` // of the carried column; null for a field
	Level   string  `parquet:"level"`
	Outlier int64   `parquet:"outlier"`          // values in which the level alone disagrees with all others
	Of      *int64  `parquet:"of,optional"`      // of so many that three or more levels hold; null for a carried column
	Missing *int64  `parquet:"missing,optional"` // records that the level lacks; null for a field
}

// reliabilityRows gives the rows of restricted/reliability: fields, then carried columns, the values with most wrong first.
func reliabilityRows(s *engine.Summary) []ReliabilityRow {
	var rows []ReliabilityRow
	for _, f := range s.Fields {
		for l, n := range f.Outlier {
			if f.HeldBy[l] && f.Voted[l] > 0 {
				rows = append(rows, ReliabilityRow{Column: f.Field, Level: s.Levels[l].Level, Outlier: n, Of: &f.Voted[l]})
			}
		}
	}
	for _, c := range s.Carry {
		for _, v := range c.Values {
			for l := range s.Levels {
				if v.Outlier[l]+v.Missing[l] > 0 {
					rows = append(rows, ReliabilityRow{Column: c.Column, Value: &v.Value, Level: s.Levels[l].Level, Outlier: v.Outlier[l], Missing: &v.Missing[l]})
				}
			}
		}
	}
	return rows
}

// RosterRow is a row of restricted/rosters: how a group of a roster fares, worst first. A group is a value of the roster's column,
// so the table is restricted.
type RosterRow struct {
	Roster    string  `parquet:"roster"`
	Group     *string `parquet:"roster_group,optional"` // null for members without one
	Members   int64   `parquet:"members"`
	Uncovered int64   `parquet:"uncovered"` // members whom a level lacks that must know them
	Overdue   int64   `parquet:"overdue"`   // members for whom a rule finds no value that is recent enough
}

// rosterRows gives the rows of restricted/rosters, none where no roster has groups.
func rosterRows(s *engine.Summary) []RosterRow {
	var rows []RosterRow
	for _, r := range s.Rosters {
		for _, g := range r.Groups {
			rows = append(rows, RosterRow{Roster: r.Roster, Group: optional(g.Group), Members: g.Members, Uncovered: g.Uncovered, Overdue: g.Overdue})
		}
	}
	return rows
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// runRow gives the row of public/runs.
func runRow(m *Manifest, p *public) RunRow {
	s, w := m.Summary, m.Waivers.outcome()
	row := RunRow{
		Job:             m.Job,
		Date:            int32(m.date.Unix() / (24 * 60 * 60)),
		Started:         m.Started,
		ElapsedSeconds:  s.Elapsed.Seconds(),
		Rows:            s.Rows(),
		RowsPerSecond:   m.RowsPerSecond,
		PeakMemoryBytes: m.PeakMemory,
		Records:         s.Records,
		GatesPassed:     m.Passed(),
		Inputs:          []InputRow{},
		Gates:           []GateRow{},
		Version:         m.Version,
	}
	show := func(to **int64, n *int64, part part, kind string) {
		if p.shows(part, kind, "", "", "") {
			*to = n
		}
	}
	missing, ofWaived := verdict.Missing.String(), w.Records()
	show(&row.Matched, &s.Matched, partFound, recordsMatched)
	show(&row.Missing, &s.Missing, partFound, missing)
	show(&row.Differing, &s.Differing, partFound, recordsDiffering)
	show(&row.Findings, &s.Findings, partFound, allFindings)
	rates := Judge([]Gate{{Metric: MismatchRate}, {Metric: MissingRate}}, s, w, nil)
	if p.shows(partRest, recordsBad, "", "", "") {
		row.MismatchRate = &rates[0].Value
	}
	if p.shows(partRest, missing, "", "", "") {
		row.MissingRate = &rates[1].Value
	}
	if p.shows(partFound, recordsBad, "", "", "") {
		show(&row.Waived, &ofWaived, partWaived, recordsBad)
	}
	if c := m.Changes; c != nil {
		if against, err := time.Parse(DateLayout, c.Against); err == nil {
			day := int32(against.Unix() / (24 * 60 * 60))
			row.Against = &day
		}
		show(&row.New, &c.New, partFound, newFindings)
		show(&row.Persisting, &c.Persisting, partFound, keptFindings)
		show(&row.Resolved, &c.Resolved, partFound, goneFindings)
	}
	for _, in := range m.Inputs {
		row.Bytes += in.Bytes
		row.Inputs = append(row.Inputs, InputRow{Level: in.Level, Files: in.Files, Rows: in.Rows, Bytes: in.Bytes, Modified: in.Modified})
	}
	for _, o := range m.Gates {
		gate := GateRow{Metric: o.Metric, Level: optional(o.Level), Field: optional(o.Field), Roster: optional(o.Roster), Group: optional(o.Group), Max: o.Max, MinChange: o.MinChange, MaxChange: o.MaxChange, Passed: o.Passed}
		if p.showsGate(o) {
			gate.Value = &o.Value
		}
		row.Gates = append(row.Gates, gate)
	}
	return row
}

// PublicTables gives the rows of public/summary and the row of public/runs.
func (m *Manifest) PublicTables() ([]SummaryRow, RunRow) {
	p := m.public()
	return summaryRows(m.Summary, m.Waivers.outcome(), p), runRow(m, p)
}
