package main

import (
	"bytes"
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"crosscheck/engine/durable"
	"crosscheck/engine/job"
	"crosscheck/engine/report"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// metrics is the file that node_exporter's textfile collector reads: what the last run of a job did. It is readable by anybody, so its counts are
// those of the public tables, and those that are withheld there are left out.
type metrics struct {
	job      string
	families map[string]*dto.MetricFamily
}

func newMetrics(name string) *metrics {
	return &metrics{job: name, families: map[string]*dto.MetricFamily{}}
}

// gauge sets a number, with labels as pairs of name and value.
func (m *metrics) gauge(name, help string, value float64, labels ...string) {
	f := m.families[name]
	if f == nil {
		f = &dto.MetricFamily{Name: new("crosscheck_" + name), Help: &help, Type: dto.MetricType_GAUGE.Enum()}
		m.families[name] = f
	}
	pairs := []*dto.LabelPair{{Name: new("job_name"), Value: &m.job}}
	for l := range slices.Chunk(labels, 2) {
		pairs = append(pairs, &dto.LabelPair{Name: &l[0], Value: &l[1]})
	}
	slices.SortFunc(pairs, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	same := func(a, b *dto.LabelPair) bool { return a.GetName() == b.GetName() && a.GetValue() == b.GetValue() }
	for _, of := range f.Metric {
		if slices.EqualFunc(of.Label, pairs, same) { // a second series of the same labels would have the whole file refused
			of.Gauge.Value = &value
			return
		}
	}
	f.Metric = append(f.Metric, &dto.Metric{Label: pairs, Gauge: &dto.Gauge{Value: &value}})
}

// text gives the metrics in the order of their names, in the text format of Prometheus.
func (m *metrics) text() ([]byte, error) {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(m.families)) {
		if _, err := expfmt.MetricFamilyToText(&b, m.families[name]); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// count adds a count unless it is withheld.
func (m *metrics) count(name, help string, value *int64, labels ...string) {
	if value != nil {
		m.gauge(name, help, float64(*value), labels...)
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// checkMetrics holds the name of the file of metrics against what is read.
func checkMetrics(path string) error {
	if path != "" && filepath.Ext(path) != ".prom" {
		return usagef("--metrics %s: the textfile collector reads files that end with .prom alone", path)
	}
	return nil
}

// writeMetrics writes the metrics of a run that ended with an exit code. published is nil where the run published nothing. The file has its
// name only when it is whole. Errors are *report.WriteError.
func (a *app) writeMetrics(path string, j *job.Job, began time.Time, code int, published *job.Manifest) error {
	m := newMetrics(j.Name)
	m.gauge("run_exit_code", "Exit code of the last run: 0 all is well, 1 a gate failed, others published nothing.", float64(code))
	m.gauge("run_timestamp_seconds", "When the last run ended.", float64(a.now().Unix()))
	m.gauge("run_duration_seconds", "How long the last run took.", a.now().Sub(began).Seconds())
	if last, err := job.LastNight(j.Reports.Dir); err == nil && last != nil {
		m.gauge("last_publication_timestamp_seconds", "When a night was last published.", float64(last.Finished.Unix()))
		if day, err := time.Parse(job.DateLayout, last.Date); err == nil {
			m.gauge("last_night_timestamp_seconds", "Run date of the latest night that is published.", float64(day.Unix()))
		}
	}
	if published != nil {
		m.night(published)
	}
	text, err := m.text()
	if err != nil {
		return err
	}
	if err := durable.WriteFile(path, text, 0o644); err != nil {
		return &report.WriteError{Path: path, Err: durable.Cause(err)}
	}
	return nil
}

// night adds what was published.
func (m *metrics) night(n *job.Manifest) {
	summary, run := n.PublicTables()
	for _, p := range n.Summary.Phases {
		m.gauge("phase_duration_seconds", "How long a phase of the last run took.", p.Elapsed.Seconds(), "phase", p.Name)
	}
	m.gauge("memory_peak_bytes", "The most memory that the last run had resident.", float64(run.PeakMemoryBytes))
	m.gauge("records", "Distinct keys over all levels.", float64(run.Records))
	for _, in := range run.Inputs {
		m.gauge("level_rows", "Rows of a level.", float64(in.Rows), "level", in.Level)
		m.gauge("level_bytes", "Size of the files of a level.", float64(in.Bytes), "level", in.Level)
		if in.Modified != nil {
			m.gauge("level_modified_timestamp_seconds", "When the newest file of a level was changed.", float64(in.Modified.Unix()), "level", in.Level)
		}
	}
	m.count("records_missing", "Records that some level lacks.", run.Missing)
	m.count("records_differing", "Records on every level of which a field differs.", run.Differing)
	m.count("findings_new", "Findings that the last night did not have.", run.New)
	m.count("findings_persisting", "Findings that the last night had too.", run.Persisting)
	m.count("findings_resolved", "Findings of the last night that are gone.", run.Resolved)
	if run.MismatchRate != nil {
		m.gauge("mismatch_ratio", "Share of the records that are missing or differ, less what is waived.", *run.MismatchRate)
	}
	for _, r := range summary {
		switch {
		case r.Reason != nil:
		case r.Field == nil && r.Level == nil:
			m.count("findings", "Findings of a kind.", r.Count, "kind", r.Kind)
		case r.Field != nil && r.Level == nil:
			m.count("field_differing", "Records that differ in a field.", r.Count, "field", *r.Field)
		case r.Field == nil && r.Kind == "missing":
			m.count("level_missing", "Records that a level lacks.", r.Count, "level", *r.Level)
		}
	}
	for i, g := range n.Gates {
		m.gauge("gate_passed", "1 if the gate was kept in the last run, else 0.", bit(g.Passed), "gate", g.Gate.String())
		if v := run.Gates[i].Value; v != nil {
			m.gauge("gate_value", "What the gate limits.", *v, "gate", g.Gate.String())
		}
	}
}
