package cliffs

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Most is how many times as long as in the plain case a cell may take.
const Most = 3

// Write writes the table in Markdown, and below it what is beyond the bar or the budget. At small sizes what is fixed counts most, and
// nothing is judged.
func (t *Table) Write(out io.Writer, judge bool) error {
	m := t.Machine
	fmt.Fprintf(out, "%d cores of %s, %s, %s, commit %s; median of %d\n\n", m.Cores, m.CPU, m.System, m.Go, m.Commit, t.Rounds)
	w := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	line := func(cells ...string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, "\t| ")) }
	line("scenario", "records", "levels × columns", "time", "CPU", "× plain, a cell", "peak of need", "× plain, little memory", "peak of budget")
	line("---", "---", "---", "---", "---", "---", "---", "---", "---")
	for i := range t.Rows {
		r := &t.Rows[i]
		little := r.Slower.String()
		if r.Spills {
			little += " spilled"
		}
		per := ""
		if r.Bytes {
			per = " a byte"
		}
		line(r.Name, count(r.Data.Records), fmt.Sprintf("%d × %d", len(r.Data.Shape.Levels), len(r.Data.Shape.Columns)+len(r.key())), fmt.Sprintf("%.2f s", r.Usage.Seconds),
			fmt.Sprintf("%.2f s", r.Usage.CPU), r.Slow.String()+per, megabytes(r.Usage.PeakMB, r.Need), little, megabytes(r.Little.PeakMB, r.Budget))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !judge {
		_, err := fmt.Fprintf(out, "\nAt this size what is fixed counts most: nothing is judged.\n")
		return err
	}
	of := "time"
	if t.disturbed() {
		of = "CPU time"
		fmt.Fprintf(out, "\nOther processes had %.0f %% of the machine meanwhile, so CPU time is judged.\n", 100*t.Others)
	}
	faults := t.beyond()
	if len(faults) == 0 {
		_, err := fmt.Fprintf(out, "\nNone takes more than %d times the %s of the plain case, none more memory than it may.\n", Most, of)
		return err
	}
	_, err := fmt.Fprintf(out, "\nBeyond %d times the %s of the plain case, or the memory that it may take:\n  %s\n", Most, of, strings.Join(faults, "\n  "))
	return err
}

// beyond lists what is slower than it should be, or took more memory.
func (t *Table) beyond() (faults []string) {
	for i := range t.Rows {
		r := &t.Rows[i]
		if x := t.judged(r.Slow); x > Most {
			faults = append(faults, fmt.Sprintf("%s: %.2f times the plain case", r.Name, x))
		}
		if x := t.judged(r.Slower); x > Most {
			faults = append(faults, fmt.Sprintf("%s, with little memory: %.2f times the plain case", r.Name, x))
		}
		if r.Little.PeakMB*1e6 > float64(r.Budget) {
			faults = append(faults, fmt.Sprintf("%s, with little memory: %s", r.Name, megabytes(r.Little.PeakMB, r.Budget)))
		}
	}
	return faults
}

// disturbed tells whether other processes took so much that times say little.
func (t *Table) disturbed() bool { return t.Others > 0.1 }

// judged is what is held against the bar.
func (t *Table) judged(s Slowdown) float64 {
	if t.disturbed() {
		return s.CPU
	}
	return s.Time
}

// String gives time, and CPU time in brackets.
func (s Slowdown) String() string { return fmt.Sprintf("%.2f (CPU %.2f)", s.Time, s.CPU) }

func megabytes(peak float64, of int64) string {
	return fmt.Sprintf("%.0f of %.0f MB", peak, float64(of)/1e6)
}

// count gives a number with commas.
func count(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
