package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"crosscheck/engine/verdict"
)

// plain gives a cell as CSV and JSON spell it: dates as text, everything else as it is.
func plain(column string, cell any) any {
	if column == "first_seen" {
		return time.Unix(cell.(int64)*24*60*60, 0).UTC().Format(time.DateOnly)
	}
	return cell
}

func TestCSVHoldsWhatWasFound(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.String(), func(t *testing.T) {
			h, findings := s.header(), s.random()
			data, err := os.ReadFile(write(t, "r.csv", h, blocks(findings, 700, s.seed), Options{}))
			if err != nil {
				t.Fatal(err)
			}
			got, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			columns := columnNames(h)
			if !slices.Equal(got[0], columns) {
				t.Fatalf("columns are %q", got[0])
			}
			if len(got)-1 != len(findings) {
				t.Fatalf("%d rows, want %d", len(got)-1, len(findings))
			}
			for i := range findings {
				for c, cell := range cells(h, &findings[i]) {
					want := ""
					if cell != nil {
						// The reader of encoding/csv takes CRLF for LF inside quotes too.
						want = strings.ReplaceAll(fmt.Sprint(plain(columns[c], cell)), "\r\n", "\n")
					}
					if got[i+1][c] != want {
						t.Fatalf("row %d, column %d is not what was found", i, c)
					}
				}
			}
		})
	}
}

// What encoding/csv does not tell apart, byte by byte.
func TestCSVQuotes(t *testing.T) {
	h := verdict.Header{Levels: []string{"a", "b"}, Fields: []string{"f"}, Carry: []string{`c"d`, "e,f"}, Files: files(2), Locate: locate}
	b := &verdict.Block{Findings: []verdict.Finding{
		{Key: []byte{}, Kind: verdict.InvalidKey, Field: verdict.NoField, Outlier: verdict.NoLevel, In: 1},
		{Key: []byte("99"), Kind: verdict.Differs, Status: verdict.Waived, In: 3, Values: [][]byte{{}, []byte("x\r\ny")}, Outlier: 1, Consensus: []byte(`"`),
			Rows: []uint32{7, 0}, Carry: [][]byte{nil, []byte("张三 ")}},
	}}
	data, err := os.ReadFile(write(t, "r.csv", h, []*verdict.Block{b}, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	want := `record_key,kind,field,in_a,in_b,value_a,value_b,outlier,consensus,count,reason,roster_group,status,first_seen,source_a,source_b,"c""d","e,f"` + "\n" +
		`"",invalid_key,,true,false,,,,,,,,new,2026-11-23,,,,` + "\n" +
		`99,differs,f,true,true,"",` + "\"x\r\ny\"" + `,b,"""",,,,waived,2026-11-23,data/level0/part-000.parquet:8,,,张三 ` + "\n"
	if string(data) != want {
		t.Errorf("wrote\n%swant\n%s", data, want)
	}
}

func TestJSONLHoldsWhatWasFound(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.String(), func(t *testing.T) {
			h, findings := s.header(), s.random()
			data, err := os.ReadFile(write(t, "r.jsonl", h, blocks(findings, 700, s.seed), Options{}))
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(string(data), "\n")
			if len(lines)-1 != len(findings) || lines[len(lines)-1] != "" {
				t.Fatalf("%d lines, want %d", len(lines)-1, len(findings))
			}
			columns := columnNames(h)
			for i := range findings {
				names, values := object(t, lines[i])
				if !slices.Equal(names, columns) {
					t.Fatalf("line %d: keys are %q", i+1, names)
				}
				for c, cell := range cells(h, &findings[i]) {
					want := plain(columns[c], cell)
					if n, ok := want.(int64); ok {
						want = float64(n)
					}
					if values[c] != want {
						t.Fatalf("line %d, column %d is not what was found", i+1, c)
					}
				}
			}
		})
	}
}

// object reads a JSON object with its keys in their order.
func object(t *testing.T, line string) (names []string, values []any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	next := func() json.Token {
		tok, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		return tok
	}
	next()
	for d.More() {
		names = append(names, next().(string))
		values = append(values, next())
	}
	next()
	return names, values
}

func FuzzJSONString(f *testing.F) {
	f.Add([]byte("张三\x00\"\\\n\r\t\x1f\x7f\xff\xe5\xbc<&>\u2028"))
	f.Fuzz(func(t *testing.T, v []byte) {
		got := appendJSON(nil, v)
		var back string
		if err := json.Unmarshal(got, &back); err != nil || !utf8.Valid(got) {
			t.Fatalf("not JSON: %v", err)
		}
		if want := string([]rune(string(v))); back != want { // byte by byte, what is not UTF-8 becomes U+FFFD
			t.Fatal("reads back as something else")
		}
	})
}

func TestTextBytesDependOnFindingsAlone(t *testing.T) {
	s := shapes[3]
	for _, name := range []string{"r.csv", "r.jsonl"} {
		var want []byte
		for _, size := range []int{1, 300, 100_000} {
			got, err := os.ReadFile(write(t, name, s.header(), blocks(s.random(), size, uint64(size)), Options{Workers: size}))
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s: blocks of up to %d give other bytes", name, size)
			}
		}
	}
}
