package parquetio

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

var codecs = []format.CompressionCodec{format.Snappy, format.Gzip, format.Brotli, format.Zstd, format.Lz4Raw}

// allocated tells how many bytes f takes from the heap.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Pages that are damaged, or that hold more than their header says, are errors and cost no memory.
func TestDecompress(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	page := make([]byte, 64<<20)
	copy(page, strings.Repeat("north south east west ", 2000))
	for _, codec := range codecs {
		lib := parquet.LookupCompressionCodec(codec)
		for _, n := range []int{1, 100, 40_000} {
			packed, err := lib.Encode(nil, page[:n])
			if err != nil {
				t.Fatal(err)
			}
			out := make([]byte, n, n+64)
			if err := decompress(codec, out, packed); err != nil || !bytes.Equal(out, page[:n]) {
				t.Errorf("%s: %d bytes: %v", codec, n, err)
			}
			for _, other := range []int{n - 1, n + 1} {
				if other > 0 && decompress(codec, make([]byte, other), packed) == nil {
					t.Errorf("%s: %d bytes pass as %d", codec, n, other)
				}
			}
			if taken := allocated(func() {
				for range 200 {
					damaged := append([]byte(nil), packed...)
					damaged[rng.IntN(len(damaged))] ^= byte(1 + rng.IntN(255))
					decompress(codec, out, damaged) // must come back, and leave nothing behind for the next page
					if err := decompress(codec, out, packed); err != nil || !bytes.Equal(out, page[:n]) {
						t.Fatalf("%s: %d bytes after a damaged page: %v", codec, n, err)
					}
				}
			}); taken > 200<<20 {
				t.Errorf("%s: damaged pages of %d bytes take %d bytes each", codec, n, taken/200)
			}
		}
		packed, err := lib.Encode(nil, page)
		if err != nil {
			t.Fatal(err)
		}
		if taken := allocated(func() { err = decompress(codec, make([]byte, 100), packed) }); err == nil || taken > 16<<20 {
			t.Errorf("%s: a page that swells takes %d bytes, %v", codec, taken, err)
		}
	}
	if err := decompress(format.LZO, make([]byte, 1), []byte{0}); err == nil || !strings.Contains(err.Error(), "LZO") {
		t.Errorf("an unknown codec: %v", err)
	}
}

// A footer that says it is huge, or that a list in it is, is an error and costs no memory.
func TestFooterClaims(t *testing.T) {
	whole := smallFile(t, styles[0])
	n := int(binary.LittleEndian.Uint32(whole[len(whole)-8:]))
	for name, damage := range map[string]func(b []byte){
		"a long footer": func(b []byte) { binary.LittleEndian.PutUint32(b[len(b)-8:], 1<<31) },
		"a long list": func(b []byte) { // the schema becomes a list of 2^28 structs
			footer := b[len(b)-8-n:]
			at := bytes.IndexByte(footer[:8], 0x19) // the second field, a list
			copy(footer[at+1:], []byte{0xfc, 0xff, 0xff, 0xff, 0x7f})
		},
		"encrypted": func(b []byte) { copy(b[len(b)-4:], "PARE") },
	} {
		b := bytes.Clone(whole)
		damage(b)
		path := filepath.Join(t.TempDir(), "f.parquet")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var err error
		if taken := allocated(func() { _, err = Open([]string{path}, Options{}) }); err == nil || taken > 1<<20 {
			t.Errorf("%s takes %d bytes, %v", name, taken, err)
		}
		if strings.Contains(name, "encrypted") != strings.Contains(err.Error(), "encrypted") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
