package enginetest

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"crosscheck/engine"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// reading is what a cell says under the rule of a field.
type reading struct {
	null     bool
	value    string // two cells are equal exactly if both are null or their values are the same
	unparsed bool   // it does not read as the type and is compared as text
	text     string // canonical, before it is read as the type
	isText   bool
}

// readings are what the cells of a field say that were read: by their type, which says how, and what they are.
type readings map[arrow.DataType]map[any]reading

// read reads row of a column of field i. Rows of a case hold the same few cells, so each is read once.
func (o *oracle) read(i int, c *Column, row int) reading {
	of := o.readings[i][c.Type]
	if of == nil {
		of = map[any]reading{}
		o.readings[i][c.Type] = of
	}
	cell := identity(c.Cells[row])
	r, ok := of[cell]
	if !ok {
		r = read(&o.opt.Fields[i], c, row)
		of[cell] = r
	}
	return r
}

// read reads row of a column.
func read(f *engine.Field, c *Column, row int) reading {
	cell := c.Cells[row]
	if cell == nil {
		return reading{null: true, value: "null"}
	}
	held, isText := cell.(string)
	if !isText {
		held = c.text(row)
	}
	text, null := canonicalText(&f.Canon, held)
	if blank := strings.TrimFunc(text, unicode.IsSpace) == ""; null || blank && f.Type == record.CNID && isNullWord(&f.Canon, "") {
		return reading{null: true, value: "null"}
	}
	r := reading{text: text, isText: isText}
	switch x := cell.(type) {
	case float32:
		if f.Type == record.Float && text == held {
			r.value = floatText(float64(x))
			return r
		}
	case arrow.Timestamp:
		if f.Type == record.Timestamp && text == held {
			r.value = "instant " + c.instant(x).Format(time.RFC3339Nano)
			return r
		}
	}
	value, ok := parsed(f.Type, text, f.Canon.Formats, isText)
	r.value, r.unparsed = value, !ok
	return r
}

func isNullWord(c *record.Canon, text string) bool {
	if c.Nulls == nil {
		return text == ""
	}
	return slices.Contains(c.Nulls, text)
}

// canonicalText applies a rule to a text.
func canonicalText(c *record.Canon, text string) (canonical string, null bool) {
	for range 2 {
		if to, ok := c.Map[text]; ok {
			text = normal(c.Steps, to)
			return text, isNullWord(c, text)
		}
		if isNullWord(c, text) {
			return "", true
		}
		if c.List == "" {
			text = normal(c.Steps, text)
		} else {
			text = normal(c.Steps&^(record.Digits|record.Phone), text)
		}
	}
	if c.List == "" {
		return text, false
	}
	item := *c
	item.List, item.Steps = "", c.Steps&(record.Digits|record.Phone)|record.Trim
	item.Map = map[string]string{}
	for from, to := range c.Map {
		item.Map[from] = normal(c.Steps, to)
	}
	items := map[string]bool{}
	for part := range strings.SplitSeq(text, c.List) {
		if part, null := canonicalText(&item, strings.TrimFunc(part, unicode.IsSpace)); !null && part != "" {
			items[part] = true
		}
	}
	var sorted []string
	for i := range items {
		sorted = append(sorted, i)
	}
	slices.Sort(sorted)
	return strings.Join(sorted, c.List), len(sorted) == 0
}

var (
	spaces    = regexp.MustCompile(`[\s\v\x{85}\p{Z}]+`)
	noDigits  = regexp.MustCompile(`[^0-9]+`)
	phoneText = regexp.MustCompile(`^[\s\v\x{85}\p{Z}().\p{Pd}−]*\+?[\s\v\x{85}\p{Z}().\p{Pd}−0-9]+$`)
	mobile    = regexp.MustCompile(`^(\+86|\+?0086|86)?(1[3-9][0-9]{9})$`)
	landline  = regexp.MustCompile(`^(?:\+|\+?00)86(0?)([0-9]{8,})$`)
	service   = regexp.MustCompile(`^[48]00[0-9]{7}$`)
	abroad    = regexp.MustCompile(`^(?:\+|00)([0-9]+)$`)
)

// normal applies steps until nothing changes.
func normal(steps record.Steps, text string) string {
	for before := text + "."; text != before; {
		before = text
		for _, step := range []struct {
			step record.Steps
			do   func(string) string
		}{
			{record.Width, width.Fold.String},
			{record.NFKC, norm.NFKC.String},
			{record.NFC, norm.NFC.String},
			{record.Upper, strings.ToUpper},
			{record.Lower, strings.ToLower},
			{record.Collapse, func(s string) string { return spaces.ReplaceAllString(s, " ") }},
			{record.Trim, func(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }},
			{record.Digits, digitsIn},
			{record.Phone, phoneIn},
		} {
			if steps&step.step != 0 {
				text = step.do(text)
			}
		}
	}
	return text
}

func digitsIn(s string) string {
	if d := noDigits.ReplaceAllString(width.Narrow.String(s), ""); d != "" {
		return d
	}
	return s
}

func phoneIn(s string) string {
	n := width.Narrow.String(s)
	if !phoneText.MatchString(n) || noDigits.ReplaceAllString(n, "") == "" {
		return s
	}
	plus := strings.Contains(n, "+")
	n = noDigits.ReplaceAllString(n, "")
	if plus {
		n = "+" + n
	}
	if m := mobile.FindStringSubmatch(n); m != nil && !strings.HasPrefix(n, "+00") {
		return m[2]
	}
	if m := landline.FindStringSubmatch(n); m != nil && !strings.HasPrefix(n, "+00") && len(m[1]+m[2]) >= 9 {
		if service.MatchString(m[1] + m[2]) {
			return m[2]
		}
		return "0" + m[2]
	}
	if m := abroad.FindStringSubmatch(n); m != nil {
		return "+" + m[1]
	}
	return n
}

// near tells whether two values are no further apart than the tolerance of the field.
func near(f *engine.Field, a, b reading) bool {
	tolerance := f.Tolerance.String()
	if tolerance == "" || a.null || b.null || a.unparsed || b.unparsed {
		return false
	}
	if f.Type == record.Timestamp || f.Type == record.Date {
		x, ok1 := timeIn(a.text, f.Canon.Formats, a.isText)
		y, ok2 := timeIn(b.text, f.Canon.Formats, b.isText)
		most, err := time.ParseDuration(tolerance)
		if err != nil {
			days, _ := new(big.Int).SetString(tolerance, 10)
			most = time.Duration(days.Int64()) * 24 * time.Hour
		}
		return ok1 && ok2 && !x.Add(most).Before(y) && !y.Add(most).Before(x)
	}
	x, ok1 := parseDecimal(a.text)
	y, ok2 := parseDecimal(b.text)
	if !ok1 || !ok2 {
		return false
	}
	share, relative := strings.CutSuffix(tolerance, "%")
	most, _ := parseDecimal(share)
	apart := new(big.Rat).Sub(x, y)
	if relative {
		x.Abs(x)
		y.Abs(y)
		if x.Cmp(y) < 0 {
			x = y
		}
		most.Mul(most, x).Mul(most, big.NewRat(1, 100))
	}
	return apart.Abs(apart).Cmp(most) <= 0
}
