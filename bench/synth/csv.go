package synth

import "strings"

// csvTable writes a level as CSV. No value holds a comma, a quote or a line break, so none needs quotes.
type csvTable struct {
	f   *file
	buf []byte
}

func newCSVTable(f *file) (*csvTable, error) {
	_, err := f.WriteString(strings.Join(columnNames[:], ",") + "\n")
	return &csvTable{f: f}, err
}

func (t *csvTable) write(w *row) error {
	b := t.buf[:0]
	switch w.key {
	case keyPresent:
		b = w.appendID(b)
	case keyBlank:
		b = append(b, blank...)
	}
	b = w.appendName(append(b, ','))
	b = append(append(b, ','), sexes[w.sex]...)
	b = appendDate(append(b, ','), w.birth)
	b = append(b, ',')
	if !w.noPhone {
		b = w.appendPhone(b)
	}
	b = append(b, ',')
	if !w.noAddress {
		b = w.appendAddress(b)
	}
	b = append(append(b, ','), streetCodes()[w.streetCode]...)
	b = append(append(b, ','), communityCodes()[w.community]...)
	b = appendTime(append(b, ','), w.testTime)
	b = append(append(b, ','), results[w.result]...)
	b = appendNumber(append(b, ','), uint64(w.temp/10))
	b = appendNumber(append(b, '.'), uint64(w.temp%10))
	b = appendNumber(append(b, ','), uint64(w.doses))
	b = append(b, ',')
	if !w.noVaccine {
		b = appendDate(b, w.vaccine)
	}
	b = append(append(b, ','), institutions()[w.institution]...)
	t.buf = append(b, '\n')
	_, err := t.f.Write(t.buf)
	return err
}

func (t *csvTable) close() error { return nil }

// blank is a key of white space.
const blank = "   "
