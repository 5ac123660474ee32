package report

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"unicode/utf8"

	"crosscheck/engine/verdict"
)

// textEncoder writes one line a finding, as it comes.
type textEncoder struct {
	out  io.Writer
	line func(buf []byte, one []verdict.Finding, s *scratch) []byte // appends the line of one finding with its end
	buf  []byte
	s    scratch
}

func (e *textEncoder) write(_ context.Context, b *verdict.Block) error {
	defer b.Done()
	for i := range b.Findings {
		e.s.reset()
		e.buf = e.line(e.buf[:0], b.Findings[i:i+1], &e.s)
		if _, err := e.out.Write(e.buf); err != nil {
			return err
		}
	}
	return nil
}

func (e *textEncoder) finish() error { return nil }

func (e *textEncoder) stop() {}

func startCSV(out io.Writer, l *layout, _ Options) (encoder, error) {
	var head []byte
	for i, c := range l.columns {
		if i > 0 {
			head = append(head, ',')
		}
		head = appendCSV(head, []byte(c.name))
	}
	line := func(buf []byte, one []verdict.Finding, s *scratch) []byte {
		for i := range l.columns {
			if i > 0 {
				buf = append(buf, ',')
			}
			switch c := &l.columns[i]; c.cell {
			case textCell:
				if v := c.text(one, s); v != nil {
					buf = appendCSV(buf, v)
				}
			case flagCell:
				buf = strconv.AppendBool(buf, c.flag(one, s))
			case countCell:
				if n := c.count(one, s); n != 0 {
					buf = strconv.AppendInt(buf, n, 10)
				}
			case dayCell:
				buf = appendDay(buf, l.firstSeen(&one[0]))
			}
		}
		return append(buf, '\n')
	}
	_, err := out.Write(append(head, '\n'))
	return &textEncoder{out: out, line: line}, err
}

// appendCSV appends text that is not null: in quotes where a reader would otherwise take it apart, and where it is empty, since
// nothing between two commas is null.
func appendCSV(buf, v []byte) []byte {
	if len(v) > 0 && !bytes.ContainsAny(v, ",\"\r\n") {
		return append(buf, v...)
	}
	buf = append(buf, '"')
	for {
		i := bytes.IndexByte(v, '"')
		if i < 0 {
			return append(append(buf, v...), '"')
		}
		buf = append(append(buf, v[:i]...), '"', '"')
		v = v[i+1:]
	}
}

func startJSONL(out io.Writer, l *layout, _ Options) (encoder, error) {
	names := make([][]byte, len(l.columns)) // `{"record_key":`, then `,"kind":` and so on
	for i, c := range l.columns {
		opening := byte(',')
		if i == 0 {
			opening = '{'
		}
		names[i] = append(appendJSON([]byte{opening}, []byte(c.name)), ':')
	}
	line := func(buf []byte, one []verdict.Finding, s *scratch) []byte {
		for i := range l.columns {
			buf = append(buf, names[i]...)
			switch c := &l.columns[i]; c.cell {
			case textCell:
				if v := c.text(one, s); v != nil {
					buf = appendJSON(buf, v)
				} else {
					buf = append(buf, "null"...)
				}
			case flagCell:
				buf = strconv.AppendBool(buf, c.flag(one, s))
			case countCell:
				if n := c.count(one, s); n != 0 {
					buf = strconv.AppendInt(buf, n, 10)
				} else {
					buf = append(buf, "null"...)
				}
			case dayCell:
				buf = append(appendDay(append(buf, '"'), l.firstSeen(&one[0])), '"')
			}
		}
		return append(buf, "}\n"...)
	}
	return &textEncoder{out: out, line: line}, nil
}

// appendJSON appends v as a JSON string: quotes, backslashes and control characters escaped, everything else as it is. A byte
// that is not UTF-8 becomes U+FFFD, since a JSON text must be UTF-8. encoding/json would allocate and escape <, > and &.
func appendJSON(buf, v []byte) []byte {
	const hex = "0123456789abcdef"
	buf = append(buf, '"')
	done := 0 // v[:done] is in buf
	for i := 0; i < len(v); {
		c := v[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(v[i:])
			if r == utf8.RuneError && size == 1 {
				buf = append(append(buf, v[done:i]...), "\ufffd"...)
				done = i + 1
			}
			i += size
			continue
		}
		if c < ' ' || c == '"' || c == '\\' {
			buf = append(buf, v[done:i]...)
			switch c {
			case '"', '\\':
				buf = append(buf, '\\', c)
			case '\n':
				buf = append(buf, '\\', 'n')
			case '\r':
				buf = append(buf, '\\', 'r')
			case '\t':
				buf = append(buf, '\\', 't')
			default:
				buf = append(buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			done = i + 1
		}
		i++
	}
	return append(append(buf, v[done:]...), '"')
}
