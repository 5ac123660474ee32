package job

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"crosscheck/engine/durable"
	"crosscheck/engine/privacy"
)

// ownedDisk keeps who would own what, and refuses if it is told to: tests that do not run as root have no other.
type ownedDisk struct {
	durable.OS
	refuse bool
	given  map[string][2]int
}

func (d *ownedDisk) Chown(path string, uid, gid int) error {
	if d.refuse {
		return &fs.PathError{Op: "chown", Path: path, Err: syscall.EPERM}
	}
	d.given[path] = [2]int{uid, gid}
	return nil
}

const ownedJob = trailJob + `privacy:
  pseudonym_key: {file: key}
  tiers: {restricted: {owner: "4711"}, internal: {group: "4712", none: masked}, public: {owner: root, group: "4713"}}
`

func ownedFiles(t *testing.T, dir string) *Job {
	t.Helper()
	auditedJob(t, dir)
	for name, text := range map[string]string{"job.yaml": ownedJob, "key": string(privacy.NewKey())} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return reload(t, dir)
}

// TestOwners holds that each folder and file of a tier is given to whom the job says, with the modes of the tier whatever the umask, and
// what is staged too before it has its place.
func TestOwners(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	j := ownedFiles(t, t.TempDir())
	if os.Getuid() != 0 { // nobody else may give files away
		defer durable.Use(durable.Use(&ownedDisk{given: map[string][2]int{}}))
	}
	me, mine := os.Getuid(), os.Getgid()
	want := map[string][2]int{"restricted": {4711, mine}, "internal": {me, 4712}, "public": {0, 4713}}
	for range 2 { // and in a rerun
		if _, err := runAudited(t.Context(), j, nil); err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for tier, owner := range want {
			err := filepath.WalkDir(filepath.Join(j.Reports.Dir, tier), func(path string, d fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				info, err := d.Info()
				if err != nil {
					return err
				}
				if strings.HasSuffix(path, ".jsonl") || strings.HasSuffix(path, "_lock") {
					return nil // the trail belongs to whoever runs
				}
				seen[tier]++
				if info.IsDir() && info.Mode().Perm() != tierMode[tier] {
					t.Errorf("%s has mode %v", path, info.Mode())
				}
				if is := info.Sys().(*syscall.Stat_t); os.Getuid() == 0 && [2]int{int(is.Uid), int(is.Gid)} != owner {
					t.Errorf("%s belongs to %d:%d, not to %v", path, is.Uid, is.Gid, owner)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if seen["restricted"] < 8 || seen["internal"] < 6 || seen["public"] < 8 {
			t.Errorf("looked at %v", seen)
		}
	}
}

// TestOwnersRefused holds that a run that may not give files away says so before it reads, and publishes nothing.
func TestOwnersRefused(t *testing.T) {
	j := ownedFiles(t, t.TempDir())
	defer durable.Use(durable.Use(&ownedDisk{refuse: true}))
	read := false
	_, err := runAudited(t.Context(), j, func() { read = true })
	var fault *Error
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), "this user (uid "+strconv.Itoa(os.Getuid())+") may not give the tier restricted to the user 4711, which root alone may") {
		t.Errorf("%v", err)
	}
	if read || len(fault.Faults) != 1 || fault.Faults[0].Line == 0 {
		t.Errorf("read: %v, faults: %v", read, fault)
	}
	if left, err := filepath.Glob(filepath.Join(j.Reports.Dir, "restricted", "m*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

func TestOwnersUnknown(t *testing.T) {
	_, err := Parse("job.yaml", []byte(trailJob+"privacy: {tiers: {restricted: {owner: nobody-of-this-name}, public: {group: no-such-group}}}\n"), os.LookupEnv)
	for _, want := range []string{`job.yaml:4:39: there is no user "nobody-of-this-name" on this machine`, `there is no group "no-such-group" on this machine`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
}
