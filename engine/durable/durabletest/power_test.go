package durabletest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosscheck/engine/durable"
)

// TestPower holds what is left of a few changes: what was synced in any case, and of the rest what the luck says.
func TestPower(t *testing.T) {
	for name, c := range map[string]struct {
		luck Luck
		want string
	}{
		"lost":  {Lost(), `after=old after/a="one" log="one"`},
		"named": {Named(), `after=new after/a="one" late="\x00\x00\x00\x00" log="one\x00\x00\x00"`},
	} {
		root := t.TempDir()
		p, err := NewPower(root)
		if err != nil {
			t.Fatal(err)
		}
		in := func(name string) string { return filepath.Join(root, name) }
		write := func(name, text string, sync bool) error {
			f, err := p.OpenFile(in(name), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
			if err != nil {
				return err
			}
			_, err = f.Write([]byte(text))
			if sync {
				err = errors.Join(err, f.Sync())
			}
			return errors.Join(err, f.Close())
		}
		if err := errors.Join(
			p.Mkdir(in("before"), 0o700), write("before/a", "one", true), p.SyncDir(in("before")),
			p.Rename(in("before"), in("after")),
			write("log", "one", true), p.SyncDir(root), // all of this is durable
			write("log", "two", false), write("late", "late", false),
			p.Chmod(in("after"), 0o750),
		); err != nil {
			t.Fatal(name, err)
		}
		if err := p.Cut(c.luck); err != nil {
			t.Fatal(name, err)
		}
		if got := tree(t, root); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
		// What is left is durable: another cut changes nothing.
		if err := p.Cut(Mixed(1)); err != nil {
			t.Fatal(name, err)
		}
		if got := tree(t, root); got != c.want {
			t.Errorf("%s, cut again:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// TestPowerNames holds that a rename is two names, each durable with its own folder, and that a link is the file itself.
func TestPowerNames(t *testing.T) {
	for synced, want := range map[string]string{
		"":  `a=old a/f="x" a/l="x" b=old`,
		"a": `a=old a/l="x" b=old`,
		"b": `a=old a/f="x" a/l="x" b=old b/f="x"`,
	} {
		root := t.TempDir()
		for _, dir := range []string{"a", "b"} {
			if err := os.Mkdir(filepath.Join(root, dir), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(root, "a", "f"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := NewPower(root)
		if err != nil {
			t.Fatal(err)
		}
		a, b := filepath.Join(root, "a"), filepath.Join(root, "b")
		err = errors.Join(p.Link(filepath.Join(a, "f"), filepath.Join(a, "l")), p.SyncDir(a), p.Rename(filepath.Join(a, "f"), filepath.Join(b, "f")))
		if synced != "" {
			err = errors.Join(err, p.SyncDir(filepath.Join(root, synced)))
		}
		if err := errors.Join(err, p.Cut(Lost())); err != nil {
			t.Fatal(err)
		}
		if got := tree(t, root); got != want {
			t.Errorf("%q synced:\n%s\nwant\n%s", synced, got, want)
		}
	}
}

// TestPowerUnderWriteFile holds that durable.WriteFile is whole in both fates at each call: one that does not sync the content, or not before the
// rename, fails here.
func TestPowerUnderWriteFile(t *testing.T) {
	for at := 1; ; at++ {
		for name, luck := range map[string]Luck{"lost": Lost(), "named": Named(), "mixed": Mixed(uint64(at))} {
			root := t.TempDir()
			path := filepath.Join(root, "file")
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := NewPower(root)
			if err != nil {
				t.Fatal(err)
			}
			disk := &FS{At: at, Sticky: true, Under: p}
			before := durable.Use(disk)
			err = durable.WriteFile(path, []byte("a new one"), 0o600)
			durable.Use(before)
			if cutErr := p.Cut(luck); cutErr != nil {
				t.Fatal(cutErr)
			}
			text, readErr := os.ReadFile(path)
			if readErr != nil || string(text) != "old" && string(text) != "a new one" || err == nil && string(text) != "a new one" {
				t.Errorf("call %d, %s: %q, %v; error of the write: %v", at, name, text, readErr, err)
			}
			if disk.Calls() < at {
				return
			}
		}
	}
}

// tree gives what lies below a folder: contents of files, and of folders whether they are as they were made (0700).
func tree(t *testing.T, root string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if info, err := d.Info(); err != nil {
			return err
		} else if d.IsDir() {
			all = append(all, rel+"="+map[bool]string{true: "old", false: "new"}[info.Mode().Perm() == 0o700])
			return nil
		}
		text, err := os.ReadFile(path)
		all = append(all, fmt.Sprintf("%s=%q", rel, text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}
