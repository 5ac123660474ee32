package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/durable"
	"crosscheck/engine/job"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// check is the command `check`: everything that can be known before a run.
func (a *app) check() *cobra.Command {
	var file string
	var room room
	c := &cobra.Command{
		Use:   "check -c job.yaml",
		Short: "Say what a job would compare, and everything wrong with it",
		Long: "check reads the job file, the schemas and a sample of the columns whose type is open, and shows how a run would\n" +
			"compare them, where it would publish, and its gates. It reports all faults together and writes nothing.\n\n" +
			"Exit codes: 0 the job can run; 2 usage or configuration; 3 input; 70 internal error; 130 interrupted.",
		Example: "  crosscheck check -c job.yaml\n  crosscheck check -c job.yaml --format json",
		Args:    flagsAlone,
		RunE:    a.runs(func(ctx context.Context, _ []string) error { return a.inspect(ctx, file, room) }),
	}
	flagConfig(c, &file)
	room.flags(c)
	a.flagFormat(c)
	return c
}

// checkDocument is what `check` found, and the document of `check --format json`.
type checkDocument struct {
	Command  string        `json:"command"`
	ExitCode int           `json:"exit_code"`
	Job      string        `json:"job"`
	Inputs   []job.Input   `json:"inputs"`
	Waivers  *checkWaivers `json:"waivers,omitempty"`
	Typo     []string      `json:"key_typo,omitempty"` // fields that must agree
	Latest   []latestBy    `json:"latest_by,omitempty"`
	Rosters  []checkRoster `json:"rosters"`
	Rules    []checkRule   `json:"rules"`
	Key      []checkColumn `json:"key"`
	Fields   []checkColumn `json:"fields"`
	Carry    []checkColumn `json:"carry"`
	LeftOut  []leftOut     `json:"left_out"` // columns that are not looked at
	Privacy  checkPrivacy  `json:"privacy"`
	Memory   *checkMemory  `json:"memory,omitempty"`
	Reports  reportsFolder `json:"reports"`
	Gates    []job.Gate    `json:"gates"`
	Told     []string      `json:"told"`     // who hears of a run, in words
	Cache    bool          `json:"cache"`    // fingerprints and values are kept for the next night
	Exact    bool          `json:"exact"`    // values are compared themselves
	Warnings []string      `json:"warnings"` // what does not keep the job from running
}

// checkColumn is how a column would be compared.
type checkColumn struct {
	Name     string          `json:"name"`
	Type     string          `json:"type"`
	Inferred bool            `json:"inferred,omitempty"` // the type was found by what the levels hold
	Rule     string          `json:"rule,omitempty"`     // how values are made alike, in words
	Levels   []levelColumnOf `json:"levels"`
}

// levelColumnOf is where a level has the column.
type levelColumnOf struct {
	Level  string `json:"level"`
	Column string `json:"column,omitempty"` // "" where the level lacks it
	Stored string `json:"stored,omitempty"` // its type there
}

// checkWaivers counts the waivers of a job.
type checkWaivers struct {
	File    string `json:"file"`
	Holding int    `json:"holding"`       // waivers that hold today
	Expired []int  `json:"expired_lines"` // lines of those that have expired
}

// latestBy is the column by which a level chooses among rows of a key.
type latestBy struct {
	Level  string `json:"level"`
	Column string `json:"column"`
}

// checkRoster is a roster that a run would check.
type checkRoster struct {
	job.Input
	Group  string   `json:"group,omitempty"`
	Levels []string `json:"levels"` // that must know each member
}

// checkRule is a rule and what it holds in a line.
type checkRule struct {
	Rule  string `json:"rule"`
	Kind  string `json:"kind"`
	Holds string `json:"holds"`
}

// leftOut is a column that a run would not look at.
type leftOut struct {
	Column string   `json:"column"`
	Levels []string `json:"levels"`
	Reason string   `json:"reason"`
}

// checkMemory is how a run would fit its memory.
type checkMemory struct {
	Budget     int64  `json:"budget_bytes"` // 0: unknown
	Need       int64  `json:"need_bytes"`   // of a run that spills nothing, where 5 % of the records differ
	SpillBytes int64  `json:"spill_bytes"`  // 0: nothing is spilled
	SpillDir   string `json:"spill_dir,omitempty"`

	text string
}

// reportsFolder is where a run would publish.
type reportsFolder struct {
	Dir       string `json:"dir"`
	Exists    bool   `json:"exists"`
	FreeBytes int64  `json:"free_bytes"`
}

// inspect runs `check`. What the job file's faults leave sound is looked at too, so that one call shows all there is to mend.
func (a *app) inspect(ctx context.Context, file string, room room) (err error) {
	j, fault := job.Load(file, a.env)
	if j.Memory, j.SpillDir, err = room.decide(j.Memory, cmp.Or(j.SpillDir, j.Reports.Dir)); err != nil {
		return err
	}
	doc := checkDocument{Command: "check", Job: j.Name, Gates: j.Gates, Told: toldOf(j), Cache: j.Cache, Exact: j.Exact}
	sound := slices.DeleteFunc(slices.Clone(j.Levels), func(l job.Level) bool { return len(l.Paths) == 0 })
	levels, openFault := job.Open(sound)
	defer func() { err = errors.Join(err, job.Close(levels)) }()
	rosters, rosterFault := job.OpenRosters(slices.DeleteFunc(slices.Clone(j.Rosters), func(r job.Roster) bool { return len(r.Paths) == 0 }))
	defer func() { err = errors.Join(err, job.CloseRosters(rosters)) }()
	openFault = errors.Join(openFault, rosterFault)
	folder, folderFault := lookAt(j.Reports.Dir)
	faults := []error{fault, openFault, folderFault, job.CheckTrail(j.Reports.Dir)}
	if fault == nil {
		faults = append(faults, doc.key(ctx, j))
	}
	if fault == nil && openFault == nil {
		doc.Inputs = job.Inputs(levels)
		today, err := a.runDate("")
		if err != nil {
			return err
		}
		plan, err := engine.NewPlan(ctx, levels, j.Options(today, rosters))
		doc.checks(j, rosters)
		doc.waivers(j.Waivers, today)
		doc.Warnings = j.Warnings(today)
		faults = append(faults, j.Place(err), j.CheckInputs(doc.Inputs, job.RosterInputs(rosters)))
		if err == nil {
			m := plan.Memory
			doc.Memory = &checkMemory{Budget: m.Budget, Need: m.Need, SpillBytes: m.SpillBytes, SpillDir: m.SpillDir, text: memoryText(m)}
			doc.Key = columnsOf(plan.Levels, plan.Key)
			doc.Fields = columnsOf(plan.Levels, plan.Fields)
			doc.Carry = columnsOf(plan.Levels, plan.Carry)
			doc.LeftOut = notLookedAt(levels, plan, j.Ignore)
			faults = append(faults, j.CheckWaivers(plan, today), doc.columns(ctx, j, plan, levels))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	doc.Reports = folder
	a.warn(doc.Warnings)
	if a.format == "json" {
		if doc.Gates == nil {
			doc.Gates = []job.Gate{}
		}
		err = a.printJSON(doc)
	} else {
		_, err = fmt.Fprint(a.out, doc.text(a.outStyle, file))
	}
	if err != nil {
		return a.out.failed()
	}
	return nil
}

// checks fills in the rosters and the rules.
func (d *checkDocument) checks(j *job.Job, rosters []engine.Roster) {
	d.Rosters, d.Rules = []checkRoster{}, []checkRule{}
	d.Typo = j.Typo
	for _, l := range j.Levels {
		if l.LatestBy != "" {
			d.Latest = append(d.Latest, latestBy{Level: l.Name, Column: l.LatestBy})
		}
	}
	for i, in := range job.RosterInputs(rosters) {
		r := checkRoster{Input: in, Group: rosters[i].Group, Levels: rosters[i].Levels}
		if len(r.Levels) == 0 {
			for _, l := range j.Levels {
				r.Levels = append(r.Levels, l.Name)
			}
		}
		d.Rosters = append(d.Rosters, r)
	}
	for _, r := range j.Rules {
		d.Rules = append(d.Rules, checkRule{Rule: r.Name, Kind: string(r.Kind), Holds: holds(r)})
	}
}

// waivers counts the waivers that hold on a day.
func (d *checkDocument) waivers(w *job.Waivers, day time.Time) {
	if w != nil {
		d.Waivers = &checkWaivers{File: w.File}
		d.Waivers.Holding, d.Waivers.Expired = w.Expired(day)
	}
}

// holds says in words what a rule holds.
func holds(r engine.Rule) string {
	switch r.Kind {
	case engine.RuleOverdue:
		recent := "no older than " + age(r.MaxAge) + " at the end of the run date"
		if r.Cadence != "" {
			recent = map[engine.Cadence]string{engine.Daily: "of the day before or later", engine.Weekly: "of the week before or later",
				engine.Monthly: "of the month before or later"}[r.Cadence]
		}
		return fmt.Sprintf("each member of %s has a %s on %s %s", r.Roster, r.Field, r.Level, recent)
	case engine.RuleInconsistent:
		on := ""
		if r.Level != "" {
			on = " on " + r.Level
		}
		return fmt.Sprintf("%s%s agrees with the %s in the resident ID", r.Field, on, strings.ReplaceAll(r.Against, "_", " "))
	}
	return fmt.Sprintf("on %s: %s", r.Level, strings.TrimSpace(r.Expr))
}

func columnsOf(levels []string, planned []engine.PlannedField) []checkColumn {
	columns := []checkColumn{}
	for _, p := range planned {
		c := checkColumn{Name: p.Name, Type: p.Type.String(), Inferred: p.Inferred, Rule: ruleOf(p)}
		for l, name := range levels {
			c.Levels = append(c.Levels, levelColumnOf{Level: name, Column: p.Source[l], Stored: p.Stored[l]})
		}
		columns = append(columns, c)
	}
	return columns
}

// notLookedAt lists the columns that are neither key nor compared nor carried, in the order of the levels.
func notLookedAt(levels []engine.Level, plan *engine.Plan, ignored []string) []leftOut {
	used := map[string]bool{}
	for _, all := range [][]engine.PlannedField{plan.Key, plan.Fields, plan.Carry} {
		for _, f := range all {
			used[f.Name] = true
		}
	}
	out := []leftOut{}
	for _, l := range levels {
		for _, f := range l.Source.Schema().Fields() {
			name := f.Name
			if to, ok := l.Columns[name]; ok {
				name = to
			}
			if used[name] {
				continue
			}
			if at := slices.IndexFunc(out, func(o leftOut) bool { return o.Column == name }); at >= 0 {
				out[at].Levels = append(out[at].Levels, l.Name)
			} else {
				out = append(out, leftOut{Column: name, Levels: []string{l.Name}})
			}
		}
	}
	for i := range out {
		switch {
		case slices.Contains(ignored, out[i].Column):
			out[i].Reason = "ignored"
		case len(out[i].Levels) == 1:
			out[i].Reason = "on one level only"
		default:
			out[i].Reason = "not named in fields"
		}
	}
	return out
}

// lookAt says whether a reports folder can be written, without writing. The error is a *usageError.
func lookAt(dir string) (reportsFolder, error) {
	f := reportsFolder{Dir: dir, Exists: true}
	at := dir
	for {
		info, err := os.Stat(at)
		if err == nil {
			if !info.IsDir() {
				return f, usagef("reports folder %s: %s is not a folder; set reports.dir to another one", dir, at)
			}
			break
		}
		if !errors.Is(err, os.ErrNotExist) || filepath.Dir(at) == at {
			return f, usagef("reports folder %s: %w", dir, durable.Cause(err))
		}
		f.Exists = false
		at = filepath.Dir(at)
	}
	if err := unix.Access(at, unix.W_OK|unix.X_OK); err != nil {
		return f, usagef("reports folder %s: cannot write to %s: %w; give this user the right to, or set reports.dir to another folder", dir, at, err)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(at, &fs); err != nil {
		return f, usagef("reports folder %s: cannot see its free space: %w", dir, err)
	}
	f.FreeBytes = int64(fs.Bavail) * int64(fs.Bsize)
	return f, nil
}
