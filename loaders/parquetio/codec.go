package parquetio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"crosscheck/loaders/parquetio/snappy"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

var errSize = errors.New("a page has another size than its header says")

// decompress fills out with the decompressed form of src, which is as long as out. The codecs are those that parquet-go
// knows, called by themselves since its own calls make room for whatever src claims to hold, and with LZ4 for twice as much
// after each failure.
func decompress(codec format.CompressionCodec, out, src []byte) error {
	switch codec {
	case format.Snappy:
		_, err := snappy.Decode([]snappy.Block{{Dst: out, Src: src}})
		return err
	case format.Zstd:
		got, err := zstdDecoder().DecodeAll(src, out[:0:len(out)])
		if err == nil && len(got) != len(out) {
			err = errSize
		}
		return err
	case format.Lz4Raw:
		n, err := lz4.UncompressBlock(src, out)
		if err == nil && n != len(out) {
			err = errSize
		}
		return err
	case format.Gzip:
		return readStream(&gzips, out, src)
	case format.Brotli:
		return readStream(&brotlis, out, src)
	}
	return unsupported{fmt.Sprintf("it is compressed with %s", codec), "write the file again with snappy or zstd"}
}

// decompressBeginning fills out with the beginning of the decompressed form of src, which is a beginning itself, and gives how much there is of
// it: nothing where a codec cannot tell, or src is damaged.
func decompressBeginning(codec format.CompressionCodec, out, src []byte) int {
	var in io.Reader = bytes.NewReader(src)
	var err error
	switch codec {
	case format.Uncompressed:
	case format.Snappy:
		return snappy.DecodeBeginning(out, src)
	case format.Gzip:
		in, err = gzip.NewReader(in)
	case format.Brotli:
		in = brotli.NewReader(in)
	case format.Zstd:
		var d *zstd.Decoder
		if d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20)); err == nil {
			defer d.Close()
			in = d
		}
	default:
		return 0
	}
	if err != nil {
		return 0
	}
	n, _ := io.ReadFull(in, out) // what comes before an error is whole
	return n
}

// zstdDecoder is the decoder of all goroutines. It decodes no further than the room it is given.
var zstdDecoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err) // it says that an option is wrong
	}
	return d
})

// stream is a decompressor of a codec that knows nothing but streams, kept for the next page.
type stream struct {
	in bytes.Reader
	r  interface {
		io.Reader
		Reset(io.Reader) error
	}
}

var (
	gzips   = sync.Pool{New: func() any { return &stream{r: new(gzip.Reader)} }}
	brotlis = sync.Pool{New: func() any { return &stream{r: new(brotli.Reader)} }}
)

// readStream fills out; src ends where out does. A stream that failed is not kept: a reset does not mend it.
func readStream(pool *sync.Pool, out, src []byte) error {
	s := pool.Get().(*stream)
	s.in.Reset(src)
	if err := s.r.Reset(&s.in); err != nil {
		return err
	}
	if _, err := io.ReadFull(s.r, out); err != nil {
		if err == io.ErrUnexpectedEOF || err == io.EOF {
			err = errSize
		}
		return err
	}
	var more [1]byte
	if n, err := io.ReadFull(s.r, more[:]); n > 0 || err != io.EOF { // at its end a stream checks itself
		return errSize
	}
	s.in.Reset(nil)
	pool.Put(s)
	return nil
}
