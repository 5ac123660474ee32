package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/rogpeppe/go-internal/testscript"
)

// dump writes columns of a Parquet file as CSV with a header: dump FILE OUT [COLUMN...]; without columns, all of them. Null is empty.
func dump(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: dump FILE OUT [COLUMN...]")
	}
	columns, rows := readColumns(ts, args[0], args[2:])
	writeCSV(ts, args[1], append([][]string{columns}, rows...))
}

// all writes columns of a restricted table, over all nights, as CSV with a header: all TABLE OUT COLUMN...
func all(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: all TABLE OUT COLUMN...")
	}
	files, err := filepath.Glob(ts.MkAbs("reports/restricted/" + args[0] + "/run_date=*/*.parquet"))
	ts.Check(err)
	lines := [][]string{args[2:]}
	for _, f := range files {
		_, date, _ := strings.Cut(filepath.Base(filepath.Dir(f)), "=")
		_, rows := readColumns(ts, f, args[3:])
		for _, r := range rows {
			for i, c := range args[3:] {
				if days, err := strconv.Atoi(r[i]); c == "first_seen" && err == nil {
					r[i] = time.Unix(0, 0).UTC().AddDate(0, 0, days).Format(time.DateOnly)
				}
			}
			lines = append(lines, append([]string{date}, r...))
		}
	}
	writeCSV(ts, args[1], lines)
}

// cells writes what a table of a page shows in English, without its graphs, as CSV: cells FILE ID OUT.
func cells(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cells FILE ID OUT")
	}
	page, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	table := regexp.MustCompile(`(?s)<table[^>]* id="` + args[1] + `".*?</table>`).Find(page)
	if table == nil {
		ts.Fatalf("%s has no table %s", args[0], args[1])
	}
	var lines [][]string
	for _, row := range regexp.MustCompile(`(?s)<tr>(.*?)</tr>`).FindAllSubmatch(table, -1) {
		var line []string
		for _, cell := range regexp.MustCompile(`(?s)<t[hd]([^>]*)>(.*?)</t[hd]>`).FindAllSubmatch(row[1], -1) {
			if !bytes.Contains(cell[1], []byte(`class="graph"`)) {
				text := regexp.MustCompile(`(?s)<span class="zh".*?</span>|<[^>]*>`).ReplaceAllString(string(cell[2]), "")
				line = append(line, html.UnescapeString(text))
			}
		}
		lines = append(lines, line)
	}
	writeCSV(ts, args[2], lines)
}

func writeCSV(ts *testscript.TestScript, name string, lines [][]string) {
	out, err := os.Create(ts.MkAbs(name))
	ts.Check(err)
	w := csv.NewWriter(out)
	ts.Check(errors.Join(w.WriteAll(lines), out.Close()))
}

// readColumns reads columns of a Parquet file; without names, all of them. Null is empty.
func readColumns(ts *testscript.TestScript, name string, columns []string) (names []string, lines [][]string) {
	in, err := os.Open(ts.MkAbs(name))
	ts.Check(err)
	defer in.Close()
	info, err := in.Stat()
	ts.Check(err)
	file, err := parquet.OpenFile(in, info.Size())
	ts.Check(err)
	at := map[string]int{}
	every := len(columns) == 0
	for i, c := range file.Schema().Columns() {
		at[c[0]] = i
		if every {
			columns = append(columns, c[0])
		}
	}
	for _, group := range file.RowGroups() {
		rows := group.Rows()
		buf := make([]parquet.Row, 64)
		for {
			n, err := rows.ReadRows(buf)
			for _, row := range buf[:n] {
				cells := make([]string, len(columns))
				for i, c := range columns {
					j, ok := at[c]
					if !ok {
						ts.Fatalf("%s has no column %s", name, c)
					}
					if v := row[j]; !v.IsNull() {
						cells[i] = v.String()
					}
				}
				lines = append(lines, cells)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			ts.Check(err)
		}
		ts.Check(rows.Close())
	}
	return columns, lines
}

// metadata holds the key-value metadata of a Parquet file to a value: metadata FILE KEY VALUE.
func metadata(ts *testscript.TestScript, neg bool, args []string) {
	in, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer in.Close()
	info, err := in.Stat()
	ts.Check(err)
	file, err := parquet.OpenFile(in, info.Size())
	ts.Check(err)
	if got, _ := file.Lookup(args[1]); (got == args[2]) == neg {
		ts.Fatalf("%s: %s is %q", args[0], args[1], got)
	}
}
