package csvio

import (
	"bytes"
	"encoding/csv"
	"os"
	"strconv"
	"testing"

	"crosscheck/engine/level"
	"crosscheck/loaders/loadertest"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

func TestSuite(t *testing.T) {
	for _, chunk := range []int64{31, 1000, 8 << 20} {
		t.Run(sizeName(chunk), func(t *testing.T) { loadertest.Run(t, format(chunk)) })
	}
}

func format(chunk int64) loadertest.Format {
	return loadertest.Format{
		Ext:         ".csv",
		AllText:     true,
		EmptyIsNull: true,
		Write: func(t testing.TB, path string, table loadertest.Table) {
			if err := os.WriteFile(path, csvOf(table), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		Open: func(paths []string, batchRows int, mem memory.Allocator) (level.Source, error) {
			return asSource(Open(paths, Options{Delimiter: ',', BatchRows: batchRows, ChunkBytes: chunk, Allocator: mem}))
		},
	}
}

// asSource keeps a nil *Source from becoming a level.Source that is not nil.
func asSource(s *Source, err error) (level.Source, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// csvOf writes a table as the standard library does. An empty field is unquoted, but for a row of one.
func csvOf(table loadertest.Table) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	line := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		line[i] = c.Name
	}
	w.Write(line)
	for row := range table.Rows() {
		for i, c := range table.Columns {
			line[i], _ = c.Values[row].(string)
		}
		w.Write(line)
	}
	w.Flush()
	return b.Bytes()
}

func sizeName(n int64) string { return "chunk=" + strconv.FormatInt(n, 10) }
