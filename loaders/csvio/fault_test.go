package csvio

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crosscheck/engine/level"
)

// Every fault is told by its place and a hint, the same whatever the chunks and whichever part is read first.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       string // the error behind the file's name
		hint       string // what the hint must hold
	}{
		{"too few fields", "id,name\n99secret1,a\n99secret2\n99secret3,c\n",
			`row 2 (line 3): has too few fields: 1, expected 2`, "cut or broken"},
		{"too many fields", "id;name\n99secret1;a\n99secret2;b;c;\n",
			`row 2 (line 3): has too many fields: 4, expected 2`, `';'`},
		{"behind quoted line ends and blank lines", "id,name\n\n\"99\nsecret\n\",a\n\r\n\n99secret2\n",
			`row 2 (line 8): has too few fields: 1, expected 2`, ""},
		{"quote in an unquoted field", "id,name\n99secret1,a\n99secret2,b\"c\"\n99secret3,d\n",
			`row 2 (line 3), column "name": has a quote inside a field that does not begin with one`, "double the quote"},
		{"text behind a closing quote", "id,name\n99secret1,a\n99secret2,\"b\"c\n",
			`row 2 (line 3), column "name": has text behind a closing quote`, "double a quote"},
		{"a quote closed lines later", "id,name\n99secret1,\"a\n99secret2,b\n99secret3,\"c\"\n",
			`row 1 (line 4), column "name": has text behind a closing quote`, "opens on line 2"},
		{"a quote never closed", "id,name\n99secret1,a\n99secret2,\"b\n99secret3,c\n99secret4,d\n",
			`row 2 (line 3), column "name": has a quote that is never closed`, "close it"},
		{"a quote never closed, at the end", "id,name\n99secret1,a\n99secret2,\"",
			`row 2 (line 3), column "name": has a quote that is never closed`, "close it"},
		{"not UTF-8", "id,name\n99secret1,a\n99secret2,\xb2\xe2\xca\xd4\n",
			`row 2 (line 3), column "name": holds bytes that are not UTF-8`, "encoding: gb18030 in the job file"},
		{"half a character at the end", "id,name\n99secret1,a\n99secret2,\xe6\xa0",
			`row 2 (line 3), column "name": holds bytes that are not UTF-8`, "look for damage"},
		{"a NUL byte", "id,name\n99secret1,a\n99\x00secret2,b\n",
			`row 2 (line 3), column "id": holds a NUL byte`, "plain text"},
		{"the first of two faults wins", "id,name\n99secret1\n99secret2,\xff\n\"\n",
			`row 1 (line 2): has too few fields: 1, expected 2`, ""},
		{"a fault that shifts all later rows", "id,name\n99secret1,a\"\n99secret2,b\n99secret3,\"c\nd\"\n99secret4,e\n99secret5,f\"\n",
			`row 1 (line 2), column "name": has a quote inside a field that does not begin with one`, ""},
		{"a fault in a column beyond the last", "id,name\n99secret1,a,b\"\n",
			`row 1 (line 2): has a quote inside a field that does not begin with one`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := []string{textFile(t, test.text)}
			for chunk := range int64(40) { // 0 is the default: all in one
				for _, lastFirst := range []bool{false, true} {
					for _, batch := range []int{1, 1000} {
						_, err := readFiles(t, path, Options{ChunkBytes: chunk, BatchRows: batch}, lastFirst)
						checkFault(t, err, test.want, test.hint)
					}
				}
			}
		})
	}
}

// checkFault holds an error about a single file against the text that stands behind the file's name.
func checkFault(t *testing.T, err error, want, hint string) {
	t.Helper()
	var in *level.InputError
	if !errors.As(err, &in) {
		t.Fatalf("error %v, want a *level.InputError", err)
	}
	if _, got, _ := strings.Cut(err.Error(), "in.csv: "); got != want {
		t.Fatalf("error %q, want %q", got, want)
	}
	if !strings.Contains(in.Hint, hint) || in.Hint == "" {
		t.Fatalf("hint %q, want one with %q", in.Hint, hint)
	}
	if strings.Contains(err.Error()+in.Hint, "secret") {
		t.Fatal("the error gives a value away")
	}
}

func TestHeaderFaults(t *testing.T) {
	for _, test := range []struct{ name, text, want, hint string }{
		{"empty file", "", "has no header line", "name the columns"},
		{"blank lines alone", "\n\r\n\n", "has no header line", "name the columns"},
		{"a mark alone", "\ufeff", "has no header line", "name the columns"},
		{"a name twice", "\nid,name,id\n", `line 2, column "id": columns 1 and 3 have the same name`, "name of its own"},
		{"values for names", "code,99010119800101100X,wang\nx,1,2\n", "line 1: has no header line: what stands in the place of the name of column 2 of 3 looks like a value", "names the columns"},
		{"a phone for a name", "100-5550-0001,wang\n1,2\n", "line 1: has no header line: what stands in the place of the name of column 1 of 2 looks like a value", "names the columns"},
		{"an address for a name", "wang@example.com,a\n1,2\n", "line 1: has no header line: what stands in the place of the name of column 1 of 2 looks like a value", "names the columns"},
		{"values for names twice", "99010119800101100X,99010119800101100X\n1,2\n", "line 1: has no header line: what stands in the place of the name of column 1 of 2 looks like a value", "names the columns"},
		{"no name", "id,,name\n", "line 1: column 2 of 3 has no name", "name every column"},
		{"a delimiter at the end", "id,name,\n", "line 1: column 3 of 3 has no name", "name every column"},
		{"a quote inside a name", "id,na\"me\n", "line 1: a quote inside the unquoted name of column 2", "quotes"},
		{"text behind a quoted name", "\"id\"x,name\n", "line 1: text behind the quoted name of column 1", "quotes"},
		{"a quote not closed", "id,\"name\n1,2\n", "line 1: the quote before the name of column 2 is not closed", "quotes"},
		{"a quote not closed in a long file", "id,\"name\n" + strings.Repeat("1,2\n", 300_000), "line 1: the header line does not end within 1 MiB", "not closed"},
		{"not UTF-8", "id,\xd0\xd5\xc3\xfb\n", "line 1: the header line is not UTF-8", "--encoding NAME=gb18030"},
		{"UTF-16 without a mark", "i\x00d\x00,\x00n\x00\n\x00", "line 1: the header line holds a NUL byte: not a text file, or text in UTF-16", "encoding: utf-16le"},
		{"CR alone", "id,name\r1,2\r3,4\r", "line 1: lines end in CR alone", "tr"},
		{"gzip", "\x1f\x8b\x08\x00", "is compressed with gzip", "gunzip"},
		{"Parquet", "PAR1\x15\x04", "is a Parquet file", "format is parquet"},
		{"workbook", "PK\x03\x04\x14\x00", "is a zip archive or an Excel workbook", "save the sheet"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readText(t, test.text, Options{})
			checkFault(t, err, test.want, test.hint)
		})
	}
}

func TestNoRegularFile(t *testing.T) {
	_, err := Open([]string{t.TempDir()}, Options{})
	var in *level.InputError
	if !errors.As(err, &in) || !strings.Contains(in.Msg, "not a regular file") {
		t.Errorf("a folder: error %v", err)
	}
}

// A file written to after Open is an error, also if its size is the same.
func TestChangedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.csv")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"id,name\n1,a\n2,b\n3,c\n", "id,name\n1,a\n", "id,name\n1,a\n2,c\n"} {
		write("id,name\n1,a\n2,b\n")
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		s, err := Open([]string{path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		write(text)
		_, err = s.Read(context.Background(), 0, []int{0})
		checkFault(t, err, "changed while it was read", "rename")
		s.Close()
	}
	write("id,name\n1,a\n")
	s, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(context.Background(), 0, []int{0}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a removed file: error %v", err)
	}
}

// A part that holds another number of rows than Open counted is an error, should the file's size and time not tell.
func TestChangedRows(t *testing.T) {
	for _, change := range []int64{-1, 1} {
		s, err := Open(files(t, "id,name\n1,a\n2,b\n3,c\n"), Options{BatchRows: 2})
		if err != nil {
			t.Fatal(err)
		}
		s.parts[0].Rows += change
		_, err = readPart(s, 0, []int{0})
		var in *level.InputError
		if !errors.As(err, &in) || !strings.Contains(in.Msg, "changed") {
			t.Errorf("%+d rows: error %v", change, err)
		}
		s.Close()
	}
}

// A cancelled context is no fault of the file, and does not hide one from the next reading.
func TestCancelledSearch(t *testing.T) {
	path := textFile(t, "id,name\n1,a\n2\n")
	s, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.parts[0].file.find(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled search: error %v", err)
	}
	for range 2 {
		checkFault(t, s.parts[0].file.find(context.Background()), "row 2 (line 3): has too few fields: 1, expected 2", "cut")
	}
}

func TestOptions(t *testing.T) {
	path := textFile(t, "id,name\n")
	_, err := Open([]string{path}, Options{Delimiter: '"', BatchRows: -1, ChunkBytes: MaxChunkBytes + 1})
	for _, want := range []string{"delimiter", "batches of -1", "chunks of 536870913"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	for _, d := range []byte{'\n', '\r', 0xe6} {
		if _, err := Open([]string{path}, Options{Delimiter: d}); err == nil {
			t.Errorf("delimiter %q is taken", d)
		}
	}
	if _, err := Open(nil, Options{}); err == nil {
		t.Error("no file at all is opened")
	}
}

func TestFileWithoutRows(t *testing.T) {
	for _, text := range []string{"id,name", "id,name\n", "id,name\r\n\r\n", "id,name\n\r"} {
		rows, err := readText(t, text, Options{})
		if err != nil || len(rows) > 0 {
			t.Errorf("%q: %d rows, error %v", text, len(rows), err)
		}
	}
}

// Stretches of blank lines make no parts.
func TestBlankLines(t *testing.T) {
	text := "id,name\n\n\n\n1,a\n" + strings.Repeat("\r\n", 100) + "2,b\n" + strings.Repeat("\n", 100)
	s, err := Open(files(t, text), Options{ChunkBytes: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, p := range s.Parts() {
		if p.Rows != 1 || p.FirstRow != int64(i+1) {
			t.Errorf("part %d has %d rows from row %d", i, p.Rows, p.FirstRow)
		}
	}
	if len(s.Parts()) != 2 {
		t.Errorf("%d parts, want 2", len(s.Parts()))
	}
}

func TestLongRow(t *testing.T) {
	long := strings.Repeat("样,\n\"\"", 200_000)
	text := fmt.Sprintf("id,name\n1,a\n2,\"%s\"\n3,b\n", long)
	want := [][]string{{"1", "a"}, {"2", strings.ReplaceAll(long, `""`, `"`)}, {"3", "b"}}
	for _, chunk := range []int64{1000, 65536, 8 << 20} {
		got, err := readText(t, text, Options{ChunkBytes: chunk})
		if err != nil {
			t.Fatal(err)
		}
		if d := firstDifference(got, want); d != "" {
			t.Errorf("chunks of %d: %s", chunk, d)
		}
	}
}
