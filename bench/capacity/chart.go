package capacity

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// chart is a curve with its band, and what was measured.
type chart struct {
	ID, Title string
	X, Y      axis
	Curve     []place
	Measured  []place // Low and High are not looked at
	Limit     float64 // a line across, 0 for none
	LimitName string
}

// axis is one of a chart.
type axis struct {
	Name  string
	Log   bool
	marks []float64 // where lines may stand; empty: at round numbers
	text  func(float64) string
	low   float64 // where the values of the chart begin and end
	high  float64
}

// place is where a curve is for an x.
type place struct {
	X float64
	Estimate
}

// The view box; the page scales it.
const (
	chartWidth, chartHeight                      = 720.0, 300.0
	chartLeft, chartRight, chartTop, chartBottom = 78.0, 18.0, 14.0, 50.0
)

// svg draws the chart. Its colours are those of the page.
func (c *chart) svg() template.HTML {
	c.span()
	x := func(v float64) float64 { return chartLeft + (chartWidth-chartLeft-chartRight)*c.X.at(v) }
	y := func(v float64) float64 { return chartTop + (chartHeight-chartTop-chartBottom)*(1-c.Y.at(v)) }
	var b strings.Builder
	text := template.HTMLEscapeString
	fmt.Fprintf(&b, `<svg class="trend" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="%s-title"><title id="%s-title">%s</title>`, chartWidth, chartHeight, c.ID, c.ID, text(c.Title))
	for _, v := range c.Y.ticks(5) {
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/><text class="axis" x="%.1f" y="%.1f" text-anchor="end">%s</text>`,
			chartLeft, chartWidth-chartRight, y(v), y(v), chartLeft-8, y(v)+4, text(c.Y.text(v)))
	}
	for _, v := range c.X.ticks(7) {
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/><text class="axis" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`,
			x(v), x(v), chartTop, chartHeight-chartBottom, x(v), chartHeight-chartBottom+22, text(c.X.text(v)))
	}
	fmt.Fprintf(&b, `<text class="axis" x="%.1f" y="%.1f" text-anchor="end">%s</text>`, chartWidth-chartRight, chartHeight-4, text(c.X.Name))
	var band, line strings.Builder
	for _, p := range c.Curve {
		fmt.Fprintf(&band, "%.1f,%.1f ", x(p.X), y(p.High))
		fmt.Fprintf(&line, "%.1f,%.1f ", x(p.X), y(p.Value))
	}
	for i := len(c.Curve) - 1; i >= 0; i-- {
		fmt.Fprintf(&band, "%.1f,%.1f ", x(c.Curve[i].X), y(c.Curve[i].Low))
	}
	fmt.Fprintf(&b, `<polygon class="band" points="%s"/><polyline class="line" points="%s"/>`, strings.TrimSpace(band.String()), strings.TrimSpace(line.String()))
	if c.Limit > 0 && c.Limit >= c.Y.low && c.Limit <= c.Y.high {
		fmt.Fprintf(&b, `<line class="limit" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/><text class="limit-name" x="%.1f" y="%.1f">%s</text>`,
			chartLeft, chartWidth-chartRight, y(c.Limit), y(c.Limit), chartLeft+6, y(c.Limit)-6, text(c.LimitName))
	}
	for _, p := range c.Measured {
		fmt.Fprintf(&b, `<circle class="point" cx="%.1f" cy="%.1f" r="3.5"><title>%s: %s</title></circle>`, x(p.X), y(p.Value), text(c.X.text(p.X)), text(c.Y.text(p.Value)))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// span has the axes hold all there is, and a limit that is not far off.
func (c *chart) span() {
	c.X.low, c.X.high, c.Y.low, c.Y.high = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range c.Curve {
		c.X.take(p.X)
		c.Y.take(p.Low)
		c.Y.take(p.High)
	}
	for _, p := range c.Measured {
		c.X.take(p.X)
		c.Y.take(p.Value)
	}
	if c.Limit > 0 && c.Y.Log && c.Limit < 100*c.Y.high {
		c.Y.take(1.5 * c.Limit)
	}
	if !c.Y.Log {
		c.Y.low = 0
		c.Y.high *= 1.05
	}
	for _, a := range []*axis{&c.X, &c.Y} {
		if !(a.high > a.low) { // one place alone
			a.low, a.high = a.low*0.9, a.low*1.1+1e-9
		}
	}
}

func (a *axis) take(v float64) { a.low, a.high = min(a.low, v), max(a.high, v) }

// at gives the place of a value, 0 to 1.
func (a *axis) at(v float64) float64 {
	if a.Log {
		return math.Log(v/a.low) / math.Log(a.high/a.low)
	}
	return (v - a.low) / (a.high - a.low)
}

// ticks gives round values within the axis, about n.
func (a *axis) ticks(n int) (all []float64) {
	if len(a.marks) > 0 {
		for _, v := range a.marks {
			if v >= a.low && v <= a.high {
				all = append(all, v)
			}
		}
		return all
	}
	if a.Log {
		decades := math.Log10(a.high / a.low)
		steps := []float64{1}
		if decades < 3 {
			steps = []float64{1, 3}
		}
		if decades < 1.2 {
			steps = []float64{1, 2, 5}
		}
		for e := math.Floor(math.Log10(a.low)); e <= math.Log10(a.high); e++ {
			for _, s := range steps {
				if v := s * math.Pow(10, e); v >= a.low*0.999 && v <= a.high*1.001 {
					all = append(all, v)
				}
			}
		}
		return all
	}
	step := math.Pow(10, math.Floor(math.Log10((a.high-a.low)/float64(n))))
	for _, f := range []float64{2, 5, 10} {
		if (a.high-a.low)/step > float64(n) {
			step *= f / map[float64]float64{2: 1, 5: 2, 10: 5}[f]
		}
	}
	for v := math.Ceil(a.low/step) * step; v <= a.high*(1+1e-9); v += step {
		all = append(all, v)
	}
	return all
}
