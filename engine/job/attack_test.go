package job

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/past"
)

// world makes up what a run over a few hundred records counts: each record is on some of the levels, some of its fields differ, some keys are
// repeated or missing. The counts hang together as those of a run do.
func world(rng *rand.Rand) *engine.Summary {
	levels, fields, records := 2+rng.IntN(2), 1+rng.IntN(4), 100+rng.IntN(300)
	s := &engine.Summary{Records: int64(records)}
	rate := math.Pow(10, -0.5-2*rng.Float64()) // of faults
	for l := range levels {
		s.Levels = append(s.Levels, engine.LevelCount{Level: string(rune('a' + l))})
	}
	for f := range fields {
		held := make([]bool, levels)
		for l := range held {
			held[l] = true
		}
		if levels == 3 && f == 1 {
			held[rng.IntN(3)] = false
		}
		s.Fields = append(s.Fields, engine.FieldCount{Field: fmt.Sprintf("f%d", f), HeldBy: held, Outlier: make([]int64, levels)})
	}
	var missing, differs int64
	for range records {
		on, all := make([]bool, levels), true
		for l := range on {
			on[l] = rng.Float64() > rate/2
		}
		on[rng.IntN(levels)] = true
		for l := range on {
			if all = all && on[l]; on[l] {
				s.Levels[l].Records++
			} else {
				s.Levels[l].Missing++
			}
		}
		differing := false
		for f := range s.Fields {
			c := &s.Fields[f]
			var holders []int
			for l := range on {
				if on[l] && c.HeldBy[l] {
					holders = append(holders, l)
				}
			}
			if len(holders) < 2 {
				continue
			}
			c.Compared++
			if rng.Float64() < rate {
				c.Differs++
				differs++
				differing = true
				if len(holders) == 3 && rng.IntN(4) > 0 {
					c.Outlier[holders[rng.IntN(3)]]++
				}
			}
		}
		switch {
		case !all:
			s.Missing++
		case differing:
			s.Differing++
		default:
			s.Matched++
		}
	}
	missing = s.Missing
	var duplicates, invalid int64
	for l := range s.Levels {
		c := &s.Levels[l]
		if rng.IntN(2) == 0 {
			c.Duplicates = rng.Int64N(1 + int64(100*rate))
			c.Extra = c.Duplicates
			if c.Duplicates > 0 {
				c.Extra += rng.Int64N(3)
			}
		}
		if rng.IntN(2) == 0 {
			c.NoKey, c.Malformed = rng.Int64N(1+int64(60*rate)), rng.Int64N(1+int64(60*rate))
		}
		c.Rows = c.Records + c.Extra + c.NoKey
		duplicates += c.Duplicates
		invalid += c.NoKey + c.Malformed
		if c.NoKey > 0 {
			s.InvalidKeys = append(s.InvalidKeys, engine.InvalidKeyCount{Level: c.Level, Reason: "no key", Rows: c.NoKey})
		}
		if c.Malformed > 0 {
			s.InvalidKeys = append(s.InvalidKeys, engine.InvalidKeyCount{Level: c.Level, Reason: "length", Rows: c.Malformed})
		}
	}
	s.Kinds = []engine.KindCount{{Kind: "differs", Findings: differs}, {Kind: "duplicate", Findings: duplicates}, {Kind: "invalid_key", Findings: invalid}, {Kind: "missing", Findings: missing}}
	for _, k := range s.Kinds {
		s.Findings += k.Findings
	}
	return s
}

// attacker knows the public tables of some nights, and how their numbers hang together. It is written of what the tables are documented to be,
// and shares nothing with what protects them.
type attacker struct {
	names  map[string]int
	lo, hi []float64
	truth  []int64
	sums   []sum
}

// sum is Σ factor·number, which is from least to most.
type sum struct {
	factors     map[int]float64
	least, most float64
}

func (a *attacker) number(name string, shown *int64, truth int64) int {
	i, ok := a.names[name]
	if !ok {
		i = len(a.lo)
		a.names[name] = i
		a.lo, a.hi, a.truth = append(a.lo, 0), append(a.hi, math.Inf(1)), append(a.truth, truth)
	}
	if shown != nil {
		a.lo[i], a.hi[i] = float64(*shown), float64(*shown)
	}
	return i
}

// relate says that plus - minus is from least to most.
func (a *attacker) relate(least, most float64, plus, minus []int) {
	s := sum{factors: map[int]float64{}, least: least, most: most}
	for _, i := range plus {
		s.factors[i]++
	}
	for _, i := range minus {
		s.factors[i]--
	}
	a.sums = append(a.sums, s)
}

// night takes up the tables of a night.
func (a *attacker) night(night int, s *engine.Summary, c *Changes, rows []SummaryRow, run RunRow) {
	inf := math.Inf(1)
	name := func(text string) string { return fmt.Sprint(night, " ", text) }
	known := func(text string, n int64) int { return a.number(name(text), &n, n) }
	text := func(p *string) string {
		if p == nil {
			return ""
		}
		return *p
	}
	records := known("records", s.Records)
	matched, missing := a.number(name("matched"), run.Matched, s.Matched), a.number(name("missing"), run.Missing, s.Missing)
	differing, findings := a.number(name("differing"), run.Differing, s.Differing), a.number(name("findings"), run.Findings, s.Findings)
	bad := a.number(name("bad"), nil, s.Missing+s.Differing)
	if run.MismatchRate != nil { // a rate and what it is of tell the count
		n := int64(math.Round(*run.MismatchRate * float64(s.Records)))
		a.number(name("bad"), &n, n)
	}
	if run.MissingRate != nil {
		n := int64(math.Round(*run.MissingRate * float64(s.Records)))
		a.number(name("missing"), &n, n)
	}
	a.relate(0, 0, []int{missing, differing}, []int{bad})
	a.relate(0, 0, []int{matched, missing, differing}, []int{records})
	truth := map[string]int64{}
	for _, k := range s.Kinds {
		truth[k.Kind+"///"] = k.Findings
	}
	for _, f := range s.Fields {
		truth["differs/"+f.Field+"//"] = f.Differs
		for l, n := range f.Outlier {
			truth["differs/"+f.Field+"/"+s.Levels[l].Level+"/"] = n
		}
	}
	for _, l := range s.Levels {
		truth["missing//"+l.Level+"/"], truth["duplicate//"+l.Level+"/"], truth["invalid_key//"+l.Level+"/"] = l.Missing, l.Duplicates, l.NoKey+l.Malformed
	}
	for _, k := range s.InvalidKeys {
		truth["invalid_key//"+k.Level+"/"+k.Reason] = k.Rows
	}
	cells := map[string]int{}
	for _, r := range rows {
		key := r.Kind + "/" + text(r.Field) + "/" + text(r.Level) + "/" + text(r.Reason)
		cells[key] = a.number(name(key), r.Count, truth[key])
		if r.Rate != nil && r.Of != nil {
			n := int64(math.Round(*r.Rate * float64(*r.Of)))
			a.number(name(key), &n, n)
		}
		if r.Kind == "duplicate" && r.Level != nil {
			for _, l := range s.Levels {
				if l.Level == *r.Level {
					a.number(name("holds "+l.Level), r.Of, l.Records)
				}
			}
		}
		if r.Kind == "differs" && r.Field != nil && r.Level == nil {
			for _, f := range s.Fields {
				if f.Field == *r.Field {
					a.number(name("compared "+f.Field), r.Of, f.Compared)
				}
			}
		}
	}
	a.relate(0, 0, []int{cells["missing///"]}, []int{missing})
	a.relate(0, 0, []int{cells["differs///"], cells["duplicate///"], cells["invalid_key///"], cells["missing///"]}, []int{findings})
	var differs, duplicates, invalid, lacking []int
	for _, f := range s.Fields {
		i := cells["differs/"+f.Field+"//"]
		differs = append(differs, i)
		var alone, on []int
		for l, held := range f.HeldBy {
			if j, ok := cells["differs/"+f.Field+"/"+s.Levels[l].Level+"/"]; ok {
				alone = append(alone, j)
			}
			if held {
				on = append(on, cells["missing//"+s.Levels[l].Level+"/"])
			}
		}
		a.relate(0, inf, []int{i}, alone)
		compared := a.names[name("compared "+f.Field)]
		switch {
		case len(on) == len(s.Levels) && len(on) == 2:
			a.relate(0, 0, []int{records}, []int{compared, missing})
			a.relate(0, inf, []int{differing}, []int{i})
		case len(on) == 3:
			a.relate(0, 0, append(on, compared), []int{missing, records})
		case len(on) == 2:
			a.relate(0, inf, append(on, compared), []int{records})
		}
		a.relate(0, inf, []int{compared}, []int{i})
	}
	for _, l := range s.Levels {
		d, v, m := cells["duplicate//"+l.Level+"/"], cells["invalid_key//"+l.Level+"/"], cells["missing//"+l.Level+"/"]
		duplicates, invalid, lacking = append(duplicates, d), append(invalid, v), append(lacking, m)
		rows, holds := known("rows "+l.Level, l.Rows), a.names[name("holds "+l.Level)]
		noKey, extra := a.number(name("no key "+l.Level), nil, l.NoKey), a.number(name("extra "+l.Level), nil, l.Extra)
		a.relate(0, 0, []int{holds, noKey, extra}, []int{rows})
		a.relate(0, 0, []int{holds, m}, []int{records})
		a.relate(0, inf, []int{v}, []int{noKey})
		a.relate(0, inf, []int{extra}, []int{d})
		if a.hi[d] == 0 {
			a.hi[extra] = 0
		}
		var why []int
		for _, k := range s.InvalidKeys {
			if k.Level == l.Level {
				i := cells["invalid_key//"+k.Level+"/"+k.Reason]
				if why = append(why, i); k.Reason == "no key" {
					a.relate(0, 0, []int{i}, []int{noKey})
				}
			}
		}
		if len(why) > 0 {
			a.relate(0, 0, why, []int{v})
		}
		a.relate(0, inf, []int{missing}, []int{m})
	}
	a.relate(0, 0, differs, []int{cells["differs///"]})
	a.relate(0, 0, duplicates, []int{cells["duplicate///"]})
	a.relate(0, 0, invalid, []int{cells["invalid_key///"]})
	a.relate(0, inf, lacking, []int{missing})
	a.relate(0, inf, []int{cells["differs///"]}, []int{differing})
	if len(s.Levels) == 2 {
		a.relate(0, 0, lacking, []int{missing})
	}
	fresh, kept, gone := a.number(name("new"), run.New, c.New), a.number(name("persisting"), run.Persisting, c.Persisting), a.number(name("resolved"), run.Resolved, c.Resolved)
	a.relate(0, 0, []int{fresh, kept}, []int{findings})
	if night > 0 {
		a.relate(0, 0, []int{kept, gone}, []int{a.names[fmt.Sprint(night-1, " findings")]})
	}
}

// narrow propagates bounds through all sums until nothing changes.
func (a *attacker) narrow() {
	for range 1000 {
		changed := false
		for _, s := range a.sums {
			for i, factor := range s.factors {
				least, most := s.least, s.most // of factor·i, given the others
				for j, f := range s.factors {
					if j == i {
						continue
					}
					lo, hi := f*a.lo[j], f*a.hi[j]
					if f < 0 {
						lo, hi = hi, lo
					}
					least, most = least-hi, most-lo
				}
				lo, hi := least/factor, most/factor
				if factor < 0 {
					lo, hi = hi, lo
				}
				if lo = math.Ceil(lo - 1e-6); lo > a.lo[i] {
					a.lo[i], changed = lo, true
				}
				if hi = math.Floor(hi + 1e-6); hi < a.hi[i] {
					a.hi[i], changed = hi, true
				}
			}
		}
		if !changed {
			return
		}
	}
}

// found counts the small numbers that are known to within less than the protection, and the numbers that are not shown at all.
func (a *attacker) found(least int64) (known, small int) {
	for i, n := range a.truth {
		if n > 0 && n < least {
			small++
			if a.hi[i]-a.lo[i] < float64(least-1) {
				known++
			}
		}
	}
	return known, small
}

// TestAttack: who has the public tables of several nights and solves them for what they withhold finds no small count, but does where only the small
// counts themselves are withheld.
func TestAttack(t *testing.T) {
	known, knownBefore, smallOnes, withheld, all := 0, 0, 0, 0, 0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		least := int64(2 + rng.IntN(12))
		ours, before := &attacker{names: map[string]int{}}, &attacker{names: map[string]int{}}
		open, openPublic := int64(0), false
		shape := rng.Uint64()
		for night := range 4 {
			s := world(rand.New(rand.NewPCG(seed, uint64(night)<<8|shape%7)))
			c := &Changes{Against: "x"}
			if night == 0 {
				c.Against = ""
			}
			persisting := min(open, s.Findings)
			if persisting > 0 {
				persisting -= rng.Int64N(1 + min(persisting, 12))
			}
			c.Counts = past.Counts{New: s.Findings - persisting, Persisting: persisting, Resolved: open - persisting, Open: open}
			open = s.Findings
			m := &Manifest{Summary: s, MinCell: least, Changes: c, LastOpenPublic: openPublic, date: testDate}
			p := m.public()
			openPublic = p.showsOpen(m)
			rows, run := summaryRows(s, nil, p), runRow(m, p)
			ours.night(night, s, c, rows, run)
			for _, r := range rows {
				if all++; r.Suppressed {
					withheld++
				}
			}
			cellwise := &public{at: p.at, withheld: make([]bool, len(p.withheld))}
			for key, i := range p.at {
				cellwise.withheld[i] = small(s, c, key, least)
			}
			before.night(night, s, c, summaryRows(s, nil, cellwise), runRow(m, cellwise))
		}
		ours.narrow()
		before.narrow()
		k, n := ours.found(least)
		if k > 0 {
			t.Errorf("seed %d: the attacker knows %d of %d small counts", seed, k, n)
		}
		known, smallOnes = known+k, smallOnes+n
		k, _ = before.found(least)
		knownBefore += k
	}
	t.Logf("%d small counts: %d found, %d where only they are withheld; %d of %d counts of public/summary are withheld", smallOnes, known, knownBefore, withheld, all)
	if knownBefore < smallOnes/3 {
		t.Errorf("the attack is too weak to tell: it finds %d of %d small counts that nothing but their own suppression protects", knownBefore, smallOnes)
	}
}

// small says whether the number of a key is one that must not be known.
func small(s *engine.Summary, c *Changes, key cellKey, least int64) bool {
	is := func(n int64) bool { return n > 0 && n < least }
	switch key.kind {
	case recordsMatched:
		return is(s.Matched)
	case recordsDiffering:
		return is(s.Differing)
	case recordsBad:
		return is(s.Missing + s.Differing)
	case allFindings:
		return is(s.Findings)
	case newFindings:
		return is(c.New)
	case keptFindings:
		return is(c.Persisting)
	case goneFindings:
		return is(c.Resolved)
	}
	for _, row := range summaryRows(s, nil, &public{at: map[cellKey]int{key: 0}, withheld: []bool{false}}) {
		if row.Kind == key.kind && (row.Field == nil) == (key.field == "") && (row.Field == nil || *row.Field == key.field) &&
			(row.Level == nil) == (key.level == "") && (row.Level == nil || *row.Level == key.level) && (row.Reason == nil) == (key.reason == "") && (row.Reason == nil || *row.Reason == key.reason) {
			return key.part != partWhole && row.Count != nil && is(*row.Count)
		}
	}
	return false
}
