package parquetio

import (
	"encoding/binary"
	"errors"
)

// viewSize is the size of a view header: the length, then a text of up to viewInline bytes in place, or else its first four
// bytes, the index of a buffer and an offset in it.
const viewSize, viewInline = 16, 12

// viewWalker walks the texts of a page and writes their view headers.
type viewWalker struct {
	data    []byte  // the buffer the headers point into, with slack behind its end
	pos     int     // where the next text begins, plain: its length
	end     int     // where the page ends
	lengths []int32 // not plain: the lengths of the texts to come, the first at pos; nil: plain
	layout  *layout // plain: its texts are to be set; nil: they are not
	block   int     // where in data its places begin
	filled  int     // texts that fill has passed
}

var (
	errShortPage = errors.New("a page has fewer values than its header says")
	errLongText  = errors.New("a text is longer than its page")
)

// inlineMask[n] cuts length and text of n bytes out of the 16 bytes of a header.
var inlineMask = func() (m [viewInline + 1][2]uint64) {
	for n := range m {
		for i := range 4 + n {
			m[n][i/8] |= 0xff << (i % 8 * 8)
		}
	}
	return m
}()

// header writes the header of a text of n bytes at data[pos:].
func header(dst []byte, data []byte, pos, n int, buffer uint32) {
	dst = dst[:viewSize:viewSize]
	src := data[pos : pos+slack]
	lo := binary.LittleEndian.Uint64(src)
	if n <= viewInline {
		m := &inlineMask[n]
		binary.LittleEndian.PutUint64(dst, (uint64(n)|lo<<32)&m[0])
		binary.LittleEndian.PutUint64(dst[8:], (lo>>32|uint64(binary.LittleEndian.Uint32(src[8:]))<<32)&m[1])
		return
	}
	binary.LittleEndian.PutUint64(dst, uint64(n)|lo<<32)
	binary.LittleEndian.PutUint64(dst[8:], uint64(buffer)|uint64(pos)<<32)
}

// fill writes the headers of the next rows; those of nulls are zero.
func (w *viewWalker) fill(dst []byte, valid bitmap, rows int, buffer uint32) error {
	if w.lengths != nil {
		return w.fillLengths(dst, valid, rows, buffer)
	}
	for at := 0; at < rows; {
		n := rows - at // a run of rows that are not null
		if w.layout != nil {
			n = min(n, w.layout.apart-w.filled%w.layout.apart)
		}
		if valid.bits != nil {
			n = valid.ones(at, n)
		}
		if w.layout != nil {
			if w.filled%w.layout.apart == 0 && n > 0 {
				w.layout.texts = append(w.layout.texts, uint32(w.pos-w.block))
			}
			w.filled += n
		}
		var left int
		w.pos, left = fillPlain(dst[at*viewSize:(at+n)*viewSize], w.data, w.pos, w.end, n, buffer, &inlineMask)
		switch {
		case left > 0:
			return errShortPage
		case left < 0:
			return errLongText
		}
		if at += n; valid.bits != nil {
			n = valid.zeros(at, rows-at)
			clear(dst[at*viewSize : (at+n)*viewSize])
			at += n
		}
	}
	return nil
}

// skip passes over n texts.
func (w *viewWalker) skip(n int) error {
	if w.lengths != nil {
		if n > len(w.lengths) {
			return errShortPage
		}
		for _, length := range w.lengths[:n] {
			if length < 0 || int(length) > w.end-w.pos {
				return errLongText
			}
			w.pos += int(length)
		}
		w.lengths = w.lengths[n:]
		return nil
	}
	data, pos := w.data[:w.end], w.pos
	for ; n > 0; n-- {
		if pos > len(data)-4 { // the last one was too long, or there is none
			return errShortPage
		}
		pos += 4 + int(binary.LittleEndian.Uint32(data[pos:]))
	}
	w.pos = pos
	return nil
}

func (w *viewWalker) fillLengths(dst []byte, valid bitmap, rows int, buffer uint32) error {
	data, pos, end, lengths := w.data, w.pos, w.end, w.lengths
	for i := range rows {
		h := dst[i*viewSize : i*viewSize+viewSize]
		if valid.bits != nil && !valid.defined(i) {
			clear(h)
			continue
		}
		if len(lengths) == 0 {
			return errShortPage
		}
		n := int(lengths[0])
		lengths = lengths[1:]
		if n < 0 || n > end-pos {
			return errLongText
		}
		header(h, data, pos, n, buffer)
		pos += n
	}
	w.pos, w.lengths = pos, lengths
	return nil
}
