package job

import (
	"fmt"
	"os"
	"time"

	"crosscheck/engine/audit"
	"crosscheck/engine/privacy/secret"
	"crosscheck/engine/waiver"
)

// Waivers are the known differences of a job, as its waiver file lists them.
type Waivers struct {
	File    string // as the working directory sees it
	Exposed bool   // everybody may read the file, and it tells of records: by key, by a pattern or by what a column holds

	entries secret.Value[[]waived]
}

// waived is one entry of the file. What only the plan of a run can tell is still as it stands there.
type waived struct {
	waiver.Waiver
	until  time.Time // the last date on which it holds
	fields []placed
	keys   []placedKey
}

// placed is a text of the file with its place.
type placed struct {
	text         string
	line, column int32
}

// placedKey is a key of the file, part by part, with its place.
type placedKey struct {
	parts        []string
	line, column int32
}

// WaiverOutcome is what became of the waivers in a run.
type WaiverOutcome struct {
	File string `json:"file"`
	*waiver.Outcome
}

// outcome gives what the waivers of a run came to, nil if it had none.
func (w *WaiverOutcome) outcome() *waiver.Outcome {
	if w == nil {
		return nil
	}
	return w.Outcome
}

// readWaivers reads the waiver file of the job, if it has one.
func (j *Job) readWaivers() []Fault {
	if j.Waivers == nil {
		return nil
	}
	src, err := os.ReadFile(j.Waivers.File)
	var info os.FileInfo
	if err == nil {
		info, err = os.Stat(j.Waivers.File)
	}
	if err != nil {
		j.reader.fault(j.reader.waivers, "waivers: %s cannot be read: %s", j.Waivers.File, cause(err))
		j.reader.faults[len(j.reader.faults)-1].Err = err
		return nil
	}
	j.config = append(j.config, audit.DigestOf(j.Waivers.File, src))
	faults := j.parseWaivers(src)
	if info.Mode().Perm()&0o004 != 0 {
		for _, e := range j.Waivers.entries.Reveal() {
			if len(e.keys) > 0 || e.Key != nil || e.Value != nil || len(e.Groups) > 0 || len(e.Carry) > 0 {
				j.Waivers.Exposed = true
			}
		}
	}
	return faults
}

// parseWaivers reads waivers from the text of their file.
func (j *Job) parseWaivers(src []byte) []Fault {
	r := newReader(j.Waivers.File, src, nil)
	r.what, r.private = "a waiver file", true
	if root := r.root(); root != nil {
		j.Waivers.entries = secret.New(r.waiverList(root, j))
	}
	return order(r.faults)
}

// Expired counts the waivers that hold on a run date and lists the lines of those that do not any more.
func (w *Waivers) Expired(date time.Time) (holding int, expired []int) {
	expired = []int{}
	entries := w.entries.Reveal()
	for i := range entries {
		if e := &entries[i]; e.expired(date) {
			expired = append(expired, e.Line)
		}
	}
	return len(entries) - len(expired), expired
}

func (e *waived) expired(date time.Time) bool { return e.until.Before(date) }

// warningsShown is how many expired waivers are warned of one by one.
const warningsShown = 10

// Warnings lists what ought to be looked at before a run of a date, though it does not keep the job from running. They hold no key, no
// value and no reason.
func (j *Job) Warnings(date time.Time) []string {
	warnings := []string{}
	if j.Waivers == nil {
		return warnings
	}
	if j.Waivers.Exposed {
		warnings = append(warnings, fmt.Sprintf("%s tells of records and everybody may read it: take that right away, as with 'chmod o= %s'",
			j.Waivers.File, j.Waivers.File))
	}
	expired := 0
	entries := j.Waivers.entries.Reveal()
	for i := range entries {
		e := &entries[i]
		if !e.expired(date) {
			continue
		}
		if expired++; expired <= warningsShown {
			warnings = append(warnings, fmt.Sprintf("%s:%d: this waiver held until %s: what it covered counts again; renew it or take it out",
				j.Waivers.File, e.Line, e.until.Format(DateLayout)))
		}
	}
	if more := expired - warningsShown; more > 0 {
		warnings = append(warnings, fmt.Sprintf("%s: waivers that have expired beside these: %d", j.Waivers.File, more))
	}
	return warnings
}
