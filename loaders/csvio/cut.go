package csvio

import (
	"io"
	"os"
	"sync"
	"sync/atomic"

	"crosscheck/engine/level"
)

// blockBytes is what scanning reads at a time: it stays in the L2 cache between the copy out of the page cache and the scan.
const blockBytes = 256 << 10

var blocks = sync.Pool{New: func() any { return new([blockBytes]byte) }}

// part is a run of whole rows of one file.
type part struct {
	level.Part
	file   *file
	offset int64 // of its first byte in the file
	line   int64 // number of its first line in the file, from 1

	// sound is set once the part was split to its end: all of it is text of its encoding and its rows are whole.
	sound atomic.Bool
}

// chunk is a stretch of a file that is scanned by itself.
type chunk struct {
	file     int
	from, to int64
}

// scanChunk counts the bytes [from, to) of a file.
func scanChunk(f *file, from, to int64) (tally, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return tally{}, f.fault(level.InputError{Msg: "cannot be opened", Err: cause(err)})
	}
	defer in.Close()
	before, err := unitsBefore(f, in, from)
	if err != nil {
		return tally{}, err
	}
	s := newScanner(before)
	block := blocks.Get().(*[blockBytes]byte)
	defer blocks.Put(block)
	for at := from; at < to; {
		b := block[:min(blockBytes, to-at)]
		if _, err := in.ReadAt(b, at); err != nil {
			return tally{}, f.readFault(err)
		}
		at += int64(len(b))
		s.add(f.charset.narrow(b))
	}
	return s.tally.times(int64(f.charset.unit)), nil
}

// times is a tally whose offsets are of units of so many bytes.
func (t tally) times(unit int64) tally {
	t.bytes *= unit
	for i := range t.first {
		if t.first[i] > 0 {
			t.first[i] *= unit
		}
	}
	return t
}

// unitsBefore are the two units before an offset, narrowed; the header line alone is that long.
func unitsBefore(f *file, in *os.File, offset int64) (units [2]byte, err error) {
	raw := make([]byte, 2*f.charset.unit)
	if _, err := in.ReadAt(raw, offset-int64(len(raw))); err != nil {
		return units, f.readFault(err)
	}
	return [2]byte(f.charset.narrow(raw)), nil
}

// lastUnits are the last two units of a file, narrowed.
func lastUnits(f *file) (last [2]byte, err error) {
	if f.size%int64(f.charset.unit) != 0 {
		return [2]byte{0x80, 0x80}, nil // half a unit: what it belongs to is no whole line
	}
	in, err := os.Open(f.path)
	if err != nil {
		return last, f.fault(level.InputError{Msg: "cannot be opened", Err: cause(err)})
	}
	defer in.Close()
	return unitsBefore(f, in, f.size)
}

// readFault is the error of a file that could be opened and not be read.
func (f *file) readFault(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return f.changed()
	}
	return f.fault(level.InputError{Msg: "cannot be read", Err: cause(err)})
}

// cut makes the parts of a file out of the tallies of its chunks, which follow one another from the end of the header line.
// ok is false where the quotes of the file do not add up, so that rows cannot be told apart. A file without rows has one
// part of no rows, so that the level names all its files.
func cut(f *file, chunks []tally, last [2]byte) (parts []*part, ok bool) {
	begin := func(offset, row, line int64) {
		p := &part{file: f, offset: offset, line: line}
		p.File, p.FirstRow, p.Modified, p.Encoding = f.path, row, f.modified, f.charset.name
		parts = append(parts, p)
	}
	begin(f.dataOffset, 1, f.dataLine)

	// state is 1 inside quotes; row and line are numbers of the next row and of the line under way.
	state, at, row, line := 0, f.dataOffset, int64(1), f.dataLine
	for i, c := range chunks {
		if behind := c.first[state]; i > 0 && behind >= 0 && at+behind < f.size {
			n := row + 1
			if c.firstBlank[state] {
				n = row
			}
			begin(at+behind, n, line+c.firstLines[state])
		}
		at += c.bytes
		row += c.ends[state] - c.blanks[state]
		line += c.newlines
		if c.odd {
			state = 1 - state
		}
	}
	if state == 1 {
		return nil, false
	}
	if last[1] != '\n' && last != [2]byte{'\n', '\r'} && f.size > f.dataOffset {
		row++ // the last line has no end
	}

	kept := parts[:0]
	for i, p := range parts {
		end, endRow := f.size, row
		if i+1 < len(parts) {
			end, endRow = parts[i+1].offset, parts[i+1].FirstRow
		}
		p.Bytes, p.Rows = end-p.offset, endRow-p.FirstRow
		if p.Bytes > f.charset.maxPart() {
			return nil, false
		}
		if p.Rows > 0 {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		p := parts[0]
		p.Bytes = f.size - p.offset
		kept = append(kept, p)
	}
	return kept, true
}
