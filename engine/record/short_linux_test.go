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

// TestHashesReadNoFurther holds that no byte behind a column's last buffer is read, where texts end with it and behind it is no memory.
func TestHashesReadNoFurther(t *testing.T) {
	size := os.Getpagesize()
	mapped, err := syscall.Mmap(-1, 0, 2*size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Munmap(mapped); err != nil {
			t.Error(err)
		}
	}()
	if err := syscall.Mprotect(mapped[size:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	page := mapped[:size]
	for i := range page {
		page[i] = byte(i * i >> 3)
	}
	for _, data := range [][]byte{page, page[size-20:]} {
		for length := viewInline + 1; length <= 20; length++ {
			var views []byte
			for i := range shortBlock { // each ends a byte earlier than the one before
				end := max(len(data)-i, length)
				views = binary.LittleEndian.AppendUint32(views, uint32(length))
				views = append(views, data[end-length:][:4]...)
				views = binary.LittleEndian.AppendUint32(views, 0)
				views = binary.LittleEndian.AppendUint32(views, uint32(end-length))
			}
			buffers := []*memory.Buffer{nil, memory.NewBufferBytes(views), memory.NewBufferBytes(data)}
			arr := array.NewStringViewData(array.NewData(arrow.BinaryTypes.StringView, shortBlock, buffers, nil, 0, 0))
			out := make([]uint64, shortBlock)
			texts, _ := textsOf(arr)
			texts.hashes(arr, out)
			for i, h := range out {
				end := max(len(data)-i, length)
				if h != xxhash.Sum64(data[end-length:end]) {
					t.Fatalf("texts of %d bytes, the last one %d before the end: another hash", length, len(data)-end)
				}
			}
		}
	}
}
