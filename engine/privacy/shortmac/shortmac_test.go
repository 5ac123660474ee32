package shortmac

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestTwo holds both lanes to the library, for messages of all lengths that fit a block and some that do not.
func TestTwo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	var two Two
	for _, keyLen := range []int{0, 1, 32, 63, 64, 65, 200} {
		key := random(keyLen)
		m := New(key)
		for n := range 2 * (Most + 10) {
			a, b := random(n), random(r.IntN(Most+10))
			if two.Sum(a, b); two.Sums != [2]digest{sha256.Sum256(a), sha256.Sum256(b)} {
				t.Fatalf("SHA-256 of %d and %d bytes is not the library's", len(a), len(b))
			}
			m.Of(&two, a, b)
			for i, message := range [][]byte{a, b} {
				library := hmac.New(sha256.New, key)
				library.Write(message)
				if string(two.Sums[i][:]) != string(library.Sum(nil)) {
					t.Fatalf("HMAC of %d bytes under a key of %d is not the library's", len(message), keyLen)
				}
			}
		}
	}
}

// TestAllocations holds that digests take no memory.
func TestAllocations(t *testing.T) {
	m, two, message := New(make([]byte, 32)), new(Two), make([]byte, Most)
	if n := testing.AllocsPerRun(100, func() { m.Of(two, message, message); two.Sum(message, message) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkTwo(b *testing.B) {
	was := quick
	defer func() { quick = was }()
	a, c := []byte("99010119900101006X"), []byte("990101199001010070")
	for _, quick = range []bool{false, was} {
		m, two := New(make([]byte, 32)), new(Two)
		b.Run(fmt.Sprintf("digest=hmac/quick=%v", quick), func(b *testing.B) {
			for b.Loop() {
				m.Of(two, a, c)
			}
		})
		b.Run(fmt.Sprintf("digest=sha256/quick=%v", quick), func(b *testing.B) {
			for b.Loop() {
				two.Sum(a, c)
			}
		})
	}
}
