package job

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crosscheck/engine/level"
)

const testKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e2f"

// keyed gives a job whose pseudonym key is given so, in a folder of its own.
func keyed(t *testing.T, source string) *Job {
	t.Helper()
	dir := t.TempDir()
	text := "job: j\nkey: id\nlevels: {a: {path: a.csv}, b: {path: b.csv}}\nprivacy:\n  pseudonym_key: " + source + "\n"
	j, err := Parse(filepath.Join(dir, "job.yaml"), []byte(text), func(name string) (string, bool) { return testKey, name == "KEY" })
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestPseudonymKey(t *testing.T) {
	for _, source := range []string{"{env: KEY}", "{command: [echo, " + testKey + "]}", "{command: [cat, key]}", "{file: key}"} {
		j := keyed(t, source)
		if err := os.WriteFile(filepath.Join(filepath.Dir(j.File), "key"), []byte(testKey), 0o400); err != nil {
			t.Fatal(err)
		}
		if k, err := j.PseudonymKey(t.Context()); err != nil || k.ID() != "klleqe6dh0uep" {
			t.Errorf("%s: %v", source, err)
		}
	}
	for source, want := range map[string]string{
		"{env: NONE}":                         "5:18: pseudonym_key: the environment variable that env names is not set",
		"{file: .}":                           " is not a file",
		"{file: nothing}":                     "/nothing; 'crosscheck keygen -o ",
		"{command: [nothing-of-the-name]}":    "nothing-of-the-name cannot be run: executable file not found in $PATH",
		"{command: [\"false\"]}":              "false ended with exit status 1; run it by hand to see why",
		"{command: [echo, abc]}":              "the key is too short",
		"{command: [cat, /dev/zero]}":         "gave more than a key has",
		"{command: [head, -c64, /dev/zero]}":  "the key repeats itself",
		"{command: [seq, \"1\", \"100000\"]}": "gave more than a key has",
	} {
		_, err := keyed(t, source).PseudonymKey(t.Context())
		var faults *Error
		if !errors.As(err, &faults) || !strings.Contains(err.Error(), want) || faults.Faults[0].Excerpt() != "" {
			t.Errorf("%s: %v", source, err)
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := keyed(t, "{command: [sleep, \"60\"]}").PseudonymKey(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o620: false, 0o601: false, 0o644: false} {
		j := keyed(t, "{file: key}")
		path := filepath.Join(filepath.Dir(j.File), "key")
		if err := errors.Join(os.WriteFile(path, []byte(testKey), 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		_, err := j.PseudonymKey(t.Context())
		if (err == nil) != ok || err != nil && (!strings.Contains(err.Error(), "chmod 600") || strings.Contains(err.Error(), testKey)) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}

func TestCheckRotation(t *testing.T) {
	j := keyed(t, "{env: KEY}")
	k, err := j.PseudonymKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	commit := func(night, text string) {
		t.Helper()
		dir := filepath.Join(j.Reports.Dir, committedDir)
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, night+".json"), []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want string) {
		t.Helper()
		err := j.CheckRotation(k)
		var fault *Error
		var input *level.InputError
		if want == "" && err != nil || want != "" && (!errors.As(err, &fault) && !errors.As(err, &input) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	check("")
	commit("2026-11-20", `{"pseudonym_key_id": "k0123456789ab"}`)
	commit("2026-11-21", `{"left_out": ["internal"]}`)
	check("is not the one of the night 2026-11-20 (id k0123456789ab): bring that one back, or, if it is to be replaced, write 'rotate_from: k0123456789ab'")
	j.Privacy.RotateFrom = "k0123456789ab"
	check("")
	j.Privacy.RotateFrom = "k0123456789ac"
	check("rotate_from: k0123456789ab")
	if err := j.CheckRotation(nil); err != nil {
		t.Error(err)
	}
	commit("2026-11-22", `{"pseudonym_key_id": "`+k.ID()+`"}`)
	check("")
	commit("2026-11-23", "{")
	check("2026-11-23.json: cannot be read, so that it is not known under which key the last night was published")
}
