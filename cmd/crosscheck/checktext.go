package main

import (
	"fmt"
	"slices"
	"strings"

	"crosscheck/engine/job"
)

// text gives the document as a person reads it.
func (d checkDocument) text(s style, file string) string {
	var sections []string
	sections = append(sections, s.bold(d.Job)+"\n"+s.good("✓ "+file+" can run"))

	t := s.table("lrrrl", "level", "files", "rows", "size", "")
	for _, in := range d.Inputs {
		var first string
		if len(in.Files) > 0 {
			first = in.Files[0]
		}
		if len(in.Files) > 1 {
			first += " …"
		}
		if len(in.Encodings) > 0 && !slices.Equal(in.Encodings, []string{"utf-8"}) {
			first += "  " + strings.Join(in.Encodings, ", ")
		}
		t.AppendRow(row(in.Level, thousands(int64(len(in.Files))), thousands(in.Rows), size(in.Bytes), first))
	}
	sections = append(sections, rendered(t))

	header := []string{"", "", "compared as"}
	for _, in := range d.Inputs {
		header = append(header, in.Level)
	}
	t = s.table("", header...)
	for _, part := range []struct {
		name    string
		columns []checkColumn
	}{{"key", d.Key}, {"field", d.Fields}, {"carried", d.Carry}} {
		for _, c := range part.columns {
			as := c.Type
			if c.Rule != "" {
				as += ", " + c.Rule
			}
			if part.name == "carried" {
				as = ""
			}
			cells := row(s.dim(part.name), c.Name, as)
			for _, l := range c.Levels {
				switch {
				case l.Column == "":
					cells = append(cells, s.dim("–"))
				case l.Column == c.Name:
					cells = append(cells, l.Stored)
				default:
					cells = append(cells, l.Stored+" "+s.dim("as "+l.Column))
				}
			}
			t.AppendRow(cells)
		}
	}
	sections = append(sections, rendered(t))
	if slices.ContainsFunc(d.Fields, func(c checkColumn) bool { return c.Inferred }) {
		sections = append(sections, "  by content: no level has a type for it, and all its first rows read as this one; type: string in fields compares it as text")
	}

	if d.Waivers != nil {
		sections = append(sections, fmt.Sprintf("  waivers in %s: %s in force, %s expired", d.Waivers.File, thousands(int64(d.Waivers.Holding)), thousands(int64(len(d.Waivers.Expired)))))
	}
	if len(d.Typo) > 0 {
		sections = append(sections, "  keys one edit apart are taken for one record with a typo where "+listed(d.Typo)+" agree")
	}
	if len(d.Latest) > 0 {
		var lines []string
		for _, l := range d.Latest {
			lines = append(lines, fmt.Sprintf("  of several rows of a key on %s, the one with the greatest %s stands for the level", l.Level, l.Column))
		}
		sections = append(sections, strings.Join(lines, "\n"))
	}
	if len(d.Rosters) > 0 {
		t := s.table("lrl", "roster", "rows", "each member must be on")
		for _, r := range d.Rosters {
			on := listed(r.Levels)
			if r.Group != "" {
				on += s.dim("  by " + r.Group)
			}
			t.AppendRow(row(r.Level, thousands(r.Rows), on))
		}
		sections = append(sections, rendered(t))
	}
	if len(d.Rules) > 0 {
		t := s.table("lll", "rule", "", "holds that")
		for _, r := range d.Rules {
			t.AppendRow(row(r.Rule, s.dim(r.Kind), r.Holds))
		}
		sections = append(sections, rendered(t))
	}

	if len(d.LeftOut) > 0 {
		var lines []string
		for _, o := range d.LeftOut {
			lines = append(lines, fmt.Sprintf("  %s %s", o.Column, s.dim("("+o.Reason+": "+strings.Join(o.Levels, ", ")+")")))
		}
		sections = append(sections, s.dim("  not compared")+"\n"+strings.Join(lines, "\n"))
	}

	sections = append(sections, d.Privacy.text(s))

	var lines []string
	for _, g := range d.Gates {
		lines = append(lines, "gate     "+g.String())
	}
	if len(lines) == 0 {
		lines = append(lines, "gates    none: a run that publishes exits with 0")
	}
	for _, told := range d.Told {
		lines = append(lines, "tells    "+told)
	}
	if d.Cache {
		lines = append(lines, "cache    keys, fingerprints and values of the levels are kept below "+d.Reports.Dir+"/restricted")
	}
	if d.Exact {
		lines = append(lines, "exact    keys and values are compared themselves: a run reads all levels once more, in little memory several times, and takes some seven times as long")
	}
	state := "is there"
	if !d.Reports.Exists {
		state = "will be made"
	}
	lines = append(lines, fmt.Sprintf("reports  %s (%s, writable, %s free)", d.Reports.Dir, state, size(d.Reports.FreeBytes)))
	if d.Memory != nil {
		lines = append(lines, "memory   "+d.Memory.text)
	}
	sections = append(sections, strings.Join(lines, "\n"))
	return strings.Join(sections, "\n\n") + "\n"
}

// toldOf says who hears of a run, and of what, without the addresses.
func toldOf(j *job.Job) []string {
	told := []string{}
	if n := j.Notify; n != nil {
		told = append(told, n.Webhook.Place()+": "+strings.Join(n.On, ", "))
	}
	if l := j.Lineage; l != nil && l.URL != nil {
		told = append(told, l.URL.Place()+": OpenLineage events")
	}
	if l := j.Lineage; l != nil && l.File != "" {
		told = append(told, l.File+": OpenLineage events")
	}
	return told
}
