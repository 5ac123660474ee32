package differential

import (
	"fmt"
	"strings"

	"crosscheck/bench/peers/duck"
	"crosscheck/engine/record"
)

// space lists what is cut off the ends of keys, as far as keys here have it: blank, tab, line feed, ideographic space.
const space = "' ' || chr(9) || chr(10) || chr(12288)"

const (
	integer  = "'[+-]?[0-9]+'"
	idNumber = "'[0-9]{17}[0-9X]'"
)

// keyText gives SQL for the canonical text of the key on level l: null if there is none.
func (c *Case) keyText(l int) string {
	parts := make([]string, len(c.Key))
	for i := range c.Key {
		parts[i] = c.keyPart(l, i)
		if len(c.Key) > 1 { // null where one part is
			parts[i] = fmt.Sprintf("replace(replace(%s, chr(92), chr(92) || chr(92)), '|', chr(92) || '|')", parts[i])
		}
	}
	return strings.Join(parts, " || '|' || ")
}

// keyPart gives SQL for the canonical text of one part.
func (c *Case) keyPart(l, part int) string {
	trimmed := c.trimmedKey(l, part)
	switch c.Key[part].Type {
	case record.Int:
		return fmt.Sprintf("CASE WHEN regexp_full_match(%s, %s) THEN CAST(TRY_CAST(%s AS BIGINT) AS VARCHAR) ELSE %s END", trimmed, integer, trimmed, trimmed)
	case record.CNID:
		return fmt.Sprintf("CASE WHEN regexp_full_match(upper(%s), %s) THEN upper(%s) ELSE %s END", trimmed, idNumber, trimmed, trimmed)
	}
	return trimmed
}

func (c *Case) trimmedKey(l, part int) string {
	return fmt.Sprintf("nullif(trim(CAST(%s AS VARCHAR), %s), '')", duck.Name(c.fileName(l, part)), space)
}

// document tells what the number of another document than a resident ID looks like; five digits must be in it.
const document = "'[A-Za-z][A-Za-z0-9()-]{4,19}'"

// malformed gives SQL that tells whether a part of the key is not what its type says.
func (c *Case) malformed(l int) string {
	return "(" + duck.Each(len(c.Key), " OR ", func(part int) string { return c.malformedPart(l, part) }) + ")"
}

func (c *Case) malformedPart(l, part int) string {
	trimmed := c.trimmedKey(l, part)
	switch c.Key[part].Type {
	case record.Int:
		return fmt.Sprintf("NOT regexp_full_match(%s, %s)", trimmed, integer)
	case record.CNID:
		return fmt.Sprintf(`CASE WHEN NOT regexp_full_match(upper(%s), %s) THEN
			NOT (regexp_full_match(%s, %s) AND length(regexp_replace(%s, '[^0-9]', '', 'g')) >= 5) ELSE
			TRY_CAST(substr(%s, 7, 4) || '-' || substr(%s, 11, 2) || '-' || substr(%s, 13, 2) AS DATE) IS NULL OR check_of(left(%s, 17)) <> upper(right(%s, 1)) END`,
			trimmed, idNumber, trimmed, document, trimmed, trimmed, trimmed, trimmed, trimmed, trimmed)
	}
	return "false"
}

// rawKey gives SQL for the key as the level holds it: null if all parts are.
func (c *Case) rawKey(l int) string {
	names := make([]string, len(c.Key))
	for part := range c.Key {
		names[part] = c.held(l, c.Key[part].Stored[l], duck.Name(c.fileName(l, part)))
	}
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprintf("CASE WHEN coalesce(%s) IS NOT NULL THEN %s END", strings.Join(names, ", "),
		duck.Each(len(names), " || '|' || ", func(i int) string { return "coalesce(" + names[i] + ", '')" }))
}
