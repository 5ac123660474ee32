package report

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"crosscheck/engine/durable"
	"crosscheck/engine/verdict"
)

// Shelf takes the findings of a run record by record, in any order of records, and gives them to a writer in the order of their keys, which
// are pseudonyms: empty, or digits and the letters a to v. It is for the tables whose order is not that of the run.
//
// A record's findings go to one of 256 boards by the first 8 bits of the key, packed; a board that has 32 KiB moves to a temporary file,
// which has no name from the moment it is made, so that nothing of it is left however the run ends. At the end one board after the other is
// read and sorted. In memory are some 8 MiB and one board.
type Shelf struct {
	dir    string
	temp   durable.File // nil until a board moves
	end    int64        // of temp
	boards [numBoards]board
	limit  int // bytes of a board at which it moves; tests make it small
}

const (
	numBoards  = 256
	boardBytes = 32 << 10
)

// board holds the records of one range of keys, in the order in which they came: first what moved to the file, then what did not.
type board struct {
	moved []extent
	bytes []byte
}

// extent is a piece of the temporary file.
type extent struct{ at, n int64 }

// NewShelf makes an empty shelf; its temporary file will be made in dir.
func NewShelf(dir string) *Shelf { return &Shelf{dir: dir, limit: boardBytes} }

// Close lets go of the temporary file.
func (s *Shelf) Close() error {
	if s.temp == nil {
		return nil
	}
	err := s.temp.Close()
	s.temp = nil
	return err
}

// Pack is a run of records on their way to the shelf. Goroutines pack side by side, each its own.
type Pack struct {
	records []packed
	bytes   []byte
}

// packed is where a record ends, and the board it goes to.
type packed struct {
	board int
	end   int
}

// A packed record: the length of what follows, 4 bytes; the length of the key, 1 byte; the key; its findings.

// Begin begins a record.
func (p *Pack) Begin(key []byte) error {
	at, err := boardOf(key)
	if err != nil {
		return err
	}
	p.records = append(p.records, packed{board: at})
	p.bytes = append(p.bytes, 0, 0, 0, 0, byte(len(key)))
	p.bytes = append(p.bytes, key...)
	return nil
}

// Add adds a finding to the record begun last: its key is that of the record.
func (p *Pack) Add(f *verdict.Finding) {
	p.bytes = appendFinding(p.bytes, f)
	p.records[len(p.records)-1].end = len(p.bytes)
}

// boardOf gives the board of a key. Boards are in the order of their keys.
func boardOf(key []byte) (int, error) {
	if len(key) == 0 {
		return 0, nil
	}
	if len(key) < 2 || len(key) > 255 {
		return 0, errors.New("a table in the order of pseudonyms got something else for a key")
	}
	at := 0
	for _, c := range key[:2] {
		switch {
		case c >= '0' && c <= '9':
			at = at<<5 | int(c-'0')
		case c >= 'a' && c <= 'v':
			at = at<<5 | int(c-'a'+10)
		default:
			return 0, errors.New("a table in the order of pseudonyms got something else for a key")
		}
	}
	return at >> 2, nil
}

// Take moves what is packed to the shelf and empties the pack. It is called by one goroutine at a time. Errors are *WriteError.
func (s *Shelf) Take(p *Pack) error {
	from := 0
	for _, r := range p.records {
		record := p.bytes[from:r.end]
		binary.LittleEndian.PutUint32(record, uint32(len(record)-4))
		from = r.end
		b := &s.boards[r.board]
		b.bytes = append(b.bytes, record...)
		if len(b.bytes) >= s.limit {
			if err := s.move(b); err != nil {
				return err
			}
		}
	}
	p.records, p.bytes = p.records[:0], p.bytes[:0]
	return nil
}

// move writes a board to the temporary file.
func (s *Shelf) move(b *board) error {
	if s.temp == nil {
		f, err := durable.CreateTemp(s.dir, ".crosscheck-*.tmp")
		if err != nil {
			return &WriteError{s.dir, durable.Cause(err)}
		}
		s.temp = f
		if err := durable.Remove(f.Name()); err != nil {
			return &WriteError{s.dir, errors.Join(durable.Cause(err), s.Close())}
		}
	}
	if _, err := s.temp.Write(b.bytes); err != nil {
		return &WriteError{s.dir, fmt.Errorf("temporary file: %w", durable.Cause(err))}
	}
	n := int64(len(b.bytes))
	b.moved = append(b.moved, extent{s.end, n})
	s.end += n
	b.bytes = b.bytes[:0]
	return nil
}

// WriteTo gives all findings to a writer that is begun, for a table of so many levels and carried columns. The shelf is empty afterwards.
func (s *Shelf) WriteTo(ctx context.Context, w Writer, levels, carry int) error {
	reasons := map[string]string{}
	for i := range s.boards {
		all, err := s.load(&s.boards[i])
		if err != nil {
			return err
		}
		s.boards[i] = board{}
		if len(all) == 0 {
			continue
		}
		u := unpacker{levels: levels, carry: carry, reasons: reasons}
		if err := w.Write(ctx, &verdict.Block{Findings: u.findings(sortRecords(all))}); err != nil {
			return err
		}
	}
	return nil
}

// load gives all bytes of a board.
func (s *Shelf) load(b *board) ([]byte, error) {
	n := int64(len(b.bytes))
	for _, e := range b.moved {
		n += e.n
	}
	all := make([]byte, 0, n)
	for _, e := range b.moved {
		from := len(all)
		all = all[:from+int(e.n)]
		if _, err := s.temp.ReadAt(all[from:], e.at); err != nil {
			return nil, &WriteError{s.dir, fmt.Errorf("reading the temporary file: %w", durable.Cause(err))}
		}
	}
	return append(all, b.bytes...), nil
}

// sorted is a packed record with the first bytes of its key, by which most pairs sort.
type sorted struct {
	prefix uint64
	at     int // in the order in which they came
	key    []byte
	rest   []byte
}

// sortRecords takes a board apart and sorts its records by key. Those of one key, in practice those without any, keep their order.
func sortRecords(all []byte) []sorted {
	var records []sorted
	for len(all) > 0 {
		end := 4 + int(binary.LittleEndian.Uint32(all))
		keyEnd := 5 + int(all[4])
		r := sorted{at: len(records), key: all[5:keyEnd:keyEnd], rest: all[keyEnd:end:end]}
		var prefix [8]byte
		copy(prefix[:], r.key)
		r.prefix = binary.BigEndian.Uint64(prefix[:])
		records = append(records, r)
		all = all[end:]
	}
	slices.SortFunc(records, func(a, b sorted) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		return cmp.Or(bytes.Compare(a.key, b.key), cmp.Compare(a.at, b.at))
	})
	return records
}

// appendFinding packs a finding without its key. Numbers are varints; a text is its length + 1 and its bytes, 0 for null.
func appendFinding(b []byte, f *verdict.Finding) []byte {
	b = append(b, byte(f.Kind), byte(f.Status))
	b = binary.AppendUvarint(b, uint64(f.Field+1))
	b = binary.AppendUvarint(b, uint64(f.In))
	b = binary.AppendUvarint(b, uint64(f.Outlier+1))
	b = binary.AppendVarint(b, f.Count)
	b = binary.AppendVarint(b, int64(f.FirstSeen))
	b = append(binary.AppendUvarint(b, uint64(len(f.Reason))), f.Reason...)
	b = appendText(b, f.Consensus)
	b = appendText(b, f.Group)
	for _, list := range [][][]byte{f.Values, f.Carry} {
		if list == nil {
			b = append(b, 0)
			continue
		}
		b = append(b, 1)
		for _, v := range list {
			b = appendText(b, v)
		}
	}
	b = append(b, byte(min(len(f.Rows), 1)))
	for _, ref := range f.Rows {
		b = binary.AppendUvarint(b, uint64(ref))
	}
	return b
}

func appendText(b, v []byte) []byte {
	if v == nil {
		return append(b, 0)
	}
	return append(binary.AppendUvarint(b, uint64(len(v))+1), v...)
}

// unpacker makes findings of a board. Their texts point into the board's bytes.
type unpacker struct {
	levels, carry int
	reasons       map[string]string // one string for all of a text

	in    []byte
	texts [][]byte // room for lists of texts
	refs  []uint32 // room for rows
}

// findings gives the findings of sorted records.
func (u *unpacker) findings(records []sorted) []verdict.Finding {
	out := make([]verdict.Finding, 0, len(records)+len(records)/4)
	for _, r := range records {
		for u.in = r.rest; len(u.in) > 0; {
			out = append(out, u.finding(r.key))
		}
	}
	return out
}

func (u *unpacker) finding(key []byte) verdict.Finding {
	f := verdict.Finding{Key: key, Kind: verdict.Kind(u.in[0]), Status: verdict.Status(u.in[1])}
	u.in = u.in[2:]
	f.Field = int(u.number()) - 1
	f.In = uint32(u.number())
	f.Outlier = int(u.number()) - 1
	f.Count = u.signed()
	f.FirstSeen = int32(u.signed())
	if reason := u.bytes(u.number()); len(reason) > 0 {
		text, known := u.reasons[string(reason)]
		if !known {
			text = string(reason)
			u.reasons[text] = text
		}
		f.Reason = text
	}
	f.Consensus, f.Group = u.text(), u.text()
	f.Values, f.Carry = u.list(u.levels), u.list(u.carry)
	there := u.in[0] == 1
	if u.in = u.in[1:]; !there {
		return f
	}
	if len(u.refs) < u.levels {
		u.refs = make([]uint32, max(u.levels, 4096))
	}
	f.Rows, u.refs = u.refs[:u.levels:u.levels], u.refs[u.levels:]
	for l := range f.Rows {
		f.Rows[l] = uint32(u.number())
	}
	return f
}

func (u *unpacker) number() uint64 {
	x, n := binary.Uvarint(u.in)
	u.in = u.in[n:]
	return x
}

func (u *unpacker) signed() int64 {
	x, n := binary.Varint(u.in)
	u.in = u.in[n:]
	return x
}

func (u *unpacker) bytes(n uint64) []byte {
	b := u.in[:n:n]
	u.in = u.in[n:]
	return b
}

func (u *unpacker) text() []byte {
	n := u.number()
	if n == 0 {
		return nil
	}
	return u.bytes(n - 1)
}

// list gives n texts, nil where there is no list or n is 0.
func (u *unpacker) list(n int) [][]byte {
	there := u.in[0] == 1
	u.in = u.in[1:]
	if !there || n == 0 {
		return nil
	}
	if len(u.texts) < n {
		u.texts = make([][]byte, max(n, 4096))
	}
	list := u.texts[:n:n]
	u.texts = u.texts[n:]
	for i := range list {
		list[i] = u.text()
	}
	return list
}
