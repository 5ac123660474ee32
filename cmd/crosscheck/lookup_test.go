package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestLookupCanary looks up marked persons of whom there is every kind of finding, and looks for the marks in all that is printed.
func TestLookupCanary(t *testing.T) {
	t.Chdir(t.TempDir())
	canaryInputs(t)
	kinds := ""
	for _, job := range []string{"job.job.yaml", "without.job.yaml"} {
		if code, _, stderr := call(t.Context(), "run", "-c", job, "--date", "2026-11-23"); code != exitOK {
			t.Fatal(stderr)
		}
		for _, key := range []string{canaryID(0), canaryID(1), canaryID(2), canaryID(4), canaryID(41), canaryID(50), "canary-key"} {
			for _, format := range []string{"text", "json"} {
				if err := os.WriteFile("typed", []byte(key+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				in, err := os.Open("typed")
				if err != nil {
					t.Fatal(err)
				}
				var stdout, stderr bytes.Buffer
				a := &app{in: in, out: &tracked{w: &stdout}, err: &stderr, env: os.LookupEnv, now: night}
				code := a.main(t.Context(), []string{"lookup", "-c", job, "--reason", "test", "--history", "--format", format})
				in.Close()
				if code != exitOK || stderr.Len() > 0 {
					t.Fatalf("exit code %d: %s", code, stderr.String())
				}
				for _, c := range canaries {
					if strings.Contains(stdout.String(), c) {
						t.Errorf("%s, %s: lookup shows %q: %s", job, format, c, stdout.String())
					}
				}
				kinds += stdout.String()
			}
		}
	}
	for _, kind := range []string{"differs", "duplicate", "inconsistent", "invalid_key", "key_typo", "missing", "not_covered", "overdue"} {
		if !strings.Contains(kinds, kind) {
			t.Errorf("nothing was shown of %s", kind)
		}
	}
}
