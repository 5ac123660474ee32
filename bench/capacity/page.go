package capacity

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"crosscheck/engine/report/page"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"head": page.Head, "note": func(n Night) string { return n.note() }, "count": count, "size": size, "lasting": lasting, "percent": percent, "signed": func(x float64) string { return fmt.Sprintf("%+.1f %%", 100*x) },
	"name": func(f *Fit) string { return strings.ToUpper(quantityNames[f.Name][:1]) + quantityNames[f.Name][1:] }, "svg": func(c *chart) template.HTML { return c.svg() }, "factor": factor, "distinct": distinct,
	"add": func(a, b int) int { return a + b }, "share": percent, "float": func(n int64) float64 { return float64(n) },
}).Parse(pageText))

// pageData is what the page shows.
type pageData struct {
	*Study
	Answers *Answers
	About   string
	Verdict string // of the fit
	Good    bool   // tonight keeps within the window and the memory
	Tonight string
	QA      []qa
	Size    []*chart // against the records
	Shapes  []*chart // against all else
	At      string   // the size at which those are drawn
}

// writePage writes the page.
func (s *Study) writePage(w io.Writer, a *Answers) error {
	window := lasting(a.Window.Seconds())
	d := pageData{Study: s, Answers: a, About: s.about(), Verdict: strings.TrimSpace(s.verdict() + " " + s.disturbed()), QA: a.lines(s)}
	n := a.Tonight
	d.Good = !n.Beyond && n.Seconds.High <= a.Window.Seconds()
	d.Tonight = fmt.Sprintf("%s records take %s here (%s – %s) and %s of memory", count(n.Records), lasting(n.Seconds.Value), lasting(n.Seconds.Low), lasting(n.Seconds.High), size(n.Memory.Value))
	if d.Good {
		d.Tonight += ": within " + window + "."
	} else if n.Beyond {
		d.Tonight += ": more memory than there is to spare."
	} else {
		d.Tonight += ": longer than " + window + "."
	}
	d.Size = s.sizeCharts(a)
	d.Shapes = s.shapeCharts(a)
	d.At = count(s.middle())
	var text strings.Builder
	if err := pageTemplate.Execute(&text, d); err != nil {
		return fmt.Errorf("making the page: %w", err)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// times are where the lines of a logarithmic axis of times stand.
var times = []float64{0.01, 0.1, 1, 10, 60, 600, 3600, 36000, 360000}

// sizeCharts draw time and memory against the number of records.
func (s *Study) sizeCharts(a *Answers) []*chart {
	sizes := sizesOf(s.Wall.samples)
	low, high := float64(sizes[0]), max(float64(sizes[len(sizes)-1]), 10*float64(a.Records))
	records := axis{Name: "records a night", Log: true, text: func(v float64) string { return count(int64(math.Round(v))) }}
	time := &chart{ID: "time", Title: "Time of a night against its records", X: records, Y: axis{Log: true, text: lasting, marks: times}, Limit: a.Window.Seconds(), LimitName: "the window, " + lasting(a.Window.Seconds())}
	memory := &chart{ID: "memory", Title: "Peak memory of a night against its records", X: records, Y: axis{Log: true, text: size}, Limit: float64(a.Memory), LimitName: "the memory of this machine, " + size(float64(a.Memory))}
	const steps = 60
	for i := range steps + 1 {
		n := low * math.Pow(high/low, float64(i)/steps)
		p := s.point(a.Question, int64(n), a.Cores)
		time.Curve = append(time.Curve, place{n, s.night(a.Question, int64(n), a.Cores, true).Seconds})
		memory.Curve = append(memory.Curve, place{n, s.Memory.At(p)})
	}
	like := func(p Point) bool { return p == s.point(a.Question, p.Records, a.Cores) }
	time.Measured = measured(s.Wall, like, func(p Point) float64 { return float64(p.Records) })
	memory.Measured = measured(s.Memory, like, func(p Point) float64 { return float64(p.Records) })
	return []*chart{time, memory}
}

// middle is the greatest size at which all else was varied.
func (s *Study) middle() int64 {
	most, at := 0, int64(0)
	for _, size := range sizesOf(s.Wall.samples) {
		n := 0
		for _, m := range s.Wall.samples {
			if m.Records == size {
				n++
			}
		}
		if n >= most {
			most, at = n, size
		}
	}
	return at
}

// shapeCharts draw the time of nights of the middle size against levels, bytes a row, mismatches and workers.
func (s *Study) shapeCharts(a *Answers) []*chart {
	base := s.point(a.Question, s.middle(), a.Cores)
	number := func(v float64) string { return fmt.Sprintf("%.4g", v) }
	seconds := axis{text: lasting}
	draw := func(id, title string, x axis, values []float64, set func(*Point, float64), of func(Point) float64) *chart {
		c := &chart{ID: id, Title: title, X: x, Y: seconds}
		for _, v := range values {
			p := base
			set(&p, v)
			c.Curve = append(c.Curve, place{v, s.Wall.At(p)})
		}
		c.Measured = measured(s.Wall, func(p Point) bool {
			q := base
			set(&q, of(p))
			if id == "row" {
				q.Columns = p.Columns
			}
			return p == q
		}, of)
		return c
	}
	var levels, rates, workers, widths []float64
	for l := 2; l <= len(s.Shape.Levels)+3; l++ {
		levels = append(levels, float64(l))
	}
	for r := 0.0; r <= 0.2001; r += 0.005 {
		rates = append(rates, r)
	}
	for w := 1; w <= max(8, 2*a.Cores); w++ {
		workers = append(workers, float64(w))
	}
	for f := 0.3; f <= 2.1; f += 0.1 {
		widths = append(widths, f*base.RowBytes)
	}
	return []*chart{
		draw("levels", "Time against levels", axis{Name: "levels", text: number}, levels,
			func(p *Point, v float64) { p.Levels = int(v) }, func(p Point) float64 { return float64(p.Levels) }),
		draw("row", "Time against the width of a row", axis{Name: "bytes a row", text: number}, widths,
			func(p *Point, v float64) {
				p.Columns, p.RowBytes = int(math.Round(float64(base.Columns)*v/base.RowBytes)), v
			}, func(p Point) float64 { return p.RowBytes }),
		draw("mismatches", "Time against mismatches", axis{Name: "of the records mismatch", text: percent}, rates,
			func(p *Point, v float64) { p.Mismatch = v }, func(p Point) float64 { return p.Mismatch }),
		draw("workers", "Time against workers", axis{Name: "workers, each with a core", text: number}, workers,
			func(p *Point, v float64) { p.Workers = int(v) }, func(p Point) float64 { return float64(p.Workers) }),
	}
}

// measured are the nights that a chart is about.
func measured(f *Fit, about func(Point) bool, x func(Point) float64) (all []place) {
	for _, s := range f.samples {
		if about(s.Point) {
			all = append(all, place{X: x(s.Point), Estimate: Estimate{Value: s.Value}})
		}
	}
	return all
}

func percent(x float64) string { return fmt.Sprintf("%.3g %%", 100*x) }

// factor says what a million of what a term is about costs.
func factor(f *Fit, x float64) string {
	switch {
	case x == 0:
		return "–"
	case f.Unit == "B":
		return size(x)
	case x < 0.0995:
		return fmt.Sprintf("%.2g ms", 1000*x)
	}
	return fmt.Sprintf("%.3g s", x)
}

// distinct says how many distinct values a column has.
func distinct(x float64) string {
	if x < 1 {
		return percent(x) + " of the records"
	}
	return count(int64(x))
}
