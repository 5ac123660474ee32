package parquetio

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"crosscheck/loaders/loadertest"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// counting is an allocator that knows the most that was in use.
type counting struct {
	memory.Allocator
	mu         sync.Mutex
	used, most int64
}

func (c *counting) note(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used += int64(n)
	c.most = max(c.most, c.used)
}

func (c *counting) Allocate(n int) []byte {
	c.note(n)
	return c.Allocator.Allocate(n)
}

func (c *counting) Reallocate(n int, b []byte) []byte {
	c.note(n - len(b))
	return c.Allocator.Reallocate(n, b)
}

func (c *counting) Free(b []byte) {
	c.note(-len(b))
	c.Allocator.Free(b)
}

// TestHeld: of a row group of wide rows a reader holds no more than the source says, a fraction of what the row group has in the file, and where a chunk
// is one page it says that it holds all of it.
func TestHeld(t *testing.T) {
	const rows, columns, viewBytes = 20_000, 5, 16
	table := loadertest.Table{}
	for c := range columns {
		values := make([]any, rows)
		for i := range values {
			values[i] = strings.Repeat(string(rune('a'+c)), 100+i%7)
		}
		table.Columns = append(table.Columns, loadertest.Column{Name: string(rune('a' + c)), Type: arrow.BinaryTypes.String, Values: values})
	}
	for _, page := range []int{8 << 10, 1 << 24} {
		path := filepath.Join(t.TempDir(), "f.parquet")
		style{version: 1, page: page}.write(t, path, table)
		mem := &counting{Allocator: memory.NewGoAllocator()}
		src, err := Open([]string{path}, Options{BatchRows: 1000, Allocator: mem, whole: 1 << 16})
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		part := src.Parts()[0]
		r, err := src.Read(context.Background(), 0, []int{0, 1, 2, 3, 4})
		if err != nil {
			t.Fatal(err)
		}
		for r.Next() {
		}
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		r.Release()
		if most := part.Held + 1000*columns*viewBytes; part.Rows != rows || mem.most > most || mem.used != 0 {
			t.Errorf("pages of %d bytes: a reader holds %d bytes, at the end %d, and should %d of %d rows", page, mem.most, mem.used, most, part.Rows)
		}
		if small := page == 8<<10; small != (part.Held < part.Bytes/4) || !small && part.Held < part.Bytes*2 {
			t.Errorf("pages of %d bytes: %d of %d bytes are held", page, part.Held, part.Bytes)
		}
	}
}
