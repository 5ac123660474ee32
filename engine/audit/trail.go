package audit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"crosscheck/engine/durable"
	"crosscheck/engine/flock"
)

// patience is how long to wait for others that append or verify; they take milliseconds.
const patience = 30 * time.Second

// BrokenError says that the trail is not what was written to it.
type BrokenError struct {
	Reports string // the reports folder
	Fault   Fault
}

// Error gives "the audit trail is broken: reports/restricted/audit/0001-2026-11.jsonl:3: …".
func (e *BrokenError) Error() string {
	f := e.Fault
	f.File = filepath.Join(e.Reports, filepath.FromSlash(f.File))
	return "the audit trail is broken: " + f.String()
}

// Trail is the right to append to the trail of a reports folder: while one process has it, all others wait. It is for one goroutine.
type Trail struct {
	reports string
	lock    durable.File

	now   func() time.Time                              // tests set the clock
	write func(durable.File, []byte) (n int, err error) // tests make it fail
}

// Open takes the right to append, and makes the folder if it is missing. The caller gives it back with Close. Errors are *WriteError, also where another
// process does not let go in half a minute.
func Open(reports string) (*Trail, error) {
	for _, dir := range []string{filepath.Dir(Folder), Folder} {
		if err := private(filepath.Join(reports, filepath.FromSlash(dir))); err != nil {
			return nil, err
		}
	}
	path := lockPath(reports)
	f, err := durable.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		if err = closeToOthers(path, 0o600); err == nil {
			err = flock.Wait(f, flock.Alone, patience)
		}
		if err != nil {
			f.Close()
		}
	}
	if err != nil {
		return nil, writeError(path, err)
	}
	return &Trail{reports: reports, lock: f, now: time.Now, write: durable.File.Write}, nil
}

func lockPath(reports string) string {
	return filepath.Join(reports, filepath.FromSlash(Folder), "_lock")
}

// Close gives the right back.
func (t *Trail) Close() error { return t.lock.Close() }

// Append adds an entry and makes it durable. It sets the entry's Seq, Time, Who and Prev. After an error the trail is as before, or ends in
// a torn line that the next Append mends. Errors are *WriteError, *ReadError, and *BrokenError where the end of the trail cannot be
// continued; the rest of it is not looked at.
func (t *Trail) Append(e Entry) (Anchor, error) {
	h, err := t.head()
	if err != nil {
		return Anchor{}, err
	}
	line, err := t.next(h, &e)
	if err != nil {
		return Anchor{}, err
	}
	to := file{segment: h.segment, month: max(h.month, e.Time.Format("2006-01"))}
	if err := t.appendTo(to, line); err != nil {
		return Anchor{}, err
	}
	return Anchor{Seq: e.Seq, SHA256: hashOf(line)}, nil
}

// Append adds one entry to the trail of a reports folder: Open, Trail.Append and Close.
func Append(reports string, e Entry) (Anchor, error) {
	t, err := Open(reports)
	if err != nil {
		return Anchor{}, err
	}
	defer t.Close()
	return t.Append(e)
}

// head is the end of a trail, whole.
type head struct {
	segment int
	month   string // of the newest file; "": there is none
	seq     int64  // of the last entry; 0: there is none
	hash    string // of its line
}

// head finds the end of the trail and mends it if it is torn.
func (t *Trail) head() (head, error) {
	h, at, tail, err := findHead(t.reports)
	if err != nil || len(tail) == 0 {
		return h, err
	}
	whole, ok := beginning(tail, h.seq, h.hash)
	m, err := readManifests(t.reports)
	if err != nil {
		return h, err
	}
	content, err := at.read(t.reports)
	if err != nil {
		return h, err
	}
	torn := Torn{File: at.rel(), Line: bytes.Count(content, []byte("\n")) + 1, Bytes: int64(len(tail)), SHA256: hashOf(tail), Done: "dropped"}
	if !ok || m.last >= h.seq+1 {
		return h, &BrokenError{Reports: t.reports, Fault: Fault{File: torn.File, Line: torn.Line, Msg: msgNotTorn}}
	}
	content = content[:len(content)-len(tail)]
	if whole != nil {
		torn.Done = "completed"
		content = append(content, whole...)
		h.seq, h.hash = h.seq+1, hashOf(whole)
	}
	line, err := t.next(h, &Entry{What: Repair, Torn: &torn})
	if err != nil {
		return h, err
	}
	h.seq, h.hash = h.seq+1, hashOf(line)
	return h, at.writeWhole(t.reports, append(content, line...))
}

// findHead gives the end of a trail: its last whole line, and the unfinished line behind it with the file it stands in.
func findHead(reports string) (h head, at file, tail []byte, err error) {
	h = head{segment: 1, hash: noPrev}
	files, _, err := list(reports)
	if err != nil {
		return h, at, nil, err
	}
	for i := len(files) - 1; i >= 0; i-- {
		f := files[i]
		if i == len(files)-1 {
			h.segment, h.month = f.segment, f.month
		}
		if f.segment != h.segment {
			break
		}
		last, rest, err := f.end(reports)
		if err != nil {
			return h, at, nil, err
		}
		if at == (file{}) && len(last)+len(rest) > 0 {
			at, tail = f, rest
		}
		if len(last) == 0 {
			continue
		}
		e, err := parse(last)
		if err != nil {
			content, readErr := f.read(reports)
			if readErr != nil {
				return h, at, nil, readErr
			}
			return h, at, nil, &BrokenError{Reports: reports, Fault: Fault{File: f.rel(), Line: bytes.Count(content, []byte("\n")), Msg: err.Error()}}
		}
		h.seq, h.hash = e.Seq, hashOf(last)
		return h, at, tail, nil
	}
	if h.segment > 1 {
		return h, at, nil, &BrokenError{Reports: reports, Fault: Fault{File: files[len(files)-1].rel(), Msg: msgNoSeal}}
	}
	return h, at, tail, nil
}

// beginning says whether the end of a trail is what a cut append of the entry after seq can leave, and gives the whole line if its LF alone
// is missing.
func beginning(tail []byte, seq int64, hash string) (whole []byte, ok bool) {
	text := bytes.TrimRight(tail, "\x00") // a file can be longer than what reached the disk
	line := append(bytes.Clone(text), '\n')
	if e, err := parse(line); err == nil {
		return line, e.Seq == seq+1 && e.Prev == hash
	}
	if at := bytes.LastIndex(text, []byte(beforeSum)); at >= 0 && len(text)-at >= sumWidth-1 {
		return nil, false // it has all of a line, and is none
	}
	begins := fmt.Appendf(nil, `{"seq":%d,"time":"`, seq+1)
	n := min(len(text), len(begins))
	return nil, bytes.Equal(text[:n], begins[:n])
}

// next completes an entry that follows on the head and gives its line.
func (t *Trail) next(h head, e *Entry) ([]byte, error) {
	e.Seq, e.Prev = h.seq+1, h.hash
	e.Time, e.Who = t.now().UTC().Truncate(time.Millisecond), whoami()
	return e.line()
}

// appendTo adds a line to a file, makes it durable, and takes back what it can of a line that it could not finish.
func (t *Trail) appendTo(to file, line []byte) error {
	path := to.path(t.reports)
	f, err := durable.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return writeError(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.Mode().Perm() != 0o600 {
		err = f.Chmod(0o600) // the umask, or somebody, has changed it
	}
	if err != nil {
		return writeError(path, err)
	}
	if _, err = t.write(f, line); err == nil {
		err = f.Sync()
	}
	if err == nil { // not only for a new file: who made it may have been killed before
		err = durable.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		_ = f.Truncate(info.Size()) // where this fails too, the next append finds a torn line
		return writeError(path, err)
	}
	return nil
}
