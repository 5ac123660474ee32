package page

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// sortKey is what a table sorts a count by; one that is withheld is between 0 and the others.
func sortKey(n *int64) string {
	if n == nil {
		return "0.5"
	}
	return strconv.FormatInt(*n, 10)
}

// worstOf gives the largest of the counts of a list of kinds, fields or levels, for bars.
func worstOf(list any) int64 {
	most := int64(1)
	take := func(n *int64) {
		if n != nil {
			most = max(most, *n)
		}
	}
	switch list := list.(type) {
	case []Kind:
		for _, k := range list {
			take(k.Count)
		}
	case []Field:
		for _, f := range list {
			take(f.Differs)
		}
	case []Level:
		for _, l := range list {
			take(l.Missing)
		}
	case []GroupValue:
		for _, v := range list {
			for _, n := range v.Wrong {
				take(n)
			}
		}
	}
	return most
}

// bar gives a bar of a count, the longest being that of most. It stands beside the number, which says the same to those who do not see it.
func bar(n *int64, most int64) template.HTML {
	if n == nil || *n == 0 {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<span class="bar" aria-hidden="true" style="width:%.1f%%"></span>`, max(1, 100*float64(*n)/float64(most))))
}

// mostAlone gives the largest of the counts of levels that stand alone.
func mostAlone(fields []Field) int64 {
	most := int64(1)
	for _, f := range fields {
		for _, a := range f.Alone {
			if a != nil {
				most = max(most, *a)
			}
		}
	}
	return most
}

// heat gives the shade of a cell, 0 to 4, the darkest being that of most.
func heat(n *int64, most int64) int {
	if n == nil || *n == 0 {
		return 0
	}
	return 1 + min(3, int(4*float64(*n)/float64(most+1)))
}

// anyAlone tells whether some field has levels that can be alone.
func anyAlone(fields []Field) bool {
	for _, f := range fields {
		if f.Alone != nil {
			return true
		}
	}
	return false
}

func broken(gates []Gate) (n int) {
	for _, g := range gates {
		if !g.Passed {
			n++
		}
	}
	return n
}

// trendNights is how many nights a chart shows.
const trendNights = 90

// trend gives the chart of the share of records that do not agree: a line a run of nights that have one, a point a night, hollow where
// a gate was broken. Width and height are units of the view box; the page scales it.
func trend(nights []Past) template.HTML {
	if len(nights) > trendNights {
		nights = nights[len(nights)-trendNights:]
	}
	const width, height, left, right, top, bottom = 720.0, 200.0, 58.0, 14.0, 12.0, 28.0
	most, known := 0.0, 0
	for _, n := range nights {
		if n.Mismatch != nil {
			most = max(most, *n.Mismatch)
			known++
		}
	}
	if known == 0 {
		return ""
	}
	most = ceiling(most)
	x := func(i int) float64 {
		if len(nights) == 1 {
			return left + (width-left-right)/2
		}
		return left + (width-left-right)*float64(i)/float64(len(nights)-1)
	}
	y := func(share float64) float64 { return top + (height-top-bottom)*(1-share/most) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="trend" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="trend-title"><title id="trend-title">`, width, height)
	fmt.Fprintf(&b, `%s → %s</title>`, template.HTMLEscapeString(nights[0].Date), template.HTMLEscapeString(nights[len(nights)-1].Date))
	for i := range 3 {
		share := most * float64(i) / 2
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/><text class="axis" x="%.1f" y="%.1f" text-anchor="end">%s</text>`,
			left, width-right, y(share), y(share), left-8, y(share)+4, axisText(share))
	}
	var line strings.Builder
	flush := func() {
		if line.Len() > 0 {
			fmt.Fprintf(&b, `<polyline class="line" points="%s"/>`, line.String())
			line.Reset()
		}
	}
	for i, n := range nights {
		if n.Mismatch == nil {
			flush()
			continue
		}
		fmt.Fprintf(&line, "%.1f,%.1f ", x(i), y(*n.Mismatch))
	}
	flush()
	for i, n := range nights {
		if n.Mismatch == nil {
			continue
		}
		class := "point"
		if !n.Passed {
			class = "point bad"
		}
		fmt.Fprintf(&b, `<circle class="%s" cx="%.1f" cy="%.1f" r="%s"><title>%s: %s</title></circle>`, class, x(i), y(*n.Mismatch), radius(len(nights)),
			template.HTMLEscapeString(n.Date), percentText(*n.Mismatch))
	}
	fmt.Fprintf(&b, `<text class="axis" x="%.1f" y="%.1f">%s</text>`, left, height-8, template.HTMLEscapeString(nights[0].Date))
	if len(nights) > 1 {
		fmt.Fprintf(&b, `<text class="axis" x="%.1f" y="%.1f" text-anchor="end">%s</text>`, width-right, height-8, template.HTMLEscapeString(nights[len(nights)-1].Date))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

func radius(nights int) string {
	if nights > 40 {
		return "2.5"
	}
	return "4.5"
}

// ceiling rounds a share up to 1, 2 or 5 times a power of ten, so that the lines of a chart stand at round numbers.
func ceiling(share float64) float64 {
	if share <= 0 {
		return 0.01
	}
	step := math.Pow(10, math.Floor(math.Log10(share)))
	for _, f := range []float64{1, 2, 5, 10} {
		if share <= f*step*(1+1e-9) {
			return f * step
		}
	}
	return 10 * step
}

func axisText(share float64) string { return strconv.FormatFloat(share*100, 'g', 3, 64) + " %" }
