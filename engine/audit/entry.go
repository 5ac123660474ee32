package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What is what an entry records.
type What string

// What entries record.
const (
	Publish      What = "publish"
	Run          What = "run"
	ConfigChange What = "config_change"
	Lookup       What = "lookup"
	Export       What = "export"
	KeyUse       What = "key_use"
	Purge        What = "purge"
	Repair       What = "repair"
	Seal         What = "seal"
)

// Whats lists what entries record.
func Whats() []string {
	var all []string
	for _, w := range []What{Publish, Run, ConfigChange, Lookup, Export, KeyUse, Purge, Repair, Seal} {
		all = append(all, string(w))
	}
	return all
}

// Entry is a line of the trail. Whoever appends fills in what there is to say; Seq, Time, Who and Prev are the trail's to set.
type Entry struct {
	Seq      int64     `json:"seq"`
	Time     time.Time `json:"time"` // UTC, to the millisecond
	What     What      `json:"what"`
	Who      Who       `json:"who"`
	Why      string    `json:"why,omitempty"`              // the reason, where one was asked for
	Tiers    []string  `json:"tiers,omitempty"`            // of the data that it is about
	Job      string    `json:"job,omitempty"`              // the name of the job
	RunDate  string    `json:"run_date,omitempty"`         // the night, as 2026-11-23
	Nights   []string  `json:"nights,omitempty"`           // of a lookup or purge: the nights it is about, as 2026-11-23, in their order
	Record   string    `json:"record,omitempty"`           // of a lookup: the pseudonym of the record
	KeyID    string    `json:"pseudonym_key_id,omitempty"` // names the key under which pseudonyms are given
	Outcome  string    `json:"outcome,omitempty"`          // of a run: failed, interrupted or killed; of a lookup: refused; of a purge: done
	Class    string    `json:"class,omitempty"`            // of the error that ended it, as in "kind" of the JSON document
	ExitCode int       `json:"exit_code,omitempty"`        // of the command
	Undoes   int64     `json:"undoes,omitempty"`           // the seq of a publish entry whose night did not come to be
	Ends     int64     `json:"ends,omitempty"`             // of a purge that is done: the seq of the entry with which it began
	Rows     int64     `json:"rows,omitempty"`             // of the data that it is about, all files together
	Files    []File    `json:"files,omitempty"`            // published, or to be purged
	Config   []Digest  `json:"config,omitempty"`           // the files of the configuration
	Torn     *Torn     `json:"torn,omitempty"`             // of a repair
	Break    *Fault    `json:"break,omitempty"`            // of a seal
	Sealed   []Digest  `json:"sealed,omitempty"`           // of a seal: the older files of the trail, and manifests that are none
	Prev     string    `json:"prev"`
}

// Who is the process that acts, and for whom.
type Who struct {
	User     string `json:"user"`                // the name of the uid; where it has none, "uid 1000"
	UID      int    `json:"uid"`                 // the real user ID
	SudoUser string `json:"sudo_user,omitempty"` // who called sudo, as the environment says
	Host     string `json:"host"`
	PID      int    `json:"pid"`
}

// String gives "root@night-1 (sudo li.ming)".
func (w Who) String() string {
	s := w.User + "@" + w.Host
	if w.SudoUser != "" {
		s += " (sudo " + w.SudoUser + ")"
	}
	return s
}

// File is a published file.
type File struct {
	Path   string `json:"path"` // below the reports folder, with slashes
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Digest is the content of a file that is not shown.
type Digest struct {
	File   string `json:"file"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// DigestOf gives the digest of a file with this content.
func DigestOf(file string, content []byte) Digest {
	return Digest{File: file, Bytes: int64(len(content)), SHA256: hashOf(content)}
}

// Torn is a last line that an append did not finish.
type Torn struct {
	File   string `json:"file"` // below the reports folder, with slashes
	Line   int    `json:"line"` // counted from 1
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Done   string `json:"done"` // completed: it lacked its end alone and is the entry before; dropped
}

// Fault is what is wrong with the trail.
type Fault struct {
	File string `json:"file"`           // of the trail, or a manifest; below the reports folder, with slashes
	Line int    `json:"line,omitempty"` // counted from 1; 0: the file as a whole
	Msg  string `json:"message"`
}

// String gives "restricted/audit/0001-2026-11.jsonl:3: …".
func (f *Fault) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Msg
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Msg)
}

// Anchor is what a manifest has of the trail: an entry, which was the last one then.
type Anchor struct {
	Seq    int64  `json:"seq"`
	SHA256 string `json:"sha256"` // of its line with the LF
}

// noPrev is the prev of the first line of a segment.
var noPrev = strings.Repeat("0", sha256.Size*2)

// The end of a line: beforeSum, the digits, afterSum.
const (
	beforeSum = `,"sum":"`
	afterSum  = "\"}\n"
	sumWidth  = len(beforeSum) + sha256.Size*2 + len(afterSum)
)

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// line gives the entry as the trail holds it.
func (e *Entry) line() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, fmt.Errorf("writing an entry of the audit trail: %w", err)
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("}\n"))
	return append(text, beforeSum+hashOf(text)+afterSum...), nil
}

// What can be wrong with a line by itself.
var (
	errNoEntry = errors.New("this is no entry of the trail")
	errChanged = errors.New("this line was changed after it was written: its sum is not that of its text")
)

// parse reads a line with its LF.
func parse(line []byte) (*Entry, error) {
	at := len(line) - sumWidth
	if at < 0 || !bytes.HasPrefix(line[at:], []byte(beforeSum)) || !bytes.HasSuffix(line, []byte(afterSum)) {
		return nil, errNoEntry
	}
	if string(line[at+len(beforeSum):len(line)-len(afterSum)]) != hashOf(line[:at]) {
		return nil, errChanged
	}
	e := new(Entry)
	if json.Unmarshal(line, e) != nil || e.Seq < 1 || e.Seq > maxSeq {
		return nil, errNoEntry
	}
	return e, nil
}
