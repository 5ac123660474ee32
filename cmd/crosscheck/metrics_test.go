package main

import (
	"strings"
	"testing"
)

// TestOneSeries holds that a number given twice is one series, the last one: node_exporter refuses a file with two of the same labels.
func TestOneSeries(t *testing.T) {
	m := newMetrics("a job")
	for _, value := range []float64{1, 2} {
		m.gauge("gate_passed", "help", value, "gate", "a gate")
	}
	m.gauge("gate_passed", "help", 3, "gate", "another gate")
	text, err := m.text()
	if err != nil {
		t.Fatal(err)
	}
	want := `# HELP crosscheck_gate_passed help
# TYPE crosscheck_gate_passed gauge
crosscheck_gate_passed{gate="a gate",job_name="a job"} 2
crosscheck_gate_passed{gate="another gate",job_name="a job"} 3
`
	if string(text) != want {
		t.Errorf("the metrics are %d lines, not %d, or others", strings.Count(string(text), "\n"), strings.Count(want, "\n"))
	}
}
