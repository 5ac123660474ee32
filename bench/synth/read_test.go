package synth

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// null is a cell that is null: nothing that a file holds.
const null = "\x00"

// readTable reads a file of either format, header first, every cell as the text that CSV has.
func readTable(t *testing.T, path string) [][]string {
	t.Helper()
	if strings.HasSuffix(path, ".csv") {
		return readCSV(t, path)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	pf, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	var header []string
	types := make([]string, 0, numColumns)
	for _, field := range pf.Schema().Fields() {
		header = append(header, field.Name())
		types = append(types, field.Type().String())
	}
	rows = append(rows, header)
	for _, group := range pf.RowGroups() {
		r := group.Rows()
		buf := make([]parquet.Row, 100)
		for {
			n, err := r.ReadRows(buf)
			for _, row := range buf[:n] {
				var cells []string
				for i, v := range row {
					cells = append(cells, cellText(v, types[i]))
				}
				rows = append(rows, cells)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", filepath.Base(path), err)
			}
		}
		r.Close()
	}
	if want := pf.NumRows(); int64(len(rows)-1) != want {
		t.Fatalf("%s: read %d rows of %d", filepath.Base(path), len(rows)-1, want)
	}
	return rows
}

func cellText(v parquet.Value, typ string) string {
	switch {
	case v.IsNull():
		return null
	case typ == "DATE":
		return string(appendDate(nil, int64(v.Int32())))
	case strings.HasPrefix(typ, "TIMESTAMP"):
		return string(appendTime(nil, v.Int64()/1e6))
	case strings.HasPrefix(typ, "DECIMAL"):
		tenths := v.Int32()
		return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
	}
	return v.String()
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
	for _, row := range rows {
		for i, cell := range row {
			if cell == "" {
				row[i] = null
			}
		}
	}
	return rows
}
