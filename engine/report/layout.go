package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"crosscheck/engine/verdict"
)

// schemaVersion names the columns and conventions of doc.go; it changes when a reader of the files would notice.
const schemaVersion = "2"

// cellType is what a cell of a column holds.
type cellType uint8

const (
	textCell  cellType = iota // UTF-8 text
	flagCell                  // a boolean, never null
	countCell                 // a whole number; 0 is null
	dayCell                   // a date, never null
)

// column is one column of the table of findings.
type column struct {
	name     string
	cell     cellType
	nullable bool
	repeats  bool // few distinct values: worth a dictionary
	alike    bool // values begin like the ones before them

	text  func(f *verdict.Finding, s *scratch) []byte // for textCell; nil is null
	words [][]byte                                    // for textCell: all that text can give; nil: not known
	word  func(f *verdict.Finding) int                // with words: which of them, -1 for null
	flag  func(f *verdict.Finding) bool               // for flagCell
	count func(f *verdict.Finding) int64              // for countCell
}

// scratch holds text that a column makes up; it lives until the next reset.
type scratch struct{ buf []byte }

func (s *scratch) reset() { s.buf = s.buf[:0] }

// layout is the table of findings for one header. It is read by many goroutines at once.
type layout struct {
	columns  []column
	day      int32 // days from 1970-01-01 to the date of the run
	metadata map[string]string
}

// newLayout works out the columns; the error is ErrOptions where they cannot stand in one table.
func newLayout(h verdict.Header, opt Options) (*layout, error) {
	y, m, d := opt.RunDate.UTC().Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	l := &layout{
		day:      int32(midnight.Unix() / (24 * 60 * 60)),
		metadata: map[string]string{"crosscheck.schema": schemaVersion},
	}
	for key, names := range map[string][]string{"crosscheck.levels": h.Levels, "crosscheck.fields": h.Fields} {
		if names == nil {
			names = []string{}
		}
		text, err := json.Marshal(names)
		if err != nil {
			return nil, fmt.Errorf("naming the columns of the report: %w", err)
		}
		l.metadata[key] = string(text)
	}
	maps.Copy(l.metadata, opt.Metadata)
	l.columns = findingColumns(h)
	return l, l.checkNames(h)
}

func findingColumns(h verdict.Header) []column {
	kinds := make([][]byte, len(verdict.Kinds()))
	for _, k := range verdict.Kinds() {
		kinds[k] = []byte(k.String())
	}
	statuses := make([][]byte, len(verdict.Statuses()))
	for _, s := range verdict.Statuses() {
		statuses[s] = []byte(s.String())
	}
	fields, levels := texts(h.Fields), texts(h.Levels)

	cols := []column{
		{name: "record_key", text: func(f *verdict.Finding, _ *scratch) []byte { return f.Key }},
		ofWords(column{name: "kind"}, kinds, func(f *verdict.Finding) int { return int(f.Kind) }),
		ofWords(column{name: "field", nullable: true}, fields, func(f *verdict.Finding) int { return f.Field }), // NoField is -1
	}
	for l, name := range h.Levels {
		cols = append(cols, column{name: "in_" + name, cell: flagCell,
			flag: func(f *verdict.Finding) bool { return f.In>>l&1 != 0 }})
	}
	for l, name := range h.Levels {
		cols = append(cols, column{name: "value_" + name, nullable: true,
			text: func(f *verdict.Finding, _ *scratch) []byte { return at(f.Values, l) }})
	}
	cols = append(cols,
		ofWords(column{name: "outlier", nullable: true}, levels, func(f *verdict.Finding) int { return f.Outlier }), // NoLevel is -1
		column{name: "consensus", nullable: true, text: func(f *verdict.Finding, _ *scratch) []byte { return f.Consensus }},
		column{name: "count", cell: countCell, nullable: true, count: func(f *verdict.Finding) int64 { return f.Count }},
		column{name: "reason", repeats: true, nullable: true, text: func(f *verdict.Finding, s *scratch) []byte {
			if f.Reason == "" {
				return nil
			}
			from := len(s.buf)
			s.buf = append(s.buf, f.Reason...)
			return s.buf[from:len(s.buf):len(s.buf)]
		}},
		column{name: "roster_group", repeats: true, nullable: true, text: func(f *verdict.Finding, _ *scratch) []byte { return f.Group }},
		ofWords(column{name: "status"}, statuses, func(f *verdict.Finding) int { return int(f.Status) }),
		column{name: "first_seen", cell: dayCell, repeats: true},
	)
	files, size := texts(h.Files), 0
	for _, f := range files {
		size += 4 + len(f)
	}
	for l, name := range h.Levels {
		source := column{name: "source_" + name, nullable: true}
		if h.FilesOnly {
			source = ofWords(source, files, func(f *verdict.Finding) int {
				if l >= len(f.Rows) || f.Rows[l] == 0 {
					return -1
				}
				file, _ := h.Locate(l, f.Rows[l])
				return file
			})
			if size > dictionaryMax {
				source.words = nil // too many to be known before
			}
			cols = append(cols, source)
			continue
		}
		source.alike = true
		source.text = func(f *verdict.Finding, s *scratch) []byte {
			if l >= len(f.Rows) || f.Rows[l] == 0 {
				return nil
			}
			file, row := h.Locate(l, f.Rows[l])
			from := len(s.buf)
			s.buf = append(append(s.buf, h.Files[file]...), ':')
			s.buf = strconv.AppendInt(s.buf, row, 10)
			return s.buf[from:len(s.buf):len(s.buf)]
		}
		cols = append(cols, source)
	}
	for c, name := range h.Carry {
		cols = append(cols, column{name: name, repeats: true, nullable: true,
			text: func(f *verdict.Finding, _ *scratch) []byte { return at(f.Carry, c) }})
	}
	return cols
}

// ofWords makes a column of texts of a fixed list.
func ofWords(c column, words [][]byte, word func(f *verdict.Finding) int) column {
	c.repeats, c.words, c.word = true, words, word
	c.text = func(f *verdict.Finding, _ *scratch) []byte {
		if at := word(f); at >= 0 {
			return words[at]
		}
		return nil
	}
	return c
}

// checkNames makes sure that every reader can tell the columns apart: DuckDB and Spark do not look at the case of a name, and
// run_date is the partition column that they read from the folder's name.
func (l *layout) checkNames(h verdict.Header) error {
	if h.Locate == nil {
		return fmt.Errorf("the header of the report cannot locate rows")
	}
	taken := map[string]string{"run_date": "the partition column run_date"}
	carried := len(l.columns) - len(h.Carry)
	for i, c := range l.columns {
		what := "the report's own column " + c.name
		if i >= carried {
			what = fmt.Sprintf("the carried column %q", c.name)
		}
		if c.name == "" {
			return optionsError("a carried column has no name")
		}
		folded := strings.ToLower(c.name)
		if other, ok := taken[folded]; ok {
			return optionsError("%s and %s have the same name for most readers; rename a column or a level", other, what)
		}
		taken[folded] = what
	}
	return nil
}

// firstSeen is the first night of a finding, in days from 1970-01-01.
func (l *layout) firstSeen(f *verdict.Finding) int32 {
	if f.FirstSeen == 0 {
		return l.day
	}
	return f.FirstSeen
}

// appendDay appends a date as 2006-01-02, given in days from 1970-01-01.
func appendDay(buf []byte, day int32) []byte {
	return time.Unix(int64(day)*24*60*60, 0).UTC().AppendFormat(buf, time.DateOnly)
}

func texts(names []string) [][]byte {
	out := make([][]byte, len(names))
	for i, name := range names {
		out[i] = []byte(name)
	}
	return out
}

// at gives values[i], and null where there are no values at all.
func at(values [][]byte, i int) []byte {
	if i >= len(values) {
		return nil
	}
	return values[i]
}
