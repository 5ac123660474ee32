package parquetio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

var errDamagedFooter = errors.New("its footer is damaged")

var errEncrypted = unsupported{"it is encrypted", "decrypt it, or write it again without encryption"}

// readFooter reads and checks the metadata at the end of a file of that size.
func readFooter(f io.ReaderAt, size int64) (meta *footer, err error) {
	const magic, encrypted, around = "PAR1", "PARE", 12 // two magics and the footer's length
	if size < around {
		return nil, fmt.Errorf("it has %d bytes", size)
	}
	var head [4]byte
	var tail [8]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return nil, err
	}
	if _, err := f.ReadAt(tail[:], size-int64(len(tail))); err != nil {
		return nil, err
	}
	if string(head[:]) == encrypted || string(tail[4:]) == encrypted {
		return nil, errEncrypted
	}
	if string(head[:]) != magic {
		return nil, errors.New("it does not begin as one")
	}
	if string(tail[4:]) != magic {
		return nil, errors.New("it does not end as one")
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if n > size-around {
		return nil, errors.New("its footer is longer than the file")
	}
	b := make([]byte, n)
	if _, err := f.ReadAt(b, size-int64(len(tail))-n); err != nil {
		return nil, err
	}
	c := compact{b}
	out, ok := c.footer()
	if !ok {
		return nil, errDamagedFooter
	}
	out.schema = bytes.Clone(out.schema) // the rest of the footer can go
	return &out, nil
}

// readSchema decodes the schema of a footer.
func (m *footer) readSchema() ([]format.SchemaElement, error) {
	c := compact{m.schema}
	if !c.skip(compactList, 0) {
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

// compact walks bytes in thrift's compact protocol. The decoder makes room for a list before it reads it, so that one byte
// changed in a footer could ask for more memory than there is; a footer that was walked to its end holds what its lists say.
type compact struct{ b []byte }

const maxDepth = 32 // of structs and lists in each other

// Types of the compact protocol.
const (
	compactStop = iota
	compactTrue
	compactFalse
	compactByte
	compactInt16
	compactInt32
	compactInt64
	compactDouble
	compactBinary
	compactList
	compactSet
	compactMap
	compactStruct
	compactUUID
)

func (c *compact) skipStruct(depth int) bool {
	for depth < maxDepth {
		field, ok := c.byte()
		if !ok {
			return false
		}
		if field == compactStop {
			return true
		}
		if field>>4 == 0 { // the field's number follows
			if _, ok := c.uvarint(); !ok {
				return false
			}
		}
		if t := field & 15; t != compactTrue && t != compactFalse && !c.skip(t, depth) { // booleans of a field have no bytes
			return false
		}
	}
	return false
}

// skip passes over a value of a type, booleans being elements of a list.
func (c *compact) skip(t byte, depth int) bool {
	switch t {
	case compactTrue, compactFalse, compactByte:
		return c.bytes(1)
	case compactInt16, compactInt32, compactInt64:
		_, ok := c.uvarint()
		return ok
	case compactDouble:
		return c.bytes(8)
	case compactUUID:
		return c.bytes(16)
	case compactBinary:
		n, ok := c.uvarint()
		return ok && c.bytes(n)
	case compactList, compactSet:
		head, ok := c.byte()
		n := uint64(head >> 4)
		if ok && n == 15 {
			n, ok = c.uvarint()
		}
		return ok && c.skipAll(n, depth+1, head&15)
	case compactMap:
		n, ok := c.uvarint()
		if !ok || n == 0 {
			return ok
		}
		types, ok := c.byte()
		return ok && c.skipAll(n, depth+1, types>>4, types&15)
	case compactStruct:
		return c.skipStruct(depth + 1)
	}
	return false
}

// skipAll passes over n values, or pairs of them.
func (c *compact) skipAll(n uint64, depth int, types ...byte) bool {
	if depth >= maxDepth || n > uint64(len(c.b)) { // each has a byte at least
		return false
	}
	for range n {
		for _, t := range types {
			if !c.skip(t, depth) {
				return false
			}
		}
	}
	return true
}

func (c *compact) byte() (byte, bool) {
	if len(c.b) == 0 {
		return 0, false
	}
	b := c.b[0]
	c.b = c.b[1:]
	return b, true
}

func (c *compact) bytes(n uint64) bool {
	if n > uint64(len(c.b)) {
		return false
	}
	c.b = c.b[n:]
	return true
}

func (c *compact) uvarint() (uint64, bool) {
	if len(c.b) > 0 && c.b[0] < 0x80 { // most are
		x := c.b[0]
		c.b = c.b[1:]
		return uint64(x), true
	}
	x, n := binary.Uvarint(c.b)
	if n <= 0 {
		return 0, false
	}
	c.b = c.b[n:]
	return x, true
}
