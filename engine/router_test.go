package engine

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"crosscheck/engine/join"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestRouterFind: a text is in the range that comparing it with every splitter gives, whatever the splitters have in common.
func TestRouterFind(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		common := bytes.Repeat([]byte("k"), rng.IntN(20))
		text := func() []byte {
			b := slices.Clone(common[:max(0, len(common)-rng.IntN(2)*rng.IntN(4))])
			for range rng.IntN(12) {
				b = append(b, "\x00ak\xff"[rng.IntN(4)])
			}
			return b
		}
		var splitters [][]byte
		for range 1 + rng.IntN(8) {
			splitters = append(splitters, text())
		}
		slices.SortFunc(splitters, bytes.Compare)
		splitters = slices.CompactFunc(splitters, bytes.Equal)
		router := (&run{}).newRouter(splitters)
		for _, s := range append(slices.Clone(splitters), text(), text(), nil) {
			want := 0
			for want < len(splitters) && bytes.Compare(splitters[want], s) <= 0 {
				want++
			}
			if got := router.find(s); got != want {
				t.Fatalf("%q is in range %d of %q, want %d", s, got, splitters, want)
			}
		}
	}
}

// TestRouterSort: rows are in the ranges of their texts, whatever the keys stand for, in order within each, and those without a key are behind all.
func TestRouterSort(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, typ := range []record.Type{record.CNID, record.Int, record.String} {
		for range 200 {
			texts := make([]string, 300)
			for i := range texts {
				texts[i] = strconv.FormatInt(rng.Int64()>>rng.IntN(64)-rng.Int64N(3), 10)
				switch digits := fmt.Appendf(nil, "99010119%02d01%05d", 10+rng.IntN(80), rng.IntN(1000)); rng.IntN(6) {
				case 0, 1, 2:
					if typ != record.Int {
						texts[i] = string(digits) + string(record.CheckChar(digits))
					}
				case 3:
					texts[i] = strings.Repeat("x", rng.IntN(3)) + texts[i] + strings.Repeat("0", rng.IntN(20))
				case 4:
					texts[i] = strings.Repeat(" ", rng.IntN(2))
				}
			}
			r := &run{keyTypes: []record.Type{typ}}
			r.keyText = record.NewKeyText(r.keyTypes, &r.intern)
			builder := array.NewStringBuilder(memory.DefaultAllocator)
			builder.AppendValues(texts, nil)
			cols := []arrow.Array{builder.NewArray()}
			b := join.Batch{Keys: make([]record.Key, len(texts)), States: make([]record.KeyState, len(texts))}
			packer := record.NewKeyPacker(r.keyTypes, &r.intern)
			packer.KeepTexts = true
			packer.Pack(cols, b.Keys, b.States)
			canonical := func(i int) []byte {
				text, _ := packer.AppendCanonical(nil, cols, i)
				return text
			}
			var splitters [][]byte
			for range rng.IntN(40) {
				i := rng.IntN(len(texts))
				if _, _, id := record.PackID(canonical(i)); b.States[i] != record.KeyNone && (typ != record.CNID || id) {
					splitters = append(splitters, canonical(i))
				}
			}
			slices.SortFunc(splitters, bytes.Compare)
			splitters = slices.CompactFunc(splitters, bytes.Equal)
			router := r.newRouter(splitters)
			var s routed
			router.sort(new(worker), &b, canonical, &s)
			rows := 0
			for at := range len(splitters) + 2 {
				if !slices.IsSorted(s.of(at)) {
					t.Fatalf("%s: the rows of a range are not in order", typ)
				}
				for _, row := range s.of(at) {
					rows++
					want := len(splitters) + 1
					if b.States[row] != record.KeyNone {
						want = router.find(canonical(int(row)))
					}
					if at != want || int(s.to[row]) != want {
						t.Fatalf("%s: a row is in range %d, want %d", typ, at, want)
					}
				}
			}
			if rows != len(texts) {
				t.Fatalf("%s: %d of %d rows are in ranges", typ, rows, len(texts))
			}
		}
	}
}

// TestSteps: lists of any length, with numbers that are close, far apart or the same, tell of any number what counting tells.
func TestSteps(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		span, near := rng.IntN(64), rng.IntN(64)
		number := func() uint64 { return (rng.Uint64()>>span)&^(1<<near-1) + rng.Uint64N(3) }
		sorted := make([]uint64, 1+rng.IntN(300))
		for i := range sorted {
			sorted[i] = number()
		}
		slices.Sort(sorted)
		s := stepsOf(sorted)
		for range 100 {
			x := number()
			if rng.IntN(2) == 0 {
				x = sorted[rng.IntN(len(sorted))] + rng.Uint64N(3) - 1
			}
			x = min(x, math.MaxUint64-1)
			if got, want := s.upTo(x), sort.Search(len(sorted), func(i int) bool { return sorted[i] > x }); got != want {
				t.Fatalf("%d of %v are up to %d, want %d", got, sorted, x, want)
			}
		}
	}
}
