package snappy

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/snappy"
)

// BenchmarkDecode decodes pages as residents' IDs and addresses make them: elements of some four bytes, of which none tells what
// the next one is.
func BenchmarkDecode(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	var plain [6][]byte
	var blocks []Block
	total := int64(0)
	for i := range plain {
		for range 100_000 {
			plain[i] = fmt.Appendf(plain[i], "%c\x00\x00\x0099%04d19%06d%03d", 18, rng.IntN(300), rng.IntN(400_000), rng.IntN(1000))
		}
		blocks = append(blocks, Block{Dst: make([]byte, len(plain[i])), Src: snappy.Encode(nil, plain[i])})
		total += int64(len(plain[i]))
	}
	for _, by := range []struct {
		name string
		do   func() error
	}{
		{"library", func() error { _, err := decodeSlowly(blocks); return err }},
		{"one", func() error {
			for i := range blocks {
				if _, err := Decode(blocks[i : i+1]); err != nil {
					return err
				}
			}
			return nil
		}},
		{"three", func() error { _, err := Decode(blocks); return err }},
	} {
		b.Run("lanes="+by.name, func(b *testing.B) {
			b.SetBytes(total)
			for b.Loop() {
				if err := by.do(); err != nil {
					b.Fatal(err)
				}
			}
			for i := range blocks {
				if !bytes.Equal(blocks[i].Dst, plain[i]) {
					b.Fatalf("block %d is decoded to something else", i)
				}
				clear(blocks[i].Dst)
			}
		})
	}
}

// BenchmarkSmall decodes pages of a hundred values, as small row groups have them.
func BenchmarkSmall(b *testing.B) {
	rng := rand.New(rand.NewPCG(9, 10))
	var blocks []Block
	for range 1000 {
		var plain []byte
		for range 100 {
			plain = fmt.Appendf(plain, "%c\x00\x00\x0099%04d19%06d%03d", 18, rng.IntN(300), rng.IntN(400_000), rng.IntN(1000))
		}
		src := snappy.Encode(nil, plain)
		blocks = append(blocks, Block{Dst: make([]byte, len(plain), len(plain)+100), Src: append(make([]byte, 0, len(src)+100), src...)})
	}
	b.SetBytes(int64(len(blocks) * len(blocks[0].Dst)))
	for b.Loop() {
		if _, err := Decode(blocks); err != nil {
			b.Fatal(err)
		}
	}
}
