package job

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosscheck/engine/audit"
	"crosscheck/engine/durable"
	"crosscheck/engine/encrypt"
	"crosscheck/engine/report"
	"crosscheck/loaders/sidebyside"
)

// night is a run that holds the lock of its reports folder. While it is under way, its folder in _staging is in one of these states:
//
//	writing     no undo.json: nothing outside has changed
//	publishing  undo.json: it says what the night had, of which each file is in its place or in replaced/, or both
//	published   the manifest in _committed is the one that undo.json tells of: manifest.json has left, which is the moment the night counts
type night struct {
	reports  string // the reports folder
	name     string // the run date
	staging  string // the folder of this run in _staging
	lock     *lock
	job      *Job                // for owners; nil: there are none
	owners   Owners              // of its tiers
	durable  map[string]bool     // folders of the tiers whose names this run made durable
	unsynced []string            // those that it made, or found, and has yet to make durable
	to       *encrypt.Recipients // of the restricted tier; nil: it is not encrypted
	memory   report.Memory       // of its tables of findings

	check   *audit.Check // what the trail said when the run began; Pending is kept up to date
	failure *audit.Entry // what the trail is to say of this run; nil: nothing

	published bool // the night counts
}

const (
	stagingDir   = "_staging"
	committedDir = "_committed"
	stagedName   = "manifest.json"
	doneWith     = "done-" // what the name of a folder in _staging begins with when all that is left to do is to remove it
	replacedDir  = "replaced"
)

// begin takes the lock, holds the audit trail sound, puts back what a killed run left and makes the folders that the run will need, so that a missing
// permission shows before hours of work. The job says whose the tiers are; nil: whoever runs.
func begin(reports string, date time.Time, j *Job) (*night, error) {
	n := &night{reports: reports, name: date.Format(DateLayout)}
	if j != nil {
		n.job, n.owners = j, j.Privacy.Owners
	}
	n.staging = filepath.Join(reports, stagingDir, fmt.Sprintf("%s-%d", n.name, os.Getpid()))
	if err := makeDir(reports, 0o755); err != nil {
		return nil, err
	}
	var err error
	if n.lock, err = takeLock(reports); err != nil {
		return nil, err
	}
	// A run that made the folder may have been killed before it was durable. What lies above it is not always ours to open.
	_ = durable.SyncDir(filepath.Dir(reports))
	if err := n.checkTrail(); err != nil {
		return nil, errors.Join(err, n.lock.release())
	}
	if err := errors.Join(n.recover(), n.makeFolders()); err != nil {
		return nil, errors.Join(err, n.end())
	}
	return n, nil
}

// makeFolders makes the folders of the reports tree that every night shares.
func (n *night) makeFolders() error {
	if err := makeDir(n.staging, 0o700); err != nil {
		return err
	}
	// Before the tiers, so that it is durable with them.
	if err := makeDir(filepath.Join(n.reports, committedDir), 0o755); err != nil {
		return err
	}
	if err := n.makeFolder(filepath.FromSlash(audit.Folder)); err != nil {
		return err
	}
	for _, t := range []table{mismatchesTable, resolvedTable, summaryTable, runsTable, pageTable} {
		if err := n.makeTable(t); err != nil {
			return err
		}
	}
	return n.syncFolders()
}

// recover puts back what runs that were killed had half published, and drops what they had staged.
func (n *night) recover() error {
	all := filepath.Join(n.reports, stagingDir)
	left, err := os.ReadDir(all)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writeError(all, err)
	}
	if err := n.sweep(); err != nil {
		return err
	}
	for _, e := range left {
		staging := filepath.Join(all, e.Name())
		if strings.HasPrefix(e.Name(), doneWith) {
			if err := durable.RemoveAll(staging); err != nil {
				return writeError(staging, err)
			}
			continue
		}
		killed, err := n.killed(staging)
		if err != nil {
			return err
		}
		if err := n.drop(staging, killed); err != nil {
			return err
		}
	}
	return n.removeStaging()
}

// publish has the trail say what will be published, moves the staged files into place, those that the night had and has no more out of it,
// and then the manifest, which anchors that entry. Meanwhile nobody else appends or verifies. After an error end puts everything back and has the trail say so.
func (n *night) publish(m *Manifest) error {
	trail, err := audit.Open(n.reports)
	if err != nil {
		return err
	}
	defer trail.Close()
	if m.Audit, err = trail.Append(m.publication()); err != nil {
		return err
	}
	n.check.Pending[n.name] = m.Audit.Seq
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	text = append(text, '\n')
	manifest := filepath.Join(n.staging, stagedName)
	if err := sidebyside.Each(2, func(i int) error {
		if i == 0 {
			return writeDurably(manifest, text, 0o640)
		}
		_, err := n.prepare(m, text)
		return err
	}); err != nil {
		return err
	}
	if err := n.place(m.Files); err != nil {
		return err
	}
	gone := n.withdrawn(m)
	for _, f := range gone {
		if err := n.withdraw(f); err != nil {
			return err
		}
	}
	committed := manifestOf(n.reports, n.name)
	if err := durable.Rename(manifest, committed); err != nil {
		return writeError(committed, err)
	}
	delete(n.check.Pending, n.name)
	n.published = true
	// From here on the night counts. That its name may not outlive a power cut is no reason to call it unpublished.
	_ = syncDir(filepath.Dir(committed))
	return nil
}

// withdrawn lists the files that the night has, of a run before this one, and that this one does not replace: it had a pseudonym key,
// say, and this one has none. Were they left there, they would pass for what this run found.
func (n *night) withdrawn(m *Manifest) (gone []File) {
	for _, t := range tables {
		f := n.file(t)
		replaced := slices.ContainsFunc(m.Files, func(of File) bool { return of.Path == f.Path })
		if _, target, _ := n.paths(n.staging, f); !replaced && exists(target) {
			gone = append(gone, f)
		}
	}
	return gone
}

// withdraw removes one file that is kept.
func (n *night) withdraw(f File) error {
	_, target, _ := n.paths(n.staging, f)
	if err := durable.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writeError(target, err)
	}
	return syncDir(filepath.Dir(target))
}

// place moves staged files into place; what was there is kept.
func (n *night) place(files []File) error {
	var folders []string
	for _, f := range files {
		staged, target, _ := n.paths(n.staging, f)
		if err := n.makeFolder(filepath.Dir(filepath.FromSlash(f.Path))); err != nil {
			return err
		}
		folder := filepath.Dir(target)
		if err := takeGroup(staged, folder); err != nil {
			return err
		}
		tier, _, _ := strings.Cut(f.Path, "/")
		if err := n.own(staged, tier); err != nil {
			return err
		}
		if err := durable.Rename(staged, target); err != nil {
			return writeError(target, err)
		}
		folders = append(folders, folder)
	}
	return n.syncFolders(folders...)
}

// paths gives where a file of the manifest is staged, where it belongs, and where what it replaces is kept. What is staged lies in one folder, and
// so does what is kept: each folder more would have to be made and removed.
func (n *night) paths(staging string, f File) (staged, target, replaced string) {
	flat := strings.ReplaceAll(f.Path, "/", "~")
	return filepath.Join(staging, flat), filepath.Join(n.reports, filepath.FromSlash(f.Path)), filepath.Join(staging, replacedDir, flat)
}

// exists says whether there is something at a path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// end drops the staging folder, putting back what was half published, and gives the lock back.
// Once the night counts, its end is no error: what is left of the folder the next run drops, and the kernel takes the lock back.
func (n *night) end() error {
	err := errors.Join(n.drop(n.staging, n.failure), n.lock.release())
	if n.published {
		return nil
	}
	return err
}

// drop puts back what a run had half published, has the trail say so and removes its staging folder; e may be nil. It can itself be killed
// and called again: the folder stays until the trail has the entry.
func (n *night) drop(staging string, e *audit.Entry) error {
	u, err := readUndo(staging)
	if err != nil {
		return err
	}
	if u != nil {
		counts := n.counts(u)
		for _, t := range tables {
			path := t.path(u.Date)
			if !counts {
				if err := n.putBack(staging, u, path); err != nil {
					return err
				}
			}
			if err := n.removeEmpty(path); err != nil {
				return err
			}
		}
	}
	if err := n.record(e); err != nil {
		return err
	}
	if strings.HasPrefix(filepath.Base(staging), purgedDir) {
		if err := n.syncGone(); err != nil {
			return err
		}
	}
	// Under another name, so that one that is killed half-way through its removal is not taken for a run that was.
	gone := filepath.Join(filepath.Dir(staging), doneWith+filepath.Base(staging))
	if err := durable.Rename(staging, gone); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writeError(staging, err)
	}
	if exists(gone) {
		if err := syncDir(filepath.Dir(gone)); err != nil {
			return err
		}
	}
	if err := durable.RemoveAll(gone); err != nil {
		return writeError(gone, err)
	}
	return n.removeStaging()
}

// removeStaging removes the folder of all that is under way, if it is empty: the last one out does. What a purge removed must not come back.
func (n *night) removeStaging() error {
	if err := durable.Remove(filepath.Join(n.reports, stagingDir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil // it holds what the next run drops
	}
	return syncDir(n.reports)
}

// removeEmpty removes the folder of a night if the file given is not in it.
func (n *night) removeEmpty(file string) error {
	folder := filepath.Dir(filepath.Join(n.reports, filepath.FromSlash(file)))
	if durable.Remove(folder) != nil {
		return nil // it is not there, or not empty
	}
	return syncDir(filepath.Dir(folder))
}

// measure fills in the size and the hash of a file.
func (f *File) measure(path string) error {
	r, err := os.Open(path)
	if err != nil {
		return writeError(path, err)
	}
	defer r.Close()
	h := sha256.New()
	if f.Bytes, err = io.Copy(h, r); err != nil {
		return writeError(path, err)
	}
	f.SHA256 = hex.EncodeToString(h.Sum(nil))
	return nil
}

// makeDir makes a folder with a mode whatever the umask; one that is there keeps its own.
func makeDir(path string, mode os.FileMode) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if err := durable.MakeDir(path, mode); err != nil {
		return writeError(path, err)
	}
	if err := durable.Chmod(path, mode); err != nil {
		return writeError(path, err)
	}
	return nil
}

// writeDurably writes a file that is there as a whole or not at all, with exactly this mode.
func writeDurably(path string, text []byte, mode os.FileMode) error {
	if err := durable.WriteFile(path, text, mode); err != nil {
		return writeError(path, err)
	}
	return nil
}

// syncDir makes the names in a folder durable.
func syncDir(path string) error {
	if err := durable.SyncDir(path); err != nil {
		return writeError(path, err)
	}
	return nil
}

// writeError gives the *report.WriteError of a path, which the cause then need not name again.
func writeError(path string, err error) error {
	return &report.WriteError{Path: path, Err: durable.Cause(err)}
}
