package csvio

import (
	"context"
	"errors"
	"os"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"golang.org/x/text/transform"
)

// maxPart is maxPartBytes for text as it stands in the file: decoded it is at most three times as long, and offsets in it
// are 31-bit numbers.
func (c *charset) maxPart() int64 {
	if c.decoder == nil {
		return maxPartBytes
	}
	return maxPartBytes / 2
}

// chunkBytes is the nominal size of a part of which size bytes are asked for: whole units, and leaving room for a long row.
func (c *charset) chunkBytes(size int64) int64 {
	if c.decoder == nil {
		return size
	}
	unit := int64(c.unit)
	return min((size+unit-1)/unit*unit, maxPartBytes/8)
}

// decode puts the text of the part into data, in UTF-8. A part of whole rows is one of whole characters.
func (p *part) decode(ctx context.Context, in *os.File, data *memory.Buffer) error {
	decoder := p.file.charset.decoder()
	block := blocks.Get().(*[blockBytes]byte)
	defer blocks.Put(block)
	// Characters of two bytes have three in UTF-8. Memory that is not written to costs nothing.
	data.Reserve(int(p.Bytes+p.Bytes/2) + padBytes)

	length, kept := 0, 0 // of the text, and of the block's bytes that are not decoded yet
	for at := int64(0); at < p.Bytes; {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw := block[:min(int64(blockBytes), int64(kept)+p.Bytes-at)]
		if _, err := in.ReadAt(raw[kept:], p.offset+at); err != nil {
			return p.file.readFault(err)
		}
		at += int64(len(raw) - kept)
		for {
			n, read, err := decoder.Transform(data.Buf()[length:], raw, at == p.Bytes)
			length, raw = length+n, raw[read:]
			if err == transform.ErrShortDst {
				data.Reserve(data.Cap() + data.Cap()/2)
				continue
			}
			if errors.Is(err, errInvalid) {
				return p.file.find(ctx)
			}
			break // all of it, or all but half a character
		}
		kept = copy(block[:], raw)
	}
	data.Reserve(length + padBytes)
	data.ResizeNoShrink(length + padBytes)
	clear(data.Bytes()[length:])
	return nil
}
