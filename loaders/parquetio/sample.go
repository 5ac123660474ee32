package parquetio

import (
	"context"
	"errors"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/parquet-go/parquet-go/format"
)

// beginning is how much is read of a part of which the first rows alone are wanted. The zero value: all of it.
type beginning struct {
	rows  int64
	bytes int64 // of each chunk
}

// beginnings are how many bytes of a chunk are tried, one after the other, before all of it is read. 1,000 rows have 32 KiB if values take as many
// bytes; there may be a dictionary before them.
var beginnings = []int64{32 << 10, 256 << 10}

// swells is how many times its size the beginning of a page may have once decompressed; what is beyond is left.
const swells = 4

var errBeginning = errors.New("the beginning of the chunk does not tell")

// Begin implements level.Beginner: of the pages that hold the first rows it reads and decompresses the beginnings, since a page may have all
// rows of a part. Where they do not tell, the part is read.
func (s *Source) Begin(ctx context.Context, part int, columns []int, rows int) (arrow.Record, error) {
	for _, bytes := range beginnings {
		if batch := s.begin(ctx, part, columns, beginning{int64(max(rows, 1)), bytes}); batch != nil {
			return batch, nil
		}
	}
	return level.First(ctx, s, part, columns)
}

// begin gives the first rows of a part, nil if its beginning does not tell. What is wrong is told by whoever reads the part.
func (s *Source) begin(ctx context.Context, part int, columns []int, only beginning) arrow.Record {
	r, err := s.read(ctx, part, part+1, columns, only)
	if err != nil {
		return nil
	}
	defer r.Release()
	r.left = min(r.left, only.rows)
	if !r.Next() {
		return nil
	}
	batch := r.Record()
	batch.Retain()
	return batch
}

// unpackBeginning is unpack for a page that is cut off. The page then has the size of what there is of it.
func (p *page) unpackBeginning(dst []byte) error {
	if p.encoding != format.Plain && !isDictionary(p.encoding) {
		return errBeginning // others tell of the whole page first, or lie apart
	}
	n := copy(dst[:p.size], p.body[:p.levels])
	codec := p.codec
	if p.stored {
		codec = format.Uncompressed
	}
	p.size = n + decompressBeginning(codec, dst[n:p.size], p.body[n:])
	return nil
}
