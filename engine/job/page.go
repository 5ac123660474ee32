package job

import (
	"bytes"
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
	"crosscheck/engine/report/page"
	"crosscheck/engine/verdict"
)

// groupsShown is how many values of a carried column a page has.
const groupsShown = 200

// writePage writes the page of the night into the staging folder.
func (r *run) writePage(summary []SummaryRow, row RunRow) (File, error) {
	nights, err := pastNights(r.reports, nil, func(date string) bool { return date < r.name })
	if err != nil {
		return File{}, err
	}
	n := nightPage(r.manifest, summary, row, r.shown)
	n.Nights = append(nights, pastOf(r.name, &row))
	return r.write(pageTable, r.manifest, func(path string, how report.Options) error {
		var text bytes.Buffer
		if err := page.Write(&text, n); err != nil {
			return err
		}
		return report.WriteFrom(path, &text, how)
	})
}

// writeAllNights writes the page of all nights anew. It is made of the manifests, after one has changed: it is no part of a night, and where it cannot
// be written, or the run is killed before, the next run writes it. What the manifest of one night says may be known, or nil.
func (n *night) writeAllNights(job string, known *Manifest) error {
	nights, err := pastNights(n.reports, known, func(string) bool { return true })
	if err != nil || len(nights) == 0 {
		return err
	}
	all := &page.All{Job: job, Nights: nights}
	for _, night := range nights {
		all.Pages = append(all.Pages, exists(filepath.Join(n.reports, filepath.FromSlash(pageTable.path(night.Date)))))
	}
	var text bytes.Buffer
	if err := page.WriteAll(&text, all); err != nil {
		return err
	}
	path := filepath.Join(n.reports, filepath.FromSlash(pageTable.name), pageTable.file)
	if err := writeDurably(path, text.Bytes(), pageTable.mode); err != nil {
		return err
	}
	return n.own(path, string(privacy.Public))
}

// pastNights gives the nights whose public tables are there, oldest first, as the trend shows them. Of one the manifest may be known, and is not read.
func pastNights(reports string, known *Manifest, wanted func(date string) bool) ([]page.Past, error) {
	dates, err := nightsOf(reports)
	if err != nil {
		return nil, err
	}
	var nights []page.Past
	for _, date := range dates {
		if !wanted(date) {
			continue
		}
		m, err := known, error(nil)
		if known == nil || known.Date != date {
			m, err = readManifest(reports, date)
		}
		if err != nil || slices.ContainsFunc(m.Purged, func(p Purged) bool { return p.Tier == string(privacy.Public) }) {
			continue // history tells of a manifest that cannot be read
		}
		row := runRow(m, m.public())
		nights = append(nights, pastOf(date, &row))
	}
	return nights, nil
}

func pastOf(date string, row *RunRow) page.Past {
	return page.Past{Date: date, Records: row.Records, Mismatch: row.MismatchRate, New: row.New, Resolved: row.Resolved, Passed: row.GatesPassed}
}

// nightPage gives the page of a night, of what the public tables say of it and, of the carried columns shown, how the values of the first fare.
func nightPage(m *Manifest, summary []SummaryRow, row RunRow, shown []bool) *page.Night {
	s := m.Summary
	n := &page.Night{
		Job: m.Job, Date: m.Date, Version: m.Version,
		Records: row.Records, Matched: row.Matched, Missing: row.Missing, Differing: row.Differing, Mismatch: row.MismatchRate,
		Started: row.Started, Seconds: row.ElapsedSeconds, Rows: row.Rows, Memory: row.PeakMemoryBytes,
		Changes: page.Changes{New: row.New, Persisting: row.Persisting, Resolved: row.Resolved},
	}
	if m.Waivers != nil {
		n.Waived = row.Waived
	}
	if m.Changes != nil && m.Changes.Note == "" {
		n.Changes.Against = m.Changes.Against
	}
	for i, o := range m.Gates {
		n.Gates = append(n.Gates, pageGate(o, row.Gates[i].Value))
	}
	for _, p := range s.Phases {
		n.Phases = append(n.Phases, page.Phase{Name: p.Name, Seconds: p.Elapsed.Seconds()})
	}
	for _, in := range row.Inputs {
		n.Inputs = append(n.Inputs, page.Input{Level: in.Level, Files: in.Files, Rows: in.Rows, Bytes: in.Bytes, Modified: in.Modified})
	}
	for _, l := range s.Levels {
		n.Levels = append(n.Levels, page.Level{Level: l.Level, Rows: l.Rows})
	}
	for _, f := range s.Fields {
		n.Fields = append(n.Fields, page.Field{Field: f.Field, Of: f.Compared, Holds: f.HeldBy})
	}
	for i := range summary {
		takeSummary(n, &summary[i])
	}
	for c, carry := range s.Carry {
		if c < len(shown) && shown[c] && !carry.Many && len(carry.Values) > 0 {
			n.Groups = append(n.Groups, pageGroup(carry, len(s.Levels), m.MinCell))
			break // a second column may be part of the first, as communities are of streets, and its counts then tell what is withheld
		}
	}
	return n
}

// takeSummary takes up a row of public/summary.
func takeSummary(n *page.Night, row *SummaryRow) {
	level := func() int {
		return slices.IndexFunc(n.Levels, func(l page.Level) bool { return l.Level == *row.Level })
	}
	switch {
	case row.Reason != nil:
	case row.Field == nil && row.Level == nil:
		if row.Count != nil && *row.Count == 0 {
			return
		}
		n.Kinds = append(n.Kinds, page.Kind{Kind: row.Kind, Count: row.Count, Waived: row.Waived})
	case row.Kind == verdict.Differs.String():
		f := &n.Fields[slices.IndexFunc(n.Fields, func(f page.Field) bool { return f.Field == *row.Field })]
		if row.Level == nil {
			f.Differs = row.Count
			return
		}
		if f.Alone == nil {
			f.Alone = make([]*int64, len(n.Levels))
		}
		f.Alone[level()] = row.Count
	case row.Field == nil:
		l := &n.Levels[level()]
		switch row.Kind {
		case verdict.Missing.String():
			l.Missing = row.Count
		case verdict.Duplicate.String():
			l.Duplicates = row.Count
		case verdict.InvalidKey.String():
			l.InvalidKey = row.Count
		}
	}
}

// pageGroup gives what levels got wrong by the values of a carried column. The sums over the values are counts that may be public or
// follow from some, so what a level got wrong is withheld as in a list with a known sum.
func pageGroup(c engine.CarryCount, levels int, least int64) page.Group {
	g := page.Group{Column: c.Column}
	var hidden [][]bool // a level
	for l := range levels {
		counts := make([]int64, len(c.Values))
		small := make([]bool, len(c.Values)) // either part is
		for i, v := range c.Values {
			counts[i] = v.Outlier[l] + v.Missing[l]
			small[i] = v.Outlier[l] > 0 && v.Outlier[l] < least || v.Missing[l] > 0 && v.Missing[l] < least
		}
		h, _ := privacy.Withhold(counts, small, least)
		hidden = append(hidden, h)
	}
	type line struct {
		page.GroupValue
		visible int64
	}
	var lines []line
	for i, v := range c.Values {
		value := line{GroupValue: page.GroupValue{Value: v.Value, Wrong: make([]*int64, levels)}}
		for l := range levels {
			if n := v.Outlier[l] + v.Missing[l]; !hidden[l][i] {
				value.Wrong[l] = &n
				value.visible += n
			}
		}
		if value.visible == 0 || privacy.Telling([]byte(v.Value)) || len(lines) == groupsShown {
			g.More++
			continue
		}
		lines = append(lines, value)
	}
	// By what can be seen: the order of what is withheld would tell of it.
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(b.visible, a.visible), strings.Compare(a.Value, b.Value))
	})
	for _, l := range lines {
		g.Values = append(g.Values, l.GroupValue)
	}
	return g
}

// pageGate gives a gate, with its value as public/runs has it.
func pageGate(o Outcome, value *float64) page.Gate {
	out := page.Gate{Metric: o.Metric, Of: o.Gate.of(), Value: value, Passed: o.Passed}
	switch {
	case o.isRate():
		out.Unit = page.Share
	case o.Metric == AgeMetric:
		out.Unit = page.Seconds
	}
	limit := func(kind page.LimitKind, value *float64) {
		if value != nil {
			out.Limits = append(out.Limits, page.Limit{Kind: kind, Value: *value})
		}
	}
	limit(page.AtLeast, o.Min)
	limit(page.AtMost, o.Max)
	limit(page.LessBy, o.MinChange)
	if o.Metric == NewMismatches {
		limit(page.OpenBy, o.MaxChange)
	} else {
		limit(page.MoreBy, o.MaxChange)
	}
	if o.MaxAge > 0 {
		limit(page.AtMost, &o.MaxAge)
	}
	return out
}

// publicGroups says which carried columns may have their values on a page: those that are about nobody, as far as anybody knows.
func publicGroups(columns []Column) []bool {
	var shown []bool
	for _, c := range columns {
		if c.Role == "carried" {
			shown = append(shown, c.Class == privacy.None && c.Show == privacy.Full)
		}
	}
	return shown
}
