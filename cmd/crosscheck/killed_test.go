package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"crosscheck/engine/audit"
	"crosscheck/engine/durable"
	"crosscheck/engine/durable/durabletest"

	"github.com/rogpeppe/go-internal/testscript"
)

// killed is crosscheck as a process that is killed (SIGKILL) by itself: crosscheck-killed WHERE COMMAND... Where is the number of a call of the file system,
// in the middle of it if it writes, or the end of a path to which something is about to be renamed.
func killed() int {
	kill := func() {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		time.Sleep(time.Minute) // it comes at once, and nothing may happen before
	}
	where := os.Args[1]
	if at, err := strconv.Atoi(where); err == nil {
		durable.Use(&durabletest.FS{At: at, Then: kill})
	} else {
		durable.Use(killedAtRename{where: where, kill: kill})
	}
	os.Args = append(os.Args[:1], os.Args[2:]...)
	return start(os.Stderr, night)
}

type killedAtRename struct {
	durable.OS
	where string
	kill  func()
}

func (k killedAtRename) Rename(from, to string) error {
	if strings.HasSuffix(filepath.ToSlash(to), k.where) {
		k.kill()
	}
	return k.OS.Rename(from, to)
}

// digests writes a line for each file below a folder: digests DIR OUT. Left out are the trail, which grows, and locks.
func digests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: digests DIR OUT")
	}
	all, err := digestsOf(ts.MkAbs(args[0]))
	ts.Check(err)
	var text strings.Builder
	for _, line := range all {
		text.WriteString(line + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
}

// digestsOf gives a line for each file below a folder: its digest, mode and path. Left out are the trail, which grows, locks, and the page of all nights,
// which is no part of any.
func digestsOf(dir string) (lines []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		switch rel = filepath.ToSlash(rel); {
		case err != nil:
			return err
		case d.IsDir():
			if rel == audit.Folder {
				return fs.SkipDir
			}
			return nil
		case rel == "_lock" || rel == "public/report/index.html":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%x %v %s", sha256.Sum256(text), info.Mode(), rel))
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // nothing was published yet
	}
	return lines, err
}

// killCase is a command that writes below the reports folder.
type killCase struct {
	name, base string // base is the folder that a copy of is the reports folder before
	date       string // the night that may change; "": none
	args       []string
}

// TestKilledAtCalls has processes kill themselves in the middle of a call of the file system: some calls of a night, a rerun, a purge, a look-up and a seal,
// drawn with a fixed seed, or each one with CROSSCHECK_CAMPAIGN=all. It holds that all other nights are as they were, byte for byte, that the trail is
// sound, that the same command then does what it does where nothing is killed, and that nothing is left over.
func TestKilledAtCalls(t *testing.T) {
	t.Chdir(durabletest.Dir(t))
	cases := killCases(t)
	type point struct {
		killCase
		at   int
		want []string
	}
	var points []point
	for _, c := range cases {
		killReset(t, c.base)
		disk := &durabletest.FS{}
		before := durable.Use(disk)
		code, _, stderr := killCall(t, c)
		durable.Use(before)
		if code != exitOK {
			t.Fatalf("%s: exit code %d: %s", c.name, code, stderr)
		}
		for at := 1; at <= disk.Calls(); at++ {
			points = append(points, point{c, at, tablesOf(t, "")})
		}
	}
	all := len(points)
	if os.Getenv("CROSSCHECK_CAMPAIGN") != "all" {
		rand.New(rand.NewPCG(1, 99)).Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
		points = points[:30]
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	died, survived := 0, 0
	for _, p := range points {
		where := fmt.Sprintf("%s, killed in call %d", p.name, p.at)
		killReset(t, p.base)
		old := tablesOf(t, p.date)
		c := exec.CommandContext(t.Context(), self, append([]string{strconv.Itoa(p.at)}, p.args...)...)
		c.Args[0], c.Stdin = "crosscheck-killed", strings.NewReader(killKey)
		var exit *exec.ExitError
		if err := c.Run(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != -1) {
			t.Fatalf("%s: %v", where, err)
		} else if err != nil {
			died++
		}
		fine := true
		wrong := func(format string, args ...any) {
			t.Helper()
			fine = false
			t.Errorf(format, args...)
		}
		if now := tablesOf(t, p.date); !slices.Equal(now, old) {
			wrong("%s: other nights changed:\n%q\nwere\n%q", where, now, old)
		}
		sound, _, _ := call(t.Context(), "audit", "verify", "-c", "job.yaml")
		if sound != exitOK && p.name != "seal" {
			wrong("%s: the trail is broken", where)
		}
		if code, _, stderr := killCall(t, p.killCase); code != exitOK && (p.name != "seal" || sound != exitOK) {
			wrong("%s: the next one: exit code %d: %s", where, code, stderr)
		}
		if got := tablesOf(t, ""); !slices.Equal(got, p.want) {
			wrong("%s: the next one leaves\n%q\nwant\n%q", where, got, p.want)
		}
		if code, stdout, _ := call(t.Context(), "audit", "verify", "-c", "job.yaml"); code != exitOK {
			wrong("%s: the trail after the next one: %s", where, stdout)
		}
		if fine {
			survived++
		}
	}
	t.Logf("%d of %d points tried, %d processes died, %d points survived", len(points), all, died, survived)
	if died < len(points)*9/10 { // the last calls come after the manifest, and how many there are depends on what is there to remove
		t.Errorf("only %d of %d processes died", died, len(points))
	}
}

// killKey is what a look-up asks for.
const killKey = "99p\n"

// killCases publishes two nights and breaks the trail of a copy of them.
func killCases(t *testing.T) []killCase {
	t.Helper()
	for name, text := range map[string]string{
		"job.yaml": "job: killed\nkey: {column: id, type: string}\nlevels: {a: {path: a.csv}, b: {path: b.csv}}\nprivacy: {pseudonym_key: {file: key}}\n",
		"key":      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e2f",
		"asked":    killKey,
		"a.csv":    "id,v\n99p,x\n99q,y\n",
		"b.csv":    "id,v\n99p,x\n99q,z\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	real := durable.Use(&durabletest.FS{})
	t.Cleanup(func() { durable.Use(real) })
	for _, date := range []string{"2026-11-20", "2026-11-21"} {
		if code, _, stderr := call(t.Context(), "run", "-c", "job.yaml", "--date", date, "-q"); code != exitOK {
			t.Fatal(stderr)
		}
	}
	trails, err := filepath.Glob("reports/restricted/audit/*.jsonl")
	if err != nil || len(trails) != 1 {
		t.Fatal(trails, err)
	}
	text, err := os.ReadFile(trails[0])
	err = errors.Join(err, os.WriteFile("b.csv", []byte("id,v\n99p,w\n99q,y\n"), 0o600), os.CopyFS("base", os.DirFS("reports")),
		os.WriteFile(trails[0], []byte(strings.Replace(string(text), "killed", "Killed", 1)), 0o600), os.CopyFS("broken", os.DirFS("reports")))
	if err != nil {
		t.Fatal(err)
	}
	return []killCase{
		{"night", "base", "2026-11-22", []string{"run", "-c", "job.yaml", "--date", "2026-11-22", "-q"}},
		{"rerun", "base", "2026-11-21", []string{"run", "-c", "job.yaml", "--date", "2026-11-21", "-q"}},
		{"purge", "base", "2026-11-20", []string{"purge", "-c", "job.yaml", "--older-than", "2d"}},
		{"lookup", "base", "", []string{"lookup", "-c", "job.yaml", "--reason", "a test"}},
		{"seal", "broken", "", []string{"audit", "seal", "-c", "job.yaml", "--reason", "a test"}},
	}
}

// killReset has the reports folder be as a case begins.
func killReset(t *testing.T, base string) {
	t.Helper()
	if err := errors.Join(os.RemoveAll("reports"), os.CopyFS("reports", os.DirFS(base))); err != nil {
		t.Fatal(err)
	}
}

// killCall runs the command of a case in this process, where nothing kills it.
func killCall(t *testing.T, c killCase) (code int, stdout, stderr string) {
	t.Helper()
	in, openErr := os.Open("asked")
	if openErr != nil {
		t.Fatal(openErr)
	}
	defer in.Close()
	var out, err bytes.Buffer
	a := &app{in: in, out: &tracked{w: &out}, err: &err, env: os.LookupEnv, now: night}
	code = a.main(t.Context(), c.args)
	return code, out.String(), err.String()
}

// tablesOf gives a line for each file below reports. With a date, what belongs to that night and what is under way is left out; without, what says when a run
// was and how long it took.
func tablesOf(t *testing.T, but string) []string {
	t.Helper()
	all, err := digestsOf("reports")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(line string) bool {
		if but != "" {
			return strings.Contains(line, but) || strings.Contains(line, " _staging/") || strings.HasSuffix(line, ".tmp")
		}
		return strings.HasSuffix(line, ".html") || strings.Contains(line, " public/runs/") || strings.Contains(line, " _committed/") && strings.HasSuffix(line, ".json")
	})
}
