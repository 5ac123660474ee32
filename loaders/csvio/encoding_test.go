package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"crosscheck/engine/level"
	"crosscheck/loaders/loadertest"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// encoders write what the loader reads, by the name of Options.Encoding.
var encoders = map[string]encoding.Encoding{
	"gb18030":  simplifiedchinese.GB18030,
	"big5":     traditionalchinese.Big5,
	"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
}

// encoded gives text in an encoding that has all of it.
func encoded(t testing.TB, name, text string) string {
	t.Helper()
	out, err := encoders[name].NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSuiteEncoded(t *testing.T) {
	for _, name := range []string{"gb18030", "utf-16le", "utf-16be"} {
		for _, chunk := range []int64{101, 8 << 20} {
			f := format(chunk)
			f.Write = func(t testing.TB, path string, table loadertest.Table) {
				if err := os.WriteFile(path, []byte(encoded(t, name, string(csvOf(table)))), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f.Open = func(paths []string, batchRows int, mem memory.Allocator) (level.Source, error) {
				return asSource(Open(paths, Options{Delimiter: ',', Encoding: name, BatchRows: batchRows, ChunkBytes: chunk, Allocator: mem}))
			}
			t.Run(name+"/"+sizeName(chunk), func(t *testing.T) { loadertest.Run(t, f) })
		}
	}
}

// Every pair and every quadruple of bytes is the character that x/text has for it, or refused where it has none.
func TestDecodersKnowEveryCharacter(t *testing.T) {
	check := func(name string, raw []byte) {
		c, _ := charsetNamed(name)
		want, err := encoders[name].NewDecoder().Bytes(raw)
		if err != nil {
			t.Fatal(err)
		}
		// x/text gives U+FFFD for what is no character, and reads a digit's neighbours : to ? in four bytes as digits.
		sound := !bytes.ContainsRune(want, utf8.RuneError) && (len(raw) < 4 || raw[1] <= '9' || raw[1] > '?') || string(raw) == "\x84\x31\xa4\x37"
		got, ok := c.text(raw)
		if ok != sound || ok && !bytes.Equal(got, want) {
			t.Fatalf("%s: bytes % x give %q (%t), want %q (%t)", name, raw, got, ok, want, sound)
		}
	}
	for a := range 256 {
		for b := range 256 {
			check("gb18030", []byte{byte(a), byte(b)})
			check("big5", []byte{byte(a), byte(b)})
		}
	}
	for a := 0x81; a < 0x100; a++ {
		for b := 0x2f; b < 0x41; b++ {
			for c := 0x80; c < 0x100; c += 1 + 6*(b%2) {
				for d := 0x2f; d < 0x3c; d++ {
					check("gb18030", []byte{byte(a), byte(b), byte(c), byte(d)})
				}
			}
		}
	}
	for c := rune(0); c <= utf8.MaxRune; c += 1 + c>>12 {
		if !utf8.ValidRune(c) {
			continue
		}
		for _, is := range []*charset{utf16leText, utf16beText} {
			if got, ok := is.text([]byte(encoded(t, is.name, string(c)))); !ok || string(got) != string(c) {
				t.Fatalf("%s: %U gives %q (%t)", is.name, c, got, ok)
			}
		}
	}
}

// What a decoder makes of text does not depend on where the text is cut.
func TestDecodersInPieces(t *testing.T) {
	const text = "id,样例é𠮷€ 0123456789 abc样样样\r\n,"
	for name := range encoders {
		want := text
		if name == "big5" {
			want = "id,測試 0123456789 abc測測測\r\n,"
		}
		is, _ := charsetNamed(name)
		raw := []byte(encoded(t, name, want))
		for first := range len(raw) + 1 {
			dst := make([]byte, 200)
			n, read, err := is.decoder().Transform(dst, raw[:first], false)
			if err != nil && (err != transform.ErrShortSrc || first-read >= 4) {
				t.Fatalf("%s: %d bytes: %d are read: %v", name, first, read, err)
			}
			m, _, err := is.decoder().Transform(dst[n:], raw[read:], true)
			if err != nil || string(dst[:n+m]) != want {
				t.Fatalf("%s: cut behind %d bytes: %q: %v", name, first, dst[:n+m], err)
			}
		}
	}
}

// Any table reads back from any encoding, whatever the chunks (borders inside quotes, characters, units) and the batches.
func TestRandomTablesEncoded(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 6))
		delimiter := []byte(",;\t|~")[r.IntN(5)]
		want, text := randomTable(r, delimiter)
		name := []string{"gb18030", "utf-16le", "utf-16be"}[r.IntN(3)]
		path := []string{textFile(t, encoded(t, name, text))}
		for _, chunk := range []int64{1, 2, 3, 8, 1 + r.Int64N(100), 8 << 20} {
			opt := Options{Delimiter: delimiter, Encoding: name, ChunkBytes: chunk, BatchRows: 1 + r.IntN(12)}
			got, err := readFiles(t, path, opt, r.IntN(2) == 0)
			if err != nil {
				t.Fatalf("seed %d, %s, chunks of %d: %v", seed, name, chunk, err)
			}
			if d := firstDifference(got, want); d != "" {
				t.Fatalf("seed %d, %s, chunks of %d, batches of %d: %s", seed, name, chunk, opt.BatchRows, d)
			}
		}
	}
}

// A part longer than a block, so that characters lie across the borders of blocks.
func TestLongPartEncoded(t *testing.T) {
	var text strings.Builder
	text.WriteString("id,name\n")
	var want [][]string
	for i := 0; text.Len() < 3*blockBytes; i++ {
		want = append(want, []string{fmt.Sprint("99", i), strings.Repeat("样€𠮷a", i%7)})
		if want[i][1] == "" {
			want[i][1] = null
		}
		fmt.Fprintf(&text, "%s,%s\n", want[i][0], strings.TrimPrefix(want[i][1], null))
	}
	for _, name := range []string{"gb18030", "utf-16le", "utf-16be"} {
		got, err := readText(t, encoded(t, name, text.String()), Options{Encoding: name})
		if err != nil {
			t.Fatal(err)
		}
		if d := firstDifference(got, want); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	// The euro sign of code page 936 is one byte, and three in UTF-8.
	euros := strings.Repeat("\x80", blockBytes)
	got, err := readText(t, "id,name\n1,"+euros+"\n", Options{Encoding: "cp936"})
	if err != nil || len(got) != 1 || got[0][1] != strings.Repeat("€", blockBytes) {
		t.Errorf("euros: %d rows, error %v", len(got), err)
	}
}

// A delimiter that is also the last byte of a character parts fields, not characters.
func TestDelimiterInsideCharacter(t *testing.T) {
	for _, test := range []struct {
		encoding  string
		delimiter byte
		char      string // its last byte is the delimiter
	}{
		{"gb18030", '|', "\x81\x7c"}, {"gb18030", '\\', "\x81\x5c"}, {"gb18030", '^', "\x81\x5e"}, {"gb18030", 'a', "\x81\x61"}, {"gb18030", '8', "\x95\x32\x82\x38"},
		{"big5", '|', "\xa4\x7c"}, {"big5", '\\', "\xa4\x5c"},
	} {
		char, err := encoders[test.encoding].NewDecoder().String(test.char)
		if err != nil || utf8.RuneCountInString(char) != 1 || char == "\ufffd" {
			t.Fatalf("%+v is %q, %v", test, char, err)
		}
		d := string(rune(test.delimiter))
		text := "id" + d + test.char + "\n9" + d + test.char + test.char + "\n" + test.char + d + "\"" + test.char + d + "\"\n"
		for chunk := range int64(12) {
			got, err := readText(t, text, Options{Encoding: test.encoding, Delimiter: test.delimiter, ChunkBytes: chunk})
			if err != nil {
				t.Fatalf("%+v: %v", test, err)
			}
			if d := firstDifference(got, [][]string{{"9", char + char}, {char, char + d}}); d != "" {
				t.Errorf("%+v: %s", test, d)
			}
		}
	}
	// and | is not taken for the delimiter of a header line because it is a byte in it
	s, err := Open(files(t, "\x81\x7c\x81\x7c\x81\x7c,b\n"), Options{Encoding: "gbk"})
	if err != nil || s.Schema().NumFields() != 2 {
		t.Errorf("error %v", err)
	}
}

// Faults have their place in any encoding.
func TestFaultsEncoded(t *testing.T) {
	const head = "编号,姓名\n99secret1,甲\n"
	for _, test := range []struct{ encoding, text, want, hint string }{
		{"gb18030", encoded(t, "gb18030", head+"99secret2,") + "\xff\n", `row 2 (line 3), column "姓名": holds bytes that are not GB18030`, "damage"},
		{"gb18030", encoded(t, "gb18030", head+"99secret2,乙") + "\xd2\n9,b\n", `row 2 (line 3), column "姓名": holds bytes that are not GB18030`, "damage"},
		{"gbk", encoded(t, "gb18030", head) + "\x81\x30\x81:,b\n", `row 2 (line 3), column "编号": holds bytes that are not GB18030`, "damage"},
		{"gb18030", encoded(t, "gb18030", head+"\n99secret2,") + "\x81\x30\x81", `row 2 (line 4), column "姓名": holds bytes that are not GB18030`, "damage"},
		{"gb18030", "id,name\n99secret1,甲\n99secret2,乙\n", `row 1 (line 2), column "name": holds bytes that are not GB18030`, "looks like UTF-8"},
		{"gb18030", encoded(t, "gb18030", head+"99secret2\n99secret3,\"丙\n"), `row 2 (line 3): has too few fields: 1, expected 2`, "cut"},
		{"gb18030", encoded(t, "gb18030", head+"99secret2,\"丙\n"), `row 2 (line 3), column "姓名": has a quote that is never closed`, "close it"},
		{"gb18030", encoded(t, "gb18030", head+"99\x00,丙\n"), `row 2 (line 3), column "编号": holds a NUL byte`, "plain text"},
		{"big5", "id,name\n99secret1,\xb4\xfa\n99secret2,\x80\xb4\n", `row 2 (line 3), column "name": holds bytes that are not Big5`, "damage"},
		{"utf-16le", encoded(t, "utf-16le", head+"99secret2,乙") + "\x00", `row 2 (line 3), column "姓名": holds bytes that are not UTF-16`, "damage"},
		{"utf-16le", encoded(t, "utf-16le", head) + "\x00", `row 2 (line 3), column "编号": holds bytes that are not UTF-16`, "damage"},
		{"utf-16be", encoded(t, "utf-16be", head+"99secret2,") + "\xd8\x00\x00\n", `row 2 (line 3), column "姓名": holds bytes that are not UTF-16`, "damage"},
		{"utf-16be", encoded(t, "utf-16be", head+"99secret2,\"丙\n"), `row 2 (line 3), column "姓名": has a quote that is never closed`, "close it"},
		// undeclared
		{"", encoded(t, "gb18030", "id,name\n99secret1,甲乙\n"), `row 1 (line 2), column "name": holds bytes that are not UTF-8`, "looks like gb18030: say encoding: gb18030 in the job file, --encoding NAME=gb18030 for diff"},
		{"", encoded(t, "big5", "id,name\n99secret1,測試樣的的\n"), `row 1 (line 2), column "name": holds bytes that are not UTF-8`, "encoding: big5"},
		{"", encoded(t, "utf-16be", head), "line 1: the header line is not UTF-8", "encoding: utf-16be"},
		{"", "id,name\n99secret1,M\xfcller\n", `row 1 (line 2), column "name": holds bytes that are not UTF-8`, "look for damage there, or say which encoding it is, such as encoding: gb18030 in the job file, --encoding NAME=gb18030 for diff; one that is none of utf-8, gb18030, gbk, gb2312, cp936, big5, utf-16, utf-16le, utf-16be is converted first: iconv"},
		// a header line in another encoding, and marks that gainsay
		{"big5", "id,\xff\n", "line 1: the header line is not Big5", "damage"},
		{"gb18030", "\xef\xbb\xbfid,name\n", "begins with the byte order mark of utf-8, while its encoding is said to be gb18030", "leave the encoding out"},
		{"utf-16be", "\xff\xfei\x00d\x00\n\x00", "begins with the byte order mark of utf-16le, while its encoding is said to be utf-16be", "leave the encoding out"},
		{"utf-8", "\xff\xfei\x00d\x00\n\x00", "begins with the byte order mark of utf-16le, while its encoding is said to be utf-8", "leave the encoding out"},
		{"utf-16", "i\x00d\x00\n\x00", "has no byte order mark of UTF-16, which the encoding utf-16 needs", "utf-16le"},
	} {
		path := []string{textFile(t, test.text)}
		for chunk := range int64(30) {
			for _, lastFirst := range []bool{false, true} {
				_, err := readFiles(t, path, Options{Encoding: test.encoding, ChunkBytes: chunk, BatchRows: 1 + int(chunk)%3}, lastFirst)
				checkFault(t, err, test.want, test.hint)
			}
		}
	}
}

// A byte order mark is no part of the first name, and tells the encoding where none is said.
func TestMarks(t *testing.T) {
	for _, is := range []*charset{utf8Text, gb18030Text, utf16leText, utf16beText} {
		text := "姓名,b\n甲,\"1\n2\"\n"
		if is != utf8Text {
			text = encoded(t, is.name, text)
		}
		said := []string{"", is.name}
		if is.unit == 2 {
			said = append(said, "utf-16")
		}
		for _, name := range said {
			path := textFile(t, is.mark+text)
			got, err := readFiles(t, []string{path}, Options{Encoding: name, ChunkBytes: 7}, false)
			if err != nil {
				t.Fatalf("%s, said to be %q: %v", is.name, name, err)
			}
			if d := firstDifference(got, [][]string{{"甲", "1\n2"}}); d != "" {
				t.Errorf("%s, said to be %q: %s", is.name, name, d)
			}
			s, err := Open([]string{path}, Options{Encoding: name})
			if err != nil || s.Schema().Field(0).Name != "姓名" || s.Parts()[0].Encoding != is.name {
				t.Errorf("%s, said to be %q: %v, %v", is.name, name, s.Parts(), err)
			}
		}
	}
}

func TestSniff(t *testing.T) {
	ascii := strings.Repeat("99010119900101006X,1990-01-01\n", 20_000)
	han := "编号,姓名\n1,王小明\n2,样例市测试区第三街道\n"
	for _, test := range []struct{ text, want string }{
		{"", "utf-8"}, {ascii, "utf-8"}, {ascii + han, "utf-8"}, {"\ufeff" + han, ""}, {"a,caf\xe9,x\n", ""}, {"a,M\xfcller\n", ""}, {"a,\x81\x30\n", ""},
		{encoded(t, "gb18030", han), "gb18030"}, {ascii + encoded(t, "gb18030", han), "gb18030"}, {encoded(t, "gb18030", "姓,𠮷𠮷㐀\n"), "gb18030"},
		{encoded(t, "gb18030", strings.Repeat(han, 2000)), "gb18030"}, {han + encoded(t, "gb18030", han), ""},
		{encoded(t, "big5", "編號,姓名\n1,王小明\n2,樣例市測試區第三街道\n"), "big5"},
		{encoded(t, "utf-16le", han), "utf-16le"}, {encoded(t, "utf-16be", ascii), "utf-16be"}, {"\xff\xfe" + encoded(t, "utf-16le", han), ""},
	} {
		got, err := Sniff(textFile(t, test.text))
		if err != nil || got != test.want {
			t.Errorf("%d bytes from % x: %q, want %q (%v)", len(test.text), test.text[:min(len(test.text), 12)], got, test.want, err)
		}
	}
	if _, err := Sniff(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: error %v", err)
	}
}

func TestEncodingNames(t *testing.T) {
	for _, name := range Encodings() {
		if err := (Options{Encoding: name}).withDefaults().validate(); err != nil {
			t.Error(err)
		}
	}
	if !slices.Contains(Encodings(), "gb2312") {
		t.Error("gb2312 is no name")
	}
	if err := (Options{Encoding: "latin1"}).withDefaults().validate(); err == nil {
		t.Error("latin1 is taken")
	}
}

// FuzzEncoded reads any text in an encoding as it is read in UTF-8: the same rows, or the same error at the same place.
func FuzzEncoded(f *testing.F) {
	for _, text := range []string{
		"1,2,3\n4,5,6\n", "样,例,é\r\n\r\n\"测\"\"试\n\",𠮷,€\n", "丂|亅,\\,~\n", "1,2\n样,例,\"", "\u4f0a\u2200,\u0a0a\u0d0d,\u2c22\n", "a,\x00,样\n", "\ufffd,\ufeff,x", "样,\"例\"x,1\n",
	} {
		for chunk := range uint16(4) {
			f.Add(text, chunk*chunk*chunk, uint8(chunk), uint8(chunk))
		}
	}
	names := []string{"gb18030", "big5", "utf-16le", "utf-16be"}
	f.Fuzz(func(t *testing.T, text string, chunk uint16, batch, which uint8) {
		name := names[int(which)%len(names)]
		text = "a,b,c\n" + text
		raw, err := encoders[name].NewEncoder().String(text)
		if err != nil || !utf8.ValidString(text) {
			t.Skip("the encoding lacks it")
		}
		if back, err := encoders[name].NewDecoder().String(raw); err != nil || back != text {
			t.Skip("x/text itself does not lead back")
		}
		opt := Options{Delimiter: ",|\\@"[which>>4&3], ChunkBytes: 1 + int64(chunk), BatchRows: 1 + int(batch), NullValues: []string{}}
		want, wantErr := readText(t, text, opt)
		opt.Encoding = name
		got, err := readFiles(t, []string{textFile(t, raw)}, opt, batch%2 == 1)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%s: %v, in UTF-8 %v", name, err, wantErr)
		}
		if err != nil {
			var in, wanted *level.InputError
			if !errors.As(err, &in) || !errors.As(wantErr, &wanted) {
				t.Fatalf("errors %v, %v", err, wantErr)
			}
			in.File, in.Hint, wanted.File, wanted.Hint = "", "", "", ""
			if *in != *wanted {
				t.Fatalf("%s: %v, in UTF-8 %v", name, in, wanted)
			}
			return
		}
		if d := firstDifference(got, want); d != "" {
			t.Fatal(name, d)
		}
	})
}
