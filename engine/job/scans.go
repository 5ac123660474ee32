package job

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"sync"

	"crosscheck/loaders"
)

// scans keeps where the rows of text files lie beside the fingerprints, so that a text file whose content is known by its state is not read to cut it
// into parts. It is there before the levels are open, the keeper afterwards.
type scans struct {
	dir   string
	now   map[string]fileState // a path, before it was opened
	known map[fileState]string // the SHA-256 of the content

	mu   sync.Mutex
	used []string // names of those that were taken
	made []madeScan
}

// madeScan is one of tonight.
type madeScan struct {
	path, recipe string
	scan         []byte
}

// openScans gets ready to keep scans.
func (n *night) openScans(now map[string]fileState) *scans {
	k := keeper{dir: filepath.Join(n.reports, filepath.FromSlash(fingerprintsFolder))}
	return &scans{dir: k.dir, now: now, known: k.known()}
}

// loader gives them as loaders use them.
func (s *scans) loader() *loaders.Scans { return &loaders.Scans{Load: s.load, Save: s.save} }

func scanName(content, recipe string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", content, recipe))
	return hex.EncodeToString(sum[:20]) + fingerprintsExt
}

// load is loaders.Scans.Load.
func (s *scans) load(path, recipe string) []byte {
	state, ok := stateOf(path)
	content := s.known[state]
	if !ok || state != s.now[path] || content == "" {
		return nil
	}
	name := scanName(content, recipe)
	scan, err := readFingerprints(filepath.Join(s.dir, name), nil)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = append(s.used, name)
	return scan
}

// save is loaders.Scans.Save.
func (s *scans) save(path, recipe string, scan []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append(s.made, madeScan{path, recipe, scan})
}

// adopt has the keeper keep the scans of files whose content is known.
func (k *keeper) adopt(s *scans) {
	for _, name := range s.used {
		k.used[name] = true
	}
	for _, m := range s.made {
		if content := k.files[m.path]; content != "" {
			k.put(scanName(content, m.recipe), m.scan, nil)
		}
	}
}
