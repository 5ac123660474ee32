package capacity

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"
)

// write says the answers.
func (a *Answers) write(out io.Writer, s *Study) {
	m := s.Machine
	fmt.Fprintf(out, "%d cores of %s, %s of memory, %s, %s, commit %s\n", m.Cores, m.CPU, size(float64(m.Memory)), m.System, m.Go, m.Commit)
	fmt.Fprintf(out, "%s\n\n", s.about())
	fmt.Fprintln(out, "How well nights of a size that was not seen are foretold by the others:")
	s.writeErrors(out)
	fmt.Fprintf(out, "%s\n", s.verdict())
	if text := s.disturbed(); text != "" {
		fmt.Fprintln(out, text)
	}
	fmt.Fprintln(out)

	fmt.Fprintf(out, "How long will a night take here? (%g %% mismatching, %s; nine of ten lie between)\n", 100*a.Mismatch, plural(a.Cores, "worker"))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "records\ttime\tbetween\tCPU\tpeak memory\tat most\treports\t")
	for _, n := range a.Nights {
		fmt.Fprintf(w, "%s\t%s\t%s – %s\t%s\t%s\t%s\t%s\t %s\t\n", count(n.Records), lasting(n.Seconds.Value), lasting(n.Seconds.Low), lasting(n.Seconds.High),
			lasting(n.CPU.Value), size(n.Memory.Value), size(n.Memory.High), size(n.Report.Value), n.note())
	}
	w.Flush()
	fmt.Fprintln(out)
	for _, line := range a.lines(s) {
		fmt.Fprintf(out, "%s\n  %s\n", line.Question, line.Answer)
	}
}

// qa is a question with its answer.
type qa struct{ Question, Answer string }

// note says what becomes of a night that does not fit into memory.
func (n *Night) note() string {
	switch {
	case n.Beyond:
		return "more than fits"
	case n.Spilled:
		return "spills " + size(n.Spill.Value) + " to disk"
	}
	return ""
}

// lines are the questions that have an answer in words.
func (a *Answers) lines(s *Study) []qa {
	window := lasting(a.Window.Seconds())
	return []qa{
		{fmt.Sprintf("Which machine keeps within %s, with nine of ten nights?", window),
			a.Machine.String(window) + " " + a.Larger.String(window) + s.coresNote(max(a.Machine.Cores, a.Larger.Cores))},
		{fmt.Sprintf("When is this machine outgrown, with %.3g %% more records a year?", 100*a.Growth), a.outgrown(window)},
		{"At what size does it pay to spread a night over several machines?", a.spread(window)},
	}
}

// String says what a machine needs.
func (m Machine) String(window string) string {
	if m.Cores == 0 {
		return fmt.Sprintf("%s records: none of up to %d cores; with so many it takes %s.", count(m.Records), mostCores, lasting(m.Seconds.Value))
	}
	return fmt.Sprintf("%s records: %s like these, %s of memory, storage that gives %s/s; it then takes %s.", count(m.Records), plural(m.Cores, "core"),
		size(m.Memory.High/memoryShare), size(m.Read), lasting(m.Seconds.Value))
}

// coresNote says how far the answer leaves what was measured.
func (s *Study) coresNote(asked int) string {
	if asked <= s.Machine.Cores {
		return ""
	}
	return fmt.Sprintf(" More than %d cores were not measured: that the work divides among them as it does here is an assumption.", s.Machine.Cores)
}

// outgrown says when this machine is.
func (a *Answers) outgrown(window string) string {
	limit := "time"
	if a.Most() < a.MostByTime {
		limit = "memory"
	}
	room := fmt.Sprintf("In %s it does %s records", window, count(a.MostByTime))
	if a.MostByTime >= mostAsked {
		room = fmt.Sprintf("In %s it does more than %s records", window, count(mostAsked))
	}
	if a.MostByMemory > 0 {
		room += fmt.Sprintf(", and %s fit into %.0f %% of its memory", count(a.MostByMemory), 100*memoryShare)
		if a.SpillKnown {
			room += " (with more, rows are spilled to disk)"
		}
	}
	switch {
	case a.Years == 0:
		return room + ": it is outgrown today, by " + limit + "."
	case math.IsInf(a.Years, 1):
		return room + ": never."
	case a.Years > 30:
		return room + ": in more than 30 years."
	}
	return fmt.Sprintf("%s: in %.1f years, by %s.", room, a.Years, limit)
}

// spread says at what size one machine is not enough.
func (a *Answers) spread(window string) string {
	text := fmt.Sprintf("There is no distributed runner yet. This machine is enough up to %s records", count(a.Most()))
	if a.Spread == 0 {
		return text + fmt.Sprintf("; one of %d cores like these and memory enough beyond %s: until then a larger machine is the cheaper way.", mostCores, count(mostAsked))
	}
	return text + fmt.Sprintf("; beyond %s records no machine of up to %d cores like these keeps within %s, and several would pay.", count(a.Spread), mostCores, window)
}

// about says what the nights were.
func (s *Study) about() string {
	rounds := int64(0)
	for _, m := range s.Measurements {
		rounds = max(rounds, m.Round)
	}
	sizes := sizesOf(s.Wall.samples)
	return fmt.Sprintf("%d nights of %s to %s records, %s each; levels like yours: %d of %d columns, %.0f bytes a row",
		len(s.Wall.samples), count(sizes[0]), count(sizes[len(sizes)-1]), plural(int(rounds), "run"), len(s.Shape.Levels), len(s.Shape.Columns)+1, rowBytes(&s.Shape))
}

// writeErrors tells the errors on sizes that were held out.
func (s *Study) writeErrors(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "records left out\tnights\ttime\tworst\tCPU\tworst\tmemory\tworst\treports\tworst\t")
	for i, h := range s.Wall.Held {
		fmt.Fprintf(w, "%s\t%d\t", count(h.Records), h.Points)
		for _, f := range s.Fits() {
			fmt.Fprintf(w, "%.1f %%\t%+.1f %%\t", 100*f.Held[i].MeanError, 100*f.Held[i].Worst)
		}
		fmt.Fprintln(w)
	}
	w.Flush()
}

// wanted is the mean error on sizes that were not seen up to which a fit is taken for good.
const wanted = 0.10

// verdict says whether the fit is good.
func (s *Study) verdict() string {
	var bad []string
	for _, f := range s.Fits() {
		if f.MeanError() > wanted {
			bad = append(bad, fmt.Sprintf("%s (%.0f %%)", quantityNames[f.Name], 100*f.MeanError()))
		}
	}
	if len(bad) == 0 {
		return fmt.Sprintf("The mean error is %.1f %% of the time, %.1f %% of the memory: below the %.0f %% that are wanted.", 100*s.Wall.MeanError(), 100*s.Memory.MeanError(), 100*wanted)
	}
	return fmt.Sprintf("The mean error is above the %.0f %% that are wanted for %s: measure larger sizes, or more rounds on a machine that does nothing else.", 100*wanted, strings.Join(bad, ", "))
}

// disturbed says how busy the machine was with other things, "" if it was not to speak of.
func (s *Study) disturbed() string {
	others, seconds := 0.0, 0.0
	for _, m := range s.Measurements {
		others, seconds = others+m.Others, seconds+m.Seconds
	}
	if cores := others / max(1e-9, seconds); cores > 0.1 {
		return fmt.Sprintf("Meanwhile other programs took %.1f of the %d cores: on a machine of its own a night takes less time than this, and the same CPU time.", cores, s.Machine.Cores)
	}
	return ""
}

var quantityNames = map[string]string{"seconds": "time", "cpu_seconds": "CPU time", "peak_bytes": "memory", "report_bytes": "reports"}

// count gives 3,500,000 as it is and larger numbers rounded: 12.3 million.
func count(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.3g billion", float64(n)/1e9)
	case n >= 1e7 || n >= 1e6 && n%100_000 == 0:
		return fmt.Sprintf("%.4g million", float64(n)/1e6)
	}
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// size gives bytes in decimal units.
func size(bytes float64) string {
	for _, u := range []struct {
		of   float64
		name string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if bytes >= u.of {
			return fmt.Sprintf("%.3g %s", bytes/u.of, u.name)
		}
	}
	return fmt.Sprintf("%.0f B", bytes)
}

// lasting gives 0.42 s, 12 s, 3 min 5 s, 2 h 10 min.
func lasting(seconds float64) string {
	if seconds < 59.5 {
		return fmt.Sprintf("%.2g s", seconds)
	}
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	if d < time.Hour {
		return strings.TrimSuffix(fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60), " 0 s")
	}
	return strings.TrimSuffix(fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60), " 0 min")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
