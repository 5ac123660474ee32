// Package page writes what a night found as pages for people: one for the night, and one for all nights.
//
// # What is written
//
// A page is one HTML file that stands for itself: styles, script and charts are in it, and a Content-Security-Policy keeps it from loading
// anything. It reads without the script, which sorts and filters tables, and chooses the language: every text is there in English and in
// Chinese, the browser's languages say which is shown, and a button changes it. Colours follow the system, light or dark, with a contrast
// of 4.5 or more (WCAG 2 AA); a mark never says by colour alone what it says. Each chart has its numbers in a table.
//
// A page holds counts, and names of levels, fields, files, rules and rosters, never a key or a value of a record; of the values of a carried
// column it has those of columns that are about nobody. A count that is nil is too small to be public: it shows as "–" with the word
// for it. What is too small is decided before, this package shows what it is given.
//
// Charts are a few lines of SVG of our own. The libraries for charts in Go draw with fixed colours and sizes, so that a page could not
// follow the system's colours, the reader's font size or the printer.
package page

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"
)

// Night is what the page of a night shows. A nil count is too small to be public.
type Night struct {
	Job     string
	Date    string // the run date
	Version string // of the program

	Records   int64
	Matched   *int64
	Missing   *int64
	Differing *int64
	Waived    *int64
	Mismatch  *float64 // share of the records, what is waived left aside
	Gates     []Gate
	Changes   Changes

	Kinds  []Kind // those of which something was found
	Fields []Field
	Levels []Level
	Groups []Group

	Inputs  []Input
	Started time.Time
	Seconds float64
	Rows    int64
	Memory  int64 // peak, in bytes
	Phases  []Phase

	Nights []Past // this one and those before it, oldest first
}

// Gate is a limit and whether the night kept within it. Value is nil where it would tell a small count.
type Gate struct {
	Metric string
	Of     string // the level, the field, or the roster and its group, "" for none
	Unit   Unit
	Value  *float64
	Limits []Limit
	Passed bool
}

// Unit is what a number of a gate is.
type Unit uint8

// The units.
const (
	Count   Unit = iota
	Share        // 0 to 1
	Seconds      // of age
)

// Limit is a limit of a gate.
type Limit struct {
	Kind  LimitKind
	Value float64
}

// LimitKind says what a limit is of.
type LimitKind uint8

// The kinds of limits.
const (
	AtLeast LimitKind = iota // the value
	AtMost                   // the value
	LessBy                   // the change against the last night
	MoreBy                   // the change against the last night
	OpenBy                   // new findings against those that were open
)

// Changes is how the findings stand against the last night. Against is "" where there is none.
type Changes struct {
	Against    string
	New        *int64
	Persisting *int64
	Resolved   *int64
}

// Kind is how often a kind of finding was found.
type Kind struct {
	Kind   string
	Count  *int64
	Waived *int64
}

// Field is how often a field differs, and how often each level alone disagrees with all others: nil with fewer than three levels.
type Field struct {
	Field   string
	Differs *int64
	Of      int64
	Alone   []*int64 // along Night.Levels; a nil slice: nobody can say
	Holds   []bool   // along Night.Levels: whether the level has the field
}

// Level is what a level lacks and repeats.
type Level struct {
	Level      string
	Rows       int64
	Missing    *int64
	Duplicates *int64
	InvalidKey *int64
}

// Group is what levels got wrong where a carried column has one value.
type Group struct {
	Column string
	Values []GroupValue // those of which something can be shown, most wrong first
	More   int64        // values beyond those
}

// GroupValue is a value of a carried column.
type GroupValue struct {
	Value string
	Wrong []*int64 // along Night.Levels: records it lacks, and values in which it alone disagrees
}

// Input is what a level was read from.
type Input struct {
	Level    string
	Files    []string
	Rows     int64
	Bytes    int64
	Modified *time.Time
}

// Phase is a stretch of the run.
type Phase struct {
	Name    string
	Seconds float64
}

// Past is a night as the trend shows it.
type Past struct {
	Date     string
	Records  int64
	Mismatch *float64
	New      *int64
	Resolved *int64
	Passed   bool
}

//go:embed night.html all.html style.css script.js
var files embed.FS

var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"t": translate, "count": count, "n": number, "share": shareOf, "percent": percent, "bar": bar, "bytes": size, "seconds": seconds,
		"day": day, "gate": gateTexts, "trend": trend, "worst": worstOf, "style": asset("style.css", css), "script": asset("script.js", js),
		"heat": heat, "most": mostAlone, "when": when, "rate": perSecond, "broken": broken, "key": sortKey, "alone": anyAlone, "list": list,
	}).ParseFS(files, "*.html"))
})

// list gives all names at once: of tens of thousands of files a loop in the template takes long.
func list(names []string) string { return strings.Join(names, ", ") }

// css and js mark what is embedded as what it is.
func css(s string) any { return template.CSS(s) }
func js(s string) any  { return template.JS(s) }

func asset(name string, as func(string) any) func() any {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return func() any { return as(string(text)) }
}

// Head is what the head of a page begins with: a policy that keeps it from loading anything, and the styles.
func Head() (template.HTML, error) {
	var text strings.Builder
	if err := templates().ExecuteTemplate(&text, "head", nil); err != nil {
		return "", fmt.Errorf("making the page: %w", err)
	}
	return template.HTML(text.String()), nil
}

// Write writes the page of a night.
func Write(w io.Writer, n *Night) error { return execute(w, "night.html", n) }

// All is what the page of all nights shows.
type All struct {
	Job    string
	Nights []Past // oldest first
	Pages  []bool // along Nights: whether the night has a page of its own, at run_date=D/index.html
}

// WriteAll writes the page of all nights.
func WriteAll(w io.Writer, a *All) error { return execute(w, "all.html", a) }

func execute(w io.Writer, name string, data any) error {
	var text strings.Builder
	if err := templates().ExecuteTemplate(&text, name, data); err != nil {
		return fmt.Errorf("making the page: %w", err)
	}
	_, err := io.WriteString(w, text.String())
	return err
}
