package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"crosscheck/engine/job"
	"crosscheck/engine/privacy"
	"crosscheck/engine/profile"
)

// jobDraft is a job file in the making.
type jobDraft struct {
	found  *profile.Profile
	files  []job.Level
	name   string // of the job; "" for that of the folder
	output string // where the job file will be
}

// sensitive lists the columns about persons, with what they hold.
func (d *jobDraft) sensitive() (columns []string) {
	for _, name := range d.found.Names() {
		if k := d.found.Sensitive(name).Class; k != privacy.None {
			columns = append(columns, fmt.Sprintf("%s (%s)", name, k))
		}
	}
	return columns
}

// words gives the words of classes as a choice.
func words(classes []privacy.Class) string {
	var all []string
	for _, c := range classes {
		all = append(all, c.Word())
	}
	return strings.Join(all, "|")
}

// renamed lists the columns of a level that go by another name on an earlier one: those that are sure, and guesses.
func (d *jobDraft) renamed(l int) (sure, weak []profile.Match) {
	for _, m := range d.found.Matches[l] {
		switch {
		case d.from(l, m) == m.Name:
		case m.Weak:
			weak = append(weak, m)
		default:
			sure = append(sure, m)
		}
	}
	return sure, weak
}

func (d *jobDraft) from(l int, m profile.Match) string { return d.found.Columns[l][m.Column].Name }

// text gives the job file.
func (d *jobDraft) text() (string, error) {
	dir, err := filepath.Abs(filepath.Dir(d.output))
	if err != nil {
		return "", fmt.Errorf("finding the folder of %s: %w", d.output, err)
	}
	name := d.name
	if name == "" {
		name = filepath.Base(dir)
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Written by 'crosscheck init'. 'crosscheck check -c FILE' shows how each column is compared; 'crosscheck run -c FILE' runs it.")
	line("# Relative paths are relative to this file, and ${NAME} in a text reads the environment.")
	line("")
	line("job: %s", quoted(name))
	line("")
	d.key(line)
	line("")
	line("# The data sets that describe the same records, in the order of the report.")
	line("levels:")
	for l, f := range d.files {
		var paths []string
		for _, p := range f.Paths {
			path, err := relativeTo(dir, p)
			if err != nil {
				return "", err
			}
			paths = append(paths, quoted(path))
		}
		line("  %s:", quoted(f.Name))
		line("    path: [%s]", strings.Join(paths, ", "))
		if f.Encoding != "" {
			line("    encoding: %s", f.Encoding)
		}
		d.columns(l, line)
	}
	line("")
	d.fields(line)
	if s := d.sensitive(); len(s) > 0 {
		line("")
		line("# About persons, by name or content: %s.", strings.Join(s, ", "))
		line("# Their values stand in reports/restricted alone, which only you can read. With a key, which 'crosscheck keygen' makes, others may")
		line("# read reports/internal: pseudonyms and masked values. 'crosscheck check' shows who sees what of each column; classes changes it.")
		line("# privacy: {pseudonym_key: {file: pseudonym.key}, classes: {column: %s}}", words(privacy.Classes()))
	}
	line("")
	line("reports: {dir: reports}")
	line("")
	line("# Limits, as shares of all records: a run that breaks one is published and exits with 1.")
	line("# gates: [{metric: mismatch_rate, max: 0.05}]")
	return b.String(), nil
}

// key writes the key and what else it could be.
func (d *jobDraft) key(line func(string, ...any)) {
	best := d.found.Keys[0]
	line("# The key: %s.", why(best))
	for _, c := range d.found.Keys[1:min(4, len(d.found.Keys))] {
		if c.Unique >= 0.5 {
			line("#   or %s: %s", strings.Join(c.Columns, ", "), why(c))
		}
	}
	var parts []string
	for _, c := range best.Columns {
		part := quoted(c)
		if best.IDs {
			part = fmt.Sprintf("{column: %s, type: cn_id}", part)
		}
		parts = append(parts, part)
	}
	line("key: [%s]", strings.Join(parts, ", "))
}

// columns writes the columns of a level that go by another name on an earlier one.
func (d *jobDraft) columns(l int, line func(string, ...any)) {
	sure, weak := d.renamed(l)
	if len(sure) > 0 {
		line("    columns: # theirs: ours")
	}
	for _, m := range sure {
		line("      %s: %s # by %s; %s of their values are the same", quoted(d.from(l, m)), quoted(m.Name), m.How, share(m.Alike))
	}
	for _, m := range weak {
		line("    # columns: {%s: %s} would be a guess: %s of their values are the same", quoted(d.from(l, m)), quoted(m.Name), share(m.Alike))
	}
}

// fields writes what is compared and what is not.
func (d *jobDraft) fields(line func(string, ...any)) {
	var shared, alone []string
	for _, n := range d.found.Names() {
		held := d.found.HeldBy(n)
		switch {
		case slices.Contains(d.found.Keys[0].Columns, n):
		case len(held) < 2:
			alone = append(alone, n+" ("+held[0]+")")
		default:
			shared = append(shared, n)
		}
	}
	line("# Compared: all columns that two levels share: %s.", strings.Join(shared, ", "))
	if len(alone) > 0 {
		line("# Not compared, since one level alone has them: %s.", strings.Join(alone, ", "))
	}
	line("# ignore: [updated_at]")
}

// relativeTo gives a path as a job file in a folder must name it.
func relativeTo(dir, path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", path, err)
	}
	if rel, err := filepath.Rel(dir, abs); err == nil {
		return rel, nil
	}
	return abs, nil
}

// quoted gives a text as YAML, plain where nobody could take it for something else.
func quoted(s string) string {
	safe := func(r rune) bool {
		return r == '_' || r == '.' || r == '/' || r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= 0x4e00 && r <= 0x9fff
	}
	begins := s != "" && (s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z' || s[0] >= 0x80)
	word := slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}, strings.ToLower(s))
	if begins && !word && !strings.ContainsFunc(s, func(r rune) bool { return !safe(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// shown says on the terminal what was found.
func (d *jobDraft) shown(s style) string {
	best := d.found.Keys[0]
	sections := []string{s.good("✓ "+d.output) + ": a job for " + listed(d.found.Levels)}
	t := s.table("lrrl", "level", "rows", "columns", "")
	for l, f := range d.files {
		rows := int64(0)
		if len(d.found.Columns[l]) > 0 {
			rows = d.found.Columns[l][0].Rows
		}
		t.AppendRow(row(f.Name, thousands(rows), thousands(int64(len(d.found.Columns[l]))), strings.TrimSpace(strings.Join(f.Paths, " ")+"  "+f.Encoding)))
	}
	kind := ""
	if best.IDs {
		kind = " (resident IDs)"
	}
	sections = append(sections, rendered(t), "  key  "+s.bold(strings.Join(best.Columns, ", "))+kind+": "+why(best))
	t = s.table("lllr", "level", "column", "is", "same values")
	some := false
	for l, f := range d.files {
		sure, weak := d.renamed(l)
		for _, m := range append(sure, weak...) {
			some = true
			to := m.Name + s.dim(" by "+m.How)
			if m.Weak {
				to = s.warn("perhaps ") + m.Name
			}
			t.AppendRow(row(f.Name, d.from(l, m), to, share(m.Alike)))
		}
	}
	if some {
		sections = append(sections, rendered(t))
	}
	if len(d.sensitive()) > 0 {
		t := s.table("", "about persons", "holds", "because", "confidence")
		for _, name := range d.found.Names() {
			if e := d.found.Sensitive(name); e.Class != privacy.None {
				t.AppendRow(row("", name, e.Class.String(), found(e), string(e.Confidence())))
			}
		}
		sections = append(sections, rendered(t))
	}
	sections = append(sections, s.dim("next")+"\n  crosscheck check -c "+d.output+"\n  crosscheck run -c "+d.output)
	return strings.Join(sections, "\n\n") + "\n"
}
