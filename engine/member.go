package engine

import (
	"time"

	"crosscheck/engine/join"
	"crosscheck/engine/record"
)

// member is a record that a roster lists, with what is read again to judge it.
type member struct {
	roster int
	ref    uint32 // of its row in the roster
	group  cell
	aged   []aged // by rule
}

// aged is a value that may be recent enough for a rule.
type aged struct {
	rule int
	ref  uint32
	cell cell
}

// rosterKeys counts rows of a roster.
type rosterKeys struct {
	noKey     int64 // without a key
	malformed int64 // with a key that is malformed; they take part as text
}

// newMember makes a member of a roster of which nothing is looked at.
func (r *run) newMember(roster int, ref uint32) member {
	return member{roster: roster, ref: ref, group: cell{field: int32(r.groupColumn()), level: int16(r.plan.rosters[roster].level)}}
}

// look has a rule look at a row.
func (m *member) look(r *run, rule int, ref uint32) {
	m.aged = append(m.aged, aged{rule: rule, ref: ref, cell: cell{field: int32(r.ageColumn(rule)), level: int16(r.plan.rules[rule].level)}})
}

// enlist notes of which rosters a record is a member and which values their rules look at: those of all the rows that a level
// has for it, extras being what there is beyond the first, and rows these themselves where a rule looks at them.
func (e *examiner) enlist(rec uint32, extras []join.Extra, rows []join.ExtraRow) {
	r := e.r
	in := e.table.In(e.p, rec)
	for i, roster := range r.plan.rosters {
		if in>>roster.level&1 == 0 {
			continue
		}
		m := r.newMember(i, e.table.Ref(e.p, rec, roster.level))
		for _, x := range extras {
			if int(x.Level) == roster.level {
				m.ref = min(m.ref, x.Ref) // whichever came first in time
				e.f.repeated[i] += int64(x.Rows)
			}
		}
		for j, rule := range r.plan.rules {
			if rule.Kind != RuleOverdue || rule.roster != i || in>>rule.level&1 == 0 {
				continue
			}
			m.look(r, j, e.table.Ref(e.p, rec, rule.level))
			for _, row := range rows {
				if int(row.Level) == rule.level {
					m.look(r, j, row.Ref)
				}
			}
		}
		e.f.members = append(e.f.members, m)
	}
}

// wantMembers lists what must be read again of the members of a partition.
func (r *run) wantMembers(f *partFindings, add func(ref uint32, c *cell)) {
	for i := range f.members {
		m := &f.members[i]
		if r.plan.rosters[m.roster].group != "" {
			add(m.ref, &m.group)
		}
		for j := range m.aged {
			add(m.aged[j].ref, &m.aged[j].cell)
		}
	}
}

// latest gives the most recent of the values that a rule looks at, the first of equal ones; a text that is no time is older than
// any. nil: there is no value.
func (m *member) latest(rule int, texts *texts) (last *aged, at time.Time) {
	for i := range m.aged {
		a := &m.aged[i]
		text := texts.of(&a.cell.text)
		if a.rule != rule || text == nil {
			continue
		}
		if t, _ := record.ParseTime(text); last == nil || t.After(at) || t.Equal(at) && a.ref < last.ref {
			last, at = a, t
		}
	}
	return last, at
}
