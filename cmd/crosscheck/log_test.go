package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"crosscheck/engine"
)

// events gives what a log of JSON lines says happened, in order.
func events(t *testing.T, log string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(log) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q is no event: %v", line, err)
		}
		all = append(all, e)
	}
	return all
}

// TestLog holds that a run says its steps as events and nothing else, in order, and that a failure has its exit code.
func TestLog(t *testing.T) {
	t.Chdir(t.TempDir())
	canaryInputs(t)
	code, _, stderr := call(t.Context(), "run", "-c", "job.job.yaml", "--date", "2026-11-23", "--log-format", "json")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	cleanOf(t, "the log", stderr)
	var steps []string
	for _, e := range events(t, stderr) {
		if e["level"] != "WARN" && e["msg"] != "level read" { // a slow run says how far it is
			steps = append(steps, e["msg"].(string))
		}
		if e["job"] != "residents" || e["run_date"] != "2026-11-23" {
			t.Errorf("%v does not say which night it is about", e)
		}
		switch e["msg"] {
		case "phase done":
			if e["seconds"].(float64) <= 0 || e["phase"] == "load" && e["rows"].(float64) < 100 {
				t.Errorf("%v", e)
			}
		case "published":
			if e["records"].(float64) < 40 || e["findings"].(float64) < 40 {
				t.Errorf("%v", e)
			}
		case "run ended":
			if e["exit_code"] != 0.0 {
				t.Errorf("%v", e)
			}
		}
	}
	want := []string{"run started", "level opened", "level opened", "level opened", "phase done", "phase done", "phase done", "published", "run ended"}
	if !slices.Equal(steps, want) {
		t.Errorf("got %q, want %q", steps, want)
	}

	code, _, stderr = call(t.Context(), "run", "-c", "long.job.yaml", "--log-format", "json", "--log-level", "error")
	all := events(t, stderr)
	cleanOf(t, "the log", stderr)
	if len(all) != 2 || code != exitInput {
		t.Fatalf("exit code %d, events %v", code, all)
	}
	if e := all[0]; e["level"] != "ERROR" || e["level_name"] != "street" || e["file"] != "data/long.csv" || e["line"] != 3.0 {
		t.Errorf("the fault is %v", e)
	}
	if e := all[1]; e["exit_code"] != 3.0 || e["kind"] != "input" {
		t.Errorf("the end is %v", e)
	}
}

// TestLogProgress holds that progress is an event of the log where one is asked for, and not a line of text.
func TestLogProgress(t *testing.T) {
	var out strings.Builder
	a := &app{err: &out, errScreen: true}
	if err := a.startLog(&logging{format: "json"}); err != nil {
		t.Fatal(err)
	}
	p := &progress{a: a}
	p.tell()
	p.engine(engine.Progress{Phase: "load", Done: 3, Total: 12})
	p.show()
	p.engine(engine.Progress{Phase: "load", Done: 12, Total: 12, Elapsed: time.Second})
	all := events(t, out.String())
	if len(all) != 3 || all[1]["msg"] != "progress" || all[1]["done"] != 3.0 || all[1]["total"] != 12.0 || all[1]["phase"] != "reading" {
		t.Errorf("got %v", all)
	}
	if e := all[2]; e["msg"] != "phase done" || e["per_second"] != 12.0 {
		t.Errorf("got %v", e)
	}
}
