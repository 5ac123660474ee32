package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"crosscheck/engine/job"

	"github.com/spf13/cobra"
)

// history is the command `history`: the nights of a job.
func (a *app) history() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "history -c job.yaml",
		Short: "List the nights of a job, what was compared in all, and how the rates go",
		Long: "history lists the committed nights of a job by date: what they found, what was new since the night before, what went\n" +
			"away, and whether the gates held. It reads manifests alone, no findings. A record of a night counts as one comparison.\n\n" +
			"Exit codes: 0 listed; 2 usage, configuration or reports that cannot be read; 5 could not write.",
		Example: "  crosscheck history -c job.yaml\n  crosscheck history -c job.yaml --format json",
		Args:    flagsAlone,
		RunE: a.runs(func(context.Context, []string) error {
			j, err := job.Load(file, a.env)
			if err != nil {
				return err
			}
			return a.showHistory(j)
		}),
	}
	flagConfig(c, &file)
	a.flagFormat(c)
	return c
}

// historyDocument is the document of `history --format json`.
type historyDocument struct {
	Command  string   `json:"command"`
	ExitCode int      `json:"exit_code"`
	Reports  string   `json:"reports"`
	Warnings []string `json:"warnings"`
	*job.History
}

func (a *app) showHistory(j *job.Job) error {
	h, warnings, err := job.ReadHistory(j.Reports.Dir)
	if err != nil {
		return err
	}
	a.warn(warnings)
	if a.format == "json" {
		err = a.printJSON(historyDocument{Command: "history", Reports: j.Reports.Dir, Warnings: append([]string{}, warnings...), History: h})
	} else {
		_, err = io.WriteString(a.out, historyText(j.Name, h, a.outStyle))
	}
	if err != nil {
		return a.out.failed()
	}
	return nil
}

// missingShown is how many dates without a night are named.
const missingShown = 10

// historyText gives the nights as a table, what they add up to, and how the rates go.
func historyText(name string, h *job.History, s style) string {
	if len(h.Nights) == 0 {
		return s.bold(name) + "\nno nights yet: 'crosscheck run' publishes the first\n"
	}
	first, last := h.Nights[0], h.Nights[len(h.Nights)-1]
	title := plural(int64(len(h.Nights)), "night")
	if len(h.Nights) > 1 {
		title += ", " + first.Date + " to " + last.Date
	}
	t := s.table("lrrrrrrrlr", "night", "records", "findings", "new", "persisting", "resolved", "mismatch rate", "missing rate", "gates", "took")
	stale := false
	for _, n := range h.Nights {
		cells := row(n.Date, thousands(n.Records), thousands(n.Findings))
		c := n.Changes
		switch {
		case c == nil:
			cells = append(cells, "–", "–", "–")
		case c.Against == "":
			cells = append(cells, thousands(c.New), "–", "–")
		default:
			cells = append(cells, thousands(c.New), thousands(c.Persisting), thousands(c.Resolved))
		}
		if n.Stale {
			stale = true
			cells[0] = n.Date + " *"
		}
		t.AppendRow(append(cells, rate(n.MismatchRate), rate(n.MissingRate), gatesWord(n.Gates, s), seconds(time.Duration(n.Seconds*float64(time.Second)))))
	}
	sections := []string{s.bold(name) + "  " + title, rendered(t)}
	var notes []string
	if stale {
		notes = append(notes, "  * the night before it was published later, or published again as another one; run these again, the earliest first")
	}
	if n := len(h.Missing); n > 0 {
		text := "  no night of " + strings.Join(h.Missing[:min(n, missingShown)], ", ")
		if n > missingShown {
			text += fmt.Sprintf(" and %s more", thousands(int64(n-missingShown)))
		}
		notes = append(notes, text+"; 'crosscheck run --date' catches up, in any order")
	}
	if len(notes) > 0 {
		sections = append(sections, strings.Join(notes, "\n"))
	}
	sections = append(sections, trends(h.Nights, s))
	total := fmt.Sprintf("  %s over all nights, of %s read", plural(h.Comparisons, "comparison"), plural(h.Rows, "row"))
	for _, m := range h.Milestones {
		total += "\n" + s.good(fmt.Sprintf("★ %s comparisons passed on %s", thousands(m.Comparisons), m.Date))
	}
	return strings.Join(append(sections, total), "\n\n") + "\n"
}

// gatesWord says how the gates of a night fared.
func gatesWord(gates []job.Outcome, s style) string {
	var failed []string
	for _, o := range gates {
		if !o.Passed {
			name := o.Metric
			if o.Level != "" {
				name += " of " + o.Level
			}
			failed = append(failed, name)
		}
	}
	switch {
	case len(gates) == 0:
		return s.dim("none")
	case len(failed) == 0:
		return s.good("✓")
	}
	return s.bad("✗ " + strings.Join(failed, ", "))
}

// trends draws the rates and the new findings over the nights.
func trends(nights []job.HistoryNight, s style) string {
	t := s.table("llrrr", "trend", "", "least", "most", "last")
	for _, line := range []struct {
		name  string
		value func(job.HistoryNight) (float64, bool)
		text  func(float64) string
	}{
		{"mismatch rate", func(n job.HistoryNight) (float64, bool) { return n.MismatchRate, true }, rate},
		{"missing rate", func(n job.HistoryNight) (float64, bool) { return n.MissingRate, true }, rate},
		{"new findings", func(n job.HistoryNight) (float64, bool) {
			if n.Changes == nil || n.Changes.Against == "" {
				return 0, false // all count as new
			}
			return float64(n.Changes.New), true
		}, func(x float64) string { return thousands(int64(x)) }},
	} {
		var values []float64
		for _, n := range nights[max(0, len(nights)-trendNights):] {
			x, ok := line.value(n)
			if !ok {
				x = math.NaN()
			}
			values = append(values, x)
		}
		low, high, last := math.Inf(1), math.Inf(-1), math.NaN()
		for _, x := range values {
			if !math.IsNaN(x) {
				low, high, last = min(low, x), max(high, x), x
			}
		}
		if !math.IsNaN(last) {
			t.AppendRow(row(line.name, sparkline(values, high), line.text(low), line.text(high), line.text(last)))
		}
	}
	return rendered(t)
}

// trendNights is how many nights a trend shows, the last ones.
const trendNights = 60

// sparkline draws values from 0 to high, which all but those that are not there lie in, as bars of eight heights.
func sparkline(values []float64, high float64) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, x := range values {
		switch {
		case math.IsNaN(x):
			b.WriteByte(' ')
		case high == 0:
			b.WriteRune(bars[0])
		default:
			b.WriteRune(bars[min(len(bars)-1, int(x/high*float64(len(bars))))])
		}
	}
	return b.String()
}

// rate gives a share as "12.34 %", and never 0.00 % for what is not none.
func rate(share float64) string {
	if share > 0 && share < 0.00005 {
		return "<0.01 %"
	}
	return fmt.Sprintf("%.2f %%", 100*share)
}
