package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crosscheck/engine/record"

	"github.com/parquet-go/parquet-go"
)

// canaryKey is the pseudonym key of the canary test.
const canaryKey = "fa57c0de0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"

// canaries are texts that stand in sensitive columns, keys and key files, and nowhere else. What a mask keeps is not among them.
var canaries = []string{"canary", "8001011", "100555", "1903-07-19", "1903/07/19", "99.5canary", canaryKey, canaryKey[:32]}

// canaryID is the resident ID of person i, all born on one day so that their middle is a canary.
func canaryID(i int) string {
	digits := fmt.Sprintf("990101198001011%02d", i)
	return digits + string(record.CheckChar([]byte(digits)))
}

// canaryInputs writes levels in which every kind of finding is about marked persons.
func canaryInputs(t *testing.T) {
	t.Helper()
	row := func(id, name, phone, address, birth, mail, temp, tested, remark string) string {
		return strings.Join([]string{id, name, phone, address, birth, mail, temp, tested, remark, "01"}, ",") + "\n"
	}
	const head = "id_number,name,phone,address,birth_date,mail,body_temp,test_time,remark,area\n"
	levels := map[string]string{}
	for _, l := range []string{"city", "district", "street"} {
		levels[l] = head
	}
	for i := range 40 {
		id := canaryID(i)
		for l, level := range []string{"city", "district", "street"} {
			if i%10 == l { // missing
				continue
			}
			changed := ""
			if i%4 == l {
				changed = "x"
			}
			line := row(id, fmt.Sprintf("王canary%d%s", i, changed), fmt.Sprintf("100555%05d%s", i, changed), fmt.Sprintf("青浦湾区canary路%d号%s", i, changed),
				"1903-07-19", fmt.Sprintf("w.canary%d%s@canary.example", i, changed), "99.5canary"+changed, "2026-11-01 10:00:00", "canary "+changed)
			levels[level] += line
			if i%20 == 4 {
				levels[level] += line + strings.Replace(line, "canary", "canary2", 1) // a duplicate
			}
		}
	}
	// Keys that are none, none at all, with a typo, and a phone number in the wrong column.
	typo := []byte(canaryID(2))
	typo[16], typo[15] = typo[15], typo[16]
	levels["street"] += row("canary-key", "王canary", "10055500000", "canary", "1903-07-19", "c@canary", "36", "", "") +
		row("", "王canary", "10055500000", "canary", "1903-07-19", "c@canary", "36", "", "") +
		row(string(typo), "王canary2", "10055500003", "canary", "1903-07-19", "c@canary", "36", "", "")
	levels["street"] += strings.Replace(row(canaryID(41), "王canary", "1", "canary", "1903-07-19", "", "", "", ""), ",01\n", ",10055500041\n", 1)
	levels["long"] = head + row(canaryID(1), "canary", "canary", "canary", "canary", "canary", "canary", "canary", "canary") + canaryID(2) + ",canary,canary\n"
	// So many rows without a key that a run thinks that it must spill, and that few of the rows stay in memory; they belong to a roster, so that nothing is found of them.
	levels["crowd"] = "id_number,firm\n" + strings.Repeat(",\n", 9_000_000)
	levels["staff"] = "id_number,firm\n" + canaryID(1) + ",10055500001\n" + canaryID(2) + ",E7\n" + canaryID(50) + ",E7\n"
	files := map[string]string{
		"key": canaryKey, "short": canaryKey[:32],
		"waivers.yaml": "- {key: \"" + canaryID(4) + "\", reason: canary, author: canary, until: 2026-12-31}\n" +
			"- {value_pattern: canary9, field: name, reason: canary, author: canary, until: 2026-11-01}\n",
		"broken.yaml": "- {key: [canary], resaon: canary}\n",
	}
	for name, text := range levels {
		files["data/"+name+".csv"] = text
	}
	const common = `job: residents
key: {column: id_number, type: cn_id}
fields: [name, phone, address, {name: birth_date, type: date}, mail, {name: body_temp, type: decimal}, remark]
key_typo: {agree: [name, birth_date]}
rosters: {staff: {path: data/staff.csv, group: firm}}
rules:
  - {name: tested, kind: overdue, level: city, field: test_time, max_age: 24h, roster: staff}
  - {name: born, kind: inconsistent, field: birth_date, against: birth_date}
  - {name: temp, level: city, expr: "remark == nil"}
`
	three := "levels: {city: {path: data/city.csv}, district: {path: data/district.csv}, street: {path: data/street.csv}}\n"
	private := func(key string) string {
		return "privacy: {pseudonym_key: " + key + ", classes: {remark: other, mail: email}}\n"
	}
	for name, text := range map[string]string{
		"job": three + "cache: true\nreports: {carry: [name, area]}\nwaivers: waivers.yaml\nlineage: {file: events.jsonl}\n" + private("{file: key}"),
		"gone": "levels: {city: {path: data/city.csv}, district: {path: data/city.csv}, street: {path: data/city.csv}}\n" +
			"cache: true\nreports: {carry: [name, area]}\n" + private("{file: key}"),
		"spilled": strings.Replace(three, "levels", "memory: 108MiB\nworkers: 1\nspill_dir: spill\nlevels", 1) +
			"reports: {dir: spilled, carry: [name, area]}\n" + private("{file: key}"),
		"without": three + "reports: {dir: without, carry: [name, area]}\n",
		"short":   three + private("{file: short}"),
		"inline":  three + private(canaryKey),
		"env":     three + private("{env: "+canaryKey+"}"),
		"file":    three + private("{command: [cat, "+canaryKey+"]}"),
		"broken":  three + "waivers: broken.yaml\n",
		"long":    "cache: true\nlevels: {city: {path: data/city.csv}, street: {path: data/long.csv}}\nnotify: {webhook: \"http://canary:canary@127.0.0.1:1/canary\"}\n",
	} {
		files[name+".job.yaml"] = common + text
	}
	files["spilled.job.yaml"] = strings.Replace(files["spilled.job.yaml"], "rosters: {", "rosters: {crowd: {path: data/crowd.csv}, ", 1)
	files["spill/empty"] = ""
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCanary runs everything on inputs in which all that is sensitive is marked, and looks for the marks in all that is printed and in all
// that is written outside the restricted tier.
func TestCanary(t *testing.T) {
	t.Chdir(t.TempDir())
	canaryInputs(t)
	time.Sleep(200 * time.Millisecond) // for of files that were changed just now nothing is kept
	inputs := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		inputs[path] = !d.IsDir()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	clean := func(what, text string) {
		t.Helper()
		for _, c := range canaries {
			if at := strings.Index(text, c); at >= 0 {
				t.Errorf("%s holds %q: …%q…", what, c, text[max(0, at-60):min(len(text), at+60)])
			}
		}
	}
	for _, c := range []struct {
		code int
		args string
	}{
		{exitOK, "check -c job.job.yaml"},
		{exitOK, "check -c job.job.yaml --format json"},
		{exitOK, "run -c job.job.yaml --date 2026-11-22"},
		{exitOK, "run -c job.job.yaml --date 2026-11-23 --format json"},
		{exitOK, "run -c gone.job.yaml --date 2026-11-24 --log-format json --log-level debug"},
		{exitOK, "history -c job.job.yaml"},
		{exitOK, "history -c job.job.yaml --format json"},
		{exitOK, "run -c without.job.yaml --format json"},
		{exitOK, "init city=data/city.csv district=data/district.csv street=data/street.csv -o first.yaml"},
		{exitDiffers, "diff city=data/city.csv street=data/street.csv --key id_number"},
		{exitDiffers, "diff city=data/city.csv street=data/street.csv --key id_number --format json"},
		{exitUsage, "run -c short.job.yaml"},
		{exitUsage, "run -c inline.job.yaml --format json"},
		{exitUsage, "check -c env.job.yaml"},
		{exitUsage, "check -c file.job.yaml"},
		{exitUsage, "run -c broken.job.yaml"},
		{exitInput, "run -c long.job.yaml"},
		{exitInput, "run -c long.job.yaml --format json"},
	} {
		code, stdout, stderr := call(t.Context(), strings.Fields(c.args)...)
		if code != c.code {
			t.Fatalf("%s: exit code %d: %s", c.args, code, stderr)
		}
		clean(c.args+": standard output", stdout)
		clean(c.args+": standard error", stderr)
	}
	kept, _ := filepath.Glob("reports/restricted/fingerprints/*.fingerprints")
	if len(kept) == 0 {
		t.Error("nothing was kept of the levels")
	}
	looked, internal, gone := 0, "", ""
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || inputs[path] || strings.Contains(path, "restricted") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		clean(path, string(text))
		if filepath.Ext(path) == ".parquet" {
			values := parquetTexts(t, path)
			clean(path, values)
			switch {
			case strings.Contains(path, "internal/mismatches/run_date=2026-11-23"):
				internal = values
			case strings.Contains(path, "internal/resolved/run_date=2026-11-24"):
				gone = values
			}
		}
		clean("the name of a file", path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// That there is something to find, and that each kind of finding took part.
	if looked < 10 {
		t.Errorf("%d files were looked at", looked)
	}
	for _, kind := range []string{"differs", "duplicate", "inconsistent", "invalid_key", "key_typo", "missing", "not_covered", "overdue", "waived"} {
		if !strings.Contains(internal, kind) {
			t.Errorf("the internal tier has no %s", kind)
		}
	}
	for _, word := range []string{"differs", "invalid_key", "key_typo", "missing", "resolved"} {
		if !strings.Contains(gone, word) {
			t.Errorf("the resolved findings of the internal tier have no %s", word)
		}
	}
	restricted := parquetTexts(t, "reports/restricted/mismatches/run_date=2026-11-23/part-00000.parquet")
	for _, c := range canaries[:6] {
		if c != "1903/07/19" && !strings.Contains(restricted, c) {
			t.Errorf("the restricted tier has no %q", c)
		}
	}
}

// parquetTexts gives all values of a Parquet file, one a line.
func parquetTexts(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, group := range file.RowGroups() {
		rows := group.Rows()
		buf := make([]parquet.Row, 64)
		for {
			n, err := rows.ReadRows(buf)
			for _, row := range buf[:n] {
				for _, v := range row {
					b.WriteString(v.String() + "\n")
				}
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}
