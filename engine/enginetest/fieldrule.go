package enginetest

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/record"

	"golang.org/x/text/unicode/norm"
)

// value gives what a cell is compared as in field i: "null", or "= " and a canonical text.
func (o *oracle) value(i int, c *Column, row int) string {
	f := &o.opt.Fields[i]
	if f.Type == record.String && !f.Canon.Default() && c.Cells[row] != nil {
		return ruledText(&f.Canon, c.text(row))
	}
	if isNull(f.Type, c, row) {
		return "null"
	}
	return "= " + canonical(f.Type, c, row)
}

// ruledText applies the rule of a text field, as far as Random draws it.
func ruledText(rule *record.Canon, text string) string {
	null := func(s string) bool { return s == "" && rule.Nulls == nil || slices.Contains(rule.Nulls, s) }
	steps := func(s string) string {
		if rule.Steps&record.NFC != 0 {
			s = norm.NFC.String(s)
		}
		if rule.Steps&record.Lower != 0 {
			s = strings.ToLower(s)
		}
		if rule.Steps&record.Trim != 0 {
			s = strings.TrimSpace(s)
		}
		return s
	}
	for _, s := range []string{text, steps(text)} {
		if null(s) {
			return "null"
		}
		if to, ok := rule.Map[s]; ok {
			if to = steps(to); null(to) {
				return "null"
			}
			return "= text " + to
		}
	}
	return "= text " + steps(text)
}

// near tells whether the values of two levels are no further apart than the tolerance of field i.
func (o *oracle) near(i, a, b int, r *recordRows) bool {
	f := &o.opt.Fields[i]
	if f.Tolerance.IsZero() {
		return false
	}
	x, y := o.fields[i][a], o.fields[i][b]
	if isNull(f.Type, x, r.first[a]) || isNull(f.Type, y, r.first[b]) {
		return false
	}
	s, t := x.text(r.first[a]), y.text(r.first[b])
	tolerance := f.Tolerance.String()
	switch f.Type {
	case record.Date, record.Timestamp:
		p, okP := parseTime(s)
		q, okQ := parseTime(t)
		if f.Type == record.Date {
			tolerance = "24h" // Random draws one day
			okP, okQ = okP && p.Equal(p.Truncate(24*time.Hour)), okQ && q.Equal(q.Truncate(24*time.Hour))
		}
		d, err := time.ParseDuration(tolerance)
		if err != nil {
			panic(err)
		}
		return okP && okQ && !p.After(q.Add(d)) && !q.After(p.Add(d))
	}
	if f.Type == record.Int {
		if _, ok := parseInt(s); !ok {
			return false
		}
		if _, ok := parseInt(t); !ok {
			return false
		}
	}
	p, okP := parseDecimal(s)
	q, okQ := parseDecimal(t)
	if !okP || !okQ {
		return false
	}
	share, relative := strings.CutSuffix(tolerance, "%")
	limit, _ := new(big.Rat).SetString(share)
	apart := new(big.Rat).Sub(p, q)
	if relative {
		p, q = p.Abs(p), q.Abs(q)
		if p.Cmp(q) < 0 {
			p = q
		}
		limit.Mul(limit, p).Quo(limit, big.NewRat(100, 1))
	}
	return apart.Abs(apart).Cmp(limit) <= 0
}

// drawRule draws how the values of a field are made alike.
func (g *generator) drawRule(f *engine.Field) {
	f.IgnoreNull = g.chance(6)
	if !g.chance(3) {
		return
	}
	switch f.Type {
	case record.String:
		f.Canon.Steps = pick([]record.Steps{0, record.AsIs, record.Trim, record.Lower | record.Trim, record.NFC}, g.r.IntN(5))
		if g.chance(2) {
			f.Canon.Nulls = []string{"", "null", " "}
		}
		if g.chance(2) {
			f.Canon.Map = map[string]string{"王小名": "王小明", "twelve bytes": "thirteen byte"}
		}
		return
	case record.Int, record.Decimal, record.Float:
		f.Tolerance = tolerance(pick([]string{"0.5", "1", "10%", "127"}, g.r.IntN(4)), f.Type)
	case record.Date:
		f.Tolerance = tolerance("1", f.Type)
	case record.Timestamp:
		f.Tolerance = tolerance(pick([]string{"500ms", "1s", "24h"}, g.r.IntN(3)), f.Type)
	}
}

func tolerance(text string, typ record.Type) record.Tolerance {
	t, err := record.ParseTolerance(text, typ)
	if err != nil {
		panic(err)
	}
	return t
}
