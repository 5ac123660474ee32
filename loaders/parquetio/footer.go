package parquetio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

var errDamagedFooter = errors.New("its footer is damaged")

var errEncrypted = unsupported{"it is encrypted", "decrypt it, or write it again without encryption"}

// tailBytes is how much is read from the end of a file before it is known how long its footer is.
const tailBytes = 16 << 10

// readFooter reads and checks the metadata at the end of a file of that size, which may be like that of another one.
func readFooter(f io.ReaderAt, size int64, like *shape, mem memory.Allocator) (meta footer, err error) {
	const magic, encrypted, around = "PAR1", "PARE", 12 // two magics and the footer's length
	if size < around {
		return meta, fmt.Errorf("it has %d bytes", size)
	}
	tail := int64(tailBytes)
	if like != nil {
		tail = min(like.footer+like.footer/4+around, 4*tailBytes)
	}
	b := mem.Allocate(int(min(tail, size)))
	defer mem.Free(b)
	begin := size - int64(len(b)) // of b in the file
	if _, err := f.ReadAt(b, begin); err != nil {
		return meta, err
	}
	head := b
	switch {
	case begin > 0 && like != nil: // nothing is read from there, and to look costs as much as the footer
		head = []byte(magic)
	case begin > 0:
		head = make([]byte, 4)
		if _, err := f.ReadAt(head, 0); err != nil {
			return meta, err
		}
	}
	end := b[len(b)-8:]
	if string(head[:4]) == encrypted || string(end[4:]) == encrypted {
		return meta, errEncrypted
	}
	if string(head[:4]) != magic {
		return meta, errors.New("it does not begin as one")
	}
	if string(end[4:]) != magic {
		return meta, errors.New("it does not end as one")
	}
	n := int64(binary.LittleEndian.Uint32(end))
	if n > size-around {
		return meta, errors.New("its footer is longer than the file")
	}
	if begin > size-8-n {
		begin, b = size-8-n, make([]byte, n) // of a large one the allocator would keep the memory
		if _, err := f.ReadAt(b, begin); err != nil {
			return meta, err
		}
	}
	c := compact{b: b[size-8-n-begin:][:n]}
	out, ok := c.footer(like)
	if !ok {
		return meta, errDamagedFooter
	}
	out.size = n
	if like == nil || !bytes.Equal(out.schema, like.schema) {
		out.schema = bytes.Clone(out.schema) // the rest of the footer can go
	}
	return out, nil
}

// readSchema decodes the schema of a footer.
func (m *footer) readSchema() ([]format.SchemaElement, error) {
	c := compact{b: m.schema}
	if c.skip(compactList, 0); c.bad {
		return nil, errDamagedFooter
	}
	// The library reads it as the metadata of a file that has the four fields which each has, 0 and empty but for the second.
	const next = 1 << 4 // number
	alone := slices.Concat([]byte{next | compactInt32, 0, next | compactList}, m.schema, []byte{next | compactInt64, 0, next | compactList, compactStruct, compactStop})
	meta := new(format.FileMetaData)
	err := guard(func() error {
		var protocol thrift.CompactProtocol
		return thrift.NewDecoder(protocol.NewReaderFromBytes(alone)).Decode(meta)
	})
	if err != nil {
		return nil, errDamagedFooter
	}
	return meta.Schema, nil
}
