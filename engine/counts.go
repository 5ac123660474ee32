package engine

import (
	"cmp"
	"math/bits"
	"slices"

	"crosscheck/engine/record"
	"crosscheck/engine/verdict"
)

// counts is what the findings add up to.
type counts struct {
	kinds      [verdict.NumKinds]int64      // findings a verdict.Kind
	differing  int64                        // records on every level in which a field differs
	differs    []int64                      // a field
	outlier    [][]int64                    // a field and a level
	duplicates []int64                      // a level: keys held more than once
	extra      []int64                      // a level: rows beyond the first of their key
	malformed  [][record.NumKeyStates]int64 // a level: rows with a malformed key, by why
	rules      []int64                      // findings a rule
	rosters    []rosterCounts
	blames     []blame // a carried column
}

func newCounts(r *run) counts {
	levels := len(r.plan.Levels)
	c := counts{
		differs:    make([]int64, len(r.plan.Fields)),
		outlier:    make([][]int64, len(r.plan.Fields)),
		duplicates: make([]int64, levels),
		extra:      make([]int64, levels),
		malformed:  make([][record.NumKeyStates]int64, levels),
		rules:      make([]int64, len(r.plan.rules)),
		rosters:    make([]rosterCounts, len(r.plan.rosters)),
		blames:     make([]blame, len(r.plan.Carry)),
	}
	for i := range c.rosters {
		c.rosters[i].lacking = make([]int64, levels)
	}
	for f := range c.outlier {
		c.outlier[f] = make([]int64, levels)
	}
	return c
}

// merge adds o to c.
func (c *counts) merge(o *counts) {
	add := func(to, from []int64) {
		for i, n := range from {
			to[i] += n
		}
	}
	add(c.kinds[:], o.kinds[:])
	c.differing += o.differing
	add(c.differs, o.differs)
	for f := range o.outlier {
		add(c.outlier[f], o.outlier[f])
	}
	add(c.duplicates, o.duplicates)
	add(c.extra, o.extra)
	for l := range o.malformed {
		add(c.malformed[l][:], o.malformed[l][:])
	}
	add(c.rules, o.rules)
	for i := range o.blames {
		c.blames[i].merge(&o.blames[i])
	}
	for i := range o.rosters {
		c.rosters[i].merge(&o.rosters[i])
	}
}

// summarize puts together what the phases counted.
func (r *run) summarize(c *counts) Summary {
	levels := len(r.plan.Levels)
	s := Summary{Differing: c.differing}
	if r.opt.Kept != nil {
		s.Kept = r.reused[:levels]
	}
	held := make([]int64, levels)
	for in, n := range r.patterns {
		s.Records += n
		if in != r.allLevels {
			s.Missing += n
		}
		pattern := PatternCount{In: make([]bool, levels), Records: n}
		for l := range levels {
			if pattern.In[l] = in>>l&1 != 0; pattern.In[l] {
				held[l] += n
			}
		}
		s.Patterns = append(s.Patterns, pattern)
	}
	slices.SortFunc(s.Patterns, func(a, b PatternCount) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), slices.CompareFunc(a.In, b.In, func(x, y bool) int {
			return cmp.Compare(boolInt(y), boolInt(x))
		}))
	})
	s.Matched = s.Records - s.Missing - s.Differing
	for _, k := range verdict.Kinds() {
		s.Findings += c.kinds[k]
		s.Kinds = append(s.Kinds, KindCount{Kind: k.String(), Findings: c.kinds[k]})
	}
	for f, planned := range r.plan.Fields {
		group := r.shape.Groups[r.shape.Group[f]]
		fc := FieldCount{Field: planned.Name, Type: planned.Type.String(), Inferred: planned.Inferred, Differs: c.differs[f], Outlier: c.outlier[f]}
		for l := range levels {
			fc.HeldBy = append(fc.HeldBy, group>>l&1 != 0)
		}
		fc.Voted = make([]int64, levels)
		for in, n := range r.patterns {
			voters := in & group
			if bits.OnesCount32(voters) >= 2 {
				fc.Compared += n
			}
			for rest := voters; bits.OnesCount32(voters) >= 3 && rest != 0; rest &= rest - 1 {
				fc.Voted[bits.TrailingZeros32(rest)] += n
			}
		}
		s.Fields = append(s.Fields, fc)
	}
	for i, p := range r.plan.Carry {
		s.Carry = append(s.Carry, CarryCount{Column: p.Name, Many: c.blames[i].many, Values: blameCounts(&c.blames[i])})
	}
	for l, pl := range r.plan.levels[:levels] {
		lc := LevelCount{
			Level: pl.name, Files: countFiles(&pl), Rows: r.rows[l], NoKey: r.withoutKey[l],
			Extra: c.extra[l], Duplicates: c.duplicates[l], Records: held[l], Missing: s.Records - held[l],
		}
		for f := range c.outlier {
			lc.Outlier += c.outlier[f][l]
			lc.Voted += s.Fields[f].Voted[l]
		}
		c.malformed[l][record.KeyNone] = lc.NoKey
		for state, n := range c.malformed[l] {
			if state := record.KeyState(state); n > 0 {
				s.InvalidKeys = append(s.InvalidKeys, InvalidKeyCount{Level: pl.name, Reason: state.String(), Rows: n})
				if state.Malformed() {
					lc.Malformed += n
				}
			}
		}
		s.Levels = append(s.Levels, lc)
	}
	for i, p := range r.plan.rosters {
		s.Rosters = append(s.Rosters, r.rosterCount(&p, i, &c.rosters[i]))
	}
	for i, p := range r.plan.rules {
		rc := RuleCount{Rule: p.Name, Kind: string(p.Kind), Level: p.Level, Field: p.Field, Roster: p.Roster, Findings: c.rules[i]}
		for _, w := range r.workers {
			if e := w.checks[i].expr; e != nil {
				rc.Undecided += e.Undecided
			}
		}
		s.Rules = append(s.Rules, rc)
	}
	r.summarizeUnparsed(&s)
	return s
}

// rosterCount puts together what was counted of roster i. Its groups come in the order of the share of members with a finding, the
// greatest first, then of their size and name.
func (r *run) rosterCount(p *plannedRoster, i int, c *rosterCounts) RosterCount {
	out := RosterCount{Roster: p.name, Rows: r.rows[p.level], Members: c.members, Uncovered: c.uncovered, Overdue: c.overdue, Lacking: c.lacking,
		Repeated: r.repeated[i]}
	for l := range r.plan.Levels {
		out.Required = append(out.Required, p.levels>>l&1 != 0)
	}
	for _, w := range r.workers {
		out.NoKey += w.roster[i].noKey
		out.Malformed += w.roster[i].malformed
	}
	if p.group == "" {
		return out
	}
	for _, g := range c.groups {
		out.Groups = append(out.Groups, *g)
	}
	share := func(g GroupCount) float64 { return ratio(g.Uncovered+g.Overdue, g.Members) }
	slices.SortFunc(out.Groups, func(a, b GroupCount) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), cmp.Compare(b.Members, a.Members), cmp.Compare(a.Group, b.Group))
	})
	return out
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// countFiles counts the files that the parts of a level come from.
func countFiles(l *plannedLevel) (n int) {
	last := ""
	for _, p := range l.parts {
		if p.File != last {
			n++
			last = p.File
		}
	}
	return n
}
