package csvio

import (
	"encoding/binary"
	"fmt"
)

// recipe says what a scan depends on beside the file. Whatever changes a tally or its text changes the number.
func (s *Source) recipe(f *file) string {
	return fmt.Sprintf("scan 1 %s %d %d", f.charset.name, f.dataOffset, f.charset.chunkBytes(s.opt.chunkBytes(f.size)))
}

// keptScan gives the tallies of a file's chunks if they were kept, nil if not.
func (s *Source) keptScan(f *file, chunks []chunk) []tally {
	if s.opt.Scans == nil {
		return nil
	}
	text := s.opt.Scans.Load(f.path, s.recipe(f))
	if text == nil {
		return nil
	}
	tallies := make([]tally, len(chunks))
	for i, c := range chunks {
		var ok bool
		if text, ok = tallies[i].read(text); !ok || tallies[i].bytes != c.to-c.from {
			return nil
		}
	}
	if len(text) > 0 {
		return nil
	}
	return tallies
}

func (s *Source) keepScan(f *file, tallies []tally) {
	if s.opt.Scans == nil {
		return
	}
	text := []byte{}
	for i := range tallies {
		text = tallies[i].append(text)
	}
	s.opt.Scans.Save(f.path, s.recipe(f), text)
}

// numbers lists what a tally consists of, but for what is true or false.
func (t *tally) numbers() [10]*int64 {
	return [10]*int64{&t.bytes, &t.newlines, &t.ends[0], &t.ends[1], &t.blanks[0], &t.blanks[1],
		&t.first[0], &t.first[1], &t.firstLines[0], &t.firstLines[1]}
}

func (t *tally) flags() [3]*bool { return [3]*bool{&t.odd, &t.firstBlank[0], &t.firstBlank[1]} }

// append appends a tally: its numbers as varints, then a byte of flags.
func (t *tally) append(text []byte) []byte {
	for _, n := range t.numbers() {
		text = binary.AppendVarint(text, *n)
	}
	var set byte
	for i, f := range t.flags() {
		if *f {
			set |= 1 << i
		}
	}
	return append(text, set)
}

// read reads what append wrote and gives what follows.
func (t *tally) read(text []byte) (rest []byte, ok bool) {
	for _, to := range t.numbers() {
		n, size := binary.Varint(text)
		if size <= 0 {
			return nil, false
		}
		*to, text = n, text[size:]
	}
	if len(text) == 0 {
		return nil, false
	}
	for i, to := range t.flags() {
		*to = text[0]>>i&1 != 0
	}
	return text[1:], true
}
