package csvio

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"crosscheck/engine/level"
)

// maxHeaderBytes bounds the header line, with the blank lines before it.
const maxHeaderBytes = 1 << 20

// file is what Open learns from the head of a file.
type file struct {
	path     string
	size     int64
	modified time.Time
	names    []string // of the columns as they stand in the file
	column   []int    // of each, the index in the level's schema

	charset    *charset
	delimiter  byte
	dataOffset int64 // of the first byte behind the header line
	dataLine   int64 // number of the line there

	faults faults
}

// fault is an error about the file.
func (f *file) fault(e level.InputError) *level.InputError {
	e.File = f.path
	return &e
}

// changed is the error of a file that is not what it was when it was opened.
func (f *file) changed() error {
	return f.fault(level.InputError{Msg: "changed while it was read", Hint: "run again once the file is complete; write it under another name and rename it"})
}

// same reports a file that was written to since readHead.
func (f *file) same(in *os.File) error {
	info, err := in.Stat()
	if err != nil {
		return f.readFault(err)
	}
	if info.Size() != f.size || !info.ModTime().Equal(f.modified) {
		return f.changed()
	}
	return nil
}

// notText are the first bytes of files that people give for CSV.
var notText = []struct{ magic, msg, hint string }{
	{"\x1f\x8b", "is compressed with gzip", "unpack it first: gunzip -k FILE"},
	{"\x28\xb5\x2f\xfd", "is compressed with zstd", "unpack it first: zstd -dk FILE"},
	{"\xfd7zXZ\x00", "is compressed with xz", "unpack it first: xz -dk FILE"},
	{"PAR1\x15", "is a Parquet file", "name it .parquet, or say that the format is parquet"},
	{"PK\x03\x04", "is a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV UTF-8"},
}

// readHead reads a file's header line. A delimiter of 0 and an encoding of "" mean to find them there.
func readHead(path string, delimiter byte, encoding string) (*file, error) {
	f := &file{path: path, delimiter: delimiter}
	in, err := os.Open(path)
	if err != nil {
		return nil, f.fault(level.InputError{Msg: "cannot be opened", Err: cause(err)})
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, f.fault(level.InputError{Msg: "cannot be opened", Err: cause(err)})
	}
	if !info.Mode().IsRegular() {
		return nil, f.fault(level.InputError{Msg: "is not a regular file", Hint: "parts of it are read side by side and again: give a file on disk"})
	}
	f.size, f.modified = info.Size(), info.ModTime()

	for limit := int64(64 << 10); ; limit = maxHeaderBytes {
		head := make([]byte, min(limit, f.size))
		if n, err := in.ReadAt(head, 0); n < len(head) {
			return nil, f.readFault(err)
		}
		for _, k := range notText {
			if strings.HasPrefix(string(head[:min(len(head), 8)]), k.magic) {
				return nil, f.fault(level.InputError{Msg: k.msg, Hint: k.hint})
			}
		}
		if err := f.choose(encoding, marked(head)); err != nil {
			return nil, err
		}
		whole := int64(len(head)) == f.size
		done, err := f.parseHead(head, whole)
		if err != nil {
			return nil, err
		}
		if done {
			return f, nil
		}
		if whole || limit == maxHeaderBytes {
			return nil, f.fault(level.InputError{
				Line: f.dataLine, Msg: fmt.Sprintf("the header line does not end within %d MiB", maxHeaderBytes>>20),
				Hint: "look for a quote in the header line that is not closed",
			})
		}
	}
}

// choose sets the encoding: the one that is said, or else the one of the file's mark, or UTF-8.
func (f *file) choose(said string, mark *charset) error {
	f.charset, _ = charsetNamed(said)
	switch {
	case f.charset == nil && mark != nil && (said == "" || mark.unit == 2):
		f.charset = mark
	case said == "":
		f.charset = utf8Text
	case f.charset == nil:
		return f.fault(level.InputError{Msg: "has no byte order mark of UTF-16, which the encoding utf-16 needs", Hint: "write utf-16le (as Windows does) or utf-16be"})
	case mark != nil && mark != f.charset:
		return f.fault(level.InputError{
			Msg:  fmt.Sprintf("begins with the byte order mark of %s, while its encoding is said to be %s", mark.name, said),
			Hint: "leave the encoding out: each file with such a mark tells it by itself",
		})
	}
	return nil
}

// parseHead sets names, delimiter, dataOffset and dataLine from the first bytes of a file. It is not done where the
// header line runs over their end; whole says that they are the whole file.
func (f *file) parseHead(head []byte, whole bool) (done bool, err error) {
	raw := bytes.TrimPrefix(head, []byte(f.charset.mark))
	text := f.charset.narrow(bytes.Clone(raw)) // a byte a unit
	units := len(text)
	f.dataLine = 1
	for {
		rest, found := bytes.CutPrefix(text, []byte("\n"))
		if !found {
			rest, found = bytes.CutPrefix(text, []byte("\r\n"))
		}
		if !found {
			break
		}
		text = rest
		f.dataLine++
	}
	if len(text) == 0 && whole {
		return false, f.fault(level.InputError{Msg: "has no header line", Hint: "the first line must name the columns"})
	}
	end := headEnd(text)
	if end < 0 {
		if !whole {
			return false, nil
		}
		end = len(text)
	}
	begin := (units - len(text)) * f.charset.unit
	behind := min(begin+end*f.charset.unit, len(raw))
	line, ok := f.charset.text(raw[begin:behind])
	at := level.InputError{Line: f.dataLine}
	switch {
	case !ok:
		at.Msg, at.Hint = "the header line is not "+f.charset.title, f.otherEncoding()
	case bytes.IndexByte(line, 0) >= 0:
		at.Msg, at.Hint = "the header line holds a NUL byte: not a text file, or text in UTF-16", f.otherEncoding()
	case bytes.Contains(bytes.TrimRight(line, "\r\n"), []byte("\r")) && bytes.Count(line, []byte("\n")) == 0:
		at.Msg, at.Hint = "lines end in CR alone", "convert it first: tr '\\r' '\\n' < FILE > NEWFILE"
	}
	if at.Msg != "" {
		return false, f.fault(at)
	}
	if f.delimiter == 0 {
		f.delimiter = likelyDelimiter(line)
	}
	f.names, at.Msg = splitHead(line, f.delimiter)
	if at.Msg != "" {
		at.Hint = "put the whole name in quotes, and double a quote inside"
		return false, f.fault(at)
	}
	if err := f.checkNames(); err != nil {
		return false, err
	}
	f.dataOffset = int64(len(head)-len(raw)) + int64(behind)
	f.dataLine += int64(bytes.Count(line, []byte("\n")))
	return true, nil
}

// headEnd is the offset behind the first newline outside quotes, -1 if there is none.
func headEnd(text []byte) int {
	inside := false
	for i, c := range text {
		if c == '"' {
			inside = !inside
		} else if c == '\n' && !inside {
			return i + 1
		}
	}
	return -1
}

// likelyDelimiter is the one of , ; tab | that stands most often outside quotes, the first of them if it is a draw.
func likelyDelimiter(line []byte) byte {
	var count [256]int
	inside := false
	for _, c := range line {
		if c == '"' {
			inside = !inside
		} else if !inside {
			count[c]++
		}
	}
	best := byte(',')
	for _, d := range []byte(";\t|") {
		if count[d] > count[best] {
			best = d
		}
	}
	return best
}

// splitHead gives the fields of the header line, or what is wrong with it.
func splitHead(line []byte, delimiter byte) (names []string, wrong string) {
	rest := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
	for {
		if !strings.HasPrefix(rest, `"`) {
			name, after, more := strings.Cut(rest, string(rune(delimiter)))
			if strings.Contains(name, `"`) {
				return nil, fmt.Sprintf("a quote inside the unquoted name of column %d", len(names)+1)
			}
			names = append(names, name)
			if !more {
				return names, ""
			}
			rest = after
			continue
		}
		rest = rest[1:]
		var name strings.Builder
		for {
			text, after, closed := strings.Cut(rest, `"`)
			if !closed {
				return nil, fmt.Sprintf("the quote before the name of column %d is not closed", len(names)+1)
			}
			name.WriteString(text)
			rest = after
			if !strings.HasPrefix(rest, `"`) {
				break
			}
			name.WriteByte('"')
			rest = rest[1:]
		}
		names = append(names, name.String())
		if rest == "" {
			return names, ""
		}
		if rest[0] != delimiter {
			return nil, fmt.Sprintf("text behind the quoted name of column %d", len(names))
		}
		rest = rest[1:]
	}
}

// looksLikeValue says whether the name of a column looks like a value about a person: a number of eleven digits or more, as phones, cards and
// resident IDs are, or an e-mail address.
func looksLikeValue(name string) bool {
	digits := 0
	for i, r := range name {
		switch {
		case r >= '0' && r <= '9', r >= '０' && r <= '９':
			digits++
		case r == ' ' || r == '-' || r == '+' || r == '(' || r == ')':
		case (r == 'X' || r == 'x' || r == 'Ｘ' || r == 'ｘ') && i > 0 && i+len(string(r)) == len(name):
		default:
			return strings.Contains(name, "@") && strings.Contains(name, ".")
		}
	}
	return digits >= 11
}

// checkNames reports the first column name that is empty or taken. A file without a header line has values there: what would be the name of a
// column is shown by everybody to everybody, so they are looked for first, and not repeated.
func (f *file) checkNames() error {
	for i, name := range f.names {
		if looksLikeValue(name) {
			return f.fault(level.InputError{
				Line: f.dataLine, Msg: fmt.Sprintf("has no header line: what stands in the place of the name of column %d of %d looks like a value", i+1, len(f.names)),
				Hint: "begin the file with a line that names the columns",
			})
		}
	}
	seen := make(map[string]int, len(f.names))
	for i, name := range f.names {
		if name == "" {
			return f.fault(level.InputError{
				Line: f.dataLine, Msg: fmt.Sprintf("column %d of %d has no name", i+1, len(f.names)),
				Hint: "name every column in the header line",
			})
		}
		if first, ok := seen[name]; ok {
			return f.fault(level.InputError{
				Line: f.dataLine, Column: name, Msg: fmt.Sprintf("columns %d and %d have the same name", first+1, i+1),
				Hint: "give every column a name of its own in the header line",
			})
		}
		seen[name] = i
	}
	return nil
}

// readsAs is the error of a file that has not exactly the columns of the level's first file, or sets f.column.
func (f *file) readsAs(first *file, index map[string]int) error {
	if !slices.ContainsFunc(f.names, func(name string) bool { _, ok := index[name]; return ok }) { // what its first line holds may be no names
		return f.fault(level.InputError{
			Msg: fmt.Sprintf("has no column that %s has", first.path), Hint: "all files of a level have the same columns, in any order",
		})
	}
	f.column = make([]int, len(f.names))
	for i, name := range f.names {
		c, ok := index[name]
		if !ok {
			return first.fault(level.InputError{
				Column: name, Msg: fmt.Sprintf("lacks this column, which %s has", f.path),
				Hint: "all files of a level have the same columns, in any order",
			})
		}
		f.column[i] = c
	}
	if len(f.names) == len(first.names) {
		return nil
	}
	have := make(map[string]bool, len(f.names))
	for _, name := range f.names {
		have[name] = true
	}
	for _, name := range first.names {
		if !have[name] {
			return f.fault(level.InputError{
				Column: name, Msg: fmt.Sprintf("lacks this column, which %s has", first.path),
				Hint: "all files of a level have the same columns, in any order",
			})
		}
	}
	return nil
}

// cause is an error of package os without its path, which the message names already.
func cause(err error) error {
	if p, ok := err.(*os.PathError); ok {
		return p.Err
	}
	return err
}
