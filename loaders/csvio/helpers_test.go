package csvio

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// null stands for a null among values read back; no test writes it as a value.
const null = "\x00null"

// textFile writes text to a file named in.csv.
func textFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// readText reads a file of that text, its parts in file order.
func readText(t testing.TB, text string, opt Options) ([][]string, error) {
	t.Helper()
	return readFiles(t, []string{textFile(t, text)}, opt, false)
}

// readFiles opens files and reads all parts, in file order or the last first. It holds Parts against what is read and
// fails on buffers left behind.
func readFiles(t testing.TB, paths []string, opt Options, lastFirst bool) ([][]string, error) {
	t.Helper()
	mem := memory.NewCheckedAllocator(dirty{memory.NewGoAllocator()})
	opt.Allocator = mem
	s, err := Open(paths, opt)
	if err != nil {
		return nil, err
	}
	defer func() {
		s.Close()
		if n := mem.CurrentAlloc(); n != 0 {
			t.Errorf("%d bytes are left behind", n)
		}
	}()
	columns := make([]int, s.Schema().NumFields())
	for i := range columns {
		columns[i] = i
	}
	byPart := make([][][]string, len(s.Parts()))
	next := map[string]int64{}
	for i := range byPart {
		part := i
		if lastFirst {
			part = len(byPart) - 1 - i
		}
		rows, err := readPart(s, part, columns)
		if err != nil {
			return nil, err
		}
		if p := s.Parts()[part]; p.Rows != int64(len(rows)) {
			return nil, fmt.Errorf("part %d says %d rows and has %d", part, p.Rows, len(rows))
		}
		byPart[part] = rows
	}
	var all [][]string
	for i, p := range s.Parts() {
		if p.FirstRow != next[p.File]+1 {
			return nil, fmt.Errorf("part %d begins with row %d, want %d", i, p.FirstRow, next[p.File]+1)
		}
		next[p.File] += p.Rows
		all = append(all, byPart[i]...)
	}
	return all, nil
}

// dirty gives memory full of delimiters, quotes and line ends, as recycled memory may be.
type dirty struct{ memory.Allocator }

func (d dirty) Allocate(size int) []byte {
	b := d.Allocator.Allocate(size)
	for i := range b {
		b[i] = ",\"\n"[i%3]
	}
	return b
}

func readPart(s *Source, part int, columns []int) ([][]string, error) {
	r, err := s.Read(context.Background(), part, columns)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	var rows [][]string
	for r.Next() {
		rec := r.Record()
		for i := range int(rec.NumRows()) {
			row := make([]string, len(columns))
			for c := range row {
				a := rec.Column(c).(*array.StringView)
				if a.IsNull(i) {
					row[c] = null
				} else {
					row[c] = strings.Clone(a.Value(i))
				}
			}
			rows = append(rows, row)
		}
	}
	return rows, r.Err()
}

// firstDifference describes where two sets of rows differ, by position alone; "" if they do not.
func firstDifference(got, want [][]string) string {
	for i := range min(len(got), len(want)) {
		if len(got[i]) != len(want[i]) {
			return fmt.Sprintf("row %d has %d fields, want %d", i+1, len(got[i]), len(want[i]))
		}
		for c := range got[i] {
			if got[i][c] != want[i][c] {
				return fmt.Sprintf("row %d, column %d: %d bytes that differ from the %d wanted", i+1, c+1, len(got[i][c]), len(want[i][c]))
			}
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	return ""
}
