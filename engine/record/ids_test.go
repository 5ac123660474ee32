package record

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestPackIDs: IDs that are packed four at a time have the keys and states of those that are packed one by one, which a column with
// offsets has.
func TestPackIDs(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for name, texts := range map[string][]string{
		"valid":      validIDs(rng, 2000),
		"characters": otherCharacters(rng),
		"check":      otherChecks(rng),
		"dates":      manyDates(rng),
		"digits":     randomDigits(rng),
		"lengths":    otherLengths(rng),
		"forms":      otherForms(rng),
		"no ID":      {"", "x", "990101900307001"},
	} {
		for _, alone := range []bool{true, false} {
			if !alone { // each in one of four places beside plain ones
				texts = amongPlain(rng, texts)
			}
			for _, strict := range []bool{false, true} {
				for _, from := range []int{0, 1, 6} {
					from = min(from, len(texts))
					packedAlike(t, fmt.Sprintf("%s, alone %v, strict regions %v, from row %d", name, alone, strict, from), texts, from, strict)
				}
			}
		}
	}
}

// packedAlike packs texts from a row on in a column of views and in one of offsets; an empty one is a null.
func packedAlike(t *testing.T, name string, texts []string, from int, strict bool) {
	t.Helper()
	var keys [2][]Key
	var states [2][]KeyState
	for i, dt := range []arrow.DataType{text, views} {
		all := build(t, dt, texts...)
		keys[i], states[i] = packAll(array.NewSlice(all, int64(from), int64(len(texts))), strict)
	}
	for i := range keys[0] {
		if keys[0][i] != keys[1][i] || states[0][i] != states[1][i] {
			t.Fatalf("%s: row %d: another key or the state %v, not %v", name, i, states[1][i], states[0][i])
		}
	}
}

func packAll(arr arrow.Array, strict bool) ([]Key, []KeyState) {
	p := NewKeyPacker([]Type{CNID}, &Interner{})
	p.StrictRegions = strict
	keys, states := make([]Key, arr.Len()), make([]KeyState, arr.Len())
	p.Pack([]arrow.Array{arr}, keys, states)
	return keys, states
}

func validIDs(rng *rand.Rand, n int) (ids []string) {
	for range n {
		ids = append(ids, string(syntheticID(rng)))
	}
	return ids
}

// amongPlain puts each text in one of four places, the others of which hold plain IDs.
func amongPlain(rng *rand.Rand, texts []string) (out []string) {
	for i, s := range texts {
		four := validIDs(rng, 4)
		four[i%4] = s
		out = append(out, four...)
	}
	return out
}

func otherCharacters(rng *rand.Rand) (ids []string) {
	for at := range 18 {
		for c := range 256 {
			id := syntheticID(rng)
			id[at] = byte(c)
			ids = append(ids, string(id))
		}
		for _, c := range []byte("/:;Xx(HhJ\x10\xb1") { // near digits, with all check characters, lest the wrong one hide it
			id := syntheticID(rng)
			id[at] = c
			for _, check := range []byte("0123456789X") {
				id[17] = check
				ids = append(ids, string(id))
			}
		}
	}
	return ids
}

func otherChecks(rng *rand.Rand) (ids []string) {
	for range 200 {
		id := syntheticID(rng)
		for _, c := range []byte("0123456789Xx") {
			id[17] = c
			ids = append(ids, string(id))
		}
	}
	return ids
}

func manyDates(rng *rand.Rand) (ids []string) {
	for _, year := range []int{0, 1700, 1799, 1800, 1804, 1899, 1900, 1995, 1996, 2000, 2024, 2100, 2199, 2200, 2999, 9999} {
		for month := range 20 {
			for day := range 34 {
				ids = append(ids, withCheck(fmt.Sprintf("990%03d%04d%02d%02d%03d", rng.IntN(1000), year, month, day, rng.IntN(1000))))
			}
		}
	}
	for month := range 100 {
		for day := range 100 {
			ids = append(ids, withCheck(fmt.Sprintf("990101%d%02d%02d001", 1900+month, month, day)))
		}
	}
	return ids
}

// randomDigits makes numbers that begin with any region.
func randomDigits(rng *rand.Rand) (ids []string) {
	for i := range 4000 {
		if i%2 == 0 {
			ids = append(ids, withCheck(fmt.Sprintf("%017d", rng.Uint64N(1e17))))
		} else {
			ids = append(ids, withCheck(fmt.Sprintf("%06d%04d0101%03d", rng.IntN(1e6), 1800+rng.IntN(400), rng.IntN(1000))))
		}
	}
	return ids
}

func otherLengths(rng *rand.Rand) (ids []string) {
	long := string(syntheticID(rng)) + string(syntheticID(rng))
	for n := range len(long) {
		ids = append(ids, long[:n])
	}
	return ids
}

func otherForms(rng *rand.Rand) (ids []string) {
	for _, id := range validIDs(rng, 50) {
		ids = append(ids, " "+id, id+" ", id[:6]+id[8:17], " "+id[:6]+id[8:17]+"  ", "\uff19"+id[1:16], "E1234567890123456x")
	}
	return ids
}

// TestPackIDsOfPages: what lies in several buffers, each of which ends with its last ID, is packed; headers of nulls, which may be
// anything, are not followed.
func TestPackIDsOfPages(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	var headers, valid []byte
	var want []string
	buffers := []*memory.Buffer{nil, nil}
	for page := range 40 {
		var data []byte
		for range page % 11 {
			id := syntheticID(rng)
			headers = binary.LittleEndian.AppendUint32(headers, 18)
			headers = append(headers, id[:4]...)
			headers = binary.LittleEndian.AppendUint32(headers, uint32(page))
			headers = binary.LittleEndian.AppendUint32(headers, uint32(len(data)))
			data = append(data, id...)
			want = append(want, string(id))
		}
		buffers = append(buffers, memory.NewBufferBytes(slices.Clip(data)))
		for i := range page % 5 {
			headers = binary.LittleEndian.AppendUint32(headers, 18)
			headers = binary.LittleEndian.AppendUint32(headers, rng.Uint32())
			headers = binary.LittleEndian.AppendUint32(headers, []uint32{uint32(page), uint32(page), 1 << 31, 40, 0}[i])
			headers = binary.LittleEndian.AppendUint32(headers, []uint32{0, uint32(max(len(data)-17, 0)), 0, 0, 1 << 31}[i])
			want = append(want, "")
		}
	}
	valid = make([]byte, len(want)/8+1)
	nulls := 0
	for i, id := range want {
		if id == "" {
			nulls++
		} else {
			valid[i/8] |= 1 << (i % 8)
		}
	}
	buffers[0], buffers[1] = memory.NewBufferBytes(valid), memory.NewBufferBytes(headers)
	arr := array.NewStringViewData(array.NewData(views, len(want), buffers, nil, nulls, 0))
	for from := range 9 {
		keys, states := packAll(array.NewSlice(arr, int64(from), int64(arr.Len())), false)
		for i, id := range want[from:] {
			packed, _, ok := PackID([]byte(id))
			if ok != (states[i] == KeyValid) || !ok && states[i] != KeyNone || keys[i] != (Key{Lo: packed}) {
				t.Fatalf("from row %d: row %d of another key, or the state %v", from, i, states[i])
			}
		}
	}
}

// BenchmarkPackIDs packs a column of 16,384 resident IDs of which some have the 15 digits of old cards.
func BenchmarkPackIDs(b *testing.B) {
	for _, c := range []struct {
		name string
		old  func(i int) bool
	}{
		{"old=none", func(int) bool { return false }},
		{"old=1%", func(i int) bool { return i%100 == 0 }},
		{"old=all", func(int) bool { return true }},
	} {
		b.Run(c.name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			texts := make([]string, 16384)
			for i := range texts {
				id := syntheticID(rng)
				if c.old(i) {
					id[6], id[7] = '1', '9'
					id = append(id[:6], id[8:17]...)
				}
				texts[i] = string(id)
			}
			cols := []arrow.Array{build(b, views, texts...)}
			p := NewKeyPacker([]Type{CNID}, &Interner{})
			keys, states := make([]Key, len(texts)), make([]KeyState, len(texts))
			for b.Loop() {
				p.Pack(cols, keys, states)
			}
			for _, s := range states {
				if s != KeyValid {
					b.Fatal("a valid ID is not")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(texts)), "ns/id")
		})
	}
}
