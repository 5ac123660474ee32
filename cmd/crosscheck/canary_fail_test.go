package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cleanOf holds that a text that anybody may read holds no canary. What is told of a failure is which one, not where it stood.
func cleanOf(t *testing.T, what, text string) {
	t.Helper()
	for i, c := range canaries {
		if strings.Contains(text, c) {
			t.Errorf("%s holds canary %d", what, i)
		}
	}
}

// TestCanaryBroken feeds inputs that are broken in every way to all commands that read them, and looks for the marks in what is printed.
func TestCanaryBroken(t *testing.T) {
	t.Chdir(t.TempDir())
	canaryInputs(t)
	city, err := os.ReadFile("data/city.csv")
	if err != nil {
		t.Fatal(err)
	}
	header, body, _ := strings.Cut(string(city), "\n")
	demo := []string{"demo", "--records", "200", "--dir", "d", "-q"}
	if code, _, stderr := call(t.Context(), demo...); code != exitOK {
		t.Fatalf("demo: exit code %d: %s", code, stderr)
	}
	files := map[string]string{
		"fields.csv":   string(city) + canaryID(3) + ",王canary\n",                                 // too few fields
		"quote.csv":    string(city) + canaryID(3) + ",\"王canary,10055500001\n",                   // a quote that is never closed
		"bare.csv":     header + "\n" + canaryID(3) + ",王\"canary,1,1,1,1,1,1,1,1\n",              // a quote within a text
		"encoding.csv": header + "\n" + strings.Replace(body, "王canary", "\xcd\xf5canary\xff", 1), // not UTF-8
		"nul.csv":      header + "\n" + strings.Replace(body, "王canary", "canary\x00", 1),         // a zero byte
		"twice.csv":    strings.Replace(string(city), "name,phone", "name,name", 1),               // a column twice
		"empty.csv":    "",                                                                        // nothing at all
		"head.csv":     strings.Split(string(city), "\n")[1] + "\n" + string(city),                // values in the place of the header
		"noise":        "PAR1" + canaryID(3) + "王canary",                                          // looks like Parquet from its first bytes
		"cut.parquet":  "PAR1" + canaryID(3) + "王canary" + "\x10\x00\x00\x00PAR1",                 // has both marks and no footer
		"text.parquet": string(city),                                                              // is no Parquet
	}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	failed := 0
	for name := range files {
		for _, args := range [][]string{
			{"diff", "city=data/city.csv", "street=" + name, "--key", "id_number"},
			{"diff", "street=" + name, "city=data/city.csv", "--key", "id_number", "--format", "json"},
			{"init", "city=data/city.csv", "street=" + name, "-o", "-"},
			{"init", "city=" + name, "street=" + name, "-o", "-"}, // a file without a header on both sides
		} {
			code, stdout, stderr := call(t.Context(), args...)
			what := strings.Join(args, " ")
			if code != exitOK && code != exitDiffers {
				failed++
				if stderr == "" {
					t.Errorf("%s: exit code %d without a word", what, code)
				}
			}
			if args[0] == "init" {
				cleanOf(t, what+": standard output", stdout)
			}
			if code == exitInternal {
				t.Errorf("%s: an internal error", what)
			}
			cleanOf(t, what+": standard error", stderr)
		}
	}
	// That they are broken: all but a zero byte, which may be taken as text, fail in at least one place.
	if failed < 2*(len(files)-2) {
		t.Errorf("%d of %d calls failed", failed, 4*len(files))
	}
}

// TestCanaryDump asks a process that holds a key for a dump of its goroutines, as kill -QUIT does, and looks for the marks in it.
func TestCanaryDump(t *testing.T) {
	t.Chdir(t.TempDir())
	canaryInputs(t)
	if code, _, stderr := call(t.Context(), "run", "-c", "job.job.yaml", "--date", "2026-11-23", "-q"); code != exitOK {
		t.Fatalf("run: exit code %d: %s", code, stderr)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in, keep, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer keep.Close()
	defer in.Close()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), self, "lookup", "-c", "job.job.yaml", "--reason", "dump")
	c.Args[0] = "crosscheck" // TestMain runs it
	c.Stdin, c.Stdout, c.Stderr = in, &stdout, &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	// The key and no end of line: lookup has read it and waits for more.
	if _, err := keep.WriteString(canaryID(4)); err != nil {
		t.Fatal(err)
	}
	for {
		left, err := unix.IoctlGetInt(int(in.Fd()), unix.TIOCINQ)
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := c.Process.Signal(unix.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != exitQuit {
		t.Errorf("the process ended with %v", err)
	}
	if dump := stderr.String(); !strings.Contains(dump, "goroutine profile:") || !strings.Contains(dump, "lookup.go:") {
		t.Errorf("no dump: %d bytes", stderr.Len())
	} else if strings.Contains(dump, "(0x") {
		t.Error("the dump has arguments of calls")
	}
	cleanOf(t, "the dump", stderr.String())
	cleanOf(t, "standard output", stdout.String())
}
