package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"crosscheck/engine/durable"
	"crosscheck/engine/level"
	"crosscheck/engine/privacy"
)

// KeySource says where a pseudonym key is: one of its parts is set.
type KeySource struct {
	File    string   // a file that its owner alone may read
	Env     string   // a variable of the environment, as text
	Command []string // a program that writes the key to its standard output, and its arguments; run in the folder of the job file
}

// commandTime is how long a command may take to give a key.
const commandTime = 30 * time.Second

// PseudonymKey reads the job's pseudonym key, nil if it has none. The error is an *Error that says what to do and nothing that the key holds,
// or the context's.
func (j *Job) PseudonymKey(ctx context.Context) (*privacy.Key, error) {
	if j.Privacy.Key == nil {
		return nil, nil
	}
	text, err := j.keyText(ctx, j.Privacy.Key, keyKind)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var key *privacy.Key
	if err == nil {
		key, err = privacy.ParseKey(text)
		clear(text)
	}
	if err != nil {
		return nil, j.keyFault("%v", err)
	}
	return key, nil
}

// keyFault says what is wrong with the key without the line, where it may have been put by mistake.
func (j *Job) keyFault(format string, args ...any) error {
	f := j.reader.faultOf(j.reader.keyNode, "pseudonym_key: "+format, args...)
	f.Source = ""
	return &Error{Faults: []Fault{f}}
}

// kind is a kind of secret, for messages: what it is called, and the command that makes one.
type kind struct{ what, a, made string }

var (
	keyKind      = kind{"key", "a key", "crosscheck keygen"}
	identityKind = kind{"identity", "an identity", "crosscheck keygen --identity"}
)

// keyText gives a secret as it is stored.
func (j *Job) keyText(ctx context.Context, s *KeySource, k kind) ([]byte, error) {
	switch {
	case s.File != "":
		return keyFile(s.File, k)
	case s.Env != "":
		text, set := j.reader.env(s.Env)
		if !set {
			return nil, errors.New("the environment variable that env names is not set")
		}
		return []byte(text), nil
	}
	return runCommand(ctx, s.Command, filepath.Dir(j.File), k.what)
}

// keyFile reads a key file, if nobody but its owner may.
func keyFile(path string, k kind) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s; '%s -o %s' makes %s", path, k.made, path, k.a)
	}
	if err == nil && !info.Mode().IsRegular() { // opening it could wait for ever
		return nil, fmt.Errorf("%s is not a file", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %s", path, cause(err))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %s; see to it that this user owns it", path, cause(err))
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %s", path, cause(err))
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 {
		return nil, fmt.Errorf("others than its owner may use %s (mode %04o): 'chmod 600 %s', and make a new %s if they may have read it", path, perm, path, k.what)
	}
	text, err := io.ReadAll(io.LimitReader(f, privacy.MaxKeyBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %s", path, cause(err))
	}
	return text, nil
}

// runCommand gives what a command writes, which is called what in messages. Neither that nor what it says on standard error is ever shown.
func runCommand(ctx context.Context, words []string, dir, what string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Dir, c.WaitDelay = dir, time.Second
	var out atMost
	c.Stdout = &out
	err := c.Run()
	var exit *exec.ExitError
	switch {
	case out.full:
		return nil, fmt.Errorf("%s gave more than a %s has", words[0], what)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s gave no %s within %s", words[0], what, commandTime)
	case errors.As(err, &exit):
		return nil, fmt.Errorf("%s ended with %s; run it by hand to see why", words[0], exit)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be run: %s", words[0], runFault(err))
	}
	return out.bytes, nil
}

// atMost keeps what a key may have and refuses more.
type atMost struct {
	bytes []byte
	full  bool
}

func (a *atMost) Write(p []byte) (int, error) {
	if a.full = len(a.bytes)+len(p) > privacy.MaxKeyBytes; a.full {
		return 0, io.ErrShortWrite
	}
	a.bytes = append(a.bytes, p...)
	return len(p), nil
}

// runFault gives why a program could not be started, without its name.
func runFault(err error) string {
	var notFound *exec.Error
	if errors.As(err, &notFound) {
		return notFound.Err.Error()
	}
	return cause(err)
}

// CheckRotation holds the key of a run, nil for none, against the one under which the last night was published: nights under different keys
// cannot be told to be about the same records, which must not happen by mistake. Errors are *Error, and *level.InputError where a manifest cannot be read.
func (j *Job) CheckRotation(key *privacy.Key) error {
	if key == nil {
		return nil
	}
	last, night, err := lastKey(j.Reports.Dir)
	if err != nil {
		return err
	}
	if last == "" || last == key.ID() || last == j.Privacy.RotateFrom {
		return nil
	}
	return j.keyFault("this key (id %s) is not the one of the night %s (id %s): bring that one back, or, if it is to be replaced, "+
		"write 'rotate_from: %s' under privacy; pseudonyms of nights under different keys do not match", key.ID(), night, last, last)
}

// lastKey gives the id of the key of the last committed night that had one, and the night; "" if there is none. The error is a *level.InputError.
func lastKey(reports string) (id, night string, err error) {
	dates, err := nightsOf(reports)
	for _, date := range slices.Backward(dates) {
		path := manifestOf(reports, date)
		text, err := os.ReadFile(path)
		var m committed
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			return "", "", &level.InputError{File: path, Msg: "cannot be read, so that it is not known under which key the last night was published", Err: durable.Cause(err)}
		}
		if m.PseudonymKey != "" {
			return m.PseudonymKey, date, nil
		}
	}
	return "", "", err
}
