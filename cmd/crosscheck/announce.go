package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"crosscheck/engine/durable"
	"crosscheck/engine/guard"
	"crosscheck/engine/job"
	"crosscheck/engine/level"
	"crosscheck/engine/lineage"
	"crosscheck/engine/notify"
	"crosscheck/engine/privacy"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

// announcer tells others of a run, as its job says: a webhook when something is wrong, a catalogue of lineage in any case. Nobody who cannot be
// told changes how the run ends; that is warned of. What they are told holds counts of the public tables alone.
type announcer struct {
	a       *app
	job     *job.Job
	began   time.Time
	source  lineage.Source
	inputs  []job.Input // once the levels are open
	pending errgroup.Group
}

// announceTime bounds what is sent after a run, retries and all.
const announceTime = 40 * time.Second

// announce says that a run begins, while it does.
func (a *app) announce(ctx context.Context, j *job.Job, day time.Time) *announcer {
	n := &announcer{a: a, job: j, began: a.now(), source: lineage.Source{Version: version(), Job: j.Name, RunID: uuid.NewString(), Night: day}}
	if j.Lineage != nil {
		n.source.Namespace = j.Lineage.Namespace
		e := n.source.Event(lineage.Start, n.began, n.levels(), nil)
		n.pending.Go(guard.Func(func() error { return n.sendEvent(ctx, e) }))
	}
	return n
}

// end says how the run ended; m is nil where nothing is published.
func (n *announcer) end(ctx context.Context, err error, m *job.Manifest) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), announceTime)
	defer cancel()
	if err := n.pending.Wait(); err != nil {
		n.a.warn([]string{"the lineage event START is not sent: " + err.Error()})
	}
	code, kind := exitCode(err)
	if n.job.Lineage != nil {
		e := n.lastEvent(code, kind, m)
		if err := n.sendEvent(ctx, e); err != nil {
			n.a.warn([]string{"the lineage event " + e.Type + " is not sent: " + err.Error()})
		}
	}
	if occasion := occasionOf(code, kind); n.job.Notify != nil && slices.ContainsFunc(occasion, func(o string) bool { return slices.Contains(n.job.Notify.On, o) }) {
		if err := n.post(ctx, n.job.Notify.Webhook, n.message(occasion[0], code, kind, err, m)); err != nil {
			n.a.warn([]string{"the webhook is not told: " + err.Error()})
		}
	}
}

// occasionOf says what the end of a run is an occasion of, the most telling word first.
func occasionOf(code int, kind string) []string {
	switch {
	case code == exitOK:
		return nil
	case code == exitDiffers:
		return []string{job.OnGate}
	case kind == "gate":
		return []string{job.OnGate, job.OnFailure}
	}
	return []string{job.OnFailure}
}

// sendEvent sends a lineage event to all places that the job names.
func (n *announcer) sendEvent(ctx context.Context, e *lineage.Event) error {
	var faults []error
	if file := n.job.Lineage.File; file != "" {
		faults = append(faults, appendLine(file, e))
	}
	if url := n.job.Lineage.URL; url != nil {
		faults = append(faults, n.post(ctx, url, e))
	}
	return errors.Join(faults...)
}

// post sends a document.
func (n *announcer) post(ctx context.Context, to *job.Address, document any) error {
	url, err := n.job.URL(ctx, to)
	if err != nil {
		return err
	}
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	sender := notify.Sender{Agent: "crosscheck/" + version()}
	return sender.Post(ctx, url.Reveal(), body)
}

// appendLine adds a document to a file as a line of its own, in one write.
func appendLine(file string, document any) (err error) {
	line, err := json.Marshal(document)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err == nil {
		_, err = f.Write(append(line, '\n'))
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return errors.New(file + " cannot be written: " + durable.Cause(err).Error())
	}
	return nil
}

// levels names the data sets that a run will read.
func (n *announcer) levels() (all []lineage.Dataset) {
	add := func(l job.Level) {
		all = append(all, n.source.Input(datasetOf(l.Paths), nil, 0, 0, 0))
	}
	for _, l := range n.job.Levels {
		add(l)
	}
	for _, r := range n.job.Rosters {
		add(r.Level)
	}
	return all
}

// datasetOf gives the name of a data set: its path, or the folder of several paths. A name that looks like an identifier is not told.
func datasetOf(paths []string) string {
	if len(paths) == 0 {
		return "."
	}
	name, err := filepath.Abs(paths[0])
	if err != nil {
		name = paths[0]
	}
	if len(paths) > 1 {
		name = filepath.Dir(name)
	}
	name = filepath.ToSlash(name)
	return path.Join(path.Dir(name), privacy.File(path.Base(name)))
}

// lastEvent gives the event that ends a run.
func (n *announcer) lastEvent(code int, kind string, m *job.Manifest) *lineage.Event {
	typ := lineage.Fail
	switch {
	case m != nil:
		typ = lineage.Complete
	case code == exitInterrupted:
		typ = lineage.Abort
	}
	inputs, outputs := n.levels(), []lineage.Dataset(nil)
	known := slices.Concat(n.inputs, nil)
	if m != nil {
		known = slices.Concat(m.Inputs, m.Rosters)
		outputs = n.outputs(m)
	}
	for i, in := range known {
		var columns []lineage.Column
		for _, c := range in.Columns {
			columns = append(columns, lineage.Column{Name: c.Name, Type: c.Type})
		}
		inputs[i] = n.source.Input(inputs[i].Name, columns, in.Rows, in.Bytes, len(in.Files))
	}
	e := n.source.Event(typ, n.a.now(), inputs, outputs)
	if typ == lineage.Fail {
		n.source.Failed(e, reason(kind))
	}
	return e
}

// outputs lists what a night published, with the numbers of rows that are public.
func (n *announcer) outputs(m *job.Manifest) (all []lineage.Dataset) {
	_, run := m.PublicTables()
	for _, f := range m.Files {
		table := path.Dir(path.Dir(f.Path)) // without the folder of the night
		var rows *int64
		switch path.Base(table) {
		case "mismatches":
			rows = run.Findings
		case "resolved":
			rows = run.Resolved
		case "summary", "runs":
			rows = &f.Rows
		}
		all = append(all, n.source.Output(datasetOf([]string{filepath.Join(n.job.Reports.Dir, filepath.FromSlash(table))}), rows))
	}
	return all
}

// reason says why a run failed, in words that hold nothing of what it read.
func reason(kind string) string {
	switch kind {
	case "input":
		return "an input is missing, corrupt, unreadable or of the wrong type; nothing is published"
	case "gate":
		return "a gate that is judged before publishing failed; nothing is published"
	case "usage":
		return "the job file, its key or the audit trail is not in order; nothing was read"
	case "locked":
		return "another run of this job is under way"
	case "write":
		return "the reports could not be written; nothing is published"
	case "interrupted":
		return "interrupted; nothing is published"
	case "differs":
		return "published, and a gate failed"
	}
	return "an internal error; nothing is published"
}

// message is what a webhook is told. Names of levels and gates are the job's; it holds no key, no value and no message of an error.
type message struct {
	Text      string        `json:"text"` // all of it in a sentence, as chats show it
	Event     string        `json:"event"`
	Job       string        `json:"job"`
	Date      string        `json:"run_date"`
	ExitCode  int           `json:"exit_code"`
	Kind      string        `json:"kind"`
	Reason    string        `json:"reason"`
	Published bool          `json:"published"`
	Levels    []string      `json:"levels"` // at which something is wrong
	Gates     []messageGate `json:"gates"`  // that failed
	Started   time.Time     `json:"started"`
	Ended     time.Time     `json:"ended"`
	RunID     string        `json:"run_id"` // that of the lineage events
	Version   string        `json:"crosscheck"`
}

type messageGate struct {
	Gate  string   `json:"gate"`
	Value *float64 `json:"value"` // null where it is not public
}

func (n *announcer) message(event string, code int, kind string, err error, m *job.Manifest) *message {
	out := &message{
		Event: event, Job: n.job.Name, Date: n.source.Night.Format(job.DateLayout), ExitCode: code, Kind: kind, Reason: reason(kind), Published: m != nil,
		Levels: []string{}, Gates: []messageGate{}, Started: n.began.UTC(), Ended: n.a.now().UTC(), RunID: n.source.RunID, Version: version(),
	}
	for _, f := range flatten(err) {
		if input, ok := errors.AsType[*level.InputError](f); ok && input.Level != "" && !slices.Contains(out.Levels, input.Level) {
			out.Levels = append(out.Levels, input.Level)
		}
	}
	var gates []job.Outcome
	public := func(int) *float64 { return nil }
	if halt, ok := errors.AsType[*job.StoppedError](err); ok {
		gates = halt.Gates
	} else if m != nil {
		_, run := m.PublicTables()
		gates, public = m.Gates, func(i int) *float64 { return run.Gates[i].Value }
	}
	if m != nil && code == exitWrite {
		out.Reason = "published, and what was found could not be written to standard output"
	}
	text := out.Reason
	for i, o := range gates {
		if !o.Passed {
			out.Gates = append(out.Gates, messageGate{Gate: o.Gate.String(), Value: public(i)})
			text += "; " + o.Gate.String()
		}
	}
	out.Text = "crosscheck, " + out.Job + " " + out.Date + ": " + text
	return out
}
