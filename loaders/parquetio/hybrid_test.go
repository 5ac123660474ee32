package parquetio

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// runs encodes values in runs of any length, as writers other than parquet-go do: one byte or more for the value of a run,
// and bit-packed groups of eight.
func runs(rng *rand.Rand, values []uint32, width int) []byte {
	var out []byte
	for i := 0; i < len(values); {
		same := 1
		for i+same < len(values) && values[i+same] == values[i] {
			same++
		}
		if same > 2 && rng.IntN(4) > 0 {
			out = binary.AppendUvarint(out, uint64(same)<<1)
			for b := 0; b < width; b += 8 {
				out = append(out, byte(values[i]>>b))
			}
			i += same
			continue
		}
		groups := 1 + rng.IntN(5)
		if i+8*groups > len(values) { // only the last run may hold fewer values than its groups
			groups = (len(values) - i + 7) / 8
		}
		out = binary.AppendUvarint(out, uint64(groups)<<1|1)
		packed := make([]byte, groups*width)
		for j := range 8 * groups {
			v := uint32(1)<<width - 1 // what pads the last group means nothing
			if i+j < len(values) {
				v = values[i+j]
			}
			for b := range width {
				bitutil.SetBitTo(packed, j*width+b, v>>b&1 != 0)
			}
		}
		out = append(out, packed...)
		i += min(8*groups, len(values)-i)
	}
	return out
}

func randomRuns(rng *rand.Rand, n, entries int) []uint32 {
	values := make([]uint32, n)
	for i := 0; i < n; {
		v, same := uint32(rng.IntN(entries)), 1
		if rng.IntN(3) == 0 {
			same = 1 + rng.IntN(40)
		}
		for ; same > 0 && i < n; same-- {
			values[i] = v
			i++
		}
	}
	return values
}

func TestDecodeBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for try := range 300 {
		values := randomRuns(rng, rng.IntN(300), 2)
		encoded := runs(rng, values, 1)
		got := make([]byte, bitutil.BytesForBits(int64(len(values)+8)))
		if err := decodeBits(got, len(values), encoded); err != nil {
			t.Fatalf("try %d: %v", try, err)
		}
		for i, v := range values {
			if bitutil.BitIsSet(got, i) != (v == 1) {
				t.Fatalf("try %d: bit %d of %d is wrong", try, i, len(values))
			}
		}
		clear(got)
		if len(encoded) > 0 && decodeBits(got, len(values)+8, encoded) == nil {
			t.Fatalf("try %d: more bits than there are", try)
		}
	}
}

func TestIndexReader(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for try := range 600 {
		entries := 1 + rng.IntN(1<<rng.IntN(20))
		values := randomRuns(rng, rng.IntN(400), entries)
		width := bits.Len(uint(entries - 1))
		encoded := append([]byte{byte(width)}, runs(rng, values, width)...)
		for _, slack := range []int{0, 64} {
			x, err := newIndexReader(append(make([]byte, 0, len(encoded)+slack), encoded...), entries, false)
			if err != nil {
				t.Fatal(err)
			}
			for at := 0; at < len(values); {
				dst := make([]int32, min(1+rng.IntN(50), len(values)-at))
				if err := x.next(dst); err != nil {
					t.Fatalf("try %d: index %d of %d: %v", try, at, len(values), err)
				}
				for i, v := range dst {
					if uint32(v) != values[at+i] {
						t.Fatalf("try %d: index %d of %d is wrong", try, at+i, len(values))
					}
				}
				at += len(dst)
			}
		}
		cut := encoded[:1+rng.IntN(len(encoded))]
		if x, err := newIndexReader(cut, entries, true); err != nil {
			t.Fatal(err)
		} else {
			for at, dst := 0, make([]int32, 1); at < len(values) && x.next(dst) == nil; at++ {
				if uint32(dst[0]) != values[at] {
					t.Fatalf("try %d: index %d of %d is wrong where the page is cut off", try, at, len(values))
				}
			}
		}
		if top := int(maxOf(values)); top > 0 {
			x, err := newIndexReader(encoded, top, false)
			if err == nil {
				err = x.next(make([]int32, len(values)))
			}
			if err == nil {
				t.Fatalf("try %d: an index without an entry goes unnoticed", try)
			}
		}
	}
}

func maxOf(values []uint32) (top uint32) {
	for _, v := range values {
		top = max(top, v)
	}
	return top
}

// A run that claims more values than its page has costs no memory for them.
func TestRunsClaimTooMuch(t *testing.T) {
	encoded := append(binary.AppendUvarint(nil, 1<<40), 1)
	got := make([]byte, 2)
	if err := decodeBits(got, 10, encoded); err != nil || got[0] != 0xff || got[1] != 3 {
		t.Errorf("bits of a long run: %v", err)
	}
	x, err := newIndexReader(append([]byte{1}, encoded...), 2, false)
	if dst := make([]int32, 10); err != nil || x.next(dst) != nil || dst[9] != 1 {
		t.Errorf("indexes of a long run: %v", err)
	}
	packed := binary.AppendUvarint([]byte{1}, 1<<40|1)
	x, err = newIndexReader(append(packed, 0x0f), 2, false)
	if dst := make([]int32, 8); err != nil || x.next(dst) != nil || dst[3] != 1 || dst[4] != 0 || x.next(dst) == nil {
		t.Errorf("indexes of a long packed run: %v", err)
	}
}

// TestKnown has one index of many be the first without an entry.
func TestKnown(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for n := range 200 {
		x := indexReader{top: uint32(rng.IntN(1 << 20))}
		indexes := make([]int32, n)
		for i := range indexes {
			indexes[i] = int32(rng.IntN(int(x.top) + 1))
		}
		if !x.known(indexes) {
			t.Fatalf("one of %d indexes has no entry", n)
		}
		for i := range indexes {
			for _, wrong := range []int32{int32(x.top) + 1, -1} {
				was := indexes[i]
				if indexes[i] = wrong; x.known(indexes) {
					t.Fatalf("index %d of %d has an entry", i, n)
				}
				indexes[i] = was
			}
		}
	}
}
