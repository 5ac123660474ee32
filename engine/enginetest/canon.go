package enginetest

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"crosscheck/engine/record"
)

// parsed reads the canonical text of a value as typ: a text that two values share exactly if they are equal, and whether it
// reads as typ at all. What a level holds as text is read by formats where there are any.
func parsed(typ record.Type, text string, formats []string, isText bool) (value string, ok bool) {
	switch typ {
	case record.CNID:
		id, _ := canonicalID(text, false)
		return "id " + id, digits18.MatchString(id)
	case record.Int:
		if x, ok := parseInt(text); ok {
			return "int " + x.String(), true
		}
	case record.Decimal:
		if x, ok := parseDecimal(text); ok {
			return "decimal " + x.RatString(), true
		}
	case record.Float:
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			return floatText(x), true
		}
	case record.Bool:
		if strings.EqualFold(text, "true") || strings.EqualFold(text, "false") {
			return "boolean " + strings.ToLower(text), true
		}
	case record.Date:
		if t, ok := timeIn(text, formats, isText); ok && t.Equal(t.Truncate(24*time.Hour)) {
			return "date " + t.Format("2006-01-02"), true
		}
	case record.Timestamp:
		if t, ok := timeIn(text, formats, isText); ok {
			return "instant " + t.UTC().Format(time.RFC3339Nano), true
		}
	}
	return "text " + text, typ == record.String
}

func floatText(x float64) string {
	if x == 0 {
		x = 0 // not -0
	}
	return fmt.Sprintf("float %x", x)
}

// timeIn reads a date or a timestamp in one of some formats, or in a standard form.
func timeIn(text string, formats []string, isText bool) (time.Time, bool) {
	if t, ok := parseTime(text); ok && (len(formats) == 0 || !isText) {
		return t, true
	}
	for _, f := range formats {
		if t, err := time.Parse(f, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

var (
	digit    = regexp.MustCompile(`[0-9]`)
	digits15 = regexp.MustCompile(`^[0-9]{15}$`)
	digits18 = regexp.MustCompile(`^[0-9]{17}[0-9X]$`)
	integer  = regexp.MustCompile(`^[+-]?[0-9]+$`)
	decimal  = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
	instant  = regexp.MustCompile(`^[0-9]{4}(-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?$`)
)

func parseInt(s string) (*big.Int, bool) {
	if !integer.MatchString(s) {
		return nil, false
	}
	return new(big.Int).SetString(strings.TrimPrefix(s, "+"), 10)
}

func parseDecimal(s string) (*big.Rat, bool) {
	if !decimal.MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(strings.TrimPrefix(s, "+"))
}

// parseTime reads a date or a timestamp; one without a zone is UTC.
func parseTime(s string) (time.Time, bool) {
	if !instant.MatchString(s) {
		return time.Time{}, false
	}
	s = strings.Replace(strings.ReplaceAll(s, "/", "-"), "T", " ", 1)
	for _, layout := range []string{"2006-1-2", "2006-1-2 15:04", "2006-1-2 15:04:05"} {
		for _, zone := range []string{"", "Z", "-07", "-0700", "-07:00"} {
			if t, err := time.Parse(layout+zone, s); err == nil {
				return t.UTC(), true
			}
		}
	}
	return time.Time{}, false
}

// otherDocument is what the number of a passport or a permit looks like.
var otherDocument = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9()-]*$`)

var province = regexp.MustCompile(`^(1[1-5]|2[123]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]|91|99)`)

// canonicalID gives the 18-character form of a resident ID, or the trimmed text if it has none, and what is wrong with it, "" for
// nothing and "document" for another document.
func canonicalID(s string, strict bool) (id, fault string) {
	s = strings.TrimFunc(s, unicode.IsSpace)
	id = strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' || r == 'Ｘ' || r == 'ｘ' {
			return r - '０' + '0'
		}
		return r
	}, s))
	if digits15.MatchString(id) {
		id = id[:6] + "19" + id[6:]
		id += checkCharacter(id)
	}
	if !digits18.MatchString(id) {
		if digits := digit.FindAllString(s, -1); otherDocument.MatchString(s) && len(digits) >= 5 && len(s) <= 20 {
			return s, "document"
		}
		switch runes := []rune(id); {
		case strings.ContainsFunc(string(runes[:min(len(runes), 18)]), func(r rune) bool { return r != 'X' && (r < '0' || r > '9') }):
			return s, "character"
		case len(runes) != 15 && len(runes) != 18:
			return s, "length"
		}
		return s, "character"
	}
	born, err := time.Parse("20060102", id[6:14])
	switch {
	case err != nil || born.Year() < 1800 || born.Year() >= 2200:
		return id, "date"
	case strict && !province.MatchString(id):
		return id, "region"
	case checkCharacter(id[:17]) != id[17:]:
		return id, "check character"
	}
	return id, ""
}

// checkCharacter works as the standard says: with it, the sum of the digits times their weights is 1 modulo 11.
func checkCharacter(digits string) string {
	for check, char := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "X"} {
		sum := check
		for i, d := range digits {
			sum += int(d-'0') << (17 - i)
		}
		if sum%11 == 1 {
			return char
		}
	}
	panic("one of eleven checks is right")
}

// escape keeps the parts of a composite key apart.
var escape = strings.NewReplacer(`\`, `\\`, `|`, `\|`)

// keyState says what a key is worth.
type keyState int

const (
	keyValid keyState = iota
	keyMalformed
	keyNone
)

// keyOf gives the canonical key of a row, and the key as the level holds it (parts joined by "|", a null part as nothing).
func keyOf(types []record.Type, cols []*Column, row int, strict bool) (key string, raw Text, state keyState, reason string) {
	var parts, raws []string
	for i, c := range cols {
		if c.Cells[row] == nil {
			state = keyNone
			raws = append(raws, "")
			continue
		}
		raw.Valid = true
		text := c.text(row)
		raws = append(raws, text)
		text = strings.TrimFunc(text, unicode.IsSpace)
		if text == "" {
			state = keyNone
			continue
		}
		part, fault := canonicalPart(types[i], text, strict)
		if fault != "" && fault != "document" && state == keyValid {
			state, reason = keyMalformed, fault
		}
		parts = append(parts, part)
	}
	if raw.Valid {
		raw.Text = strings.Join(raws, "|")
	}
	switch {
	case state == keyNone:
		return "", raw, keyNone, "no key"
	case len(cols) == 1:
		return parts[0], raw, state, reason
	}
	for i, p := range parts {
		parts[i] = escape.Replace(p)
	}
	return strings.Join(parts, "|"), raw, state, reason
}

// canonicalPart gives the canonical text of a part of a key, which is trimmed, and what is wrong with it, "" for nothing.
func canonicalPart(typ record.Type, text string, strict bool) (part, fault string) {
	switch typ {
	case record.CNID:
		return canonicalID(text, strict)
	case record.Int:
		x, ok := parseInt(text)
		if !ok {
			return text, "number"
		}
		if !x.IsInt64() {
			return x.String(), "number"
		}
		return x.String(), ""
	case record.String:
		return text, ""
	}
	panic("the oracle knows no keys of type " + typ.String())
}
