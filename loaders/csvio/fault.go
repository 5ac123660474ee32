package csvio

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"unicode/utf8"

	"crosscheck/engine/level"

	"golang.org/x/text/transform"
)

// faults finds the first fault of a file, once.
type faults struct {
	mu    sync.Mutex
	parts []*part
	first error
}

// find gives the error of a file of which some part did not split: its first fault, which may lie in an earlier
// part (a stray quote there puts all later rows in the wrong place), so it looks from the first part on that is not
// known to be sound. A file without a fault must have changed.
func (f *file) find(ctx context.Context) error {
	f.faults.mu.Lock()
	defer f.faults.mu.Unlock()
	if f.faults.first != nil {
		return f.faults.first
	}
	for _, p := range f.faults.parts {
		if p.sound.Load() {
			continue
		}
		err := p.firstFault(ctx)
		if err == nil {
			err = f.changed()
		}
		if ctx.Err() == nil {
			f.faults.first = err
		}
		return err
	}
	return f.changed()
}

// uncut is the error of a file that could not be cut into parts.
func (f *file) uncut() error {
	whole := &part{file: f, offset: f.dataOffset, line: f.dataLine}
	whole.FirstRow = 1
	if err := whole.firstFault(context.Background()); err != nil {
		return err
	}
	return f.fault(level.InputError{
		Msg:  fmt.Sprintf("has a row longer than %d MiB", (f.charset.maxPart()-f.charset.chunkBytes(MaxChunkBytes))>>20),
		Hint: "look for a quote that is closed far behind where it should be",
	})
}

// firstFault reads the file from the part's first row, which must be where a row begins, to its first fault or its end. It reads
// character by character, some 100 MB a second: it is for faulty files only, and for testing the splitter against.
func (p *part) firstFault(ctx context.Context) error {
	in, err := os.Open(p.file.path)
	if err != nil {
		return p.file.fault(level.InputError{Msg: "cannot be opened", Err: cause(err)})
	}
	defer in.Close()
	if err := p.file.same(in); err != nil {
		return err
	}
	var text io.Reader = &contextReader{ctx, io.NewSectionReader(in, p.offset, p.file.size-p.offset)}
	if decoder := p.file.charset.decoder; decoder != nil {
		text = transform.NewReader(text, decoder())
	}
	w := walker{file: p.file, in: bufio.NewReaderSize(text, 64<<10), row: p.FirstRow, line: p.line}
	fault, err := w.walk()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return p.file.readFault(err)
	}
	if fault != nil {
		return fault
	}
	return nil
}

// contextReader fails with the context's error once that ended.
type contextReader struct {
	ctx context.Context
	in  io.Reader
}

func (r *contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(b)
}

// walker walks over rows one character at a time.
type walker struct {
	file *file
	in   *bufio.Reader
	row  int64 // number of the row under way
	line int64 // number of the line under way

	rowLine   int64 // where the row under way begins
	fieldLine int64 // where the field under way begins
	field     int   // index of the field under way
}

// What the characters before say of the next one.
const (
	atField  = iota // it is the first of a field
	unquoted        // it is in an unquoted field
	quoted          // it is in a quoted field
	closed          // it is behind a quote in a quoted field: the closing one or the first of a doubled one
)

// walk gives the first fault, nil if there is none, or the error of reading.
func (w *walker) walk() (*level.InputError, error) {
	state := atField
	w.rowLine, w.fieldLine = w.line, w.line
	for {
		c, size, err := w.in.ReadRune()
		if err == io.EOF {
			return w.end(state), nil
		}
		if err == errInvalid || c == utf8.RuneError && size == 1 {
			return w.at(w.line, level.InputError{Msg: "holds bytes that are not " + w.file.charset.title, Hint: w.file.otherEncoding()}), nil
		}
		if err != nil {
			return nil, err
		}
		if c == 0 {
			return w.at(w.line, level.InputError{Msg: "holds a NUL byte", Hint: "save the file as plain text in UTF-8"}), nil
		}
		if c == '\r' && state != quoted {
			if next, _ := w.in.Peek(1); len(next) == 0 || next[0] == '\n' {
				continue // a part of the line's end
			}
		}
		switch {
		case state == quoted:
			if c == '"' {
				state = closed
			}
			if c == '\n' {
				w.line++
			}
		case c == '"':
			if state == unquoted {
				return w.at(w.line, level.InputError{
					Msg:  "has a quote inside a field that does not begin with one",
					Hint: "put the whole field in quotes and double the quote inside",
				}), nil
			}
			state = quoted
		case c == rune(w.file.delimiter):
			w.field++
			w.fieldLine = w.line
			state = atField
		case c == '\n':
			w.line++
			if w.field > 0 || state != atField {
				if fault := w.endRow(); fault != nil {
					return fault, nil
				}
			}
			w.rowLine, w.fieldLine, w.field = w.line, w.line, 0
			state = atField
		case state == closed:
			hint := "double a quote inside a quoted field"
			if w.fieldLine != w.line {
				hint += fmt.Sprintf("; the quote of this field opens on line %d", w.fieldLine)
			}
			return w.at(w.line, level.InputError{Msg: "has text behind a closing quote", Hint: hint}), nil
		default:
			state = unquoted
		}
	}
}

// end is the fault of a file that ends here, if it is one.
func (w *walker) end(state int) *level.InputError {
	if state == quoted {
		return w.at(w.fieldLine, level.InputError{
			Msg:  "has a quote that is never closed",
			Hint: "close it; double a quote inside a quoted field",
		})
	}
	if w.field == 0 && state == atField {
		return nil
	}
	return w.endRow()
}

// endRow is the fault of a row with another number of fields than the header line, or goes on to the next row.
func (w *walker) endRow() *level.InputError {
	want, got := len(w.file.names), w.field+1
	if want != got {
		e := level.InputError{Row: w.row, Line: w.rowLine}
		if got > want {
			e.Msg = fmt.Sprintf("has too many fields: %d, expected %d", got, want)
			e.Hint = fmt.Sprintf("put values that hold the delimiter %q in quotes", w.file.delimiter)
		} else {
			e.Msg = fmt.Sprintf("has too few fields: %d, expected %d", got, want)
			e.Hint = "look for a line that was cut or broken in two; a value that holds a line end needs quotes"
		}
		return w.file.fault(e)
	}
	w.row++
	return nil
}

// at is a fault in the field under way.
func (w *walker) at(line int64, e level.InputError) *level.InputError {
	e.Row, e.Line = w.row, line
	if w.field < len(w.file.names) {
		e.Column = w.file.names[w.field]
	}
	return w.file.fault(e)
}
