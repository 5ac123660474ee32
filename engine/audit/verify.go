package audit

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"crosscheck/engine/flock"
)

// Check is what came of holding a trail against itself and the manifests.
type Check struct {
	Fault     *Fault // the first thing wrong, in the order of the trail; nil: it is sound
	Files     int    // of the trail
	Entries   int64  // of the last segment, up to the fault
	Head      Anchor // the last entry; the zero Anchor if there is none
	Manifests int    // that agree with the trail
	Notes     []string

	Pending map[string]int64    // run date → the publish entry whose night did not come to be, of a run that was killed
	Config  map[string][]Digest // job → the files of the configuration in its last entry
	Purging int64               // the entry of a purge that began and did not end; 0: there is none
}

// Several places say that.
const (
	msgNotTorn = "this line does not end, and it is not what a cut append leaves: it was changed after it was written"
	msgNoSeal  = "this segment does not begin with a seal: its first entries are missing"
)

// Verify checks the trail of a reports folder, and writes nothing. It says what is wrong with it in the Check; its error is a *ReadError.
func Verify(reports string) (*Check, error) {
	// Where nobody ever appended, or in a copy that cannot be written, nobody appends now.
	if f, err := os.Open(lockPath(reports)); err == nil {
		defer f.Close()
		if err := flock.Wait(f, flock.Shared, patience); err != nil {
			return nil, readError(lockPath(reports), err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, readError(lockPath(reports), err)
	}
	return verify(reports)
}

// Verify is the function of that name, for who already has the right to append.
func (t *Trail) Verify() (*Check, error) { return verify(t.reports) }

func verify(reports string) (*Check, error) {
	// First the manifests: what they anchor was appended before.
	m, err := readManifests(reports)
	if err != nil {
		return nil, err
	}
	files, strays, err := list(reports)
	if err != nil {
		return nil, err
	}
	c := &Check{Files: len(files), Pending: map[string]int64{}, Config: map[string][]Digest{}}
	v := &verifier{reports: reports, manifests: m, Check: c, hash: noPrev, published: map[string][]int64{}, purged: map[string]bool{}}
	if len(files) > 0 {
		v.segment = files[len(files)-1].segment
		first := slices.IndexFunc(files, func(f file) bool { return f.segment == v.segment })
		v.older, files = files[:first], files[first:]
	}
	if err := v.chain(files); err != nil {
		return nil, err
	}
	for _, s := range strays {
		if _, ok := v.sealed[s]; !ok {
			v.fault(s, 0, "this is no file of the trail: it was put there")
		}
	}
	if c.Fault == nil {
		v.nights()
	}
	return c, nil
}
