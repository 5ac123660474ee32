package main

import (
	"fmt"
	"strings"
	"time"

	"crosscheck/engine/job"
	"crosscheck/engine/privacy"
	"crosscheck/engine/verdict"
)

// lookupDocument is the document of `lookup --format json`.
type lookupDocument struct {
	Command   string        `json:"command"`
	ExitCode  int           `json:"exit_code"`
	Reports   string        `json:"reports"` // the reports folder
	Tier      string        `json:"tier"`
	Pseudonym *string       `json:"pseudonym"` // of the record; null without a pseudonym key
	Entry     int64         `json:"entry"`     // of the audit trail
	Nights    []lookupNight `json:"nights"`
}

// lookupNight is what a night says of the record.
type lookupNight struct {
	Date     string          `json:"date"`
	Skipped  *string         `json:"skipped"` // why the night was not looked at, or null
	Findings []lookupFinding `json:"findings"`
}

// lookupFinding is a finding; texts that are null in the report are null here.
type lookupFinding struct {
	Kind        string         `json:"kind"`
	Field       *string        `json:"field"`
	Levels      []lookupLevel  `json:"levels"`
	Outlier     *string        `json:"outlier"`
	Consensus   *string        `json:"consensus"`
	Count       *int64         `json:"count"`
	Reason      *string        `json:"reason"`
	RosterGroup *string        `json:"roster_group"`
	Status      string         `json:"status"`
	FirstSeen   string         `json:"first_seen"`
	Carried     []lookupColumn `json:"carried"`
}

// lookupLevel is what a level has.
type lookupLevel struct {
	Level  string  `json:"level"`
	Holds  bool    `json:"holds"` // the record
	Value  *string `json:"value"`
	Source *string `json:"source"`
}

// lookupColumn is a carried column.
type lookupColumn struct {
	Column string  `json:"column"`
	Value  *string `json:"value"`
}

// lookupJSON gives the document.
func lookupJSON(reports string, x *job.Explanation) lookupDocument {
	doc := lookupDocument{Command: "lookup", Reports: reports, Tier: string(x.Tier), Pseudonym: orNull(x.Pseudonym), Entry: x.Entry, Nights: []lookupNight{}}
	for i := range x.Nights {
		n := &x.Nights[i]
		night := lookupNight{Date: n.Date, Skipped: orNull(n.Skipped), Findings: []lookupFinding{}}
		if n.Record != nil {
			for i := range n.Record.Findings {
				night.Findings = append(night.Findings, findingOf(n, i))
			}
		}
		doc.Nights = append(doc.Nights, night)
	}
	return doc
}

func findingOf(n *job.NightOf, i int) lookupFinding {
	h, f := &n.Record.Header, &n.Record.Findings[i]
	out := lookupFinding{Kind: f.Kind.String(), Levels: []lookupLevel{}, Consensus: textOrNull(f.Consensus), Reason: orNull(f.Reason),
		RosterGroup: textOrNull(f.Group), Status: f.Status.String(), FirstSeen: time.Unix(int64(f.FirstSeen)*24*60*60, 0).UTC().Format(job.DateLayout), Carried: []lookupColumn{}}
	if f.Field != verdict.NoField {
		out.Field = &h.Fields[f.Field]
	}
	if f.Outlier != verdict.NoLevel {
		out.Outlier = &h.Levels[f.Outlier]
	}
	if f.Count > 0 {
		out.Count = &f.Count
	}
	for l, level := range h.Levels {
		out.Levels = append(out.Levels, lookupLevel{Level: level, Holds: f.In>>l&1 != 0, Value: textOrNull(f.Values[l]), Source: orNull(f.Sources[l])})
	}
	for c, column := range h.Carry {
		out.Carried = append(out.Carried, lookupColumn{Column: column, Value: textOrNull(f.Carry[c])})
	}
	return out
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func textOrNull(text []byte) *string {
	if text == nil {
		return nil
	}
	s := string(text)
	return &s
}

// lookupText gives what the nights say for people.
func lookupText(name string, x *job.Explanation, s style) string {
	var b strings.Builder
	title := name
	if x.Pseudonym != "" {
		title += " · record " + x.Pseudonym
	}
	fmt.Fprintln(&b, s.bold(printable(title)))
	looked, findings := 0, 0
	for i := range x.Nights {
		n := &x.Nights[i]
		if n.Record == nil {
			fmt.Fprintf(&b, "\n%s  not looked at: %s\n", s.bold(n.Date), n.Skipped)
			continue
		}
		looked++
		findings += len(n.Record.Findings)
		if len(n.Record.Findings) == 0 {
			fmt.Fprintf(&b, "\n%s  no finding: it matches, or no level holds it\n", s.bold(n.Date))
			continue
		}
		fmt.Fprintf(&b, "\n%s  %s\n", s.bold(n.Date), plural(int64(len(n.Record.Findings)), "finding"))
		for i := range n.Record.Findings {
			f := findingOf(n, i)
			b.WriteString(f.text(s, x.Tier))
		}
	}
	shown := "in full"
	if x.Tier == privacy.Internal {
		shown = "masked; --tier restricted shows them in full"
	}
	fmt.Fprintf(&b, "\n%s\n", s.dim(fmt.Sprintf("%s in %s, values %s; entry %d of the audit trail says so",
		plural(int64(findings), "finding"), plural(int64(looked), "night"), shown, x.Entry)))
	return b.String()
}

// text gives a finding for people: a heading, and a line a level.
func (f *lookupFinding) text(s style, tier privacy.Tier) string {
	null := "null"
	if tier == privacy.Internal {
		null = "null or hidden"
	}
	parts := []string{f.Kind}
	add := func(word string, text *string) {
		if text != nil {
			parts = append(parts, word+printable(*text))
		}
	}
	add("", f.Field)
	add("by ", f.Reason)
	add("group ", f.RosterGroup)
	if f.Count != nil {
		parts = append(parts, plural(*f.Count, "row"))
	}
	parts = append(parts, f.Status, "since "+f.FirstSeen)
	t := s.table("llll", "  level", "value", "", "source")
	for _, l := range f.Levels {
		value, remark, source := "–", "", ""
		switch {
		case l.Value != nil:
			value = printable(*l.Value)
		case !l.Holds:
			remark = "lacks the record"
		case f.Field != nil:
			value, remark = "", null
		default:
			remark = "holds the record"
		}
		if f.Outlier != nil && *f.Outlier == l.Level {
			remark = "stands alone"
		}
		if l.Source != nil {
			source = printable(*l.Source)
		}
		t.AppendRow(row("  "+l.Level, value, remark, source))
	}
	if f.Consensus != nil {
		t.AppendRow(row("  most", printable(*f.Consensus), "", ""))
	}
	for _, c := range f.Carried {
		if c.Value != nil {
			t.AppendRow(row("  "+printable(c.Column), printable(*c.Value), "carried", ""))
		}
	}
	return "  " + strings.Join(parts, " · ") + "\n" + rendered(t) + "\n"
}
