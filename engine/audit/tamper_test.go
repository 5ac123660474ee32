package audit

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// trailFiles gives the files of a trail, and lines gives theirs.
func trailFiles(t *testing.T, reports string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	files, _, err := list(reports)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if all[f.rel()], err = f.read(reports); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// allLines gives the lines of a trail with their places as faults have them.
func allLines(files map[string][]byte) (lines [][]byte, places []string) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		n := 0
		for line := range bytes.Lines(files[name]) {
			n++
			lines, places = append(lines, line), append(places, fmt.Sprintf("%s:%d", name, n))
		}
	}
	return lines, places
}

// put writes files below the reports folder; nil takes one away.
func put(t *testing.T, reports string, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(reports, filepath.FromSlash(name))
		var err error
		if content == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// names fails the test unless the trail is broken at a place, and gives the message.
func names(t *testing.T, reports, what string, places ...string) string {
	t.Helper()
	c := check(t, reports)
	if c.Fault == nil {
		t.Errorf("%s: the trail is said to be sound, %q", what, c.Notes)
		return ""
	}
	got := strings.TrimSuffix(c.Fault.String(), ": "+c.Fault.Msg)
	if !slices.Contains(places, got) {
		t.Errorf("%s: the fault is said to be %s, want %s", what, c.Fault, places)
	}
	return c.Fault.Msg
}

// TestFlip changes each byte of each line, in one of four ways.
func TestFlip(t *testing.T) {
	reports := t.TempDir()
	twoMonths(t, reports)
	for name, content := range trailFiles(t, reports) {
		line := 1
		for i := range content {
			to := [...]byte{content[i] ^ 1, content[i] ^ 0x20, '\n', 'x'}[i%4]
			if end := content[i] == '\n'; to != content[i] && (end || !testing.Short() || i%13 == 0) {
				changed := bytes.Clone(content)
				changed[i] = to
				put(t, reports, map[string][]byte{name: changed})
				names(t, reports, fmt.Sprintf("byte %d of %s to %q", i, name, to), fmt.Sprintf("%s:%d", name, line))
			}
			if content[i] == '\n' {
				line++
			}
		}
		put(t, reports, map[string][]byte{name: content})
	}
	sound(t, reports)
}

// forge gives a line another content and the sum that goes with it.
func forge(t *testing.T, line []byte, from, to string) []byte {
	t.Helper()
	text := bytes.Replace(line[:len(line)-sumWidth], []byte(from), []byte(to), 1)
	if bytes.Equal(text, line[:len(line)-sumWidth]) {
		t.Fatalf("the line has no %s", from)
	}
	return append(text, beforeSum+hashOf(text)+afterSum...)
}

// TestForge has somebody change an entry who knows how lines are made: it shows unless no line and no manifest follows.
func TestForge(t *testing.T) {
	reports := t.TempDir()
	twoMonths(t, reports)
	files := trailFiles(t, reports)
	lines, places := allLines(files)
	for i, line := range lines[:len(lines)-1] {
		name, _, _ := strings.Cut(places[i], ":")
		forged := forge(t, line, `"who":{"user":"`, `"who":{"user":"x`)
		put(t, reports, map[string][]byte{name: bytes.Replace(files[name], line, forged, 1)})
		names(t, reports, "forging line "+places[i], places[i])
		put(t, reports, files)
	}
	// What a manifest anchors is true, so it is the line after it that was changed.
	name, _, _ := strings.Cut(places[1], ":")
	e, err := parse(lines[1])
	if err != nil {
		t.Fatal(err)
	}
	put(t, reports, map[string][]byte{name: bytes.Replace(files[name], lines[1], forge(t, lines[1], e.Prev, noPrev), 1)})
	names(t, reports, "forging what a line follows", places[1])
	put(t, reports, files)
	// All lines from the first on written anew: the first one that a manifest anchors does not agree.
	prev := noPrev
	anew := maps.Clone(files)
	for i, line := range lines {
		name, _, _ := strings.Cut(places[i], ":")
		forged := forge(t, line, `"who":{"user":"`, `"who":{"user":"x`)
		if e, err := parse(forged); err != nil {
			t.Fatal(err)
		} else if e.Prev != prev {
			forged = forge(t, forged, e.Prev, prev)
		}
		prev = hashOf(forged)
		anew[name] = bytes.Replace(anew[name], line, forged, 1)
	}
	put(t, reports, anew)
	if msg := names(t, reports, "writing all anew", places[0]); !strings.Contains(msg, "_committed/2026-10-29.json anchors") {
		t.Error(msg)
	}
}

// TestMove deletes each line, puts each in at each place, and swaps each with the next.
func TestMove(t *testing.T) {
	reports := t.TempDir()
	twoMonths(t, reports)
	original := trailFiles(t, reports)
	lines, places := allLines(original)
	october := bytes.Count(original[Folder+"/0001-2026-10.jsonl"], []byte("\n"))
	// write puts a list of lines into the two files; place says where one of them stands then.
	var first int
	write := func(lines [][]byte, of int) {
		first = of
		put(t, reports, map[string][]byte{Folder + "/0001-2026-10.jsonl": bytes.Join(lines[:of], nil), Folder + "/0001-2026-11.jsonl": bytes.Join(lines[of:], nil)})
	}
	place := func(i int) string {
		if i < first {
			return fmt.Sprintf("%s/0001-2026-10.jsonl:%d", Folder, i+1)
		}
		return fmt.Sprintf("%s/0001-2026-11.jsonl:%d", Folder, i-first+1)
	}
	for i := range lines {
		in := 0
		if i < october {
			in = 1
		}
		write(slices.Delete(slices.Clone(lines), i, i+1), october-in)
		if i < len(lines)-1 {
			names(t, reports, "deleting line "+places[i], place(i))
		} else {
			sound(t, reports) // younger than the last night, as the package comment says
		}
		for at := range len(lines) + 1 {
			write(slices.Insert(slices.Clone(lines), at, lines[i]), october)
			want := place(at)
			if at == i { // the first of two alike stands where it should
				want = place(at + 1)
			}
			names(t, reports, fmt.Sprintf("putting in line %s as %d", places[i], at), want)
		}
		if i+1 < len(lines) {
			swapped := slices.Clone(lines)
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			write(swapped, october)
			names(t, reports, "swapping line "+places[i], place(i))
		}
	}
	// Deleting a line and numbering those that follow anew.
	renumbered := slices.Delete(slices.Clone(lines), 2, 3)
	for i := range renumbered[2:] {
		renumbered[2+i] = forge(t, renumbered[2+i], fmt.Sprintf(`"seq":%d`, i+4), fmt.Sprintf(`"seq":%d`, i+3))
	}
	write(renumbered, october-1)
	if msg := names(t, reports, "deleting and renumbering", place(1)); !strings.Contains(msg, "or lines between the two were taken out") {
		t.Error(msg)
	}
}

// TestCut cuts the end off after each byte.
func TestCut(t *testing.T) {
	reports := t.TempDir()
	twoMonths(t, reports)
	name := Folder + "/0001-2026-11.jsonl"
	content := trailFiles(t, reports)[name]
	anchored := bytes.LastIndexByte(content[:len(content)-1], '\n') + 1 // the last line is anchored by none
	for end := range len(content) {
		if testing.Short() && end%13 > 0 && end < anchored-2 {
			continue
		}
		put(t, reports, map[string][]byte{name: content[:end]})
		switch line := bytes.Count(content[:end], []byte("\n")); {
		case end >= anchored:
			sound(t, reports)
		case end == 0:
			names(t, reports, "emptying the last file", Folder+"/0001-2026-10.jsonl:4")
		case content[end-1] == '\n':
			names(t, reports, fmt.Sprintf("cutting at %d", end), fmt.Sprintf("%s:%d", name, line))
		default:
			names(t, reports, fmt.Sprintf("cutting at %d", end), fmt.Sprintf("%s:%d", name, line+1))
		}
	}
}

// TestFiles takes files away, puts others there and swaps their names.
func TestFiles(t *testing.T) {
	reports := t.TempDir()
	twoMonths(t, reports)
	publish(t, reports, "2026-12-01", at(12, 1))
	files := trailFiles(t, reports)
	october, november, december := Folder+"/0001-2026-10.jsonl", Folder+"/0001-2026-11.jsonl", Folder+"/0001-2026-12.jsonl"
	for _, c := range []struct {
		what  string
		do    map[string][]byte
		place string
		says  string
	}{
		{"no first file", map[string][]byte{october: nil}, november + ":1", "entries 1 to 4 are missing before this line"},
		{"no second file", map[string][]byte{november: nil}, december + ":1", "entries 5 to 7 are missing before this line"},
		{"no last file", map[string][]byte{december: nil}, november + ":3", "anchors entry 8: its end was cut off"},
		{"no file", map[string][]byte{october: nil, november: nil, december: nil}, Folder, "anchors entry 8: its end was cut off"},
		{"swapped", map[string][]byte{october: files[november], november: files[october]}, october + ":1", "entries 1 to 4"},
		{"a middle file cut", map[string][]byte{november: files[november][:len(files[november])-1]}, november + ":3", "though later files follow"},
		{"a file too many", map[string][]byte{Folder + "/0001-2026-10b.jsonl": files[october]}, Folder + "/0001-2026-10b.jsonl", "no file of the trail"},
		{"a segment without a seal", map[string][]byte{Folder + "/0002-2026-12.jsonl": files[december]}, Folder + "/0002-2026-12.jsonl:1", "does not begin with a seal"},
		{"an empty segment", map[string][]byte{Folder + "/0002-2026-12.jsonl": {}}, Folder + "/0002-2026-12.jsonl", "its end was cut off"},
	} {
		put(t, reports, c.do)
		if msg := names(t, reports, c.what, c.place); !strings.Contains(msg, c.says) {
			t.Errorf("%s: %s", c.what, msg)
		}
		for name := range c.do {
			if files[name] == nil {
				put(t, reports, map[string][]byte{name: nil})
			}
		}
		put(t, reports, files)
		sound(t, reports)
	}
}
