package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"

	"github.com/cespare/xxhash/v2"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"golang.org/x/sync/errgroup"
)

// floor decodes every column of every file with parquet-go and hashes every value, and does nothing else: the least that a
// comparison on this library can take that looks at each value. Files are mapped; entries of a dictionary are hashed once. The
// result is the sum of the hashes, so that none is left out.
func floor(ctx context.Context, d dataset) (uint64, error) {
	var chunks []parquet.ColumnChunk
	for _, path := range d.Files {
		data, err := mapFile(path)
		if err != nil {
			return 0, err
		}
		defer syscall.Munmap(data)
		f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		for _, group := range f.RowGroups() {
			chunks = append(chunks, group.ColumnChunks()...)
		}
	}
	var next, sum atomic.Uint64
	g, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			var h hasher
			for {
				i := next.Add(1) - 1
				if i >= uint64(len(chunks)) || ctx.Err() != nil {
					sum.Add(h.sum)
					return ctx.Err()
				}
				if err := h.chunk(chunks[i]); err != nil {
					return err
				}
			}
		})
	}
	err := g.Wait()
	return sum.Load(), err
}

// mapFile maps a file that is not changed meanwhile.
func mapFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", path, err)
	}
	return data, nil
}

// hasher adds up the hashes of values.
type hasher struct {
	sum  uint64
	dict []uint64 // hashes of the entries of the chunk's dictionary
}

// chunk hashes the values of a column chunk.
func (h *hasher) chunk(chunk parquet.ColumnChunk) (err error) {
	pages := chunk.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	h.dict = h.dict[:0]
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		h.page(page)
		parquet.Release(page)
	}
}

func (h *hasher) page(page parquet.Page) {
	data := page.Data()
	dict := page.Dictionary()
	if dict == nil {
		each(data, func(x uint64) { h.sum += x })
		return
	}
	if len(h.dict) == 0 {
		each(dict.Page().Data(), func(x uint64) { h.dict = append(h.dict, x) })
	}
	sum := h.sum
	for _, i := range data.Int32() {
		sum += h.dict[i]
	}
	h.sum = sum
}

// each hashes every value of a page by itself.
func each(data encoding.Values, add func(uint64)) {
	switch data.Kind() {
	case encoding.ByteArray:
		text, offsets := data.ByteArray()
		for i := 1; i < len(offsets); i++ {
			add(xxhash.Sum64(text[offsets[i-1]:offsets[i]]))
		}
	case encoding.Int32, encoding.Float:
		for _, x := range data.Uint32() {
			add(hash8(uint64(x)))
		}
	case encoding.Int64, encoding.Double:
		for _, x := range data.Uint64() {
			add(hash8(x))
		}
	case encoding.FixedLenByteArray:
		text, size := data.FixedLenByteArray()
		for ; len(text) > 0; text = text[size:] {
			add(xxhash.Sum64(text[:size]))
		}
	default: // booleans, bit by bit as they stand, and int96
		text, _ := data.Data()
		for ; len(text) >= 8; text = text[8:] {
			add(hash8(binary.LittleEndian.Uint64(text)))
		}
		add(xxhash.Sum64(text))
	}
}

// hash8 is XXH64 of the eight bytes of x in little-endian order.
func hash8(x uint64) uint64 {
	const p1, p2, p3, p4, p5 = 11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261
	p1v := uint64(p1) // a product that overflows must not be a constant
	h := uint64(p5) + 8
	h ^= bits.RotateLeft64(x*p2, 31) * p1v
	h = bits.RotateLeft64(h, 27)*p1v + p4
	h ^= h >> 33
	h *= p2
	h ^= h >> 29
	h *= p3
	return h ^ h>>32
}
