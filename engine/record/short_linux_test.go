package record

import (
	"encoding/binary"
	"os"
	"syscall"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/cespare/xxhash/v2"
)

// lastPage gives a page of memory behind which there is none.
func lastPage(t *testing.T) []byte {
	size := os.Getpagesize()
	mapped, err := syscall.Mmap(-1, 0, 2*size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(mapped); err != nil {
			t.Error(err)
		}
	})
	if err := syscall.Mprotect(mapped[size:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return mapped[:size]
}

// TestHashesReadNoFurther holds that no byte behind a column's last buffer or its headers is read, where texts end with it and behind it is no
// memory.
func TestHashesReadNoFurther(t *testing.T) {
	page, headers := lastPage(t), lastPage(t)
	for i := range page {
		page[i] = byte(i * i >> 3)
	}
	headers = headers[len(headers)-shortBlock*viewSize:]
	for _, data := range [][]byte{page, page[len(page)-100:], page[len(page)-20:]} {
		for length := range min(len(data), 80) + 1 {
			for nearest := range 17 {
				end := func(i int) int { return max(len(data)-nearest-i, length) } // each a byte earlier than the one before
				views := headers[:0]
				for i := range shortBlock {
					text := data[end(i)-length : end(i)]
					header := [viewSize]byte{}
					binary.LittleEndian.PutUint32(header[:], uint32(length))
					copy(header[4:], text)
					if length > viewInline {
						binary.LittleEndian.PutUint32(header[8:], 0)
						binary.LittleEndian.PutUint32(header[12:], uint32(end(i)-length))
					}
					views = append(views, header[:]...)
				}
				buffers := []*memory.Buffer{nil, memory.NewBufferBytes(views), memory.NewBufferBytes(data)}
				arr := array.NewStringViewData(array.NewData(arrow.BinaryTypes.StringView, shortBlock, buffers, nil, 0, 0))
				out := make([]uint64, shortBlock)
				texts, _ := textsOf(arr)
				texts.hashes(arr, out)
				for i, h := range out {
					if h != xxhash.Sum64(data[end(i)-length:end(i)]) {
						t.Fatalf("texts of %d bytes, the last one %d before the end: another hash", length, len(data)-end(i))
					}
				}
			}
		}
	}
}
