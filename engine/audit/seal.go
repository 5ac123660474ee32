package audit

import (
	"bytes"
	"errors"
)

// ErrSound says that there is nothing to seal.
var ErrSound = errors.New("the audit trail is sound: there is no break to seal")

// SealBreak goes on after a break: it starts a new segment, whose first entry records what was wrong, why it goes on, and all older files
// as they are. job is the name of the job. It gives that entry. Errors are ErrSound, *WriteError and *ReadError.
func SealBreak(reports, why, job string) (Entry, error) {
	check, err := Verify(reports)
	if err != nil {
		return Entry{}, err
	}
	if check.Fault == nil {
		return Entry{}, ErrSound // and no folder is made for it
	}
	t, err := Open(reports)
	if err != nil {
		return Entry{}, err
	}
	defer t.Close()
	// Another one may have sealed it since.
	if check, err = t.Verify(); err != nil {
		return Entry{}, err
	}
	if check.Fault == nil {
		return Entry{}, ErrSound
	}
	e := Entry{What: Seal, Why: why, Job: job, Break: check.Fault}
	h, err := e.sealOlder(reports)
	if err != nil {
		return Entry{}, err
	}
	line, err := t.next(h, &e)
	if err != nil {
		return Entry{}, err
	}
	to := file{segment: h.segment + 1, month: max(h.month, e.Time.Format("2006-01"))}
	return e, to.writeWhole(reports, line)
}

// sealOlder notes all that is there, whatever state it is in, and gives the head that the new segment follows: no entry gets a number that
// ever stood for another one.
func (e *Entry) sealOlder(reports string) (head, error) {
	h := head{hash: noPrev}
	m, err := readManifests(reports)
	if err != nil {
		return h, err
	}
	e.Sealed, h.seq = m.damaged, m.last
	files, strays, err := list(reports)
	if err != nil {
		return h, err
	}
	for _, s := range strays {
		d, err := measure(reports, s)
		if err != nil {
			return h, err
		}
		e.Sealed = append(e.Sealed, d)
	}
	for _, f := range files {
		content, err := f.read(reports)
		if err != nil {
			return h, err
		}
		e.Sealed = append(e.Sealed, DigestOf(f.rel(), content))
		h.segment, h.month = f.segment, f.month
		for line := range bytes.Lines(content) {
			if one, err := parse(line); err == nil {
				h.seq = max(h.seq, one.Seq)
			}
		}
	}
	return h, nil
}

// Read gives all entries of a trail in its order, those of sealed segments too, and how many lines cannot be read. Whether they are true
// is for Verify to say. The error is a *ReadError.
func Read(reports string) (entries []Entry, unreadable int, err error) {
	files, _, err := list(reports)
	if err != nil {
		return nil, 0, err
	}
	for _, f := range files {
		content, err := f.read(reports)
		if err != nil {
			return nil, 0, err
		}
		for line := range bytes.Lines(content) {
			if e, err := parse(line); err == nil {
				entries = append(entries, *e)
			} else {
				unreadable++
			}
		}
	}
	return entries, unreadable, nil
}
