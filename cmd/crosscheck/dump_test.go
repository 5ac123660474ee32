package main

import (
	"encoding/csv"
	"errors"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/rogpeppe/go-internal/testscript"
)

// dump writes columns of a Parquet file as CSV with a header: dump FILE OUT [COLUMN...]; without columns, all of them. Null is empty.
func dump(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: dump FILE OUT [COLUMN...]")
	}
	in, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer in.Close()
	info, err := in.Stat()
	ts.Check(err)
	file, err := parquet.OpenFile(in, info.Size())
	ts.Check(err)
	columns := args[2:]
	at := map[string]int{}
	for i, c := range file.Schema().Columns() {
		at[c[0]] = i
		if len(args) == 2 {
			columns = append(columns, c[0])
		}
	}
	out, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	w := csv.NewWriter(out)
	ts.Check(w.Write(columns))
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
						ts.Fatalf("%s has no column %s", args[0], c)
					}
					if v := row[j]; !v.IsNull() {
						cells[i] = v.String()
					}
				}
				ts.Check(w.Write(cells))
			}
			if errors.Is(err, io.EOF) {
				break
			}
			ts.Check(err)
		}
		ts.Check(rows.Close())
	}
	w.Flush()
	ts.Check(errors.Join(w.Error(), out.Close()))
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
