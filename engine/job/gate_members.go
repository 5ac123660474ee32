package job

import (
	"slices"

	"crosscheck/engine"
	"crosscheck/engine/privacy"
	"crosscheck/engine/verdict"
	"crosscheck/engine/waiver"
)

// ofMembers says whether the gate is about the members of a roster.
func (g Gate) ofMembers() bool { return g.Metric == NotCoveredRate || g.Metric == OverdueRate }

// countMembers measures a rate of the members of a roster or of a group of it, less those that are waived. A group without members fails: what a
// gate is to watch is not there.
func (o *Outcome) countMembers(s *engine.Summary, w *waiver.Outcome) {
	var members, all int64
	for _, r := range s.Rosters {
		if r.Roster != o.Roster {
			continue
		}
		for _, g := range r.Groups {
			if o.Group != "" && g.Group != o.Group {
				continue
			}
			members += g.Members
			if o.Metric == OverdueRate {
				all += g.Overdue
			} else {
				all += g.Uncovered
			}
		}
	}
	kind := verdict.NotCovered
	if o.Metric == OverdueRate {
		kind = verdict.Overdue
	}
	switch {
	case members > 0:
		o.Value = float64(all-w.OfMembers(kind.String(), o.Roster, o.Group, o.Group == "")) / float64(members)
	case o.Group != "":
		o.Passed, o.Note = false, "no member of the roster has this group"
	}
}

// gatesGroups says whether a gate is about a group of a roster.
func (j *Job) gatesGroups() bool {
	return slices.ContainsFunc(j.Gates, func(g Gate) bool { return g.Group != "" })
}

// CheckGroups holds that the groups that gates name may stand in messages and public tables: neither they nor their columns are about persons,
// as far as anybody knows. The error is an *Error.
func (j *Job) CheckGroups(columns []Column) error {
	var faults []Fault
	for _, g := range j.Gates {
		if g.Group == "" {
			continue
		}
		at := j.reader.gateGroups[g.Group]
		if privacy.Telling([]byte(g.Group)) {
			f := j.reader.faultOf(at, "this group looks like an identifier of a person: a gate would show it in messages")
			f.Source = ""
			faults = append(faults, f)
			continue
		}
		column := j.groupOf(g.Roster)
		for _, c := range columns {
			if c.Role == "group" && c.Name == column && c.Class != privacy.None {
				faults = append(faults, j.reader.faultOf(at, "groups of %s are of the class %s: a gate would show one in messages; if they are about nobody, write '%s: none' under privacy, classes",
					g.Roster, c.Class.Word(), column))
				break
			}
		}
	}
	if len(faults) > 0 {
		return &Error{Faults: order(faults)}
	}
	return nil
}

// groupOf gives the column of a roster's groups, "" if it has none.
func (j *Job) groupOf(roster string) string {
	for _, r := range j.Rosters {
		if r.Name == roster {
			return r.Group
		}
	}
	return ""
}
