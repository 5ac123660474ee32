package main

import (
	"context"
	"fmt"
	"strings"

	"crosscheck/engine/audit"
	"crosscheck/engine/job"

	"github.com/spf13/cobra"
)

// audit is the command `audit`: the trail of what was done with the data of a job.
func (a *app) audit() *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Show and verify who did what with the data of a job",
		Long: "Each night that is published, each run that read data and published nothing, each use of the pseudonym key, each change of\n" +
			"the job file, each record that is looked up and each purge leaves an entry in reports/restricted/audit: who, when, why,\n" +
			"which tier, how many rows, and the SHA-256 of what was published. Each entry holds the hash of the one before, and the\n" +
			"manifest of each night that of its entry. 'check', 'diff' and 'init' leave none: they publish nothing below the reports\n" +
			"folder.",
		Example: "  crosscheck audit verify -c job.yaml\n  crosscheck audit show -c job.yaml --since 2026-11-01 --what publish",
		Args:    cobra.ArbitraryArgs,
		RunE:    choose("command"),
	}
	c.AddCommand(a.auditShow(), a.auditVerify(), a.auditSeal())
	return c
}

// auditExits says the exit codes that the commands below audit have.
const auditExits = "Exit codes: 0 the trail is sound; 1 it is broken; 2 usage or configuration; 3 it cannot be read."

// auditVerify is the command `audit verify`.
func (a *app) auditVerify() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "verify -c job.yaml",
		Short: "Prove that nothing in the trail was changed or cut",
		Long: "verify reads every line of the trail, holds it against the one before and against the manifests of all nights, and names\n" +
			"the first line that is not as it was written. It writes nothing. Keep the head that it prints elsewhere: who may write to\n" +
			"the reports folder could put back an older copy of all of it, or cut off entries younger than the last night.\n\n" + auditExits,
		Example: "  crosscheck audit verify -c job.yaml\n  crosscheck audit verify -c job.yaml --format json",
		Args:    flagsAlone,
		RunE:    a.runs(func(context.Context, []string) error { return a.verifyTrail(file) }),
	}
	flagConfig(c, &file)
	a.flagFormat(c)
	return c
}

// verifyDocument is the document of `audit verify --format json`.
type verifyDocument struct {
	Command   string        `json:"command"`
	ExitCode  int           `json:"exit_code"`
	Reports   string        `json:"reports"` // the reports folder
	Sound     bool          `json:"sound"`
	Fault     *audit.Fault  `json:"fault"`   // the first thing wrong, or null
	Files     int           `json:"files"`   // of the trail
	Entries   int64         `json:"entries"` // since the last seal, up to the fault
	Head      *audit.Anchor `json:"head"`    // the last entry; null: there is none
	Manifests int           `json:"manifests"`
	Notes     []string      `json:"notes"`
}

// verifyTrail runs `audit verify`.
func (a *app) verifyTrail(file string) error {
	j, err := job.Load(file, a.env)
	if err != nil {
		return err
	}
	check, err := audit.Verify(j.Reports.Dir)
	if err != nil {
		return err
	}
	doc := verifyDocument{Command: "audit verify", Reports: j.Reports.Dir, Sound: check.Fault == nil, Fault: check.Fault,
		Files: check.Files, Entries: check.Entries, Manifests: check.Manifests, Notes: append([]string{}, check.Notes...)}
	if check.Head.Seq > 0 {
		doc.Head = &check.Head
	}
	var verdict error
	if !doc.Sound {
		doc.ExitCode, verdict = exitDiffers, errDiffers
	}
	if a.format == "json" {
		err = a.printJSON(doc)
	} else {
		_, err = fmt.Fprint(a.out, doc.text(a.outStyle))
	}
	if err != nil {
		return a.out.failed()
	}
	return verdict
}

// text gives the document for people.
func (d *verifyDocument) text(s style) string {
	var b strings.Builder
	switch {
	case !d.Sound:
		broken := audit.BrokenError{Reports: d.Reports, Fault: *d.Fault}
		fmt.Fprintln(&b, s.bad("✗ ")+printable(broken.Error()))
	case d.Head == nil:
		fmt.Fprintln(&b, s.good("✓ ")+"there is no audit trail yet: nothing was published below "+d.Reports)
	default:
		fmt.Fprintf(&b, "%sthe audit trail is sound: %s in %s, anchored by %s\n", s.good("✓ "),
			plural(d.Entries, "line"), plural(int64(d.Files), "file"), plural(int64(d.Manifests), "manifest"))
		fmt.Fprintf(&b, "  head: entry %d, SHA-256 %s\n", d.Head.Seq, d.Head.SHA256)
	}
	for _, n := range d.Notes {
		fmt.Fprintln(&b, s.dim("  note: ")+printable(n))
	}
	if !d.Sound {
		fmt.Fprintln(&b, s.dim("  next: ")+brokenHint)
	}
	return b.String()
}

// brokenHint says how to go on after a break.
const brokenHint = "find out who changed it, and put back a copy if there is one; otherwise 'crosscheck audit seal -c JOB --reason TEXT' " +
	"records the break and lets runs go on"

// auditSeal is the command `audit seal`.
func (a *app) auditSeal() *cobra.Command {
	var file, reason string
	c := &cobra.Command{
		Use:   "seal -c job.yaml --reason TEXT",
		Short: "Go on after a break of the trail, on record",
		Long: "seal is for a trail that 'audit verify' finds broken, over which runs refuse to begin. It starts a new segment whose first\n" +
			"entry says who goes on, why, and what was wrong, and holds the SHA-256 of all older files, which stay as they are. 'audit\n" +
			"verify' tells of the break ever after.\n\n" +
			"Exit codes: 0 sealed; 2 usage or configuration, or nothing is broken; 3 the trail cannot be read; 5 it cannot be written.",
		Example: "  crosscheck audit seal -c job.yaml --reason 'file lost with disk 2, ticket 4711'",
		Args:    flagsAlone,
		RunE: a.runs(func(context.Context, []string) error {
			if strings.TrimSpace(reason) == "" {
				return usagef("--reason is empty: say what happened and why the trail goes on")
			}
			return a.sealTrail(file, reason)
		}),
	}
	flagConfig(c, &file)
	c.Flags().StringVar(&reason, "reason", "", "what happened and why the trail goes on, without a key or a value of a record (required)")
	if err := c.MarkFlagRequired("reason"); err != nil {
		panic(err) // the flag does not exist: a mistake in this package
	}
	return c
}

// sealTrail runs `audit seal`.
func (a *app) sealTrail(file, reason string) error {
	j, err := job.Load(file, a.env)
	if err != nil {
		return err
	}
	sealed, err := audit.SealBreak(j.Reports.Dir, reason, j.Name)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(a.out, "%ssealed: %s\n  entry %d goes on from here; 'crosscheck audit verify' tells of the break ever after\n",
		a.outStyle.good("✓ "), sealed.Break, sealed.Seq); err != nil {
		return a.out.failed()
	}
	return nil
}
