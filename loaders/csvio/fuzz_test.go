package csvio

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"crosscheck/engine/level"
)

// FuzzSplit reads any text as rows of three fields, as encoding/csv does: the same rows where it finds no fault, and where it
// finds one, an error at the same row.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{
		"", "1,2,3\n4,5,6\n", "1,2,3\r\n4,5,6", "\n\r\n1,2,3\n\n\n4,5,6\r", "\"a\"\"b\",\"\n\r\n\",\"\"\n", "\"\"\"\",\"\"\"\"\"\",x\n",
		"1,2\n", "1,2,3,4\n", "a\"b,2,3\n", "\"a\"b,2,3\n", "\"a,2,3\n4,5,6\n", "\"a\" ,2,3", "\"a\"x\"y\",2,3\n", "\"a\" \"\"\",2,3\n", "a\rb,\r,\r\r\n", "1,\xff,3\n", "1,\x00,3\n",
		"样例,𠮷,é\n", "0123456789ab,0123456789abc,0123456789a\n", "1,2,3\n\"\n4,5,6\n\"\"", ",,\n,,", "-,#,\x0b\n", "1,2,\"3\"\r",
	} {
		for _, chunk := range []uint16{1, 2, 5, 1000} {
			f.Add(text, chunk, uint8(2))
		}
	}
	f.Fuzz(func(t *testing.T, text string, chunk uint16, batch uint8) {
		opt := Options{Delimiter: ',', ChunkBytes: 1 + int64(chunk), BatchRows: 1 + int(batch), NullValues: []string{}}
		got, err := readFiles(t, []string{textFile(t, "a,b,c\n"+text)}, opt, batch%2 == 1)
		want, wantErr := reference(text)
		var in *level.InputError
		switch {
		case err == nil && wantErr == nil:
			for _, row := range got {
				for i, v := range row {
					row[i] = strings.ReplaceAll(v, "\r\n", "\n") // as encoding/csv does inside quotes
				}
			}
			if d := firstDifference(got, want); d != "" {
				t.Fatal(d)
			}
		case err == nil:
			t.Fatalf("no error, want %v", wantErr)
		case !errors.As(err, &in):
			t.Fatalf("an error that is no *level.InputError: %v", err)
		case in.Row == 0 || in.Line == 0 || in.Hint == "" || in.File == "":
			t.Fatalf("an error without a place or a hint: %v", err)
		case !utf8.ValidString(text) || strings.Contains(text, "\x00"):
			// encoding/csv takes these.
		case wantErr == nil:
			t.Fatalf("an error where there is no fault: %v", err)
		case in.Row != int64(len(want))+1:
			t.Fatalf("an error in row %d, want %d: %v", in.Row, len(want)+1, err)
		case errors.Is(wantErr, csv.ErrFieldCount) && in.Line != int64(wantErr.StartLine)+1:
			t.Fatalf("an error in line %d, want %d: %v", in.Line, wantErr.StartLine+1, err)
		}
	})
}

// FuzzText says what is text as package utf8 does, wherever it begins.
func FuzzText(f *testing.F) {
	for _, text := range []string{"", "a", "样例\U0002070f", "\xe6\xa0", "\x00", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf"} {
		f.Add([]byte(text), uint8(31))
	}
	f.Fuzz(func(t *testing.T, text []byte, before uint8) {
		text = append(bytes.Repeat([]byte{'a'}, int(before)), text...)
		if want := utf8.Valid(text) && bytes.IndexByte(text, 0) < 0; isText(text) != want {
			t.Fatalf("text %v, want %v", !want, want)
		}
	})
}

// reference gives the rows before the first fault, and the fault.
func reference(text string) (rows [][]string, fault *csv.ParseError) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = 3
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			errors.As(err, &fault)
			return rows, fault
		}
		rows = append(rows, row)
	}
}
