package enginetest

import (
	"math/rand/v2"

	"crosscheck/engine"
	"crosscheck/engine/record"
)

// stepSets are normalisations that a field of text may have, numberSteps those that every field may have.
var (
	stepSets = []record.Steps{record.Trim, record.Collapse | record.Trim, record.Upper, record.Lower | record.Width, record.Width | record.NFC,
		record.NFKC, record.Trim | record.Width | record.NFC, record.Digits, record.Phone, record.Phone | record.NFC, record.AsIs}
	numberSteps = []record.Steps{record.Trim, record.Width, record.Trim | record.Width | record.NFC, record.AsIs}
)

// nullWords are words for null that each type has some values of.
var nullWords = map[record.Type][]string{
	record.String: {"NULL", "无", "-", "a"}, record.Int: {"0", "x"}, record.Decimal: {"0", "0.00", "."}, record.Float: {"0", "x", "NaN"},
	record.Bool: {"", "false"}, record.Date: {"1970-01-01", "0000-00-00"}, record.Timestamp: {"1970-01-01 00:00:00", "x"}, record.CNID: {"x", "无"},
}

// wordMaps map words of a type's values.
var wordMaps = map[record.Type]map[string]string{
	record.String: {"男": "M", "A": "a", "1": "one"}, record.Int: {"7": "1", "x": "255"}, record.Decimal: {"1": "1.50", "1.50": "1.5"}, record.Float: {"x": "1", "1": "0.1"},
	record.Bool: {"1": "true", "yes": "true"}, record.Date: {"2001-02-29": "1970-01-02"}, record.Timestamp: {"x": "1970-01-02"}, record.CNID: {"n/a": ""},
}

var tolerances = map[record.Type][]string{
	record.Int: {"1", "128", "50%"}, record.Decimal: {"0.01", "1.5", "50%", "1000"}, record.Float: {"0.1", "1e-9", "1%"},
	record.Date: {"1", "30000"}, record.Timestamp: {"1ns", "1s", "8h"},
}

// drawRule gives half of the fields some parts of a rule.
func (g *generator) drawRule(f *engine.Field) {
	if g.chance(2) {
		return
	}
	one := func(r *rand.Rand) bool { return r.IntN(3) == 0 }
	text := f.Type == record.String
	if one(g.r) {
		sets := numberSteps
		if text {
			sets = stepSets
		}
		f.Canon.Steps = pick(sets, g.r.IntN(len(sets)))
	}
	if one(g.r) {
		f.Canon.Nulls = [][]string{{}, {""}, nullWords[f.Type], append([]string{""}, nullWords[f.Type]...)}[g.r.IntN(4)]
	}
	if one(g.r) {
		f.Canon.Map = wordMaps[f.Type]
	}
	if text && g.chance(6) {
		f.Canon.List = ","
	}
	if one(g.r) && (f.Type == record.Date || f.Type == record.Timestamp) {
		f.Canon.Formats = append(f.Canon.Formats, "2006-01-02", "2006-01-02 15:04:05")
		for range g.r.IntN(3) {
			f.Canon.Formats = append(f.Canon.Formats, append(otherDates, "2006/1/2 15:04:05")[g.r.IntN(len(otherDates)+1)])
		}
	}
	if t := tolerances[f.Type]; t != nil && g.chance(2) {
		f.Tolerance, _ = record.ParseTolerance(pick(t, g.r.IntN(len(t))), f.Type)
	}
	f.IgnoreNull = one(g.r)
	if len(f.Canon.Validate(f.Type)) > 0 {
		f.Canon = record.Canon{} // the parts contradict each other
	}
}
