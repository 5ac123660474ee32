package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

// verifier reads the newest segment line by line, holds each line against the one before and against the manifests that anchor it, and
// stops at the first fault.
type verifier struct {
	*Check
	reports   string
	manifests *manifests
	older     []file // of sealed segments
	segment   int

	last      place              // of the last line that was read
	hash      string             // of that line
	anchored  bool               // a manifest agrees with it
	first     int64              // seq of the first entry; 0: there was none yet
	began     time.Time          // its time
	published map[string][]int64 // run date → the publish entries that are not undone, the last of which counts
	purged    map[string]bool    // run dates whose manifest was purged since they were published
	sealed    map[string]Digest  // what the seal at the beginning of the segment lists, by file
}

// place is a line of the trail.
type place struct {
	file file
	line int
}

// fault notes what is wrong; only the first one counts.
func (v *verifier) fault(file string, line int, format string, args ...any) {
	if v.Fault == nil {
		v.Fault = &Fault{File: file, Line: line, Msg: fmt.Sprintf(format, args...)}
	}
}

func (v *verifier) note(format string, args ...any) {
	v.Notes = append(v.Notes, fmt.Sprintf(format, args...))
}

// chain reads the files of the segment. The error is a *ReadError.
func (v *verifier) chain(files []file) error {
	var tail []byte // of the last file that is not empty
	if len(files) > 0 {
		v.last.file = files[0]
	}
	for _, f := range files {
		content, err := f.read(v.reports)
		if err != nil {
			return err
		}
		if len(content) > 0 && len(tail) > 0 {
			v.fault(v.last.file.rel(), v.last.line+1, "this line does not end, though later files follow: it was changed after it was written")
		}
		for n := 1; len(content) > 0 && v.Fault == nil; n++ {
			end := bytes.IndexByte(content, '\n') + 1
			if end == 0 {
				tail, v.last = content, place{f, n - 1}
				break
			}
			if err := v.line(content[:end], place{f, n}); err != nil {
				return err
			}
			content = content[end:]
		}
	}
	if v.Fault == nil {
		v.tail(tail)
	}
	return nil
}

// line looks at one line.
func (v *verifier) line(line []byte, at place) error {
	e, err := parse(line)
	if err != nil {
		v.fault(at.file.rel(), at.line, "%v", err)
		return nil
	}
	if v.first == 0 {
		v.begins(e, at)
	} else {
		v.follows(e, at)
	}
	if v.Fault != nil {
		return nil
	}
	v.last, v.hash, v.anchored = at, hashOf(line), false
	if v.first == 0 {
		v.first, v.began = e.Seq, e.Time
		if e.What == Seal {
			if err := v.seal(e); err != nil {
				return err
			}
		}
	}
	v.Entries, v.Head = v.Entries+1, Anchor{Seq: e.Seq, SHA256: v.hash}
	v.anchors(e, at)
	if e.What == Publish {
		v.published[e.RunDate] = append(v.published[e.RunDate], e.Seq)
		delete(v.purged, e.RunDate)
	}
	if e.What == Purge {
		v.purge(e)
	}
	if e.Undoes > 0 && v.entryOf(e.RunDate) == e.Undoes {
		v.published[e.RunDate] = v.published[e.RunDate][:len(v.published[e.RunDate])-1]
	}
	if len(e.Config) > 0 {
		v.Config[e.Job] = e.Config
	}
	return nil
}

// begins looks at what the first line of a segment is.
func (v *verifier) begins(e *Entry, at place) {
	switch {
	case e.What != Seal && v.segment > 1:
		v.fault(at.file.rel(), at.line, msgNoSeal)
	case e.What != Seal && e.Seq > 1:
		v.fault(at.file.rel(), at.line, "%s missing before this line", entries(1, e.Seq-1))
	case e.Prev != noPrev:
		v.fault(at.file.rel(), at.line, "this line is not the first one of its segment: lines before it are missing")
	}
}

// follows holds a line against the one before it.
func (v *verifier) follows(e *Entry, at place) {
	switch due := v.Head.Seq + 1; {
	case e.What == Seal:
		v.fault(at.file.rel(), at.line, "a seal stands here though nothing was broken")
	case e.Seq > due:
		v.fault(at.file.rel(), at.line, "%s missing before this line", entries(due, e.Seq-1))
	case e.Seq < due:
		v.fault(at.file.rel(), at.line, "entry %d stands here where entry %d is due: lines were put in or moved", e.Seq, due)
	case e.Prev == v.hash:
	case v.anchored:
		v.fault(at.file.rel(), at.line, "this line follows another one than stands before it: it was changed after it was written")
	default:
		v.fault(v.last.file.rel(), v.last.line, "the next line, %s:%d, does not follow this one: it was changed after it was written, or lines between the two were taken out", at.file.rel(), at.line)
	}
}

// anchors holds an entry against the manifests that anchor it.
func (v *verifier) anchors(e *Entry, at place) {
	for _, m := range v.manifests.bySeq[e.Seq] {
		switch {
		case m.Audit.SHA256 != v.hash:
			v.fault(at.file.rel(), at.line, "this is not the entry %d that %s anchors: one of the two was changed", e.Seq, m.name)
		case e.What != Publish || e.RunDate != m.date:
			v.fault(m.name, 0, "it anchors entry %d, which is not the publication of that night", e.Seq)
		case !m.lists(e.Files):
			v.fault(m.name, 0, "it lists other files than entry %d says were published", e.Seq)
		default:
			v.anchored = true
			v.Manifests++
		}
	}
}

// purge notes that a purge began or ended. It can only end the one that began last: a purge that follows on a killed one does its work too.
func (v *verifier) purge(e *Entry) {
	if e.Ends > 0 {
		v.Purging = 0
		return
	}
	v.Purging = e.Seq
	for _, f := range e.Files {
		if dir, name := path.Split(f.Path); dir == committedFolder+"/" {
			v.purged[strings.TrimSuffix(name, ".json")] = true
		}
	}
}

// entryOf gives the publish entry of a night, 0 if it has none.
func (v *verifier) entryOf(date string) int64 {
	if all := v.published[date]; len(all) > 0 {
		return all[len(all)-1]
	}
	return 0
}

// seal holds the older files against the seal that this segment begins with.
func (v *verifier) seal(e *Entry) error {
	v.sealed = map[string]Digest{}
	for _, d := range e.Sealed {
		v.sealed[d.File] = d
		if path.Dir(d.File) != Folder {
			continue // a manifest, which another one may have replaced since
		}
		now, err := measure(v.reports, d.File)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			v.fault(d.File, 0, "this file, which entry %d sealed, is missing", e.Seq)
		case err != nil:
			return err
		case now != d:
			v.fault(d.File, 0, "this file is not as entry %d sealed it: it was changed since", e.Seq)
		}
	}
	for _, f := range v.older {
		if _, ok := v.sealed[f.rel()]; !ok {
			v.fault(f.rel(), 0, "entry %d, which sealed the older files, does not know this one: it was put there", e.Seq)
		}
	}
	if e.Break != nil {
		v.note("entry %d, by %s at %s, goes on after a break: %s", e.Seq, e.Who, e.Time.Format(time.DateTime), e.Break)
	}
	return nil
}

// tail looks at the end of the trail: an unfinished line, and entries that are anchored and not there.
func (v *verifier) tail(tail []byte) {
	if len(tail) > 0 {
		v.last.line++
	}
	if m := v.manifests.lastBy; m != nil && m.Audit.Seq > v.Head.Seq {
		where := Folder
		if v.segment > 0 {
			where = v.last.file.rel()
		}
		v.fault(where, v.last.line, "the trail ends here with entry %d, and %s anchors entry %d: its end was cut off", v.Head.Seq, m.name, m.Audit.Seq)
		return
	}
	if v.first == 0 && v.segment > 1 {
		v.fault(v.last.file.rel(), 0, msgNoSeal)
		return
	}
	if len(tail) == 0 {
		return
	}
	if _, ok := beginning(tail, v.Head.Seq, v.hash); !ok {
		v.fault(v.last.file.rel(), v.last.line, msgNotTorn)
		return
	}
	v.note("%s:%d is torn: an append was cut short, as by a power cut; the next one mends it and says so", v.last.file.rel(), v.last.line)
}

// entries gives "entry 5 is" or "entries 5 to 7 are".
func entries(from, to int64) string {
	if from == to {
		return fmt.Sprintf("entry %d is", from)
	}
	return fmt.Sprintf("entries %d to %d are", from, to)
}
