package job

import (
	"crosscheck/engine"
	"crosscheck/engine/privacy"
	"crosscheck/engine/record"
	"crosscheck/engine/verdict"
	"crosscheck/engine/waiver"
)

// part says which number of a count is meant.
type part uint8

const (
	partFound  part = iota // the count
	partWaived             // how much of it is waived
	partRest               // count less waived, which a rate tells
	partWhole              // what it is a part of
)

// cellKey names a number that public tables have or tell: those of public/summary by kind, field, level and reason, those of public/runs by
// kind alone, which is then one of the words below.
type cellKey struct {
	part                       part
	kind, field, level, reason string
}

// The numbers of public/runs. Those of missing records are those of the kind missing, of which there is one finding a record.
const (
	recordsMatched   = "records matched"
	recordsDiffering = "records differing"
	recordsBad       = "records missing or differing"
	allFindings      = "findings"
	newFindings      = "findings that are new"
	keptFindings     = "findings that persist"
	goneFindings     = "findings that are gone"
	badValues        = "values that do not read as their type"
)

// public is the numbers of a night that public tables have, and which of them are withheld.
type public struct {
	counts   privacy.Counts
	at       map[cellKey]int
	withheld []bool
}

// Costs of withholding a number: details go before sums.
const (
	costDetail = iota
	costList
	costKind
	costNight
)

// public gives the numbers of the night.
func (m *Manifest) public() *public {
	return newPublic(m.Summary, m.Waivers.outcome(), m.Changes, m.LastOpenPublic, m.MinCell)
}

// newPublic works out which numbers of a night are withheld; w and c may be nil. The relations are all that hold between the numbers of
// public/summary and public/runs, those of the last night among them: what was open then is persisting or gone now. lastOpen says that
// what was open then is public; where it is not, what is gone is withheld, since together with what persists it would tell.
func newPublic(s *engine.Summary, w *waiver.Outcome, c *Changes, lastOpen bool, least int64) *public {
	p := &public{at: map[cellKey]int{}}
	records := p.counts.AddKnown(s.Records)
	p.addLists(s, w)
	p.addLevels(s, w, records)
	p.addRecords(s, w, records)
	p.addChanges(s, w, c, lastOpen)
	for _, l := range append([]string{""}, levelNames(s)...) {
		n, _ := s.Unparsed(l)
		p.add(cellKey{partFound, badValues, "", l, ""}, n, costDetail)
	}
	p.withheld = p.counts.Protect(least)
	return p
}

func levelNames(s *engine.Summary) (names []string) {
	for _, l := range s.Levels {
		names = append(names, l.Level)
	}
	return names
}

// shows says whether a number may be public.
func (p *public) shows(part part, kind, field, level, reason string) bool {
	i, ok := p.at[cellKey{part, kind, field, level, reason}]
	return ok && !p.withheld[i]
}

func (p *public) add(key cellKey, value int64, cost int) int {
	if i, ok := p.at[key]; ok {
		return i
	}
	i := p.counts.Add(value, cost)
	p.at[key] = i
	return i
}

// addCount takes up a count with its waived part and the rest.
func (p *public) addCount(w *waiver.Outcome, kind, field, level, reason string, n, waivedOf int64, cost int) (all, waivedPart int) {
	all = p.add(cellKey{partFound, kind, field, level, reason}, n, cost)
	if w == nil {
		p.at[cellKey{partWaived, kind, field, level, reason}], p.at[cellKey{partRest, kind, field, level, reason}] = all, all
		return all, -1
	}
	waivedPart = p.add(cellKey{partWaived, kind, field, level, reason}, waivedOf, cost)
	p.counts.Sum(all, waivedPart, p.add(cellKey{partRest, kind, field, level, reason}, n-waivedOf, cost))
	return all, waivedPart
}

// addLists takes up the counts of public/summary and their sums.
func (p *public) addLists(s *engine.Summary, w *waiver.Outcome) {
	kinds, kindsWaived := map[string]int{}, map[string]int{}
	var all []int
	for _, k := range s.Kinds {
		kinds[k.Kind], kindsWaived[k.Kind] = p.addCount(w, k.Kind, "", "", "", k.Findings, w.Of(k.Kind, "", "", ""), costKind)
		all = append(all, kinds[k.Kind])
	}
	p.counts.Sum(p.add(cellKey{partFound, allFindings, "", "", ""}, s.Findings, costNight), all...)
	sums := map[string][2][]int{} // a kind: counts, and waived ones, that add up to it
	list := func(kind, field, level, reason string, n, waivedOf int64, cost int) int {
		count, waivedPart := p.addCount(w, kind, field, level, reason, n, waivedOf, cost)
		of := sums[kind]
		sums[kind] = [2][]int{append(of[0], count), append(of[1], waivedPart)}
		return count
	}
	for _, f := range s.Fields {
		differs := list(verdict.Differs.String(), f.Field, "", "", f.Differs, w.Of(verdict.Differs.String(), f.Field, "", ""), costList)
		var alone []int
		for l, n := range f.Outlier {
			if f.HeldBy[l] {
				level := s.Levels[l].Level
				i, _ := p.addCount(w, verdict.Differs.String(), f.Field, level, "", n, w.Of(verdict.Differs.String(), f.Field, level, ""), costDetail)
				alone = append(alone, i)
			}
		}
		p.counts.AtLeast(differs, alone...)
	}
	invalid := verdict.InvalidKey.String()
	for _, l := range s.Levels {
		list(verdict.Duplicate.String(), "", l.Level, "", l.Duplicates, w.Of(verdict.Duplicate.String(), "", l.Level, ""), costList)
		level := list(invalid, "", l.Level, "", l.NoKey+l.Malformed, w.Of(invalid, "", l.Level, ""), costList)
		var why, whyWaived []int
		for _, k := range s.InvalidKeys {
			if k.Level == l.Level {
				i, j := p.addCount(w, invalid, "", k.Level, k.Reason, k.Rows, w.Of(invalid, "", k.Level, k.Reason), costDetail)
				why, whyWaived = append(why, i), append(whyWaived, j)
			}
		}
		if len(why) > 0 {
			p.counts.Sum(level, why...)
			if w != nil {
				p.counts.Sum(p.at[cellKey{partWaived, invalid, "", l.Level, ""}], whyWaived...)
			}
		}
	}
	for _, r := range s.Rosters {
		for l, n := range r.Lacking {
			if r.Required[l] {
				level, kind := s.Levels[l].Level, verdict.NotCovered.String()
				list(kind, "", level, r.Roster, n, w.Of(kind, "", level, r.Roster), costList)
			}
		}
	}
	for _, r := range s.Rules {
		kind := ruleKind(r)
		list(kind, r.Field, r.Level, r.Rule, r.Findings, w.Of(kind, "", "", r.Rule), costList)
	}
	for kind, of := range sums {
		p.counts.Sum(kinds[kind], of[0]...)
		if w != nil {
			p.counts.Sum(kindsWaived[kind], of[1]...)
		}
	}
}

// ruleKind gives the kind of the findings of a rule.
func ruleKind(r engine.RuleCount) string {
	if r.Kind == string(engine.RuleOverdue) {
		return verdict.Overdue.String()
	}
	return verdict.Inconsistent.String()
}

// addLevels takes up what each level lacks, holds and repeats.
func (p *public) addLevels(s *engine.Summary, w *waiver.Outcome, records int) {
	missing, kind := p.at[cellKey{partFound, verdict.Missing.String(), "", "", ""}], verdict.Missing.String()
	var lacking []int
	for _, l := range s.Levels {
		lacks, _ := p.addCount(w, kind, "", l.Level, "", l.Missing, w.Of(kind, "", l.Level, ""), costList)
		lacking = append(lacking, lacks)
		p.counts.AtLeast(missing, lacks)
		holds := p.add(cellKey{partWhole, verdict.Duplicate.String(), "", l.Level, ""}, l.Records, costDetail)
		p.counts.Sum(records, holds, lacks)
		// Rows = those without a key + those beyond the first of their key + records.
		noKey, extra := p.counts.AddSecret(l.NoKey), p.counts.AddSecret(l.Extra)
		p.counts.Sum(p.counts.AddKnown(l.Rows), noKey, extra, holds)
		p.counts.AtLeast(p.at[cellKey{partFound, verdict.InvalidKey.String(), "", l.Level, ""}], noKey)
		repeated := p.at[cellKey{partFound, verdict.Duplicate.String(), "", l.Level, ""}]
		p.counts.AtLeast(extra, repeated)
		p.counts.Relate(privacy.Relation{Terms: []privacy.Term{{Cell: extra, Factor: 1}, {Cell: repeated, Factor: -max(l.Rows, 1)}}, AtMost: true})
		for _, k := range s.InvalidKeys {
			if k.Level == l.Level && k.Reason == record.KeyNone.String() {
				p.counts.Sum(noKey, p.at[cellKey{partFound, verdict.InvalidKey.String(), "", k.Level, k.Reason}])
			}
		}
	}
	// A record that is missing lacks on one level or more, and not on all.
	terms := []privacy.Term{{Cell: missing, Factor: 1}}
	most := []privacy.Term{{Cell: missing, Factor: -int64(len(s.Levels) - 1)}}
	for _, i := range lacking {
		terms, most = append(terms, privacy.Term{Cell: i, Factor: -1}), append(most, privacy.Term{Cell: i, Factor: 1})
	}
	p.counts.Relate(privacy.Relation{Terms: terms, AtMost: true})
	p.counts.Relate(privacy.Relation{Terms: most, AtMost: true})
	for _, f := range s.Fields {
		p.addCompared(s, f, records, missing, lacking)
	}
}

// addCompared takes up of how many records a field was compared, which tells how many are on one level alone.
func (p *public) addCompared(s *engine.Summary, f engine.FieldCount, records, missing int, lacking []int) {
	compared := p.add(cellKey{partWhole, verdict.Differs.String(), f.Field, "", ""}, f.Compared, costDetail)
	var on []int
	for l, held := range f.HeldBy {
		if held {
			on = append(on, lacking[l])
		}
	}
	switch n := len(on); {
	case n == len(lacking) && n == 2: // both levels hold it
		p.counts.Sum(records, compared, missing)
	case n == len(lacking) && n == 3: // Σ lacking = missing + (records - compared)
		p.counts.Relate(privacy.Relation{Terms: []privacy.Term{{Cell: on[0], Factor: 1}, {Cell: on[1], Factor: 1}, {Cell: on[2], Factor: 1},
			{Cell: missing, Factor: -1}, {Cell: records, Factor: -1}, {Cell: compared, Factor: 1}}})
	case n == 2: // each level lacks no more than what is not compared, both together no less
		p.counts.Relate(privacy.Relation{Terms: []privacy.Term{{Cell: records, Factor: 1}, {Cell: compared, Factor: -1}, {Cell: on[0], Factor: -1}, {Cell: on[1], Factor: -1}}, AtMost: true})
		for _, i := range on {
			p.counts.AtLeast(records, compared, i)
		}
	}
	p.counts.AtLeast(compared, p.at[cellKey{partFound, verdict.Differs.String(), f.Field, "", ""}])
}

// addRecords takes up the records of the job by what became of them.
func (p *public) addRecords(s *engine.Summary, w *waiver.Outcome, records int) {
	missing := p.at[cellKey{partFound, verdict.Missing.String(), "", "", ""}]
	matched := p.add(cellKey{partFound, recordsMatched, "", "", ""}, s.Matched, costNight)
	differingWaived := int64(0)
	if w != nil {
		differingWaived = w.Differing
	}
	differing, differingPart := p.addCount(w, recordsDiffering, "", "", "", s.Differing, differingWaived, costNight)
	p.counts.Sum(records, matched, missing, differing)
	p.counts.AtLeast(p.at[cellKey{partFound, verdict.Differs.String(), "", "", ""}], differing)
	bad, badWaived := p.addCount(w, recordsBad, "", "", "", s.Missing+s.Differing, w.Records(), costNight)
	p.counts.Sum(bad, missing, differing)
	if w != nil {
		p.counts.Sum(badWaived, differingPart, p.at[cellKey{partWaived, verdict.Missing.String(), "", "", ""}])
	}
	if len(s.Levels) == 2 { // all that differs is on all levels
		for _, f := range s.Fields {
			p.counts.AtLeast(differing, p.at[cellKey{partFound, verdict.Differs.String(), f.Field, "", ""}])
		}
	}
}

// addChanges takes up how the findings stand against the last night.
func (p *public) addChanges(s *engine.Summary, w *waiver.Outcome, c *Changes, lastOpen bool) {
	if c == nil {
		return
	}
	fresh := p.add(cellKey{partFound, newFindings, "", "", ""}, c.New, costNight)
	kept := p.add(cellKey{partFound, keptFindings, "", "", ""}, c.Persisting, costNight)
	gone := p.counts.AddWithheld(c.Resolved)
	if c.Against == "" || lastOpen {
		gone = p.counts.Add(c.Resolved, costNight)
	}
	p.at[cellKey{partFound, goneFindings, "", "", ""}] = gone
	if c.Against != "" { // taken for known: what is left of a secret is not much of one
		p.counts.Sum(p.counts.AddKnown(c.Persisting+c.Resolved), kept, gone)
	}
	open := p.counts.AddSecret(c.New + c.Persisting)
	p.counts.Sum(open, fresh, kept)
	parts := []int{open}
	if w != nil {
		for _, k := range s.Kinds {
			parts = append(parts, p.at[cellKey{partWaived, k.Kind, "", "", ""}])
		}
	}
	p.counts.Sum(p.at[cellKey{partFound, allFindings, "", "", ""}], parts...)
}

// showsOpen says whether it is public how many findings are new or persisting.
func (p *public) showsOpen(m *Manifest) bool {
	if p.shows(partFound, newFindings, "", "", "") && p.shows(partFound, keptFindings, "", "", "") {
		return true
	}
	shown := p.shows(partFound, allFindings, "", "", "")
	if m.Waivers != nil {
		for _, k := range m.Summary.Kinds {
			shown = shown && p.shows(partWaived, k.Kind, "", "", "")
		}
	}
	return shown
}

// showsGate says whether the value of a gate may be public.
func (p *public) showsGate(o Outcome) bool {
	switch o.Metric {
	case AgeMetric, RowsMetric:
		return true
	case NewMismatches:
		return p.shows(partFound, newFindings, "", "", "") && p.shows(partFound, keptFindings, "", "", "")
	case RecordsMetric: // of a level, it tells what the level lacks
		return o.Level == "" || p.shows(partWhole, verdict.Duplicate.String(), "", o.Level, "")
	case UnparseableRate:
		return p.shows(partFound, badValues, "", o.Level, "")
	case MissingRate:
		return p.shows(partRest, verdict.Missing.String(), "", o.Level, "")
	case MismatchRate:
		if o.Field != "" {
			return p.shows(partRest, verdict.Differs.String(), o.Field, "", "") && p.shows(partWhole, verdict.Differs.String(), o.Field, "", "")
		}
		return p.shows(partRest, recordsBad, "", "", "")
	}
	return false
}
