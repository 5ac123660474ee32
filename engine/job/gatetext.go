package job

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// String gives "missing_rate of street: 1.2 % of the records, at most 1 % allowed",
// "rows of street: 1,000, 20.1 % less than the 1,252 of 2026-11-22, at most 20 % less allowed",
// "new_mismatches: 30, 60 % of the 50 that were open on 2026-11-22, at most 50 % allowed" or "age of city: 40h, at most 36h allowed".
func (o Outcome) String() string {
	text := o.Gate.name() + ": "
	switch {
	case o.isRate():
		of := "records"
		switch {
		case o.Metric == UnparseableRate:
			of = "values"
		case o.Field != "":
			of = "records compared"
		case o.ofMembers():
			of = "members"
		}
		text += fmt.Sprintf("%s of the %s, at most %s allowed", percent(o.Value), of, percent(value(o.Max)))
		if o.Note != "" {
			text += "; " + o.Note
		}
		return text
	case o.Metric == AgeMetric:
		text += span(o.Value)
	default:
		text += grouped(o.Value)
	}
	if o.LastNight != nil && o.changes() {
		text += ", " + o.change()
	}
	text += ", " + strings.Join(o.Gate.allowed(), " and ") + " allowed"
	if o.Note != "" {
		text += "; " + o.Note
	}
	return text
}

// String gives "missing_rate of street at most 1 %".
func (g Gate) String() string {
	text := g.name() + " " + strings.Join(g.allowed(), " and ")
	if g.Before == BeforePublish {
		text += ", else nothing is published"
	}
	return text
}

func (g Gate) name() string {
	if of := g.of(); of != "" {
		return g.Metric + " of " + of
	}
	return g.Metric
}

// of gives what the gate is about, "" for the whole job.
func (g Gate) of() string {
	if g.Group != "" {
		return g.Roster + ", group " + g.Group
	}
	return cmp.Or(g.Level, g.Field, g.Roster)
}

// allowed gives the limits, each as "at most 20 % less".
func (g Gate) allowed() (all []string) {
	amount := grouped
	if g.isRate() {
		amount = percent
	}
	if g.Min != nil {
		all = append(all, "at least "+amount(*g.Min))
	}
	if g.Max != nil {
		all = append(all, "at most "+amount(*g.Max))
	}
	if g.MinChange != nil {
		all = append(all, "at most "+percent(math.Abs(*g.MinChange))+" less")
	}
	switch {
	case g.MaxChange == nil:
	case g.Metric == NewMismatches:
		all = append(all, "at most "+percent(*g.MaxChange))
	default:
		all = append(all, "at most "+percent(*g.MaxChange)+" more")
	}
	if g.MaxAge > 0 {
		all = append(all, "at most "+span(g.MaxAge))
	}
	return all
}

// change says how the value stands against the last night.
func (o Outcome) change() string {
	last := grouped(value(o.LastNight))
	switch {
	case o.Metric == NewMismatches && o.Change == nil:
		return "none was open on " + o.Against
	case o.Metric == NewMismatches:
		return fmt.Sprintf("%s of the %s that were open on %s", rounded(*o.Change), last, o.Against)
	case o.Change == nil:
		return "none on " + o.Against
	case *o.Change == 0:
		return "as many as on " + o.Against
	case *o.Change < 0:
		return fmt.Sprintf("%s less than the %s of %s", rounded(-*o.Change), last, o.Against)
	}
	return fmt.Sprintf("%s more than the %s of %s", rounded(*o.Change), last, o.Against)
}

func value(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}

// percent gives a share with as many digits as tell it from its limit.
func percent(share float64) string {
	return strconv.FormatFloat(share*100, 'g', 6, 64) + " %"
}

// rounded gives a change with three digits, which the counts beside it make exact.
func rounded(share float64) string {
	if share >= 10 {
		return grouped(math.Round(share*100)) + " %"
	}
	return strconv.FormatFloat(share*100, 'g', 3, 64) + " %"
}

var english = message.NewPrinter(language.English)

// grouped gives a count as 1,234,567.
func grouped(n float64) string {
	if n == math.Trunc(n) {
		return english.Sprintf("%d", int64(n))
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

// span gives seconds as 36h or 1h30m.
func span(seconds float64) string {
	text := (time.Duration(seconds) * time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
