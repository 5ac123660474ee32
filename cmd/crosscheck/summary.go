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

// reportFile is a file that was written.
type reportFile struct {
	path  string
	rows  int64
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
	if kept := o.kept(); kept != "" {
		line += "; unchanged and not read: " + kept
	}
	if sum.Exact {
		line += "; values compared"
	}
	if o.peak > 0 {
		line += "; peak memory " + size(o.peak)
	}
	if sum.Spilled > 0 {
		line += "; " + size(sum.Spilled) + " spilled"
	}
	if len(o.reports) == 0 {
		return line
	}
	t := s.table("rrl", "rows", "size", "report") // the path last: it may be longer than the screen is wide
	for _, f := range o.reports {
		rows := thousands(f.rows)
		if strings.HasSuffix(f.path, ".html") {
			rows = "" // a page
		}
		t.AppendRow(row(rows, size(f.bytes), f.path))
	}
	return line + "\n\n" + rendered(t)
}

func sum(all []int64) (n int64) {
	for _, x := range all {
		n += x
	}
	return n
}

// kept names the levels of which all rows, or how many, had fingerprints that were kept; "" for none.
func (o *outcome) kept() string {
	var names []string
	for l, n := range o.summary.Kept {
		level := &o.summary.Levels[l]
		switch {
		case n == 0:
		case n == level.Rows:
			names = append(names, level.Level)
		default:
			names = append(names, fmt.Sprintf("%s of %s of %s", thousands(n), plural(level.Rows, "row"), level.Level))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return listed(names)
}
