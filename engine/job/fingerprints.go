package job

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
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
	"sync"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/durable"
	"crosscheck/engine/guard"
	"crosscheck/engine/level"
	"crosscheck/loaders"

	"github.com/cespare/xxhash/v2"
	"golang.org/x/sync/errgroup"
)

// fingerprintsFolder is where fingerprints are kept, below the reports folder. They hold keys.
const fingerprintsFolder = "restricted/fingerprints"

const (
	fingerprintsIndex = "index.json"
	fingerprintsExt   = ".fingerprints"
	fingerprintsMagic = "crossfp3"
)

// A file is the magic, XXH64 of the fingerprints, the bytes of these and of the values, 8 bytes each and little-endian, and then the fingerprints and the
// values, as engine.Kept was given them. Values have checksums of their own.
const fingerprintsHead = 32

// settled is how long ago a file must have been changed for its state to tell one content from another: the clock of a file system is coarse.
const settled = 100 * time.Millisecond

// keptFile is a file of an input whose content is known.
type keptFile struct {
	Path   string    `json:"path"`
	State  fileState `json:"state"`
	SHA256 string    `json:"sha256"`
}

// keptIndex is index.json: which content the files had that were read last, so that those in the same state need not be read to know it.
type keptIndex struct {
	Night string     `json:"run_date"` // that was run last
	Files []keptFile `json:"files"`
}

// keeper keeps the fingerprints and values of a run's levels in files of their own, a part each, named after the content of its file, how the loader
// reads it, and the engine's recipe. It is there while the run holds the lock. Nothing that goes wrong with it fails a run.
type keeper struct {
	dir   string
	specs []string          // a level
	parts [][]level.Part    // a level
	files map[string]string // a path → the SHA-256 of its content; those that are not settled have none
	state []keptFile

	mu    sync.Mutex
	used  map[string]bool // names of tonight
	saved []string        // of them, those that have to be given their names
	wrong error           // the first thing that went wrong
	bad   map[string]bool // damaged ones
}

// statesOf notes the state of the files of the levels before their loaders open them.
func (j *Job) statesOf() map[string]fileState {
	states := map[string]fileState{}
	for i := range j.Levels {
		files, _ := loaders.Files(j.Levels[i].spec()) // what is wrong with them, Open tells
		for _, file := range files {
			if s, ok := stateOf(file); ok {
				states[file] = s
			}
		}
	}
	return states
}

// openKeeper gets ready to keep the fingerprints of levels, which were opened after the states of their files were noted. It reads the files that
// are not known to be as they were.
func (n *night) openKeeper(ctx context.Context, j *Job, levels []engine.Level, before map[string]fileState, now time.Time) (*keeper, error) {
	k := &keeper{dir: filepath.Join(n.reports, filepath.FromSlash(fingerprintsFolder)), files: map[string]string{}, used: map[string]bool{}, bad: map[string]bool{}}
	if err := errors.Join(n.makeFolder(filepath.FromSlash(fingerprintsFolder)), n.syncFolders()); err != nil {
		return nil, err
	}
	if err := k.sweep(); err != nil {
		return nil, err
	}
	known := k.known()
	var g errgroup.Group
	g.SetLimit(4) // readers
	seen := map[string]bool{}
	for i, l := range levels {
		spec := j.Levels[i].spec()
		k.specs = append(k.specs, fmt.Sprintf("%q %q %q %#v", spec.Format, spec.Encoding, spec.Delimiter, spec.NullValues))
		k.parts = append(k.parts, l.Source.Parts())
		for _, file := range input(l.Name, l.Source).Files {
			state, ok := stateOf(file)
			if !ok || state != before[file] || !state.settledAt(now) || seen[file] {
				continue // it changes while it is looked at, or several levels have it
			}
			seen[file] = true
			if sum, ok := known[state]; ok {
				k.note(file, state, sum)
				continue
			}
			g.Go(guard.Func(func() error {
				sum, err := digest(ctx, file)
				if err == nil {
					k.note(file, state, sum)
				}
				return ctx.Err() // what cannot be read, its loader tells
			}))
		}
	}
	return k, g.Wait()
}

func (k *keeper) note(file string, state fileState, sum string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.files[file] = sum
	k.state = append(k.state, keptFile{Path: file, State: state, SHA256: sum})
}

// digest gives the SHA-256 of a file.
func digest(ctx context.Context, file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum, buf := sha256.New(), make([]byte, 1<<20)
	for {
		n, err := f.Read(buf)
		sum.Write(buf[:n])
		switch {
		case errors.Is(err, io.EOF):
			return hex.EncodeToString(sum.Sum(nil)), nil
		case err != nil:
			return "", err
		case ctx.Err() != nil:
			return "", ctx.Err()
		}
	}
}

// sweep removes what runs that were killed were writing.
func (k *keeper) sweep() error {
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".tmp") {
			if err := durable.Remove(filepath.Join(k.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k *keeper) readIndex() (index keptIndex) {
	text, err := os.ReadFile(filepath.Join(k.dir, fingerprintsIndex))
	if err != nil || json.Unmarshal(text, &index) != nil {
		return keptIndex{} // all files are read to know them
	}
	return index
}

// known gives the content of the files that were read last, by their states.
func (k *keeper) known() map[fileState]string {
	known := map[fileState]string{}
	for _, f := range k.readIndex().Files {
		known[f.State] = f.SHA256
	}
	return known
}

// engine gives the keeper as the engine uses it.
func (k *keeper) engine() *engine.Kept {
	return &engine.Kept{Load: k.load, Values: k.values, Save: k.save}
}

// name names the fingerprints of a part, "" where none are kept.
func (k *keeper) name(l, part int, recipe string) string {
	p := k.parts[l][part]
	content := k.files[p.File]
	if content == "" {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d %d %d %s\n%s", content, k.specs[l], p.FirstRow, p.Rows, p.Bytes, p.Encoding, recipe))
	return hex.EncodeToString(sum[:20]) + fingerprintsExt
}

// load is engine.Kept.Load.
func (k *keeper) load(l, part int, recipe string, buf []byte) []byte {
	name := k.name(l, part, recipe)
	if name == "" {
		return nil
	}
	out, err := readFingerprints(filepath.Join(k.dir, name), buf)
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil:
		k.used[name] = true
		return out
	case !errors.Is(err, fs.ErrNotExist):
		k.bad[name] = true
	}
	return nil
}

// values is engine.Kept.Values. A file whose values turn out to be damaged is not used the next night, and so made anew then.
func (k *keeper) values(l, part int, recipe string) (*io.SectionReader, func(whole bool)) {
	name := k.name(l, part, recipe)
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(filepath.Join(k.dir, name))
	if err != nil {
		return nil, nil
	}
	sizes, err := headOf(f)
	if err != nil {
		_ = f.Close() // it was only read
		return nil, nil
	}
	return io.NewSectionReader(f, fingerprintsHead+sizes.fingerprints, sizes.values), func(whole bool) {
		_ = f.Close()
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.used[name] = whole; !whole {
			k.bad[name] = true
		}
	}
}

var errDamaged = errors.New("damaged")

// fingerprintsSizes is what the head of a file says.
type fingerprintsSizes struct {
	sum                  uint64
	fingerprints, values int64
}

// headOf reads the head of a file, which has as many bytes as that says.
func headOf(f *os.File) (s fingerprintsSizes, err error) {
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	var head [fingerprintsHead]byte
	if _, err := io.ReadFull(f, head[:]); err != nil || string(head[:8]) != fingerprintsMagic {
		return s, errDamaged
	}
	le, size := binary.LittleEndian, info.Size()
	s = fingerprintsSizes{le.Uint64(head[8:]), int64(le.Uint64(head[16:])), int64(le.Uint64(head[24:]))}
	if s.fingerprints < 0 || s.fingerprints > size || s.values != size-fingerprintsHead-s.fingerprints {
		return s, errDamaged
	}
	return s, nil
}

// readFingerprints appends the fingerprints that a file holds to buf.
func readFingerprints(path string, buf []byte) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sizes, err := headOf(f)
	if err != nil {
		return nil, err
	}
	begin, n := len(buf), int(sizes.fingerprints)
	buf = slices.Grow(buf, n)[:begin+n]
	if _, err := io.ReadFull(f, buf[begin:]); err != nil || xxhash.Sum64(buf[begin:]) != sizes.sum {
		return nil, errDamaged
	}
	return buf, nil
}

// save is engine.Kept.Save. The file gets its name when the run is over and its input is known to be as it was.
func (k *keeper) save(l, part int, recipe string, fingerprints, values []byte) {
	if name := k.name(l, part, recipe); name != "" {
		k.put(name, fingerprints, values)
	}
}

// put saves a file under the name that it will get.
func (k *keeper) put(name string, fingerprints, values []byte) {
	k.mu.Lock()
	again := k.wrong != nil || k.used[name] // parts that are the same have one
	k.used[name] = true
	k.mu.Unlock()
	if again {
		return
	}
	err := k.write(filepath.Join(k.dir, name+".tmp"), fingerprints, values)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil && k.wrong == nil {
		k.wrong = err
	}
	k.saved = append(k.saved, name)
}

func (k *keeper) write(path string, fingerprints, values []byte) error {
	f, err := durable.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	head := le.AppendUint64([]byte(fingerprintsMagic), xxhash.Sum64(fingerprints))
	head = le.AppendUint64(le.AppendUint64(head, uint64(len(fingerprints))), uint64(len(values)))
	for _, b := range [][]byte{head, fingerprints, values} {
		if err == nil {
			_, err = f.Write(b)
		}
	}
	return errors.Join(err, f.Close())
}

// close ends keeping. After a run that went well, what was saved gets its name, if no input changed meanwhile, and what tonight did not use goes.
func (k *keeper) close(night string, well bool) error {
	for _, f := range k.state {
		if s, ok := stateOf(f.Path); !ok || s != f.State {
			well = false
		}
	}
	err := k.wrong
	for _, name := range k.saved {
		path := filepath.Join(k.dir, name)
		if well && err == nil {
			err = durable.Rename(path+".tmp", path)
		}
		if !well || err != nil {
			_ = durable.Remove(path + ".tmp") // the next run tries again
		}
	}
	if !well || err != nil {
		return err
	}
	entries, err := os.ReadDir(k.dir)
	for _, e := range entries {
		if name := e.Name(); name != fingerprintsIndex && !k.used[name] {
			err = errors.Join(err, durable.Remove(filepath.Join(k.dir, name)))
		}
	}
	slices.SortFunc(k.state, func(a, b keptFile) int { return strings.Compare(a.Path, b.Path) })
	text, failed := json.MarshalIndent(keptIndex{Night: night, Files: k.state}, "", "  ")
	if failed == nil {
		failed = durable.WriteFile(filepath.Join(k.dir, fingerprintsIndex), append(text, '\n'), 0o600)
	}
	return errors.Join(err, failed)
}

// keepFingerprints gets ready to keep fingerprints if the job wants it, and else removes those that are there. The function it gives ends it, with
// whether the comparison went well.
func (r *run) keepFingerprints(ctx context.Context, levels []engine.Level, before *scans, opened time.Time) (*keeper, func(well bool)) {
	none := func(bool) {}
	if !r.job.Cache {
		if err := durable.RemoveAll(filepath.Join(r.reports, filepath.FromSlash(fingerprintsFolder))); err != nil {
			r.warn("fingerprints that were kept cannot be removed: " + durable.Cause(err).Error())
		}
		return nil, none
	}
	k, err := r.openKeeper(ctx, r.job, levels, before.now, opened)
	if err != nil {
		if ctx.Err() == nil {
			r.warn("fingerprints are not kept: " + durable.Cause(err).Error())
		}
		return nil, none
	}
	k.adopt(before)
	return k, func(well bool) {
		if n := len(k.bad); n > 0 {
			r.warn(fmt.Sprintf("%d files of fingerprints that were kept are damaged and made anew", n))
		}
		if err := k.close(r.name, well); err != nil {
			r.warn("fingerprints are not kept: " + durable.Cause(err).Error())
		}
	}
}

func (r *run) warn(text string) {
	if r.opt.Warn != nil {
		r.opt.Warn(text)
	}
}

// oldFingerprints says whether fingerprints are kept of a night before a day.
func oldFingerprints(reports string, before time.Time) bool {
	dir := filepath.Join(reports, filepath.FromSlash(fingerprintsFolder))
	if _, err := os.Stat(dir); err != nil {
		return false
	}
	k := keeper{dir: dir}
	return k.readIndex().Night < before.Format(DateLayout)
}
