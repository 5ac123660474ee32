package audit

import (
	"bytes"
	"time"
)

// Since gives the entries of the last while, those of sealed segments and those from a clock that ran ahead too, in the order of the trail.
// Lines that cannot be read are left out; Verify tells of them. The error is a *ReadError.
func (t *Trail) Since(age time.Duration) ([]Entry, error) {
	from := t.now().UTC().Add(-age)
	files, _, err := list(t.reports)
	if err != nil {
		return nil, err
	}
	var recent []Entry
	for _, f := range files {
		if f.month < from.Format("2006-01") {
			continue // no entry stands in the file of a month before its own
		}
		content, err := f.read(t.reports)
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(content) {
			if e, err := parse(line); err == nil && e.Time.After(from) {
				recent = append(recent, *e)
			}
		}
	}
	return recent, nil
}
