package job

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"crosscheck/engine/audit"
	"crosscheck/engine/encrypt"
	"crosscheck/engine/report"

	"github.com/goccy/go-yaml/ast"
)

// Encryption says to whom the restricted tier is encrypted, and with what a run reads the night before.
type Encryption struct {
	To       *encrypt.Recipients // never nil
	Identity *KeySource          // nil: the job names none
	Apart    bool                // it says that there is none: a night after an encrypted one is held against nothing

	files []placedNode // of recipients, not read yet
}

// placedNode is a text of the file with its place.
type placedNode struct {
	text string
	node ast.Node
}

// encrypt reads how the restricted tier is encrypted. An identity may have been put there by mistake: its faults show no line.
func (r *reader) encrypt(n ast.Node) *Encryption {
	e := &Encryption{To: &encrypt.Recipients{}}
	r.discreet(func() {
		r.object(n, keys{what: "encrypt", required: []string{"recipients"}, known: map[string]func(ast.Node){
			"recipients": func(n ast.Node) {
				for _, node := range r.oneOrMore(n, "recipients", "recipient") {
					text, ok := r.text(node, "each of recipients")
					switch {
					case !ok:
					case !strings.HasPrefix(text, "age1"):
						e.files = append(e.files, placedNode{r.relative(text), node})
					default:
						if err := e.To.Add(text); err != nil {
							r.fault(node, "recipients: %v", err)
						}
					}
				}
			},
			"identity": func(n ast.Node) {
				if _, ok := r.resolve(n).(ast.MapNode); ok {
					e.Identity = r.keySource(n, "identity")
					return
				}
				word, ok := r.word(n, "identity")
				if e.Apart = ok && word == "none"; ok && !e.Apart {
					r.fault(n, "identity must have one of file, env and command, or be none")
				}
			},
		}})
	})
	return e
}

// readRecipients reads the files of recipients that the job names.
func (j *Job) readRecipients() []Fault {
	e := j.Privacy.Encrypt
	if e == nil {
		return nil
	}
	r := j.reader
	r.discreet(func() {
		for _, f := range e.files {
			text, err := os.ReadFile(f.text)
			if err != nil {
				r.fault(f.node, "recipients: a text that does not begin with age1 is a file, and this one cannot be read: %s", cause(err))
				continue
			}
			j.config = append(j.config, audit.DigestOf(f.text, text))
			if err := e.To.AddLines(string(text)); err != nil {
				r.fault(f.node, "recipients: %s: %v", f.text, err)
			}
		}
		if len(r.faults) > 0 {
			return
		}
		if err := e.To.Check(); err != nil {
			r.fault(r.encryptNode, "recipients: they cannot be those of one file: age1pq1… goes with age1pq1… alone")
		}
	})
	return nil
}

// encryptFault is a fault about encryption. It shows no line.
func (j *Job) encryptFault(format string, args ...any) error {
	f := Fault{File: j.File, Msg: fmt.Sprintf(format, args...)}
	if j.reader.encryptNode != nil {
		f = j.reader.faultOf(j.reader.encryptNode, format, args...)
		f.Source = ""
	}
	return &Error{Faults: []Fault{f}}
}

// Unlock gives the identities of the job, nil if it has none, once it is known that they open what the job encrypts, and the findings of the
// last night if these are encrypted; last may be nil. It is called before anything is read: a night whose last one cannot be opened would take all
// findings for new. The error is an *Error that says what to do and nothing of an identity, or the context's.
func (j *Job) Unlock(ctx context.Context, last *Manifest) (*encrypt.Identities, error) {
	e := j.Privacy.Encrypt
	var with *encrypt.Identities
	if e != nil && e.Identity != nil {
		text, err := j.keyText(ctx, e.Identity, identityKind)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err == nil {
			with, err = encrypt.ParseIdentities(text)
			clear(text)
		}
		if err != nil {
			return nil, j.encryptFault("identity: %v", err)
		}
		if !with.Reads(e.To) {
			return nil, j.encryptFault("identity: it is not one of the recipients, so that the next night could not be held against this one: name its recipient too")
		}
	}
	if last == nil {
		return with, nil
	}
	path, encrypted := last.findings(j.Reports.Dir)
	switch {
	case !encrypted:
	case with != nil:
		if err := opens(with, path); errors.Is(err, encrypt.ErrOther) {
			return nil, j.encryptFault("identity: it does not open the findings of the last night, %s: %v; add the older one to its file", last.Date, err)
		} // whatever else is wrong with the file is told when it is read
	case e != nil && e.Apart:
	default:
		return nil, j.encryptFault("the findings of the last night, %s, are encrypted and the job names no identity to open them, so that all findings "+
			"would count as new: write 'identity: {file: …}' under privacy.encrypt, or 'identity: none' if they shall", last.Date)
	}
	return with, nil
}

// opens says whether identities open a file.
func opens(with *encrypt.Identities, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	_, _, err = with.Open(f, info.Size())
	return err
}

// IdentityFile reads identities from a file that its owner alone may read. The error is a *RefusedError.
func IdentityFile(path string) (*encrypt.Identities, error) {
	text, err := keyFile(path, identityKind)
	if err != nil {
		return nil, refused("", "identity: %v", err)
	}
	defer clear(text)
	with, err := encrypt.ParseIdentities(text)
	if err != nil {
		return nil, refused("", "%s: %v", path, err)
	}
	return with, nil
}

// unlocked opens files of nights that are there already, with the identities given or those of the job, which are read when they are needed.
type unlocked struct {
	j    *Job
	with *encrypt.Identities // nil: not read yet
}

// forFile gives what opens a file of a night, nil for one that is not encrypted. Errors are *RefusedError, *Error and the context's.
func (u *unlocked) forFile(ctx context.Context, f File, date string) (report.Decrypt, error) {
	if !strings.HasSuffix(f.Path, encrypt.Extension) {
		return nil, nil
	}
	if u.with == nil {
		var err error
		if u.with, err = u.j.Unlock(ctx, nil); err != nil {
			return nil, err
		}
	}
	if u.with == nil {
		return nil, refused("--identity FILE names the file of one; privacy.encrypt.identity in the job is for all", "the findings of the night %s are encrypted: an identity opens them", date)
	}
	return u.with.Open, nil
}

// otherIdentity says that an identity is not the right one.
func otherIdentity(date string) error {
	return refused("name the file of another one with --identity", "the identity does not open the findings of the night %s: %v", date, encrypt.ErrOther)
}
