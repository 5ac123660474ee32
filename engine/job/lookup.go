package job

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

	"crosscheck/engine/audit"
	"crosscheck/engine/encrypt"
	"crosscheck/engine/privacy"
	"crosscheck/engine/privacy/secret"
	"crosscheck/engine/record"
	"crosscheck/engine/report"
)

// DefaultLookups is how many records a user may look up in an hour where the job says nothing else, LookupsMost the most that it can say.
const (
	DefaultLookups = 60
	LookupsMost    = 10_000
)

// lookupWindow is the time in which lookups are counted.
const lookupWindow = time.Hour

// LookupOptions says which record is looked up, where and why.
type LookupOptions struct {
	Key     secret.Value[[]string] // the texts of the key columns, in any spelling
	Date    string                 // the night, as 2026-11-23; "": the last one
	History bool                   // all nights; Date is "" then
	Tier    privacy.Tier           // Restricted: in full; Internal: masked
	Why     string                 // the reason, for the trail
	With    *encrypt.Identities    // opens what is encrypted; nil: what the job names does
}

// Explanation is what the nights say of a record.
type Explanation struct {
	Tier      privacy.Tier
	Pseudonym string // of the record; "" without a pseudonym key
	Entry     int64  // of the trail
	Nights    []NightOf
}

// NightOf is what one night says of a record.
type NightOf struct {
	Date    string
	Skipped string         // why the night was not looked at; "": it was
	Record  *report.Record // as the tier shows it; nil if the night was skipped
}

// Lookup gives the findings about one record. An entry of the audit trail says so before it returns them, and without one it returns none.
// Nothing else may be appended meanwhile, so that of several lookups at once none slips past the limit, and no night changes.
//
// With a pseudonym key the internal tier shows what the internal table of a night holds under the pseudonym. Without one, and for nights
// under another key, the findings of the restricted table are masked here: by the classes that the job or the names of columns tell, and
// entirely in columns of which neither tells anything. Equal tags in a finding then mean equal texts, and mean nothing beyond it.
//
// Errors: *RefusedError; *Error from PseudonymKey and CheckRotation; *level.InputError where a manifest cannot be read; *audit.BrokenError, *audit.ReadError, *audit.WriteError;
// *report.ReadError. None holds the key.
func Lookup(ctx context.Context, j *Job, opt LookupOptions) (*Explanation, error) {
	key, err := j.PseudonymKey(ctx)
	if err != nil {
		return nil, err
	}
	if nights, err := readCommitted(j.Reports.Dir); err != nil {
		return nil, err
	} else if len(nights) == 0 {
		return nil, refused("'crosscheck run' publishes a night", "no night was published below %s", j.Reports.Dir)
	}
	trail, err := audit.Open(j.Reports.Dir)
	if err != nil {
		return nil, err
	}
	defer trail.Close()
	check, err := j.checked(trail, key)
	if err != nil {
		return nil, err
	}
	if err := j.limitLookups(trail, opt); err != nil {
		return nil, err
	}
	nights, err := nightsAsked(j.Reports.Dir, opt)
	if err != nil {
		return nil, err
	}
	l := &looker{j: j, key: key, opt: opt, check: check, unlocked: unlocked{j: j, with: opt.With}}
	x := &Explanation{Tier: opt.Tier}
	entry := audit.Entry{What: audit.Lookup, Why: opt.Why, Tiers: []string{string(opt.Tier)}, Job: j.Name}
	for i := range nights {
		night, err := l.night(ctx, &nights[i])
		if err != nil {
			return nil, err
		}
		x.Nights = append(x.Nights, night)
		if night.Record != nil {
			entry.Nights = append(entry.Nights, night.Date)
			entry.Rows += int64(len(night.Record.Findings))
		}
	}
	if key != nil && l.canonical.Reveal() != nil {
		x.Pseudonym = pseudonymOf(key, l.canonical.Reveal())
		entry.Record, entry.KeyID = x.Pseudonym, key.ID()
	}
	anchor, err := trail.Append(entry)
	if err != nil {
		return nil, err
	}
	x.Entry = anchor.Seq
	return x, nil
}

// limitLookups refuses a user who has looked up as many records as one may in an hour. The first refusal in a row is put on record. Users are told
// apart by the real user ID, which nobody can choose; those who share one by sudo share its limit.
func (j *Job) limitLookups(trail *audit.Trail, opt LookupOptions) error {
	recent, err := trail.Since(lookupWindow)
	if err != nil {
		return err
	}
	recent = slices.DeleteFunc(recent, func(e audit.Entry) bool { return e.What != audit.Lookup || e.Who.UID != os.Getuid() })
	limit := cmp.Or(j.Privacy.Lookups, DefaultLookups)
	var shown []audit.Entry
	for _, e := range recent {
		if e.Outcome == "" {
			shown = append(shown, e)
		}
	}
	if len(shown) < limit {
		return nil
	}
	if recent[len(recent)-1].Outcome == "" {
		if _, err := trail.Append(audit.Entry{What: audit.Lookup, Why: opt.Why, Tiers: []string{string(opt.Tier)}, Job: j.Name, Outcome: "refused"}); err != nil {
			return err
		}
	}
	next := shown[len(shown)-limit].Time.Add(lookupWindow)
	return refused("whoever answers for the data can set lookups_per_hour under privacy in the job; the trail shows who looked up how much",
		"this user has looked up %d records in the last hour, as many as one may; the next one can be looked up at %s", len(shown), next.Local().Format(time.DateTime))
}

// nightsAsked gives the nights to look at, the first one first.
func nightsAsked(reports string, opt LookupOptions) ([]committed, error) {
	nights, err := readCommitted(reports)
	if err != nil {
		return nil, err
	}
	nights = slices.DeleteFunc(nights, func(c committed) bool { return c.damaged })
	if len(nights) == 0 {
		return nil, refused("'crosscheck run' publishes a night", "no night was published below %s", reports)
	}
	switch {
	case opt.History:
		return nights, nil
	case opt.Date == "":
		return nights[len(nights)-1:], nil
	}
	at := slices.IndexFunc(nights, func(c committed) bool { return c.date == opt.Date })
	if at < 0 {
		return nil, refused("--history looks at all nights", "no night %s was published, or it was purged; the last one is %s", opt.Date, nights[len(nights)-1].date)
	}
	return nights[at : at+1], nil
}

// looker looks for one record.
type looker struct {
	j         *Job
	key       *privacy.Key // of pseudonyms; nil: there is none
	opt       LookupOptions
	check     *audit.Check
	canonical secret.Value[[]byte] // the key; nil: not known yet
	unlocked
}

// night looks at one night.
func (l *looker) night(ctx context.Context, c *committed) (NightOf, error) {
	night := NightOf{Date: c.date}
	if err := c.settled(l.check); err != nil {
		return night, err
	}
	if len(c.Key) != len(l.j.Key) {
		night.Skipped = "another key identified records"
		return night, nil
	}
	types, err := l.types(c)
	if err != nil {
		return night, err
	}
	canonical, ok := record.CanonicalKey(types, l.opt.Key.Reveal())
	if !ok {
		return night, refused("", "%s", keyShape(len(types)))
	}
	for _, text := range append([]string{string(canonical)}, l.opt.Key.Reveal()...) {
		if len(text) >= longKey && strings.Contains(l.opt.Why, strings.TrimSpace(text)) {
			return night, refused("", "the reason holds the key, which must not get into the trail; say it without")
		}
	}
	l.canonical = secret.New(canonical)
	if l.opt.Tier == privacy.Internal && l.key != nil && c.PseudonymKey == l.key.ID() {
		if files := c.files(internalTable); len(files) > 0 {
			night.Record, err = l.find(ctx, c.date, files, []byte(pseudonymOf(l.key, canonical)))
			return night, err
		}
	}
	files := c.files(mismatchesTable)
	if len(files) == 0 {
		night.Skipped = "its findings were purged"
		return night, nil
	}
	if night.Record, err = l.find(ctx, c.date, files, canonical); err != nil {
		return night, err
	}
	if l.opt.Tier == privacy.Internal {
		err = l.mask(night.Record)
	}
	return night, err
}

// settled says that no run of the night was killed while it published. The error is a *RefusedError.
func (c *committed) settled(check *audit.Check) error {
	if check.Pending[c.date] > 0 {
		return refused("'crosscheck run' of any night puts it back", "a run of the night %s was killed while it published", c.date)
	}
	return nil
}

// checked holds that the trail is sound and the key, nil for none, that of the last night, and has the trail say that the configuration is
// another one.
func (j *Job) checked(trail *audit.Trail, key *privacy.Key) (*audit.Check, error) {
	check, err := trail.Verify()
	if err == nil {
		err = broken(j.Reports.Dir, check)
	}
	if err == nil {
		err = j.CheckRotation(key)
	}
	if err != nil {
		return nil, err
	}
	if change := j.configChange(check); change != nil {
		_, err = trail.Append(*change)
	}
	return check, err
}

// longKey is the length of a key that no reason holds by chance.
const longKey = 6

// types gives the types of the key columns as the run of a night took them.
func (l *looker) types(c *committed) ([]record.Type, error) {
	var types []record.Type
	for i, f := range l.j.Key {
		typ := f.Type
		if i < len(c.KeyType) {
			var err error
			if typ, err = record.ParseType(c.KeyType[i]); err != nil {
				return nil, refused("", "the night %s has a key of a type that this version does not know", c.date)
			}
		}
		types = append(types, typ)
	}
	if slices.Contains(types, record.Auto) {
		return nil, refused("give the key a type in the job, as in key: {column: id_number, type: cn_id}",
			"the night %s does not say of which type its key is", c.date)
	}
	return types, nil
}

// find reads the findings of a record from the files of a table of a night.
func (l *looker) find(ctx context.Context, date string, files []File, key []byte) (*report.Record, error) {
	var all *report.Record
	for _, f := range files {
		path := filepath.Join(l.j.Reports.Dir, filepath.FromSlash(f.Path))
		if info, err := os.Stat(path); err == nil && info.Size() != f.Bytes {
			return nil, &report.ReadError{Path: path, Err: fmt.Errorf("it has %d bytes where the manifest says %d: it is not what was published", info.Size(), f.Bytes)}
		}
		decrypt, err := l.unlocked.forFile(ctx, f, date)
		if err != nil {
			return nil, err
		}
		rec, err := report.Find(path, key, decrypt)
		if errors.Is(err, encrypt.ErrOther) {
			return nil, otherIdentity(date)
		}
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = rec
		} else {
			all.Findings = append(all.Findings, rec.Findings...)
		}
	}
	return all, nil
}

func pseudonymOf(key *privacy.Key, canonical []byte) string {
	var p privacy.Pseudonym
	key.Pseudonyms().Of(canonical, nil, &p)
	return string(privacy.AppendPseudonym(nil, p.Shown()))
}
