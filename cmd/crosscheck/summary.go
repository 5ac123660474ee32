package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/job"
)

// outcome is what a comparison found, as a person reads it.
type outcome struct {
	title   string // "" for none
	summary *engine.Summary
	bytes   int64              // read, as stored; 0 if unknown
	peak    int64              // peak memory in bytes; 0 if unknown
	waivers *job.WaiverOutcome // nil for none
	changes *job.Changes       // nil where no nights are kept
	gates   []job.Outcome
	reports []reportFile
}

// reportFile is a file that was written, the findings first.
type reportFile struct {
	path  string
	bytes int64
}

// write gives the verdict first, then what is worst.
func (o outcome) write(w io.Writer, s style) error {
	var sections []string
	add := func(section string) {
		if section != "" {
			sections = append(sections, section)
		}
	}
	add(o.verdict(s))
	add(o.records(s))
	add(o.since())
	add(o.kinds(s))
	add(o.waived())
	add(o.fields(s))
	add(o.unparsed(s))
	add(o.levels(s))
	add(o.reliability(s))
	add(o.invalidKeys(s))
	add(o.rosters(s))
	add(o.rules(s))
	add(o.patterns(s))
	add(o.footer(s))
	_, err := io.WriteString(w, strings.Join(sections, "\n\n")+"\n")
	return err
}

// verdict is the answer in a line, and a line a gate.
func (o outcome) verdict(s style) string {
	sum := o.summary
	var names []string
	for _, l := range sum.Levels {
		names = append(names, l.Level)
	}
	on := listed(names)
	var lines []string
	if o.title != "" {
		lines = append(lines, s.bold(o.title))
	}
	switch bad := sum.Missing + sum.Differing; {
	case sum.Rows() == 0:
		lines = append(lines, s.warn("! there is nothing to compare: "+on+" hold no rows"))
	case bad > 0 && o.waivers != nil && o.waivers.Records() == bad:
		lines = append(lines, s.warn(fmt.Sprintf("! %s of %s (%s) do not agree on %s, and all are waived",
			thousands(bad), plural(sum.Records, "record"), percentOf(bad, sum.Records), on)))
	case bad > 0:
		lines = append(lines, s.bad(fmt.Sprintf("✗ %s of %s (%s) do not agree on %s",
			thousands(bad), plural(sum.Records, "record"), percentOf(bad, sum.Records), on)))
	case sum.Findings > 0:
		lines = append(lines, s.warn(fmt.Sprintf("! %s on %s, with %s to look at",
			agreeing(sum.Records), on, plural(sum.Findings, "finding"))))
	default:
		lines = append(lines, s.good(fmt.Sprintf("✓ %s on %s", agreeing(sum.Records), on)))
	}
	for _, g := range o.gates {
		if g.Passed {
			lines = append(lines, s.good("✓ gate ")+g.String())
		} else {
			lines = append(lines, s.bad("✗ gate ")+g.String())
		}
	}
	return strings.Join(lines, "\n")
}

// since says what became of the findings since the last night.
func (o outcome) since() string {
	c := o.changes
	if c == nil || c.Against == "" {
		return ""
	}
	return fmt.Sprintf("  since %s: %s new, %s persisting, %s resolved", c.Against, thousands(c.New), thousands(c.Persisting), thousands(c.Resolved))
}

// linesShown is how many lines of the waiver file are named.
const linesShown = 10

// waived says how much of what was found is known, and which waivers do not do what their authors may think.
func (o outcome) waived() string {
	w := o.waivers
	if w == nil {
		return ""
	}
	var lines []string
	if w.Findings > 0 {
		lines = append(lines, fmt.Sprintf("  of these, %s waived: %s missing on a level, %s differing; rates and gates leave them out",
			plural(w.Findings, "finding"), plural(w.Missing, "record"), thousands(w.Differing)))
	}
	if w.ExpiredFindings > 0 {
		lines = append(lines, fmt.Sprintf("  %s would be waived if the waiver had not expired", plural(w.ExpiredFindings, "finding")))
	}
	about := fmt.Sprintf("  waivers in %s: %s in force, %s expired", w.File, thousands(int64(w.Holding)), thousands(int64(len(w.Expired))))
	if n := len(w.Unused); n > 0 {
		var words []string
		for _, l := range w.Unused[:min(n, linesShown)] {
			words = append(words, strconv.Itoa(l))
		}
		if n > linesShown {
			words = append(words, plural(int64(n-linesShown), "other"))
		}
		about += "; no finding meets those in line " + listed(words)
	}
	return strings.Join(append(lines, about), "\n")
}

// agreeing gives "all 2,000 records agree".
func agreeing(records int64) string {
	if records == 1 {
		return "the only record agrees"
	}
	return "all " + thousands(records) + " records agree"
}

// records says how the records add up.
func (o outcome) records(s style) string {
	sum := o.summary
	t := s.table("lrr", "records", "", "")
	t.AppendRow(row("matched", thousands(sum.Matched), percentOf(sum.Matched, sum.Records)))
	t.AppendRow(row("missing on a level", thousands(sum.Missing), percentOf(sum.Missing, sum.Records)))
	t.AppendRow(row("differing", thousands(sum.Differing), percentOf(sum.Differing, sum.Records)))
	t.AppendRow(row("all", thousands(sum.Records), ""))
	return rendered(t)
}

// kinds counts the findings by kind, most first.
func (o outcome) kinds(s style) string {
	kinds := slices.DeleteFunc(slices.Clone(o.summary.Kinds), func(k engine.KindCount) bool { return k.Findings == 0 })
	if len(kinds) == 0 {
		return ""
	}
	slices.SortStableFunc(kinds, func(a, b engine.KindCount) int { return cmp.Compare(b.Findings, a.Findings) })
	t := s.table("lrr", "kind", "findings", "per 1,000 records")
	for _, k := range kinds {
		rate := "–"
		if o.summary.Records > 0 {
			rate = fmt.Sprintf("%.2f", 1000*float64(k.Findings)/float64(o.summary.Records))
			if rate == "0.00" {
				rate = "<0.01"
			}
		}
		t.AppendRow(row(k.Kind, thousands(k.Findings), rate))
	}
	return rendered(t)
}

// fields counts the differing records by field, the greatest share first, and says who stands alone.
func (o outcome) fields(s style) string {
	var agree []string
	var fields []engine.FieldCount
	for _, f := range o.summary.Fields {
		if f.Differs == 0 {
			agree = append(agree, f.Field)
		} else {
			fields = append(fields, f)
		}
	}
	var parts []string
	if len(fields) > 0 {
		slices.SortStableFunc(fields, func(a, b engine.FieldCount) int {
			return cmp.Compare(float64(b.Differs)/float64(b.Compared), float64(a.Differs)/float64(a.Compared))
		})
		votes := slices.ContainsFunc(fields, func(f engine.FieldCount) bool { return sum(f.Outlier) > 0 })
		header := []string{"field", "compared as", "differ", "of compared"}
		if votes {
			header = append(header, "stands alone")
		}
		t := s.table("llrrl", header...)
		for _, f := range fields {
			cells := row(f.Field, f.Type, thousands(f.Differs), percentOf(f.Differs, f.Compared))
			if votes {
				cells = append(cells, o.alone(f))
			}
			t.AppendRow(cells)
		}
		parts = append(parts, rendered(t))
	}
	switch n := len(agree); {
	case n == 0:
	case n == len(o.summary.Fields):
		parts = append(parts, "  "+s.dim("no field differs: ")+strings.Join(agree, ", "))
	default:
		parts = append(parts, "  "+s.dim("no difference in ")+strings.Join(agree, ", "))
	}
	return strings.Join(parts, "\n")
}

// alone says how often each level alone disagrees with all others in a field, most first.
func (o outcome) alone(f engine.FieldCount) string {
	type count struct {
		level string
		n     int64
	}
	var counts []count
	for l, n := range f.Outlier {
		if n > 0 {
			counts = append(counts, count{o.summary.Levels[l].Level, n})
		}
	}
	slices.SortStableFunc(counts, func(a, b count) int { return cmp.Compare(b.n, a.n) })
	var words []string
	for _, c := range counts {
		words = append(words, c.level+" "+thousands(c.n))
	}
	return strings.Join(words, ", ")
}

// unparsedShown is how many places of unreadable values are shown.
const unparsedShown = 5

// unparsed says where values do not read as their field's type: they are compared as text.
func (o outcome) unparsed(s style) string {
	header := []string{"not readable as", "type"}
	for _, l := range o.summary.Levels {
		header = append(header, l.Level)
	}
	t := s.table("ll"+strings.Repeat("r", len(o.summary.Levels)), header...)
	some := false
	for _, f := range o.summary.Fields {
		if sum(f.Unparseable) == 0 {
			continue
		}
		some = true
		cells := row(f.Field, f.Type)
		for _, n := range f.Unparseable {
			cells = append(cells, thousands(n))
		}
		t.AppendRow(cells)
	}
	if !some {
		return ""
	}
	text := rendered(t)
	for _, u := range o.summary.Unparseable[:min(unparsedShown, len(o.summary.Unparseable))] {
		text += fmt.Sprintf("\n  %s of %s: %s, row %d", u.Field, u.Level, u.File, u.Row)
	}
	return text
}

// levels counts by level, the one that most is wrong with first.
func (o outcome) levels(s style) string {
	levels := slices.Clone(o.summary.Levels)
	trouble := func(l engine.LevelCount) int64 { return l.Missing + l.Outlier + l.Extra + l.NoKey + l.Malformed }
	slices.SortStableFunc(levels, func(a, b engine.LevelCount) int { return cmp.Compare(trouble(b), trouble(a)) })
	columns := []levelColumn{
		{"keys repeated", func(l engine.LevelCount) int64 { return l.Duplicates }, false},
		{"extra rows", func(l engine.LevelCount) int64 { return l.Extra }, false},
		{"no key", func(l engine.LevelCount) int64 { return l.NoKey }, false},
		{"malformed keys", func(l engine.LevelCount) int64 { return l.Malformed }, false},
		{"records", func(l engine.LevelCount) int64 { return l.Records }, true},
		{"rows", func(l engine.LevelCount) int64 { return l.Rows }, true},
		{"files", func(l engine.LevelCount) int64 { return int64(l.Files) }, true},
	}
	columns = slices.DeleteFunc(columns, func(c levelColumn) bool {
		return !c.always && !slices.ContainsFunc(levels, func(l engine.LevelCount) bool { return c.count(l) > 0 })
	})
	header := []string{"level", "missing", "of all"}
	for _, c := range columns {
		header = append(header, c.header)
	}
	t := s.table("l"+strings.Repeat("r", len(header)-1), header...)
	for _, l := range levels {
		cells := row(l.Level, thousands(l.Missing), percentOf(l.Missing, o.summary.Records))
		for _, c := range columns {
			cells = append(cells, thousands(c.count(l)))
		}
		t.AppendRow(cells)
	}
	return rendered(t)
}

// reliability says how often each level is the odd one out, the least reliable first, and of which fields most. It is for three
// or more levels: of two that disagree, none is odd.
func (o outcome) reliability(s style) string {
	levels := slices.DeleteFunc(slices.Clone(o.summary.Levels), func(l engine.LevelCount) bool { return l.Voted == 0 })
	if !slices.ContainsFunc(levels, func(l engine.LevelCount) bool { return l.Outlier > 0 }) {
		return ""
	}
	share := func(l engine.LevelCount) float64 { return float64(l.Outlier) / float64(l.Voted) }
	slices.SortStableFunc(levels, func(a, b engine.LevelCount) int { return cmp.Compare(share(b), share(a)) })
	t := s.table("lrrrl", "reliability", "odd one out", "of values", "", "most in")
	for _, l := range levels {
		t.AppendRow(row(l.Level, thousands(l.Outlier), thousands(l.Voted), percentOf(l.Outlier, l.Voted), o.oddest(l.Level)))
	}
	return rendered(t)
}

// oddest names the three fields in which a level is most often the odd one out.
func (o outcome) oddest(level string) string {
	l := slices.IndexFunc(o.summary.Levels, func(c engine.LevelCount) bool { return c.Level == level })
	fields := slices.DeleteFunc(slices.Clone(o.summary.Fields), func(f engine.FieldCount) bool { return f.Outlier[l] == 0 })
	slices.SortStableFunc(fields, func(a, b engine.FieldCount) int { return cmp.Compare(b.Outlier[l], a.Outlier[l]) })
	var words []string
	for _, f := range fields[:min(3, len(fields))] {
		words = append(words, fmt.Sprintf("%s %s", f.Field, percentOf(f.Outlier[l], f.Voted[l])))
	}
	return strings.Join(words, ", ")
}

// invalidKeys says why keys are invalid: a reason a line, most rows first, and how many of them each level has.
func (o outcome) invalidKeys(s style) string {
	if len(o.summary.InvalidKeys) == 0 {
		return ""
	}
	header := []string{"invalid key", "rows"}
	column := map[string]int{}
	for i, l := range o.summary.Levels {
		header = append(header, l.Level)
		column[l.Level] = i
	}
	type reason struct {
		name   string
		rows   int64
		levels []int64
	}
	var reasons []reason
	for _, k := range o.summary.InvalidKeys {
		i := slices.IndexFunc(reasons, func(r reason) bool { return r.name == k.Reason })
		if i < 0 {
			i = len(reasons)
			reasons = append(reasons, reason{name: k.Reason, levels: make([]int64, len(column))})
		}
		reasons[i].rows += k.Rows
		reasons[i].levels[column[k.Level]] = k.Rows
	}
	slices.SortStableFunc(reasons, func(a, b reason) int { return cmp.Compare(b.rows, a.rows) })
	t := s.table("l"+strings.Repeat("r", len(header)-1), header...)
	for _, r := range reasons {
		cells := row(r.name, thousands(r.rows))
		for _, n := range r.levels {
			cells = append(cells, thousands(n))
		}
		t.AppendRow(cells)
	}
	return rendered(t)
}

// rosters counts the members of rosters whom levels lack and of whom something is overdue, the worst roster first.
func (o outcome) rosters(s style) string {
	rosters := slices.Clone(o.summary.Rosters)
	if len(rosters) == 0 {
		return ""
	}
	share := func(r engine.RosterCount) float64 {
		return float64(max(r.Uncovered, r.Overdue)) / float64(max(r.Members, 1))
	}
	slices.SortStableFunc(rosters, func(a, b engine.RosterCount) int { return cmp.Compare(share(b), share(a)) })
	header := []string{"roster", "members", "not covered", "of all", "overdue", "of all"}
	for _, l := range o.summary.Levels {
		header = append(header, "lacking on "+l.Level)
	}
	var notes []string
	t := s.table("l"+strings.Repeat("r", len(header)-1), header...)
	for _, r := range rosters {
		cells := row(r.Roster, thousands(r.Members), thousands(r.Uncovered), percentOf(r.Uncovered, r.Members), thousands(r.Overdue), percentOf(r.Overdue, r.Members))
		for l, n := range r.Lacking {
			text := s.dim("–")
			if r.Required[l] {
				text = thousands(n)
			}
			cells = append(cells, text)
		}
		t.AppendRow(cells)
		for _, odd := range []struct {
			n    int64
			what string
		}{{r.NoKey, "without a key"}, {r.Malformed, "with a malformed key"}, {r.Repeated, "of a member it lists already"}} {
			if odd.n > 0 {
				notes = append(notes, fmt.Sprintf("\n  %s has %s %s", r.Roster, plural(odd.n, "row"), odd.what))
			}
		}
		bad := 0
		for _, g := range r.Groups {
			if g.Uncovered+g.Overdue > 0 {
				bad++
			}
		}
		if len(r.Groups) > 0 {
			notes = append(notes, fmt.Sprintf("\n  %s of %s of %s have such members", thousands(int64(bad)), plural(int64(len(r.Groups)), "group"), r.Roster))
		}
	}
	return rendered(t) + strings.Join(notes, "")
}

// rules counts the findings of rules, most first.
func (o outcome) rules(s style) string {
	rules := slices.Clone(o.summary.Rules)
	if len(rules) == 0 {
		return ""
	}
	slices.SortStableFunc(rules, func(a, b engine.RuleCount) int { return cmp.Compare(b.Findings, a.Findings) })
	header := []string{"rule", "kind", "findings"}
	undecided := slices.ContainsFunc(rules, func(r engine.RuleCount) bool { return r.Undecided > 0 })
	if undecided {
		header = append(header, "rows undecided")
	}
	t := s.table("llrr", header...)
	for _, r := range rules {
		cells := row(r.Rule, r.Kind, thousands(r.Findings))
		if undecided {
			cells = append(cells, thousands(r.Undecided))
		}
		t.AppendRow(cells)
	}
	return rendered(t)
}

// levelColumn is a column of the table of levels.
type levelColumn struct {
	header string
	count  func(engine.LevelCount) int64
	always bool // shown even if it is zero on every level
}

// patternsShown is how many patterns of levels are listed; the rest is added up. With 16 levels there can be 65,535.
const patternsShown = 12

// patterns says which levels hold the records, most records first.
func (o outcome) patterns(s style) string {
	patterns := o.summary.Patterns
	if len(patterns) < 2 {
		return ""
	}
	header := []string{"records", "of all"}
	for _, l := range o.summary.Levels {
		header = append(header, l.Level)
	}
	t := s.table("rr", header...)
	shown := patterns[:min(len(patterns), patternsShown)]
	for _, p := range shown {
		cells := row(thousands(p.Records), percentOf(p.Records, o.summary.Records))
		for _, in := range p.In {
			mark := s.bad("–")
			if in {
				mark = "●"
			}
			cells = append(cells, mark)
		}
		t.AppendRow(cells)
	}
	text := rendered(t)
	if rest := patterns[len(shown):]; len(rest) > 0 {
		var n int64
		for _, p := range rest {
			n += p.Records
		}
		text += fmt.Sprintf("\n  %s held by %s", plural(n, "record"), plural(int64(len(rest)), "other combination"))
	}
	return text
}

// footer says how fast it was and where the report lies.
func (o outcome) footer(s style) string {
	sum := o.summary
	read := plural(sum.Rows(), "row")
	if o.bytes > 0 {
		read += " (" + size(o.bytes) + ")"
	}
	line := read + " in " + seconds(sum.Elapsed)
	if t := sum.Elapsed.Seconds(); t > 0 {
		line += fmt.Sprintf(": %s rows/s", perSecond(float64(sum.Rows())/t))
		if o.bytes > 0 {
			line += ", " + size(int64(float64(o.bytes)/t)) + "/s"
		}
	}
	if o.peak > 0 {
		line += "; peak memory " + size(o.peak)
	}
	if len(o.reports) == 0 {
		return line
	}
	t := s.table("lr", "report", "")
	for i, f := range o.reports {
		about := size(f.bytes)
		if i == 0 {
			about = plural(sum.Findings, "finding") + ", " + about
		}
		t.AppendRow(row(f.path, about))
	}
	return line + "\n\n" + rendered(t)
}

func sum(all []int64) (n int64) {
	for _, x := range all {
		n += x
	}
	return n
}
