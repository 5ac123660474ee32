package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"crosscheck/engine/job"
	"crosscheck/engine/privacy"

	"github.com/spf13/cobra"
)

// purge is the command `purge`: retention.
func (a *app) purge() *cobra.Command {
	var file, age string
	var only []string
	var dry bool
	c := &cobra.Command{
		Use:   "purge -c job.yaml --older-than 90d",
		Short: "Remove the reports of old nights, on record",
		Long: "purge removes the tables of nights whose run date is longer ago than the age, with their folders, and the manifest of a night\n" +
			"with its last table. With --tier the tables of other tiers stay, and the manifest says what is gone. The last night that was\n" +
			"published always stays, and so does the audit trail, which says what is removed before and after. It also clears what runs\n" +
			"that were killed left behind. A purge that is killed is finished by the next one.\n\n" +
			"Exit codes: 0 purged, or nothing to do; 2 usage, configuration or broken trail; 3 a folder cannot be read; 4 a run holds\n" +
			"the lock; 5 something could not be removed; 70 internal error.",
		Example: "  crosscheck purge -c job.yaml --older-than 90d --dry-run\n" +
			"  crosscheck purge -c job.yaml --older-than 90d --tier restricted\n  crosscheck purge -c job.yaml --older-than 3y",
		Args: flagsAlone,
		RunE: a.runs(func(context.Context, []string) error {
			before, err := a.daysAgo(age)
			if err != nil {
				return err
			}
			opt := job.PurgeOptions{Before: before, Why: "older than " + age, DryRun: dry, Tiers: privacy.Tiers()}
			if len(only) > 0 {
				opt.Tiers = nil
			}
			for _, t := range only {
				if !slices.Contains(tiers, t) {
					return usagef("unknown --tier %q; it can be %s", t, strings.Join(tiers, ", "))
				}
				opt.Tiers = append(opt.Tiers, privacy.Tier(t))
			}
			return a.purgeNights(file, opt)
		}),
	}
	flagConfig(c, &file)
	c.Flags().StringVar(&age, "older-than", "", "the age: a number and d (days), w (weeks) or y (years), as 90d (required)")
	if err := c.MarkFlagRequired("older-than"); err != nil {
		panic(err) // the flag does not exist: a mistake in this package
	}
	c.Flags().StringSliceVar(&only, "tier", nil, "only the tables of this tier, or of several with commas: "+strings.Join(tiers, ", ")+" (default all)")
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed, and remove nothing")
	mustComplete(c, "older-than", "30d", "90d", "26w", "1y", "3y")
	mustComplete(c, "tier", tiers...)
	a.flagFormat(c)
	return c
}

var agePattern = regexp.MustCompile(`^([1-9][0-9]{0,4})([dwy])$`)

// daysAgo gives the day that lies an age before today, here.
func (a *app) daysAgo(age string) (time.Time, error) {
	m := agePattern.FindStringSubmatch(age)
	if m == nil {
		return time.Time{}, usagef("--older-than %q is no age; write a number and d, w or y, as 90d", age)
	}
	today, err := a.runDate("")
	if err != nil {
		return today, err
	}
	n, _ := strconv.Atoi(m[1]) // five digits
	switch m[2] {
	case "y":
		return today.AddDate(-n, 0, 0), nil
	case "w":
		n *= 7
	}
	return today.AddDate(0, 0, -n), nil
}

// purgeDocument is the document of `purge --format json`.
type purgeDocument struct {
	Command  string       `json:"command"`
	ExitCode int          `json:"exit_code"`
	Reports  string       `json:"reports"` // the reports folder
	DryRun   bool         `json:"dry_run"`
	Before   string       `json:"before"` // nights of run dates before this day
	Nights   []purgeNight `json:"nights"`
	Prints   bool         `json:"fingerprints"` // those that were kept of an old night went too
	Kept     *string      `json:"kept"`         // the last night, where it is old enough; or null
	Entry    *int64       `json:"entry"`        // of the audit trail; null: nothing was to be done, or a dry run
}

// purgeNight is what was removed of a night, or would be.
type purgeNight struct {
	Date     string   `json:"date"`
	Tiers    []string `json:"tiers"`
	Files    int      `json:"files"`
	Rows     int64    `json:"rows"`
	Bytes    int64    `json:"bytes"`
	Manifest bool     `json:"manifest"` // it went too: nothing of the night is left
}

// purgeNights runs `purge`.
func (a *app) purgeNights(file string, opt job.PurgeOptions) error {
	j, err := job.Load(file, a.env)
	if err != nil {
		return err
	}
	r, err := job.Purge(j, opt)
	if err != nil {
		return err
	}
	doc := purgeDocument{Command: "purge", Reports: j.Reports.Dir, DryRun: opt.DryRun, Before: opt.Before.Format(job.DateLayout),
		Nights: []purgeNight{}, Prints: r.Fingerprints, Kept: orNull(r.Kept)}
	if r.Entry > 0 {
		doc.Entry = &r.Entry
	}
	for _, n := range r.Nights {
		doc.Nights = append(doc.Nights, purgeNight{Date: n.Date, Tiers: append([]string{}, n.Tiers...), Files: n.Files, Rows: n.Rows, Bytes: n.Bytes, Manifest: n.Manifest})
	}
	if a.format == "json" {
		err = a.printJSON(doc)
	} else {
		_, err = io.WriteString(a.out, doc.text(a.outStyle))
	}
	if err != nil {
		return a.out.failed()
	}
	return nil
}

// text gives the document for people.
func (d *purgeDocument) text(s style) string {
	var b strings.Builder
	if len(d.Nights) == 0 {
		fmt.Fprintf(&b, "%sthere is nothing to purge from nights before %s\n", s.good("✓ "), d.Before)
	} else {
		done := "purged"
		if d.DryRun {
			done = "would be purged"
		}
		fmt.Fprintf(&b, "%s%s before %s: %s\n", s.good("✓ "), plural(int64(len(d.Nights)), "night"), d.Before, done)
		t := s.table("llrrrl", "  night", "tiers", "files", "rows", "size", "")
		for _, n := range d.Nights {
			left := "its manifest stays"
			if n.Manifest {
				left = "with its manifest"
			}
			t.AppendRow(row("  "+n.Date, strings.Join(n.Tiers, ", "), thousands(int64(n.Files)), thousands(n.Rows), size(n.Bytes), left))
		}
		fmt.Fprintln(&b, rendered(t))
	}
	if d.Prints {
		fmt.Fprintf(&b, "%sfingerprints that were kept of an old night go too\n", s.dim("  note: "))
	}
	if d.Kept != nil {
		fmt.Fprintf(&b, "%s%s is the last night and stays\n", s.dim("  note: "), *d.Kept)
	}
	if d.Entry != nil {
		fmt.Fprintf(&b, "%sentry %d of the audit trail says so\n", s.dim("  note: "), *d.Entry)
	}
	return b.String()
}
