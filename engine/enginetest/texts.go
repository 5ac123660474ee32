package enginetest

import (
	"regexp"

	"crosscheck/engine"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// plainForms are the texts that the values of a type are written as by nearly all programs.
var plainForms = map[record.Type]*regexp.Regexp{
	record.Decimal:   regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?$`),
	record.Bool:      regexp.MustCompile(`^(?i:true|false)$`),
	record.Date:      regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`),
	record.Timestamp: instant,
}

// Texts gives a case as files of a format without types hold it: each column is text. What is not a plain text of the type of its field is null, so that
// the types of some fields follow from the values alone. Rules and rosters are left out: they look at columns as they are stored.
func Texts(c Case) Case {
	out := c
	out.Rosters, out.Options.Rosters, out.Options.Rules, out.Tables = nil, nil, nil, nil
	out.Options.Fields = nil
	for _, f := range c.Options.Fields {
		f.Canon.Formats = nil
		out.Options.Fields = append(out.Options.Fields, f)
	}
	for i := range c.Tables {
		out.Tables = append(out.Tables, c.Tables[i].texts(out.Options.Fields))
	}
	return out
}

func (t *Table) texts(fields []engine.Field) Table {
	out := Table{Name: t.Name, LatestBy: t.LatestBy}
	for i := range t.Columns {
		c := &t.Columns[i]
		var form *regexp.Regexp
		for _, f := range fields {
			if f.Name == c.Name {
				form = plainForms[f.Type]
			}
		}
		cells := make([]any, len(c.Cells))
		for row, cell := range c.Cells {
			if cell == nil {
				continue
			}
			if text := c.text(row); form == nil || form.MatchString(text) {
				cells[row] = text
			}
		}
		out.Columns = append(out.Columns, Column{c.Name, arrow.BinaryTypes.String, cells})
	}
	return out
}
