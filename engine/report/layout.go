package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
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

// column is one column of the table of findings. What it takes from findings it takes from a run of them, one cell each.
type column struct {
	name     string
	cell     cellType
	nullable bool
	repeats  bool // few distinct values: worth a dictionary
	alike    bool // values begin like the ones before them

	texts  func(to [][]byte, run []verdict.Finding, s *scratch)      // for textCell without words or stems; nil is null
	words  [][]byte                                                  // for textCell: all the texts there can be; nil: not known
	picks  func(to []int, run []verdict.Finding)                     // with words: which of them, -1 for null
	stems  [][]byte                                                  // for textCell: a text is one of these and a number behind it; nil: it is not
	places func(stems []int, numbers []int64, run []verdict.Finding) // with stems: which of them, -1 for null, and the number
	flags  func(to []bool, run []verdict.Finding)                    // for flagCell
	counts func(to []int64, run []verdict.Finding)                   // for countCell
}

// scratch holds what a column gives of one finding, and text that it makes up, which lives until the next reset.
type scratch struct {
	buf    []byte
	text   [1][]byte
	pick   [1]int
	number [1]int64
	flag   [1]bool
}

func (s *scratch) reset() { s.buf = s.buf[:0] }

// text gives the text of one finding, nil for null.
func (c *column) text(one []verdict.Finding, s *scratch) []byte {
	switch {
	case c.words != nil:
		if c.picks(s.pick[:], one); s.pick[0] < 0 {
			return nil
		}
		return c.words[s.pick[0]]
	case c.stems != nil:
		if c.places(s.pick[:], s.number[:], one); s.pick[0] < 0 {
			return nil
		}
		from := len(s.buf)
		s.buf = strconv.AppendInt(append(s.buf, c.stems[s.pick[0]]...), s.number[0], 10)
		return s.buf[from:len(s.buf):len(s.buf)]
	}
	c.texts(s.text[:], one, s)
	return s.text[0]
}

// flag gives the flag of one finding.
func (c *column) flag(one []verdict.Finding, s *scratch) bool {
	c.flags(s.flag[:], one)
	return s.flag[0]
}

// count gives the number of one finding.
func (c *column) count(one []verdict.Finding, s *scratch) int64 {
	c.counts(s.number[:], one)
	return s.number[0]
}

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
		{name: "record_key", alike: true, texts: func(to [][]byte, run []verdict.Finding, _ *scratch) {
			for i := range run {
				to[i] = run[i].Key
			}
		}},
		{name: "kind", repeats: true, words: kinds, picks: func(to []int, run []verdict.Finding) {
			for i := range run {
				to[i] = int(run[i].Kind)
			}
		}},
		{name: "field", repeats: true, nullable: true, words: fields, picks: func(to []int, run []verdict.Finding) {
			for i := range run {
				to[i] = run[i].Field // NoField is -1
			}
		}},
	}
	for l, name := range h.Levels {
		cols = append(cols, column{name: "in_" + name, cell: flagCell, flags: func(to []bool, run []verdict.Finding) {
			for i := range run {
				to[i] = run[i].In>>l&1 != 0
			}
		}})
	}
	for l, name := range h.Levels {
		cols = append(cols, column{name: "value_" + name, nullable: true, texts: func(to [][]byte, run []verdict.Finding, _ *scratch) {
			for i := range run {
				to[i] = at(run[i].Values, l)
			}
		}})
	}
	cols = append(cols,
		column{name: "outlier", repeats: true, nullable: true, words: levels, picks: func(to []int, run []verdict.Finding) {
			for i := range run {
				to[i] = run[i].Outlier // NoLevel is -1
			}
		}},
		column{name: "consensus", nullable: true, texts: func(to [][]byte, run []verdict.Finding, _ *scratch) {
			for i := range run {
				to[i] = run[i].Consensus
			}
		}},
		column{name: "count", cell: countCell, nullable: true, counts: func(to []int64, run []verdict.Finding) {
			for i := range run {
				to[i] = run[i].Count
			}
		}},
		column{name: "reason", repeats: true, nullable: true, texts: func(to [][]byte, run []verdict.Finding, s *scratch) {
			for i := range run {
				if to[i] = nil; run[i].Reason != "" {
					from := len(s.buf)
					s.buf = append(s.buf, run[i].Reason...)
					to[i] = s.buf[from:len(s.buf):len(s.buf)]
				}
			}
		}},
		column{name: "roster_group", repeats: true, nullable: true, texts: func(to [][]byte, run []verdict.Finding, _ *scratch) {
			for i := range run {
				to[i] = run[i].Group
			}
		}},
		column{name: "status", repeats: true, words: statuses, picks: func(to []int, run []verdict.Finding) {
			for i := range run {
				to[i] = int(run[i].Status)
			}
		}},
		column{name: "first_seen", cell: dayCell, repeats: true},
	)
	cols = append(cols, sourceColumns(h)...)
	for c, name := range h.Carry {
		cols = append(cols, column{name: name, repeats: true, nullable: true, texts: func(to [][]byte, run []verdict.Finding, _ *scratch) {
			for i := range run {
				to[i] = at(run[i].Carry, c)
			}
		}})
	}
	return cols
}

// sourceColumns gives the columns that say where rows lie, one a level.
func sourceColumns(h verdict.Header) []column {
	files, stems, size := make([][]byte, len(h.Files)), make([][]byte, len(h.Files)), 0
	for _, f := range h.Files {
		size += 4 + len(f)
	}
	names := make([]byte, 0, size) // of all files, which may be tens of thousands
	for i, f := range h.Files {
		begin := len(names)
		names = append(append(names, f...), ':')
		stems[i] = names[begin:len(names):len(names)]
		files[i] = slices.Clip(stems[i][:len(f)])
	}
	cols := make([]column, len(h.Levels))
	for l, name := range h.Levels {
		c := &cols[l]
		c.name, c.nullable = "source_"+name, true
		places := func(files []int, rows []int64, run []verdict.Finding) {
			for i := range run {
				if files[i] = -1; l < len(run[i].Rows) && run[i].Rows[l] != 0 {
					files[i], rows[i] = h.Locate(l, run[i].Rows[l])
				}
			}
		}
		picks := func(to []int, run []verdict.Finding) {
			for i := range run {
				if to[i] = -1; l < len(run[i].Rows) && run[i].Rows[l] != 0 {
					to[i], _ = h.Locate(l, run[i].Rows[l])
				}
			}
		}
		switch {
		case !h.FilesOnly:
			c.alike, c.stems, c.places = true, stems, places
		case size <= dictionaryMax:
			c.repeats, c.words, c.picks = true, files, picks
		default: // too many to be known before
			c.repeats, c.texts = true, func(to [][]byte, run []verdict.Finding, _ *scratch) {
				for i := range run {
					if to[i] = nil; l < len(run[i].Rows) && run[i].Rows[l] != 0 {
						file, _ := h.Locate(l, run[i].Rows[l])
						to[i] = files[file]
					}
				}
			}
		}
	}
	return cols
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
