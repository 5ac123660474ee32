package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAgree: levels that agree are nothing to find, for either engine.
func TestAgree(t *testing.T) {
	var out bytes.Buffer
	if err := sideCommand(t.Context(), []string{"--records", "5000", "--mismatch", "0", "--runs", "1", "--skip", "all", "--json"}, &out); err != nil {
		t.Fatal(err)
	}
	var r sideReport
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Found.Missing != 0 || r.Found.Differing != 0 || r.Found.Differs["name"] != 0 || len(r.Found.Differs) != 13 {
		t.Errorf("found: %+v", r.Found)
	}
}

// TestOthers runs each other program that is installed: what it finds is held against what crosscheck does.
func TestOthers(t *testing.T) {
	for _, format := range []string{"parquet", "csv"} {
		var out bytes.Buffer
		if err := sideCommand(t.Context(), []string{"--records", "5000", "--levels", "2", "--mismatch", "0.2", "--runs", "1", "--format", format, "--json"}, &out); err != nil {
			t.Fatal(err)
		}
		var r sideReport
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		for _, o := range others(r.Dataset) {
			t.Run(format+"/"+o.name, func(t *testing.T) {
				if r.task(o.name) == nil {
					for _, text := range r.Skipped {
						if strings.HasPrefix(text, o.name+" is not installed: ./install") {
							t.Skip(text)
						}
					}
					t.Fatalf("neither run nor said to be absent: %q", r.Skipped)
				}
				if m := r.task(o.name); len(m.Runs) != 1 || m.Ratio <= 0 || m.Version == "" {
					t.Errorf("%+v", m)
				}
			})
		}
	}
}

// TestChecks: what a program of two files told is counted, and a record too few or too many does not pass.
func TestChecks(t *testing.T) {
	d := &dataset{Dir: t.TempDir(), Files: []string{"a.csv", "b.csv"}, KeyAt: 1}
	texts := map[string]string{
		"qsv": "diffresult,name,id_number\n-,王一,990101\n+,王二,990101\n-,李四,990102\n+,张三,990103\n",
		"csv-diff": `{"added": [{"id_number": "990103"}], "removed": [{"id_number": "990102"}],
			"changed": [{"key": "990101", "changes": {"name": ["王一", "王二"]}}], "columns_added": [], "columns_removed": []}`,
	}
	for who, text := range texts {
		if err := os.WriteFile(filepath.Join(d.Dir, "out-"+who+"-1.txt"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		check := map[string]func(*counts) error{
			"qsv":      func(c *counts) error { return checkQSV(t.Context(), d, c) },
			"csv-diff": func(c *counts) error { return checkCSVDiff(t.Context(), d, c) },
		}[who]
		if err := check(&counts{Missing: 2, Differing: 1}); err != nil {
			t.Errorf("%s: %v", who, err)
		}
		for _, wrong := range []counts{{Missing: 1, Differing: 1}, {Missing: 2, Differing: 2}} {
			if check(&wrong) == nil {
				t.Errorf("%s: 3 records pass for %d", who, wrong.Missing+wrong.Differing)
			}
		}
	}
	if err := d.removeOutputs(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(d.Dir); err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}
