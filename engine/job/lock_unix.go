//go:build unix

package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"crosscheck/engine/durable"
	"crosscheck/engine/flock"
)

// Holder says who holds the lock of a reports folder. It is the content of _lock, one line of JSON.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// LockedError says that another run of the job is under way.
type LockedError struct {
	Path   string // the lock file
	Holder Holder // the zero Holder if it could not be read
}

// Error gives "another run holds reports/_lock: process 4711 on host since ...".
func (e *LockedError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("another run holds %s", e.Path)
	}
	return fmt.Sprintf("another run holds %s: process %d on %s since %s",
		e.Path, e.Holder.PID, e.Holder.Host, e.Holder.Since.Local().Format(time.DateTime))
}

// lock is the right to publish below a reports folder. The kernel takes it back when the process ends, however it ends.
type lock struct{ file durable.File }

// takeLock takes the lock of a reports folder that exists, or gives a *LockedError at once.
func takeLock(reports string) (*lock, error) {
	path := filepath.Join(reports, "_lock")
	f, err := durable.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, writeError(path, err)
	}
	if err := flock.Try(f, flock.Alone); err != nil {
		defer f.Close()
		if !errors.Is(err, flock.ErrHeld) {
			return nil, writeError(path, err)
		}
		locked := &LockedError{Path: path}
		if line, err := io.ReadAll(f); err == nil && json.Unmarshal(line, &locked.Holder) != nil {
			locked.Holder = Holder{} // it is being written just now
		}
		return nil, locked
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this host"
	}
	line, err := json.Marshal(Holder{PID: os.Getpid(), Host: host, Since: time.Now().UTC().Truncate(time.Second)})
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt(append(line, '\n'), 0)
	}
	if err != nil {
		f.Close()
		return nil, writeError(path, err)
	}
	return &lock{f}, nil
}

// release gives the lock back. The file stays: to remove it would let two runs hold locks on two files of that name.
func (l *lock) release() error {
	if err := errors.Join(l.file.Truncate(0), l.file.Close()); err != nil {
		return writeError(l.file.Name(), err)
	}
	return nil
}
