package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/job"
	"crosscheck/engine/privacy"
)

// checkPrivacy is who would see what of the findings.
type checkPrivacy struct {
	KeyID   string `json:"pseudonym_key_id,omitempty"` // "": there is no key, and no internal tier
	Links   bool   `json:"link_table"`                 // restricted/links will be published
	MinCell int64  `json:"min_cell"`

	EncryptedTo []string `json:"encrypted_to,omitempty"` // the recipients of the restricted tier; none: it is not encrypted

	Columns []tierColumn `json:"columns"`

	Owners map[privacy.Tier]string `json:"owners,omitempty"` // user:group of the tiers that the job gives away
}

// tierColumn is how each tier would show a column.
type tierColumn struct {
	Column   string                        `json:"column"`
	Role     string                        `json:"role"`                 // key, field, carried or group
	Class    string                        `json:"class"`                // a word of the job file
	Evidence string                        `json:"evidence"`             // in words
	Sure     privacy.Confidence            `json:"confidence,omitempty"` // of what was found; none where the job, the type or the role decides
	Tiers    map[privacy.Tier]privacy.Show `json:"tiers"`

	guarded bool
}

// key reads the pseudonym key and the identities as a run would.
func (d *checkDocument) key(ctx context.Context, j *job.Job) error {
	last, err := job.LastNight(j.Reports.Dir)
	if err == nil {
		_, err = j.Unlock(ctx, last)
	}
	if e := j.Privacy.Encrypt; e != nil {
		d.Privacy.EncryptedTo = e.To.Names()
	}
	for tier, o := range j.Privacy.Owners {
		if d.Privacy.Owners == nil {
			d.Privacy.Owners = map[privacy.Tier]string{}
		}
		d.Privacy.Owners[tier] = o.String()
	}
	return errors.Join(err, d.pseudonyms(ctx, j), j.CheckOwners())
}

// pseudonyms reads the pseudonym key.
func (d *checkDocument) pseudonyms(ctx context.Context, j *job.Job) error {
	d.Privacy.MinCell = j.Privacy.MinCell
	if d.Privacy.MinCell == 0 {
		d.Privacy.MinCell = job.DefaultMinCell
	}
	key, err := j.PseudonymKey(ctx)
	if key == nil || err != nil {
		return err
	}
	d.Privacy.KeyID, d.Privacy.Links = key.ID(), j.Privacy.Links
	return j.CheckRotation(key)
}

// columns says how each tier would show the columns of a plan.
func (d *checkDocument) columns(ctx context.Context, j *job.Job, plan *engine.Plan, levels []engine.Level) error {
	if err := j.CheckGates(plan); err != nil {
		return err
	}
	columns, err := j.Columns(ctx, plan, levels)
	if err == nil {
		err = j.CheckGroups(columns)
	}
	d.Privacy.Columns = []tierColumn{}
	for _, c := range columns {
		t := tierColumn{Column: c.Name, Role: c.Role, Class: c.Class.Word(), Evidence: evidence(c), Sure: sure(c), Tiers: map[privacy.Tier]privacy.Show{}, guarded: c.Guarded}
		for _, tier := range privacy.Tiers() {
			t.Tiers[tier] = j.Privacy.Internal.Show(c.Class, tier)
		}
		t.Tiers[privacy.Internal] = c.Show
		d.Privacy.Columns = append(d.Privacy.Columns, t)
	}
	return err
}

// evidence says why a column has its class.
func evidence(c job.Column) string {
	e := c.Evidence
	var words []string
	if c.InJob {
		words = append(words, "the job says so")
		if e.Class != c.Class && e.Class != privacy.None {
			words = append(words, "looks like "+e.Class.String())
		}
		e.ByName = false
	}
	if text := found(e); text != "" {
		words = append(words, text)
	}
	switch {
	case len(words) > 0:
	case c.Class == privacy.ResidentID:
		return "its type"
	case c.Class != privacy.None:
		return "a key"
	default:
		return "nothing found"
	}
	return strings.Join(words, "; ")
}

// found says what tells the class of a column: its name, and how many of its values look like it.
func found(e privacy.Evidence) string {
	var words []string
	if e.ByName {
		words = append(words, "its name")
	}
	if e.Class != privacy.None && e.Alike > 0 {
		words = append(words, fmt.Sprintf("%s of %s", thousands(int64(e.Alike)), plural(int64(e.Of), "value")))
	}
	return strings.Join(words, "; ")
}

// sure says how sure the detection of a column is, where it was detected.
func sure(c job.Column) privacy.Confidence {
	if c.InJob || c.Evidence.Class != c.Class || !c.Evidence.ByName && c.Evidence.Alike == 0 {
		return ""
	}
	return c.Evidence.Confidence()
}

// text gives the table as a person reads it.
func (p checkPrivacy) text(s style) string {
	internal := "internal"
	if p.KeyID == "" {
		internal = s.dim("(internal)")
	}
	t := s.table("", "", "", "holds", "because", "confidence", "restricted", internal, "public")
	guarded := false
	for _, c := range p.Columns {
		shown := string(c.Tiers[privacy.Internal])
		if c.guarded {
			guarded = true
			shown += " ¹"
		}
		if c.Role == "key" {
			shown = "pseudonym"
		}
		class := c.Class
		if class == privacy.None.Word() {
			class = s.dim("–")
		}
		t.AppendRow(row(s.dim(c.Role), c.Column, class, c.Evidence, string(c.Sure), string(c.Tiers[privacy.Restricted]), shown, string(c.Tiers[privacy.Public])))
	}
	text := rendered(t)
	if guarded {
		text += "\n" + s.dim("  ¹ but values that look like a phone, identity or card number or an e-mail address are masked; classes in the job settles it")
	}
	for _, tier := range privacy.Tiers() {
		if owner := p.Owners[tier]; owner != "" {
			text += fmt.Sprintf("\n  the tier %s belongs to %s", tier, owner)
		}
	}
	if n := len(p.EncryptedTo); n > 0 {
		text += fmt.Sprintf("\n  the restricted tier is encrypted to %s: %s", plural(int64(n), "recipient"), strings.Join(p.EncryptedTo, ", "))
	}
	if p.KeyID == "" {
		return text + "\n  " + noInternalTier
	}
	if p.Links {
		text += "\n  restricted/links will say whose pseudonym is whose, since the job asks for it"
	}
	return text + "\n  pseudonyms under the key " + p.KeyID + fmt.Sprintf("; public counts from 1 to %d are suppressed", p.MinCell-1)
}
