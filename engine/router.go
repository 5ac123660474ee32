package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"sync"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// router tells the range of a key. Ranges are in the order of the keys' canonical texts, parted by splitters: range i holds the keys from
// splitter i-1 on and before splitter i.
type router struct {
	keyText  record.KeyText
	common   []byte   // with which all splitters begin
	texts    [][]byte // the splitters without it
	prefixes []uint64 // of texts
	numbers  []uint64 // resident IDs: the texts as packed keys, which are in the same order
}

func (r *run) newRouter(splitters [][]byte) router {
	out := router{keyText: r.keyText}
	if n := len(splitters); n > 0 { // they are sorted
		out.common = splitters[0][:sharedPrefix(splitters[0], splitters[n-1])]
	}
	for _, s := range splitters {
		rest := s[len(out.common):]
		out.texts, out.prefixes = append(out.texts, rest), append(out.prefixes, prefixOf(rest))
		if packed, _, ok := record.PackID(s); ok && len(r.keyTypes) == 1 && r.keyTypes[0] == record.CNID {
			out.numbers = append(out.numbers, packed)
		}
	}
	if len(out.numbers) < len(splitters) {
		out.numbers = nil
	}
	return out
}

// sharedPrefix gives with how many bytes two texts begin that are the same.
func sharedPrefix(a, b []byte) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

const prefixBytes = 8

// prefixOf gives the first 8 bytes of a text as a number.
func prefixOf(text []byte) uint64 {
	var b [prefixBytes]byte
	copy(b[:], text)
	return binary.BigEndian.Uint64(b[:])
}

// route gives the range of a key, which is that of row i of the batch under way; canonical appends the text of that.
func (t *router) route(w *worker, key record.Key, canonical func(dst []byte, row int) []byte, i int) int {
	if t.numbers != nil && record.IsPackedID(key) {
		return upTo(t.numbers, key.Lo)
	}
	if t.keyText.Reversible() {
		w.text = t.keyText.Append(w.text[:0], key)
	} else {
		w.text = canonical(w.text[:0], i)
	}
	return t.find(w.text)
}

// upTo counts the numbers up to x of a sorted list, without a branch for each step: any half is as likely, and each row or suspect is looked for.
func upTo(sorted []uint64, x uint64) (n int) {
	for left := len(sorted); left > 0; {
		half := (left + 1) / 2
		_, less := bits.Sub64(x, sorted[n+half-1], 0) // 1: it is in the first half
		n += half & (int(less) - 1)
		left -= half
	}
	return n
}

// find gives the range of a canonical text.
func (t *router) find(text []byte) int {
	if n := len(t.common); n > 0 {
		switch bytes.Compare(text[:min(n, len(text))], t.common) {
		case -1:
			return 0
		case 1:
			return len(t.texts)
		}
		text = text[n:]
	}
	prefix := prefixOf(text)
	n := 0 // splitters whose prefix is less
	if prefix > 0 {
		n = upTo(t.prefixes, prefix-1)
	}
	for n < len(t.prefixes) && t.prefixes[n] == prefix && bytes.Compare(t.texts[n], text) <= 0 {
		n++
	}
	return n
}

// What is looked at to find splitters: of each level the first rows of some parts that lie evenly in it, or the whole of a level of
// fewer parts, for a part may be sorted.
const (
	sampledParts = 64
	sampledKeys  = 1 << 14 // of a level
)

var errEnough = errors.New("enough rows are sampled")

// splitters samples the keys of all levels and gives texts that part them into about n ranges of as many keys each.
func (r *run) splitters(ctx context.Context, n int) ([][]byte, error) {
	type task struct{ level, part int }
	var tasks []task
	whole := make([]bool, len(r.plan.levels))
	for l := range r.plan.levels {
		parts := len(r.plan.levels[l].parts)
		whole[l] = parts < sampledParts
		for i := range min(parts, sampledParts) {
			tasks = append(tasks, task{l, i * parts / min(parts, sampledParts)})
		}
	}
	var mu sync.Mutex
	var sample [][]byte
	err := r.parallel(ctx, len(tasks), func(i int) error {
		pl := &r.plan.levels[tasks[i].level]
		every := max(pl.rows()/sampledKeys, 1)
		if !whole[tasks[i].level] {
			every = 16
		}
		if mine, ok := r.sampleKept(tasks[i].level, tasks[i].part, every, whole[tasks[i].level]); ok {
			mu.Lock()
			defer mu.Unlock()
			sample = append(sample, mine...)
			return nil
		}
		columns, at := project(pl.key)
		packer := r.newPacker()
		keys := make([]arrow.Array, len(at))
		var mine [][]byte
		err := pl.scan(ctx, only(tasks[i].part), columns, func(batch arrow.Record, ref uint32) error {
			for i, c := range at {
				keys[i] = batch.Column(c)
			}
			for row := (every - int64(ref)%every) % every; row < batch.NumRows(); row += every {
				if text, ok := packer.AppendCanonical(nil, keys, int(row)); ok {
					mine = append(mine, text)
				}
			}
			if !whole[tasks[i].level] {
				return errEnough
			}
			return nil
		})
		mu.Lock()
		defer mu.Unlock()
		sample = append(sample, mine...)
		if err == errEnough {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if r.keyTypes[0] == record.CNID && len(r.keyTypes) == 1 { // other documents are few, and IDs are faster to compare
		sample = slices.DeleteFunc(sample, func(text []byte) bool { _, _, ok := record.PackID(text); return !ok })
	}
	slices.SortFunc(sample, bytes.Compare)
	var splitters [][]byte
	for i := 1; i < n && len(sample) > 0; i++ {
		s := sample[i*len(sample)/n]
		if len(splitters) == 0 || bytes.Compare(splitters[len(splitters)-1], s) < 0 {
			splitters = append(splitters, s)
		}
	}
	return splitters, nil
}
