package job

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"crosscheck/engine/audit"
	"crosscheck/engine/privacy"
	"crosscheck/engine/privacy/secret"
	"crosscheck/engine/report"
)

// lookupJob is a job whose records differ in columns of several kinds.
func lookupJob(t *testing.T, private string) *Job {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"job.yaml": "job: lookup\nkey: {column: id_number, type: cn_id}\nlevels: {a: {path: a.csv}, b: {path: b.csv}, c: {path: c.csv}}\n" +
			"reports: {carry: [area]}\nprivacy: " + private + "\n",
		"a.csv":   "id_number,name,v,temp,area\n990101198001010014,王一,x,36.5,01\n990101198001010022,王二,x,36.5,01\n",
		"b.csv":   "id_number,name,v,temp,area\n990101198001010014,王壹,y,36.5,01\n990101198001010022,王二,x,36.5,01\n",
		"c.csv":   "id_number,name,v,temp,area\n990101198001010014,王一,x,36.50,01\n",
		"key":     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e2f",
		"another": "100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e2f",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return reload(t, dir)
}

// on publishes nights.
func on(t *testing.T, j *Job, dates ...string) {
	t.Helper()
	for _, date := range dates {
		day, err := time.Parse(DateLayout, date)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(t.Context(), j, RunOptions{Date: day}); err != nil {
			t.Fatal(err)
		}
	}
}

// told gives what a night says of a record in one text.
func told(n NightOf) string {
	var b strings.Builder
	for _, f := range n.Record.Findings {
		field := ""
		if f.Field >= 0 {
			field = n.Record.Header.Fields[f.Field]
		}
		fmt.Fprintf(&b, "%s %s %q %q %q %q\n", f.Kind, field, f.Values, f.Consensus, f.Sources, f.Carry)
	}
	return b.String()
}

// one is a lookup of one record.
func one(tier privacy.Tier, key string) LookupOptions {
	return LookupOptions{Key: secret.New([]string{key}), Tier: tier, Why: "test"}
}

func TestLookup(t *testing.T) {
	for private, wantMasked := range map[string][]string{
		"{pseudonym_key: {file: key}}": {`differs name ["王*#`, `differs v ["x" "y" "x"] "x" ["`, `a.csv" "`, `["01"]`},
		// Without a key nothing vouches for a column that says nothing.
		"{classes: {area: none}}": {`differs name ["王*#`, `differs v ["*#`, `a.csv" "`, `["01"]`},
		"{}":                      {`differs v ["*#`, `["*"]`},
	} {
		j := lookupJob(t, private)
		on(t, j, "2026-11-22", "2026-11-23")
		full, err := Lookup(t.Context(), j, one(privacy.Restricted, " 99０101198001010014 "))
		if err != nil {
			t.Fatal(err)
		}
		if got := told(full.Nights[0]); len(full.Nights) != 1 || full.Nights[0].Date != "2026-11-23" ||
			!strings.Contains(got, `differs name ["王一" "王壹" "王一"] "王一" ["`) || !strings.Contains(got, `a.csv:1"`) {
			t.Errorf("%s: %s", private, got)
		}
		x, err := Lookup(t.Context(), j, one(privacy.Internal, "990101198001010014"))
		if err != nil {
			t.Fatal(err)
		}
		got := told(x.Nights[0])
		for _, want := range wantMasked {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s has no %s", private, got, want)
			}
		}
		if strings.Contains(got, "王一") || strings.Contains(got, "王壹") || strings.Contains(got, "csv:") {
			t.Errorf("%s: not masked: %s", private, got)
		}
		if f := x.Nights[0].Record.Findings[0]; string(f.Values[0]) != string(f.Values[2]) || string(f.Values[0]) == string(f.Values[1]) || string(f.Consensus) != string(f.Values[0]) {
			t.Errorf("%s: which levels agree cannot be told: %s", private, got)
		}
		opt := one(privacy.Internal, "990101198001010049")
		opt.History = true
		none, err := Lookup(t.Context(), j, opt)
		if err != nil || len(none.Nights) != 2 || len(none.Nights[0].Record.Findings)+len(none.Nights[1].Record.Findings) != 0 {
			t.Errorf("%s: %+v, %v", private, none, err)
		}
		entries, _ := trailOf(t, j.Reports.Dir)
		e := entries[len(entries)-2]
		keyed := strings.Contains(private, "key")
		if e.What != audit.Lookup || e.Why != "test" || e.Seq != x.Entry || fmt.Sprint(e.Tiers, e.Nights) != "[internal] [2026-11-23]" || e.Rows != int64(len(x.Nights[0].Record.Findings)) ||
			(e.Record != "") != keyed || e.Record != x.Pseudonym || (e.KeyID != "") != keyed {
			t.Errorf("%s: %+v", private, e)
		}
		text, err := os.ReadFile(filepath.Join(j.Reports.Dir, filepath.FromSlash(audit.Folder), "0001-"+e.Time.Format("2006-01")+".jsonl"))
		if err != nil || strings.Contains(string(text), "19800101") {
			t.Errorf("the trail holds a key, or %v", err)
		}
	}
}

// TestLookupRotated holds that nights under an older key are masked and those under the new one not shown by the old pseudonym.
func TestLookupRotated(t *testing.T) {
	j := lookupJob(t, "{pseudonym_key: {file: key}}")
	on(t, j, "2026-11-22")
	dir := filepath.Dir(j.File)
	id := func() string {
		nights, err := readCommitted(j.Reports.Dir)
		if err != nil {
			t.Fatal(err)
		}
		return nights[len(nights)-1].PseudonymKey
	}()
	text, err := os.ReadFile(j.File)
	if err != nil {
		t.Fatal(err)
	}
	rotated := strings.Replace(string(text), "{file: key}", "{file: another}, rotate_from: "+id, 1)
	if err := os.WriteFile(j.File, []byte(rotated), 0o600); err != nil {
		t.Fatal(err)
	}
	j = reload(t, dir)
	on(t, j, "2026-11-23")
	opt := one(privacy.Internal, "990101198001010014")
	opt.History = true
	x, err := Lookup(t.Context(), j, opt)
	if err != nil {
		t.Fatal(err)
	}
	if old, now := told(x.Nights[0]), told(x.Nights[1]); !strings.Contains(old, `differs v ["*#`) || !strings.Contains(now, `differs v ["x" "y" "x"]`) {
		t.Errorf("%s\n%s", old, now)
	}
	// A change of the job file is on record, also where a lookup is the first to see it.
	if err := os.WriteFile(j.File, []byte(rotated+"workers: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Lookup(t.Context(), reload(t, dir), opt); err != nil {
		t.Fatal(err)
	}
	entries, _ := trailOf(t, j.Reports.Dir)
	if e := entries[len(entries)-2]; e.What != audit.ConfigChange {
		t.Errorf("%+v", e)
	}
	// The wrong key is refused: what it would put on record would be another record.
	if err := os.WriteFile(j.File, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var fault *Error
	if _, err := Lookup(t.Context(), reload(t, dir), opt); !errors.As(err, &fault) {
		t.Errorf("got %v", err)
	}
}

// TestLookupLimit holds that a user sees as many records in an hour as one may, however many ask at once.
func TestLookupLimit(t *testing.T) {
	j := lookupJob(t, "{lookups_per_hour: 5}")
	on(t, j, "2026-11-23")
	var wg sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = Lookup(t.Context(), j, one(privacy.Internal, fmt.Sprintf("99010119800101%04d", i)))
		})
	}
	wg.Wait()
	shown := 0
	for _, err := range errs {
		var no *RefusedError
		switch {
		case err == nil:
			shown++
		case !errors.As(err, &no) || !strings.Contains(no.Msg, "5 records in the last hour") || no.Hint == "":
			t.Errorf("got %v", err)
		}
	}
	entries, _ := trailOf(t, j.Reports.Dir)
	if shown != 5 || len(entries) != 7 || entries[6].Outcome != "refused" || entries[5].Outcome != "" {
		t.Errorf("%d were shown; %+v", shown, entries)
	}
}

// TestLookupRefused holds that nothing is shown where something is wrong, and that no error holds the key.
func TestLookupRefused(t *testing.T) {
	const id = "990101198001010014"
	var no *RefusedError
	var trail *audit.BrokenError
	var read *report.ReadError
	var write *audit.WriteError
	j := lookupJob(t, "{}")
	table := filepath.Join(j.Reports.Dir, "restricted/mismatches/run_date=2026-11-23/part-00000.parquet")
	fails := func(what string, opt LookupOptions, as any) {
		t.Helper()
		x, err := Lookup(t.Context(), j, opt)
		if x != nil || err == nil || !errors.As(err, as) {
			t.Errorf("%s: %v, %v", what, x, err)
		} else if strings.Contains(err.Error(), "8001010014") {
			t.Errorf("%s: the error holds the key", what)
		}
	}
	opt := one(privacy.Restricted, id)
	fails("no night", opt, &no)
	if _, err := os.Stat(j.Reports.Dir); err == nil {
		t.Error("a lookup without a night made the reports folder")
	}
	on(t, j, "2026-11-23")
	opt.Date = "2026-11-22"
	fails("another night", opt, &no)
	fails("a blank key", one(privacy.Restricted, " "), &no)
	opt = one(privacy.Restricted, id)
	opt.Why = "about " + id
	fails("a key in the reason", opt, &no)

	good, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	for what, content := range map[string][]byte{"a shorter report": good[:len(good)/2], "a changed report": append(make([]byte, 8), good[8:]...)} {
		if what == "a changed report" {
			copy(content[len(content)-200:], make([]byte, 190))
		}
		if err := os.WriteFile(table, content, 0o600); err != nil {
			t.Fatal(err)
		}
		fails(what, one(privacy.Restricted, id), &read)
	}
	if err := os.WriteFile(table, good, 0o600); err != nil {
		t.Fatal(err)
	}
	entries, _ := trailOf(t, j.Reports.Dir)
	if len(entries) != 1 {
		t.Errorf("%+v", entries)
	}

	// An entry that cannot be written.
	file := filepath.Join(j.Reports.Dir, filepath.FromSlash(audit.Folder), "0001-"+entries[0].Time.Format("2006-01")+".jsonl")
	lock := filepath.Join(j.Reports.Dir, filepath.FromSlash(audit.Folder), "_lock")
	if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil {
		t.Fatal(err)
	}
	fails("a trail that cannot be written", one(privacy.Restricted, id), &write)
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), `"rows":`, `"rows":1`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	fails("a broken trail", one(privacy.Restricted, id), &trail)
}

// TestLookupKeys holds that a key is read as the night read it, also where the job leaves the type to the data.
func TestLookupKeys(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"job.yaml": "job: keys\nkey: [city, no]\nlevels: {a: {path: a.csv}, b: {path: b.csv}}\n",
		"a.csv":    "city,no,v\nx|y,007,1\nx,8,1\n", "b.csv": "city,no,v\nx|y,007,2\nx,8,1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j := reload(t, dir)
	on(t, j, "2026-11-23")
	x, err := Lookup(t.Context(), j, LookupOptions{Key: secret.New([]string{"x|y", " 007"}), Tier: privacy.Restricted, Why: "test"})
	if err != nil || len(x.Nights[0].Record.Findings) != 1 {
		t.Errorf("%+v, %v", x, err)
	}
	x, err = Lookup(t.Context(), j, LookupOptions{Key: secret.New([]string{"x|y", "8"}), Tier: privacy.Restricted, Why: "test"})
	if err != nil || len(x.Nights[0].Record.Findings) != 0 {
		t.Errorf("%+v, %v", x, err)
	}
}
