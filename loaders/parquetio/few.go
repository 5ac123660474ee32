package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"crosscheck/loaders/parquetio/snappy"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go/format"
)

// few reads a few values of a page whose layout is known: only the fragments that hold them, up to where they end, some fragments at a time, in memory that
// stays in the cache.
type few struct {
	in     *columnReader
	p      *page
	values []int // those that are wanted, by how many that are not null lie before them
	out    []byte

	spans     []span
	fragments []fragment
	blocks    []snappy.Block
	valid     []byte
	src, room scratch // of fragments, as in the file and decompressed
}

// span is a stretch of the decompressed block that is needed: where the wanted values from first on and before end lie.
type span struct{ from, to, first, end int }

// fragment is one of which so many bytes are needed.
type fragment struct{ number, bytes int }

// abreast is how many fragments are decompressed at a time.
const abreast = 8

// scratch is memory of an allocator that grows when more is needed.
type scratch struct{ b []byte }

// grow gives n bytes, of which the first ones are those that were there.
func (s *scratch) grow(mem memory.Allocator, n int) []byte {
	switch {
	case s.b == nil:
		s.b = mem.Allocate(n)
	case len(s.b) < n:
		s.b = mem.Reallocate(n, s.b)
	}
	return s.b[:n]
}

func (s *scratch) free(mem memory.Allocator) {
	if s.b != nil {
		mem.Free(s.b)
	}
	s.b = nil
}

// errWhole says that the fragments of a block cannot be decompressed one by one.
var errWhole = errors.New("a block has no fragments")

// pickPage makes a page whose layout is known one that has the values that are wanted alone, all others null. If that cannot be done it stays as it is.
func (c *columnReader) pickPage(p *page) error {
	f, l := &c.r.few, p.layout
	f.p, f.in, f.values, f.out = p, c, f.values[:0], nil
	err := errWhole
	if l.size == p.size && l.length == p.length { // else the file is another one
		err = f.pick()
	}
	p.layout = nil
	if err == errWhole {
		c.r.source.layouts.drop(c.number)
		return nil
	}
	return err
}

// pick is pickPage.
func (f *few) pick() error {
	levels, err := f.find()
	if err != nil {
		return err
	}
	p, l := f.p, f.p.layout
	width, _ := p.column.fixedBytes()
	f.spans = f.spans[:0]
	for i, v := range f.values {
		s := span{from: l.values + v*width, to: l.values + (v+1)*width, first: i, end: i + 1}
		if width == 0 {
			k := v / l.apart
			if k >= len(l.texts) {
				return errShortPage
			}
			if s.from, s.to = int(l.texts[k]), p.size-p.levels; k+1 < len(l.texts) {
				s.to = int(l.texts[k+1])
			}
			if n := len(f.spans); n > 0 && f.spans[n-1].from == s.from {
				f.spans[n-1].end = s.end
				continue
			}
		}
		if s.to > p.size-p.levels {
			return errShortPage
		}
		f.spans = append(f.spans, s)
	}
	take := func(s span, b []byte) error {
		f.out = append(f.out, b...)
		return nil
	}
	if width == 0 {
		take = f.takeTexts
	}
	f.out = levels
	if err := f.decompress(take); err != nil {
		return err
	}
	p.kind, p.codec, p.crc, p.picked = dataPage2, format.Uncompressed, 0, true
	p.levels, p.repeated, p.body, p.size = len(levels), 0, f.out, len(f.out)
	return nil
}

// find sets which values are wanted and gives levels by which they are where they should be.
func (f *few) find() (levels []byte, err error) {
	var valid []byte // nil: no nulls
	if f.p.layout.nulls {
		if valid, err = f.levels(); err != nil {
			return nil, err
		}
	}
	run := func(n int, level byte) {
		if n > 0 {
			levels = append(binary.AppendUvarint(levels, uint64(n)<<1), level)
		}
	}
	told, row, before := 0, 0, 0 // rows that levels tell of, the row that was looked at last, and values before it
	for _, w := range f.p.wanted {
		at := int(w - f.p.begins)
		if valid == nil {
			before = at
		} else {
			before += bitutil.CountSetBits(valid, row, at-row)
			if row = at; !bitutil.BitIsSet(valid, at) {
				continue
			}
		}
		f.values = append(f.values, before)
		run(at-told, 0)
		run(1, 1)
		told = at + 1
	}
	run(f.p.rows-told, 0)
	return levels, nil
}

// levels gives which rows of the page are not null.
func (f *few) levels() (valid []byte, err error) {
	p := f.p
	var body []byte
	if p.levels > 0 {
		body = make([]byte, p.levels)
		if _, err := f.in.in.ReadAt(body, p.at); err != nil {
			return nil, fmt.Errorf("reading %d bytes: %w", len(body), err)
		}
	} else {
		f.spans = append(f.spans[:0], span{to: p.layout.values})
		if err := f.decompress(func(_ span, b []byte) error {
			body = slices.Clone(b)
			return nil
		}); err != nil {
			return nil, err
		}
	}
	valid, _, _, err = p.split(body, true, &f.valid)
	return valid, err
}

// takeTexts appends the wanted texts of a span.
func (f *few) takeTexts(s span, b []byte) error {
	next := f.values[s.first]
	next -= next % f.p.layout.apart
	for _, v := range f.values[s.first:s.end] {
		for ; ; next++ {
			if len(b) < 4 {
				return errShortPage
			}
			n := 4 + int(binary.LittleEndian.Uint32(b))
			if n > len(b) {
				return errLongText
			}
			if next == v {
				break
			}
			b = b[n:]
		}
		f.out = append(f.out, b[:4+binary.LittleEndian.Uint32(b)]...)
	}
	return nil
}

// decompress gives the bytes of the spans, which are ascending, one after the other.
func (f *few) decompress(take func(s span, b []byte) error) error {
	const size = snappy.FragmentSize
	spans, needed := f.spans, f.fragments[:0]
	for _, s := range spans {
		for n := s.from / size; n*size < s.to; n++ {
			bytes := min(s.to-n*size, size)
			if last := len(needed) - 1; last >= 0 && needed[last].number == n {
				needed[last].bytes = max(needed[last].bytes, bytes)
				continue
			}
			needed = append(needed, fragment{n, bytes})
		}
	}
	f.fragments = needed
	carried := 0 // bytes of the first span that lie in the fragments before
	for len(needed) > 0 {
		some := needed[:min(len(needed), abreast)]
		needed = needed[len(some):]
		end := carried + len(some)*size
		room := f.room.grow(f.in.r.mem, end)
		if err := f.decompressSome(some, room[carried:]); err != nil {
			return err
		}
		at, i := carried, 0 // where fragment i of some is
		for len(spans) > 0 {
			s, begin := spans[0], 0
			if carried == 0 {
				for ; i < len(some) && some[i].number < s.from/size; i++ {
					at += size
				}
				if i == len(some) {
					break
				}
				begin = at + s.from%size
			}
			if begin+s.to-s.from > end { // it goes on in the next fragment
				carried = copy(room, room[begin:])
				break
			}
			if err := take(s, room[begin:begin+s.to-s.from]); err != nil {
				return err
			}
			spans, carried = spans[1:], 0
		}
	}
	return nil
}

// decompressSome decompresses fragments, one after the other in room, as many bytes of each as are needed.
func (f *few) decompressSome(some []fragment, room []byte) error {
	bytes := 0
	for _, g := range some {
		from, to := f.place(g.number)
		bytes += to - from
	}
	src := f.src.grow(f.in.r.mem, bytes)
	blocks := f.blocks[:0]
	for len(some) > 0 {
		n := 1 // that lie one behind the other
		for n < len(some) && some[n].number == some[0].number+n {
			n++
		}
		from, _ := f.place(some[0].number)
		_, to := f.place(some[n-1].number)
		if _, err := f.in.in.ReadAt(src[:to-from], f.p.at+int64(f.p.levels+from)); err != nil {
			return fmt.Errorf("reading %d bytes: %w", to-from, err)
		}
		for _, g := range some[:n] {
			begin, end := f.place(g.number)
			b := snappy.Block{Dst: room[:g.bytes], Src: src[:end-begin]}
			if g.number == 0 { // the size of the block comes first
				size, k := binary.Uvarint(b.Src)
				if k <= 0 || size != uint64(f.p.size-f.p.levels) {
					return errWhole
				}
				b.Src = b.Src[k:]
			}
			blocks = append(blocks, b)
			src, room = src[end-begin:], room[min(snappy.FragmentSize, len(room)):]
		}
		some = some[n:]
	}
	f.blocks = blocks
	if _, err := snappy.DecodeFragments(blocks); err != nil {
		return errWhole
	}
	return nil
}

// place gives where in the block a fragment begins and ends.
func (f *few) place(number int) (from, to int) {
	borders := f.p.layout.borders
	if number > 0 {
		from = int(borders[number-1])
	}
	if to = f.p.length - f.p.levels; number < len(borders) {
		to = int(borders[number])
	}
	return from, to
}
