package typo

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// edits counts inserted, deleted, replaced and swapped characters by the table of all pairs of prefixes.
func edits(a, b []rune) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := range table[i] {
			switch {
			case i == 0 || j == 0:
				table[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				table[i][j] = table[i-1][j-1]
				continue
			}
			n := 1 + min(table[i-1][j], table[i][j-1], table[i-1][j-1])
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				n = min(n, 1+table[i-2][j-2])
			}
			table[i][j] = n
		}
	}
	return table[len(a)][len(b)]
}

func word(r *rand.Rand, letters []rune, n int) string {
	w := make([]rune, r.IntN(n+1))
	for i := range w {
		w[i] = letters[r.IntN(len(letters))]
	}
	return string(w)
}

func TestOneEdit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	ones := 0
	for range 20000 {
		a, b := word(r, []rune("ab王"), 6), word(r, []rune("ab王"), 6)
		want := edits([]rune(a), []rune(b)) == 1
		if want {
			ones++
		}
		if OneEdit([]byte(a), []byte(b)) != want || OneEdit([]byte(b), []byte(a)) != want {
			t.Fatalf("%q and %q: not %v", a, b, want)
		}
	}
	if ones < 500 {
		t.Errorf("only %d pairs differ by one edit", ones)
	}
}

// TestPairs holds the pairs against those of all with all: few blocks and many, keys near each other and far.
func TestPairs(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		blocks, letters, length := 1+r.Uint64N(40), []rune("abcdefgh")[:2+r.IntN(7)], 3+r.IntN(8)
		var keys []string
		for range 20 + r.IntN(400) {
			if k := word(r, letters, length); !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
		var entries []Entry
		for i := range keys {
			in := uint32(1) << r.IntN(3)
			for n := range 1 + r.Uint64N(3) { // most share one block or none, some several
				if e := (Entry{Block: (uint64(i)*7 + n*r.Uint64N(3)) % blocks, In: in, ID: uint32(i)}); !slices.Contains(entries, e) {
					entries = append(entries, e)
				}
			}
		}
		type names struct{ a, b uint32 }
		var want []names
		told := map[names]bool{}
		partners := map[uint32]int{}
		for i, a := range entries {
			for _, b := range entries[i+1:] {
				pair := names{min(a.ID, b.ID), max(a.ID, b.ID)}
				if a.Block == b.Block && a.In&b.In == 0 && !told[pair] && edits([]rune(keys[a.ID]), []rune(keys[b.ID])) == 1 {
					told[pair] = true
					want = append(want, pair)
					partners[a.ID]++
					partners[b.ID]++
				}
			}
		}
		want = slices.DeleteFunc(want, func(n names) bool { return partners[n.a] > MaxPartners || partners[n.b] > MaxPartners })
		pairs, err := Pairs(context.Background(), entries, func(dst []byte, id uint32) []byte { return append(dst, keys[id]...) })
		if err != nil {
			t.Fatal(err)
		}
		var got []names
		for _, p := range pairs {
			got = append(got, names{min(p.A, p.B), max(p.A, p.B)})
		}
		order := func(a, b names) int { return cmp.Or(cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b)) }
		slices.SortFunc(got, order)
		slices.SortFunc(want, order)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d pairs, want %d", seed, len(got), len(want))
		}
	}
}

func TestPairsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Pairs(ctx, make([]Entry, 3), func(dst []byte, _ uint32) []byte { return dst }); err == nil {
		t.Error("a context that ended is not looked at")
	}
}

// BenchmarkPairs pairs a million records that one level lacks with a million that another lacks, one in a hundred of which is a
// typo: in blocks of few, and all in one.
func BenchmarkPairs(b *testing.B) {
	const n = 1 << 20
	keys := make([]string, 2*n)
	for i := range n {
		keys[i] = fmt.Sprintf("99%016d", uint64(i)*0x9e3779b97f4a7c15>>12)
		keys[n+i] = fmt.Sprintf("99%016d", uint64(n+i)*0x9e3779b97f4a7c15>>12)
		if i%100 == 0 {
			other := []byte(keys[i])
			other[9] = '0' + (other[9]-'0'+1)%10
			keys[n+i] = string(other)
		}
	}
	for _, block := range []uint64{1 << 40, 1} {
		b.Run(fmt.Sprintf("blocks=%d", min(block, n)), func(b *testing.B) {
			entries := make([]Entry, 2*n)
			for b.Loop() {
				for i := range entries {
					entries[i] = Entry{Block: uint64(i%n) % block, In: 1 << (i / n), ID: uint32(i)}
				}
				pairs, err := Pairs(context.Background(), entries, func(dst []byte, id uint32) []byte { return append(dst, keys[id]...) })
				if err != nil || len(pairs) < n/100 {
					b.Fatalf("%d pairs, %v", len(pairs), err)
				}
			}
			b.ReportMetric(float64(b.N)*2*n/b.Elapsed().Seconds(), "records/s")
		})
	}
}
