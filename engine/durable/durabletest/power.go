package durabletest

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"crosscheck/engine/durable"
)

// Power is a file system whose power can be cut. It writes to a folder of the operating system and remembers beside it what of that is durable:
//
//	the content and mode of a file    as they were when it was last synced
//	a name in a folder                as it was when the folder was last synced; a rename is two names, an old and a new one
//	the mode of a folder              the one it was made with, or had when it was itself last synced
//
// That is what POSIX promises, and less than any journal gives: what survives it survives there. [Power.Cut] has the folder hold what is left.
type Power struct {
	unsynced
	root string

	mu  sync.Mutex
	top *node
}

// node is a file or a folder, by whichever names.
type node struct {
	dir  bool
	mode fs.FileMode // now
	kept fs.FileMode // durable

	content, synced []byte // of a file

	names, durable map[string]*node // of a folder
}

// NewPower takes all that lies in a folder for durable. The folder itself always is.
func NewPower(root string) (*Power, error) {
	top, err := load(root)
	return &Power{root: root, top: top}, err
}

// load reads what lies at a path. Links to one file become files of their own.
func load(path string) (*node, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	n := &node{dir: info.IsDir(), mode: info.Mode(), kept: info.Mode()}
	if !n.dir {
		n.content, err = os.ReadFile(path)
		n.synced = n.content
		return n, err
	}
	entries, err := os.ReadDir(path)
	n.names = map[string]*node{}
	for _, e := range entries {
		child, childErr := load(filepath.Join(path, e.Name()))
		n.names[e.Name()] = child
		err = errors.Join(err, childErr)
	}
	n.durable = maps.Clone(n.names)
	return n, err
}

// at gives the folder that a path lies in and its name there.
func (p *Power) at(path string) (folder *node, name string) {
	rel, err := filepath.Rel(p.root, path)
	if err != nil || rel == "." || strings.HasPrefix(rel, "..") {
		panic("durabletest: a path outside of the folder whose power is cut") // the test is wrong
	}
	parts := strings.Split(rel, string(filepath.Separator))
	folder = p.top
	for _, part := range parts[:len(parts)-1] {
		folder = folder.names[part]
	}
	return folder, parts[len(parts)-1]
}

// note changes what is remembered if the operating system did its part.
func (p *Power) note(err error, change func()) error {
	if err == nil {
		change()
	}
	return err
}

// OpenFile implements durable.FS.
func (p *Power) OpenFile(path string, flag int, mode fs.FileMode) (durable.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, err := p.unsynced.OpenFile(path, flag, mode)
	if err != nil {
		return nil, err
	}
	return p.opened(f, path, flag)
}

// CreateTemp implements durable.FS.
func (p *Power) CreateTemp(dir, pattern string) (durable.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, err := p.unsynced.CreateTemp(dir, pattern)
	if err != nil {
		return nil, err
	}
	return p.opened(f, f.Name(), os.O_RDWR)
}

func (p *Power) opened(f durable.File, path string, flag int) (durable.File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	folder, name := p.at(path)
	n := folder.names[name]
	if n == nil {
		n = &node{mode: info.Mode(), kept: info.Mode()}
		folder.names[name] = n
	}
	if flag&os.O_TRUNC != 0 {
		n.content = nil
	}
	return &powered{File: f, power: p, node: n, appends: flag&os.O_APPEND != 0}, nil
}

// Mkdir implements durable.FS.
func (p *Power) Mkdir(path string, mode fs.FileMode) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.unsynced.Mkdir(path, mode); err != nil {
		return err
	}
	info, err := os.Stat(path)
	return p.note(err, func() {
		folder, name := p.at(path)
		folder.names[name] = &node{dir: true, mode: info.Mode(), kept: info.Mode(), names: map[string]*node{}, durable: map[string]*node{}}
	})
}

// Chmod implements durable.FS.
func (p *Power) Chmod(path string, mode fs.FileMode) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.note(p.unsynced.Chmod(path, mode), func() {
		folder, name := p.at(path)
		n := folder.names[name]
		n.mode = n.mode.Type() | mode
	})
}

// Rename implements durable.FS.
func (p *Power) Rename(from, to string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.note(p.unsynced.Rename(from, to), func() {
		source, old := p.at(from)
		target, name := p.at(to)
		n := source.names[old]
		if target.names[name] == n {
			return // two names of one file stay both
		}
		delete(source.names, old)
		target.names[name] = n
	})
}

// Link implements durable.FS.
func (p *Power) Link(from, to string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.note(p.unsynced.Link(from, to), func() {
		source, old := p.at(from)
		target, name := p.at(to)
		target.names[name] = source.names[old]
	})
}

// Remove implements durable.FS.
func (p *Power) Remove(path string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.note(p.unsynced.Remove(path), func() {
		folder, name := p.at(path)
		delete(folder.names, name)
	})
}

// SyncDir implements durable.FS.
func (p *Power) SyncDir(path string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.note(p.unsynced.SyncDir(path), func() {
		n := p.top
		if path != p.root {
			folder, name := p.at(path)
			n = folder.names[name]
		}
		n.durable, n.kept = maps.Clone(n.names), n.mode
	})
}

// powered is a file of Power.
type powered struct {
	durable.File
	power   *Power
	node    *node
	at      int64
	appends bool
}

func (w *powered) Write(b []byte) (int, error) {
	w.power.mu.Lock()
	defer w.power.mu.Unlock()
	n, err := w.File.Write(b)
	if w.appends {
		w.at = int64(len(w.node.content))
	}
	w.node.write(b[:n], w.at)
	w.at += int64(n)
	return n, err
}

func (w *powered) WriteAt(b []byte, at int64) (int, error) {
	w.power.mu.Lock()
	defer w.power.mu.Unlock()
	n, err := w.File.WriteAt(b, at)
	w.node.write(b[:n], at)
	return n, err
}

// write writes to a copy: synced may be the same slice.
func (n *node) write(b []byte, at int64) {
	content := make([]byte, max(int64(len(n.content)), at+int64(len(b))))
	copy(content, n.content)
	copy(content[at:], b)
	n.content = content
}

func (w *powered) Chmod(mode fs.FileMode) error {
	w.power.mu.Lock()
	defer w.power.mu.Unlock()
	return w.power.note(w.File.Chmod(mode), func() { w.node.mode = mode })
}

func (w *powered) Truncate(size int64) error {
	w.power.mu.Lock()
	defer w.power.mu.Unlock()
	return w.power.note(w.File.Truncate(size), func() {
		content := make([]byte, size)
		copy(content, w.node.content)
		w.node.content = content
	})
}

// Sync does not wait for a disk.
func (w *powered) Sync() error {
	w.power.mu.Lock()
	defer w.power.mu.Unlock()
	w.node.synced, w.node.kept = w.node.content, w.node.mode
	return nil
}

// Luck says what becomes of that which was not synced when the power is cut.
type Luck struct {
	name func() bool // a name, or a mode, reaches the disk
	data func() int  // how much of a content does: one of the outcomes of node.left
}

// Lost leaves what was synced and nothing else.
func Lost() Luck {
	return Luck{name: func() bool { return false }, data: func() int { return dataLost }}
}

// Named leaves all names, and of contents the length alone: a disk that writes its folders at once and data late.
func Named() Luck {
	return Luck{name: func() bool { return true }, data: func() int { return dataZero }}
}

// Mixed has each name and each content meet a fate of its own. Names are one by one, so that a file which was renamed can have both or none.
func Mixed(seed uint64) Luck {
	r := rand.New(rand.NewPCG(seed, seed))
	return Luck{name: func() bool { return r.IntN(2) == 0 }, data: func() int { return r.IntN(dataOutcomes) }}
}

const (
	dataLost = iota // as it was synced
	dataZero        // as long as it was, with zeros in the place of what was not synced
	dataTorn        // half of what was not synced
	dataKept        // all of it
	dataOutcomes
)

// left gives what becomes of a content.
func (n *node) left(outcome int) []byte {
	if !bytes.HasPrefix(n.content, n.synced) { // it was made shorter, or written anew
		if outcome == dataLost || outcome == dataZero {
			return n.synced
		}
		return n.content
	}
	more := len(n.content) - len(n.synced)
	switch outcome {
	case dataZero:
		return append(bytes.Clone(n.synced), make([]byte, more)...)
	case dataTorn:
		return n.content[:len(n.synced)+more/2]
	case dataKept:
		return n.content
	}
	return n.synced
}

// Cut has the folder hold what is left of it after a power cut, and takes that for durable. Nothing may have a file open or write
// meanwhile.
func (p *Power) Cut(luck Luck) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	entries, err := os.ReadDir(p.root)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(p.root, e.Name())))
	}
	if err == nil {
		err = p.top.settle(p.root, luck, map[*node]string{})
	}
	return err
}

// settle decides what is left in a folder and writes it below a path. made are the nodes that have a path already, for links.
func (n *node) settle(path string, luck Luck, made map[*node]string) error {
	all := maps.Clone(n.durable)
	maps.Copy(all, n.names)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		left := n.durable[name]
		if left != n.names[name] && luck.name() {
			left = n.names[name]
		}
		all[name] = left
		if left == nil || left.dir && made[left] != "" { // no file system has a folder twice
			delete(all, name)
			continue
		}
		if err := left.put(filepath.Join(path, name), luck, made); err != nil {
			return err
		}
	}
	n.names, n.durable = all, maps.Clone(all)
	return nil
}

// put writes a file or a folder to a path.
func (n *node) put(path string, luck Luck, made map[*node]string) error {
	if old, ok := made[n]; ok {
		return os.Link(old, path)
	}
	made[n] = path
	if n.kept != n.mode && luck.name() {
		n.kept = n.mode
	}
	n.mode = n.kept
	if !n.dir {
		n.content = n.left(luck.data())
		n.synced = n.content
		return errors.Join(os.WriteFile(path, n.content, 0o600), os.Chmod(path, n.mode))
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return errors.Join(n.settle(path, luck, made), os.Chmod(path, n.mode))
}
