package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// style colours text for a terminal; the zero style leaves it plain.
type style struct{ colour bool }

// styleFor colours what goes to a terminal, unless the environment asks for none.
func styleFor(w io.Writer) style {
	return style{colour: isScreen(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// isScreen says whether what is written goes to a terminal.
func isScreen(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (s style) wrap(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) good(text string) string { return s.wrap("1;32", text) }
func (s style) bad(text string) string  { return s.wrap("1;31", text) }
func (s style) warn(text string) string { return s.wrap("1;33", text) }
func (s style) bold(text string) string { return s.wrap("1", text) }
func (s style) dim(text string) string  { return s.wrap("2", text) }

// table gives a table without lines. align has a letter a column, l or r. Wide characters count as two columns of the screen.
func (s style) table(align string, header ...string) table.Writer {
	t := table.NewWriter()
	plain := table.StyleDefault
	plain.Options = table.OptionsNoBordersAndSeparators
	plain.Box.PaddingLeft, plain.Box.PaddingRight = "  ", ""
	plain.Format.Header = text.FormatDefault
	t.SetStyle(plain)
	var columns []table.ColumnConfig
	for i, letter := range align {
		if letter == 'r' {
			columns = append(columns, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
	}
	t.SetColumnConfigs(columns)
	var titles []string
	for _, h := range header {
		titles = append(titles, s.dim(h))
	}
	t.AppendHeader(row(titles...))
	return t
}

// row gives the cells of a table row.
func row(cells ...string) table.Row {
	r := make(table.Row, len(cells))
	for i, c := range cells {
		r[i] = c
	}
	return r
}

// rendered gives the lines of a table without white space at their ends.
func rendered(t table.Writer) string {
	lines := strings.Split(t.Render(), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

// thousands gives 1,234,567.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// plural gives "1 record" or "2,000 records".
func plural(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return thousands(n) + " " + word + "s"
}

// percentOf gives "12.34 %", and never 0.00 % or 100.00 % for what is neither none nor all.
func percentOf(n, of int64) string {
	if of == 0 {
		return "–"
	}
	p := 100 * float64(n) / float64(of)
	switch {
	case n > 0 && p < 0.005:
		return "<0.01 %"
	case n < of && p >= 99.995:
		return ">99.99 %"
	}
	return fmt.Sprintf("%.2f %%", p)
}

// size gives bytes as "1.2 MB".
func size(n int64) string {
	x, units := float64(n), []string{"B", "kB", "MB", "GB", "TB"}
	i := 0
	for x >= 999.5 && i < len(units)-1 {
		x /= 1000
		i++
	}
	if i == 0 || x >= 99.95 {
		return fmt.Sprintf("%.0f %s", x, units[i])
	}
	return fmt.Sprintf("%.1f %s", x, units[i])
}

// perSecond gives a speed as "1.46 million", for "rows/s" to follow.
func perSecond(x float64) string {
	switch {
	case x >= 1e6:
		return fmt.Sprintf("%.2f million", x/1e6)
	case x >= 10:
		return thousands(int64(x))
	}
	return fmt.Sprintf("%.1f", x)
}

// seconds gives a duration as "7 ms", "0.41 s", "12.3 s" or "3 min 12 s".
func seconds(d time.Duration) string {
	switch {
	case d < 95*time.Millisecond:
		return fmt.Sprintf("%d ms", max(1, d.Round(time.Millisecond).Milliseconds()))
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// age gives a duration as a person says it: "72 hours", "14 days", "1h30m0s".
func age(d time.Duration) string {
	switch {
	case d >= 4*24*time.Hour && d%(24*time.Hour) == 0:
		return plural(int64(d/(24*time.Hour)), "day")
	case d%time.Hour == 0:
		return plural(int64(d/time.Hour), "hour")
	case d%time.Minute == 0:
		return plural(int64(d/time.Minute), "minute")
	}
	return d.String()
}

// listed gives "a, b and c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
