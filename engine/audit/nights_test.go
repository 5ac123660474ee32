package audit

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// committed gives the manifests of a reports folder.
func committed(t *testing.T, reports string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	paths, err := filepath.Glob(filepath.Join(reports, committedFolder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		if all[committedFolder+"/"+filepath.Base(p)], err = os.ReadFile(p); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestManifests changes manifests, takes them away and puts older ones back.
func TestManifests(t *testing.T) {
	reports := t.TempDir()
	publish(t, reports, "2026-10-29", at(10, 29))
	publish(t, reports, "2026-10-30", at(10, 30))
	older, olderTrail := committed(t, reports), trailFiles(t, reports)
	publish(t, reports, "2026-10-30", at(10, 31))
	publish(t, reports, "2026-11-01", at(11, 1))
	now, trail := committed(t, reports), trailFiles(t, reports)
	first, rerun := committedFolder+"/2026-10-29.json", committedFolder+"/2026-10-30.json"
	replace := func(name, from, to string) map[string][]byte {
		text := strings.Replace(string(now[name]), from, to, 1)
		if text == string(now[name]) {
			t.Fatalf("%s has no %s", name, from)
		}
		return map[string][]byte{name: []byte(text)}
	}
	sha := hashOf([]byte("2026-10-29" + at(10, 29).String()))
	for _, c := range []struct {
		what, place, says string
		do                map[string][]byte
	}{
		{"replay of a manifest", rerun, "entry 3 that published that night: an older one was put back", map[string][]byte{rerun: older[rerun]}},
		{"replay of the trail", Folder + "/0001-2026-10.jsonl:2", "anchors entry 4: its end was cut off", map[string][]byte{
			Folder + "/0001-2026-10.jsonl": olderTrail[Folder+"/0001-2026-10.jsonl"], Folder + "/0001-2026-11.jsonl": nil}},
		{"another night's", rerun, "not the publication of that night", map[string][]byte{rerun: now[first]}},
		{"other files", first, "other files than entry 1", replace(first, sha, hashOf(nil))},
		{"another hash", Folder + "/0001-2026-10.jsonl:1", "one of the two was changed", replace(first, `"sha256": "`, `"sha256": "0`)},
		{"another entry", Folder + "/0001-2026-10.jsonl:2", "one of the two was changed", replace(first, `"seq": 1`, `"seq": 2`)},
		{"an entry to come", Folder + "/0001-2026-11.jsonl:1", "anchors entry 9", replace(first, `"seq": 1`, `"seq": 9`)},
		{"no anchor", first, "it has no anchor, though entry 1", replace(first, `"audit"`, `"audits"`)},
		{"no JSON", first, "this is no manifest", map[string][]byte{first: []byte("{")}},
		{"no number", first, "this is no manifest", replace(first, `"seq": 1`, `"seq": 9999999999999999`)},
		{"a night that was never", committedFolder + "/2026-12-01.json", "the trail knows nothing of that night", map[string][]byte{
			committedFolder + "/2026-12-01.json": []byte(`{"started": "2026-12-01T02:00:00Z"}`)}},
	} {
		put(t, reports, c.do)
		if msg := names(t, reports, c.what, c.place); !strings.Contains(msg, c.says) {
			t.Errorf("%s: %s", c.what, msg)
		}
		for name := range c.do {
			if now[name] == nil && trail[name] == nil {
				put(t, reports, map[string][]byte{name: nil})
			}
		}
		put(t, reports, now)
		put(t, reports, trail)
		sound(t, reports)
	}
	put(t, reports, map[string][]byte{rerun: nil})
	if c := sound(t, reports); len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "the night 2026-10-30, which entry 3 published, has no manifest any more") {
		t.Errorf("%q", c.Notes)
	}
}

// TestUnfinished looks at runs that were killed after they appended and before their manifest had its name.
func TestUnfinished(t *testing.T) {
	for _, rerun := range []bool{false, true} {
		reports := t.TempDir()
		publish(t, reports, "2026-10-29", at(10, 29))
		date := "2026-10-30"
		if rerun {
			publish(t, reports, date, at(10, 30))
		}
		before := committed(t, reports)
		publish(t, reports, date, at(10, 31))
		after := committed(t, reports)
		staging := filepath.Join(reports, stagingFolder, date+"-4711")
		if err := os.MkdirAll(staging, 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, reports, map[string][]byte{committedFolder + "/" + date + ".json": nil})
		put(t, reports, before)
		c := sound(t, reports)
		entry := c.Head.Seq
		if len(c.Notes) != 1 || !maps.Equal(c.Pending, map[string]int64{date: entry}) {
			t.Errorf("rerun %v: %q, %v", rerun, c.Notes, c.Pending)
		}
		add(t, reports, at(10, 31), Entry{What: Run, RunDate: date, Outcome: "killed", Undoes: entry})
		if err := os.RemoveAll(staging); err != nil {
			t.Fatal(err)
		}
		if c = sound(t, reports); len(c.Notes) > 0 || len(c.Pending) > 0 {
			t.Errorf("rerun %v: %q, %v", rerun, c.Notes, c.Pending)
		}
		// What was undone cannot be put back.
		put(t, reports, after)
		names(t, reports, "an undone night", committedFolder+"/"+date+".json")
	}
}
