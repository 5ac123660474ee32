package csvio

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/level"
)

// files writes texts as 0.csv, 1.csv and so on.
func files(t *testing.T, texts ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, text := range texts {
		paths = append(paths, filepath.Join(dir, string(rune('0'+i))+".csv"))
		if err := os.WriteFile(paths[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

func TestDelimiter(t *testing.T) {
	for _, test := range []struct {
		header string
		given  byte
		want   []string
	}{
		{"a,b,c", 0, []string{"a", "b", "c"}},
		{"a;b;c,d", 0, []string{"a", "b", "c,d"}},
		{"a\tb", 0, []string{"a", "b"}},
		{"a|b", 0, []string{"a", "b"}},
		{"a", 0, []string{"a"}},
		{"a b", 0, []string{"a b"}},
		{`"a,b,c";"d;e";f`, 0, []string{"a,b,c", "d;e", "f"}},
		{"a;b,c", 0, []string{"a;b", "c"}},
		{"a:b", ':', []string{"a", "b"}},
		{"a,b\tc", '\t', []string{"a,b", "c"}},
		{"a b", ' ', []string{"a", "b"}},
		{"\ufeff\"a\"\"\",姓名", 0, []string{`a"`, "姓名"}},
		{"\ufeff\r\n\n\"a\nb\",c", 0, []string{"a\nb", "c"}},
	} {
		s, err := Open(files(t, test.header+"\r\n"), Options{Delimiter: test.given})
		if err != nil {
			t.Errorf("header line %q: %v", test.header, err)
			continue
		}
		var got []string
		for _, f := range s.Schema().Fields() {
			got = append(got, f.Name)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("header line %q: columns %q, want %q", test.header, got, test.want)
		}
		s.Close()
	}
}

func TestNullValues(t *testing.T) {
	const text = "a,b\n,NULL\n\"\",\"NULL\"\n\\N,x\n"
	for _, test := range []struct {
		nulls []string
		want  [][]string
	}{
		{nil, [][]string{{null, "NULL"}, {null, "NULL"}, {`\N`, "x"}}},
		{[]string{}, [][]string{{"", "NULL"}, {"", "NULL"}, {`\N`, "x"}}},
		{[]string{"NULL", `\N`}, [][]string{{"", null}, {"", null}, {null, "x"}}},
		{[]string{"", "NULL"}, [][]string{{null, null}, {null, null}, {`\N`, "x"}}},
	} {
		got, err := readText(t, text, Options{NullValues: test.nulls})
		if err != nil {
			t.Fatal(err)
		}
		if d := firstDifference(got, test.want); d != "" {
			t.Errorf("nulls %q: %s", test.nulls, d)
		}
	}
}

// Columns are matched by name, and each file may have a delimiter of its own.
func TestColumnOrder(t *testing.T) {
	paths := files(t, "a,b,c\n1,2,3\n", "c;a;b\n6;4;5\n", "b,c,a\n8,9,7\n")
	slices.Reverse(paths)
	got, err := readFiles(t, paths, Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if d := firstDifference(got, [][]string{{"1", "2", "3"}, {"4", "5", "6"}, {"7", "8", "9"}}); d != "" {
		t.Error(d)
	}
}

func TestLackingColumn(t *testing.T) {
	for _, test := range []struct {
		texts  []string
		file   string
		column string
	}{
		{[]string{"a,b\n", "b,a\n", "a\n"}, "2.csv", "b"},
		{[]string{"a,b\n", "a,b,c\n"}, "0.csv", "c"},
		{[]string{"a,b\n", "a,B\n"}, "0.csv", "B"},
	} {
		_, err := Open(files(t, test.texts...), Options{})
		var in *level.InputError
		if !errors.As(err, &in) || filepath.Base(in.File) != test.file || in.Column != test.column || in.Hint == "" {
			t.Errorf("header lines %q: error %v", test.texts, err)
		}
	}
}

// Of several files with faults, the first by name is told, whatever the order given.
func TestFirstFileWins(t *testing.T) {
	paths := files(t, "a,b\n1,2\n", "a,b\n\"1,2\n", "a,b\n\"3,4\n", "a,b\n\"5,6\n")
	for range 20 {
		slices.Reverse(paths)
		_, err := Open(paths, Options{ChunkBytes: 3})
		if err == nil || !strings.Contains(err.Error(), "1.csv: row 1") {
			t.Fatalf("error %v", err)
		}
	}
}

// TestScansAreKept opens files again of which the scan was kept: the parts are the same, although the rows of the file are gone meanwhile, so that they
// cannot have been looked at. What is damaged, or of another file, is scanned anew.
func TestScansAreKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.csv")
	text := "id,note\n" + strings.Repeat("990101,\"one\ntwo\"\n\n990102,three\r\n", 3000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	kept := map[string][]byte{}
	saved := 0
	scans := &Scans{
		Load: func(path, recipe string) []byte { return kept[path+recipe] },
		Save: func(path, recipe string, scan []byte) { kept[path+recipe] = scan; saved++ },
	}
	parts := func(opt Options) []level.Part {
		t.Helper()
		opt.Scans = scans
		s, err := Open([]string{path}, opt)
		if err != nil {
			t.Fatal(err)
		}
		return s.Parts()
	}
	small := Options{ChunkBytes: 1000}
	want := parts(small)
	if len(want) < 50 || saved != 1 {
		t.Fatalf("%d parts, %d scans saved", len(want), saved)
	}
	modified := want[0].Modified
	gone := []byte(text)
	for i := range gone[len("id,note\n") : len(gone)-2] {
		gone[len("id,note\n")+i] = 'x'
	}
	if err := os.WriteFile(path, gone, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, modified, modified); err != nil {
		t.Fatal(err)
	}
	if got := parts(small); !slices.Equal(got, want) || saved != 1 {
		t.Errorf("%d parts, want %d, %d scans saved", len(got), len(want), saved)
	}
	if got := parts(Options{ChunkBytes: 2000}); len(got) != 1 || saved != 2 {
		t.Errorf("other chunks were cut by a scan that is not theirs: %d parts", len(got))
	}
	for key, scan := range kept {
		for _, bad := range [][]byte{scan[:len(scan)-1], append(slices.Clone(scan), 0), {}, bytes.Repeat([]byte{0xff}, len(scan))} {
			kept[key] = bad
			if got := parts(small); len(got) != 1 && strings.Contains(key, " 1000") {
				t.Errorf("a damaged scan was taken: %d parts", len(got))
			}
		}
	}
}

// TestChunkBytes: parts are small, and larger in large files, whose size has to change much for them to have others.
func TestChunkBytes(t *testing.T) {
	for _, c := range []struct{ asked, size, want int64 }{
		{0, 0, 1 << 20}, {0, 2 << 30, 1 << 20}, {0, 2<<30 + 1, 2 << 20}, {0, 9 << 30, 8 << 20}, {0, 1 << 40, 8 << 20}, {77, 1 << 40, 77},
	} {
		if got := (Options{ChunkBytes: c.asked}).chunkBytes(c.size); got != c.want {
			t.Errorf("a file of %d bytes, asked for %d: %d, not %d", c.size, c.asked, got, c.want)
		}
	}
}
