package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/record"
)

// byContent says of a type that nobody gave it.
const byContent = "by content"

// ruleOf says in words how the values of a field are made alike before they are compared.
func ruleOf(p engine.PlannedField) string {
	var words []string
	if p.Inferred {
		words = append(words, byContent)
	}
	if p.Type == record.CNID {
		words = append(words, "width, case and 15 digits as 18")
	}
	if steps := p.Canon.Steps.String(); steps != "" {
		if p.Guessed {
			steps += " (by its name and content)"
		}
		words = append(words, steps)
	}
	if len(p.Canon.Formats) > 0 {
		words = append(words, "as "+strings.Join(p.Canon.Formats, " or "))
	}
	if nulls := p.Canon.Nulls; nulls != nil && len(nulls) == 0 {
		words = append(words, "no text is null")
	} else if nulls != nil {
		words = append(words, fmt.Sprintf("null: %q", nulls))
	}
	if m := p.Canon.Map; len(m) > 0 {
		var to []string
		for _, from := range slices.Sorted(maps.Keys(m)) {
			to = append(to, from+"→"+m[from])
		}
		words = append(words, strings.Join(to, " "))
	}
	if p.Canon.List != "" {
		words = append(words, fmt.Sprintf("a set, items between %q", p.Canon.List))
	}
	if !p.Tolerance.IsZero() {
		within := "± " + p.Tolerance.String()
		if p.Type == record.Date {
			within += " d"
		}
		words = append(words, within)
	}
	if p.IgnoreNull {
		words = append(words, "nulls do not vote")
	}
	return strings.Join(words, ", ")
}
