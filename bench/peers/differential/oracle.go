package differential

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"crosscheck/bench/peers/duck"
	"crosscheck/engine/record"
)

// Oracle gives DuckDB's findings in the order of a report. It makes these temporary tables, one a level L where L is said:
//
//	levelL     every row: key (canonical, null if there is none), raw, malformed, source, ord, and of field f the
//	           canonical value cF and the text tF as the level holds it; kI is the text of carried column I
//	standL     the row that stands for each key: the first in file order
//	joined     the full outer join of the standing rows: key, inL, sourceL, cL_F, tL_F, and
//	           carryI from the first level that holds the record and has the column
func (c *Case) oracle(ctx context.Context, db *duck.DB) ([]finding, error) {
	if err := db.Exec(ctx, macros); err != nil {
		return nil, err
	}
	for l := range c.Levels {
		if err := db.Exec(ctx, c.readLevel(l)+standing(l)); err != nil {
			return nil, fmt.Errorf("reading level %d of seed %d: %w", l, c.Seed, err)
		}
	}
	if err := db.Exec(ctx, c.join()); err != nil {
		return nil, fmt.Errorf("joining the levels of seed %d: %w", c.Seed, err)
	}
	parts := []string{c.missingFindings()}
	for f, field := range c.Fields() {
		parts = append(parts, c.differsFindings(f, field))
	}
	for l := range c.Levels {
		parts = append(parts, c.duplicateFindings(l), c.keylessFindings(l), c.malformedFindings(l))
	}
	found, err := c.query(ctx, db, fmt.Sprintf("SELECT %s FROM (\n%s\n) ORDER BY record_key, kind, field NULLS FIRST, lvl, ord",
		c.reportColumns(), strings.Join(parts, "\nUNION ALL BY NAME\n")))
	if err != nil {
		return nil, fmt.Errorf("findings of seed %d: %w", c.Seed, err)
	}
	c.spell(found)
	return found, nil
}

// readLevel gives the statement that makes levelL.
func (c *Case) readLevel(l int) string {
	columns := []string{c.keyText(l) + " AS key", c.rawKey(l) + " AS raw", c.malformed(l) + " AS malformed",
		"filename || ':' || (file_row_number + 1) AS source", fmt.Sprintf("CAST(list_position(%s, filename) AS BIGINT) << 40 | file_row_number AS ord", duck.Files(c.Levels[l].Files))}
	for f, field := range c.Fields() {
		if field.Stored[l] != "" {
			name := duck.Name(field.Name)
			columns = append(columns, fmt.Sprintf("%s AS c%d", c.canonical(l, &field, name), f), fmt.Sprintf("%s AS t%d", c.held(l, field.Stored[l], name), f))
		}
	}
	for _, i := range c.Carry {
		if stored := c.Columns[i].Stored[l]; stored != "" {
			columns = append(columns, fmt.Sprintf("%s AS k%d", c.held(l, stored, duck.Name(c.Columns[i].Name)), i))
		}
	}
	return fmt.Sprintf("CREATE OR REPLACE TEMP TABLE level%d AS SELECT %s\nFROM %s;\n", l, strings.Join(columns, ",\n "), c.source(l))
}

// source gives the rows of a level as its files hold them, with filename and file_row_number from 0.
func (c *Case) source(l int) string {
	level := &c.Levels[l]
	if !level.CSV {
		return fmt.Sprintf("read_parquet(%s, file_row_number = true, filename = true)", duck.Files(level.Files))
	}
	var columns []string
	for _, i := range level.Order {
		if c.column(i).Stored[l] != "" {
			columns = append(columns, duck.Text(c.fileName(l, i))+": 'VARCHAR'")
		}
	}
	return "(" + duck.Each(len(level.Files), "\nUNION ALL ", func(f int) string {
		return fmt.Sprintf(`SELECT *, %s AS filename, row_number() OVER () - 1 AS file_row_number FROM read_csv(%s, header = true, auto_detect = false,
			delim = %s, quote = '"', escape = '"', nullstr = '', parallel = false, columns = {%s})`,
			duck.Text(level.Files[f]), duck.Text(level.Files[f]), duck.Text(level.Delim), strings.Join(columns, ", "))
	}) + ")"
}

// held gives a value as the level holds it, as text; floats are finished by spell.
func (c *Case) held(l int, stored, value string) string {
	switch {
	case c.Levels[l].CSV:
		return value
	case stored == "TIMESTAMPTZ":
		return fmt.Sprintf("CAST(%s AT TIME ZONE 'UTC' AS VARCHAR) || 'Z'", value)
	}
	return fmt.Sprintf("CAST(%s AS VARCHAR)", value)
}

// canonical gives a value as what the field is compared as.
func (c *Case) canonical(l int, f *Column, value string) string {
	switch f.Type {
	case record.String:
		return value
	case record.Int:
		return fmt.Sprintf("CAST(%s AS BIGINT)", value)
	case record.Decimal:
		return fmt.Sprintf("CAST(%s AS DECIMAL(38,10))", value)
	case record.Float:
		return fmt.Sprintf("CAST(%s AS DOUBLE)", value)
	case record.Bool:
		return fmt.Sprintf("CAST(%s AS BOOLEAN)", value)
	case record.Date:
		return fmt.Sprintf("CAST(%s AS DATE)", value)
	case record.Timestamp:
		if f.Stored[l] == "TIMESTAMPTZ" {
			value = fmt.Sprintf("CAST(%s AS TIMESTAMPTZ) AT TIME ZONE 'UTC'", value)
		}
		return fmt.Sprintf("CAST(%s AS TIMESTAMP_NS)", value)
	}
	panic(fmt.Sprintf("no field is compared as %s", f.Type))
}

// spell makes DuckDB's texts of floats those of Go, and turns the level that speaks for the majority into what it says.
func (c *Case) spell(found []finding) {
	floats := map[string][]int{} // field → bits of a float a level, 0 if it is none
	for _, f := range c.Fields() {
		bits := make([]int, len(c.Levels))
		for l := range c.Levels {
			if !c.Levels[l].CSV {
				bits[l] = map[string]int{"FLOAT": 32, "DOUBLE": 64}[f.Stored[l]]
			}
		}
		floats[f.Name] = bits
	}
	for i := range found {
		f := &found[i]
		if f.kind != "differs" {
			continue
		}
		for l, bits := range floats[f.field.String] {
			if bits > 0 && f.values[l].Valid {
				x, _ := strconv.ParseFloat(f.values[l].String, bits)
				f.values[l].String = strconv.FormatFloat(x, 'g', -1, bits)
			}
		}
		if f.consensus.Valid {
			l, _ := strconv.Atoi(f.consensus.String)
			f.consensus = f.values[l]
		}
	}
}

// standing gives the statement that makes standL.
func standing(l int) string {
	return fmt.Sprintf("CREATE OR REPLACE TEMP TABLE stand%d AS SELECT * FROM level%d WHERE key IS NOT NULL QUALIFY row_number() OVER (PARTITION BY key ORDER BY ord) = 1", l, l)
}

// join gives the statement that makes joined.
func (c *Case) join() string {
	columns := []string{"key"}
	from := ""
	for l := range c.Levels {
		columns = append(columns, fmt.Sprintf("stand%d.source IS NOT NULL AS in%d, stand%d.source AS source%d", l, l, l, l))
		for f, field := range c.Fields() {
			if field.Stored[l] != "" {
				columns = append(columns, fmt.Sprintf("stand%d.c%d AS c%d_%d, stand%d.t%d AS t%d_%d", l, f, l, f, l, f, l, f))
			}
		}
		if l == 0 {
			from = "stand0"
		} else {
			from += fmt.Sprintf(" FULL OUTER JOIN stand%d USING (key)", l)
		}
	}
	for _, i := range c.Carry {
		carried := "CASE"
		for l := range c.Levels {
			if c.Columns[i].Stored[l] != "" {
				carried += fmt.Sprintf(" WHEN stand%d.source IS NOT NULL THEN stand%d.k%d", l, l, i)
			}
		}
		columns = append(columns, fmt.Sprintf("%s END AS carry%d", carried, i))
	}
	return fmt.Sprintf("CREATE OR REPLACE TEMP TABLE joined AS SELECT %s\nFROM %s", strings.Join(columns, ",\n "), from)
}

// oracleRow gives the select list of a finding about the record in joined; what is set replaces its columns.
func (c *Case) oracleRow(kind string, set map[string]string) string {
	columns := map[string]string{"record_key": "key", "kind": duck.Text(kind), "field": "CAST(NULL AS VARCHAR)", "outlier": "CAST(NULL AS VARCHAR)",
		"consensus": "CAST(NULL AS VARCHAR)", "count": "CAST(NULL AS BIGINT)", "lvl": "0", "ord": "0"}
	for l, level := range c.Levels {
		columns["in_"+level.Name] = fmt.Sprintf("in%d", l)
		columns["value_"+level.Name] = "CAST(NULL AS VARCHAR)"
		columns["source_"+level.Name] = fmt.Sprintf("source%d", l)
	}
	for _, i := range c.Carry {
		columns[c.Columns[i].Name] = fmt.Sprintf("carry%d", i)
	}
	for name, value := range set {
		columns[name] = value
	}
	var list []string
	for name, value := range columns {
		list = append(list, value+" AS "+duck.Name(name))
	}
	return "SELECT " + strings.Join(list, ", ")
}

func (c *Case) missingFindings() string {
	return c.oracleRow("missing", nil) + " FROM joined WHERE NOT (" + duck.Each(len(c.Levels), " AND ", func(l int) string { return fmt.Sprintf("in%d", l) }) + ")"
}

// differsFindings gives the records in which field f differs between two levels that hold both.
func (c *Case) differsFindings(f int, field Column) string {
	var holders []int
	for l := range c.Levels {
		if field.Stored[l] != "" {
			holders = append(holders, l)
		}
	}
	agreeing := func(a int) string { // levels that say what level a says, 0 if it lacks the record
		return "(" + duck.Each(len(holders), " + ", func(i int) string {
			return fmt.Sprintf("CAST(in%d AND in%d AND c%d_%d IS NOT DISTINCT FROM c%d_%d AS INTEGER)", a, holders[i], a, f, holders[i], f)
		}) + ")"
	}
	voters := "(" + duck.Each(len(holders), " + ", func(i int) string { return fmt.Sprintf("CAST(in%d AS INTEGER)", holders[i]) }) + ")"
	singles := "(" + duck.Each(len(holders), " + ", func(i int) string { return fmt.Sprintf("CAST(%s = 1 AS INTEGER)", agreeing(holders[i])) }) + ")"
	var differ []string
	outlier, consensus := "CASE", "CASE"
	set := map[string]string{"field": duck.Text(field.Name)}
	for i, a := range holders {
		for _, b := range holders[i+1:] {
			differ = append(differ, fmt.Sprintf("(in%d AND in%d AND c%d_%d IS DISTINCT FROM c%d_%d)", a, b, a, f, b, f))
		}
		outlier += fmt.Sprintf(" WHEN %s >= 3 AND %s = 1 AND %s = 1 THEN %s", voters, singles, agreeing(a), duck.Text(c.Levels[a].Name))
		consensus += fmt.Sprintf(" WHEN 2 * %s > %s THEN '%d'", agreeing(a), voters, a)
		set["value_"+c.Levels[a].Name] = fmt.Sprintf("t%d_%d", a, f)
	}
	set["outlier"], set["consensus"] = outlier+" END", consensus+" END"
	return c.oracleRow("differs", set) + " FROM joined WHERE " + strings.Join(differ, " OR ")
}

// duplicateFindings gives the keys that level l holds more than once.
func (c *Case) duplicateFindings(l int) string {
	agree := "true"
	var fields []string
	for f, field := range c.Fields() {
		if field.Stored[l] != "" {
			fields = append(fields, fmt.Sprintf("c%d", f))
		}
	}
	if len(fields) > 0 {
		agree = "count(DISTINCT row(" + strings.Join(fields, ", ") + ")) = 1"
	}
	return c.oracleRow("duplicate", map[string]string{
		"count": "n", "lvl": strconv.Itoa(l), "value_" + c.Levels[l].Name: "CASE WHEN agree THEN 'identical' ELSE 'conflicting' END",
	}) + fmt.Sprintf(" FROM joined JOIN (SELECT key, count(*) AS n, %s AS agree FROM level%d WHERE key IS NOT NULL GROUP BY key HAVING n > 1) USING (key)", agree, l)
}

// keylessFindings gives the rows of level l that have no key.
func (c *Case) keylessFindings(l int) string {
	set := map[string]string{"record_key": "''", "lvl": strconv.Itoa(l), "ord": "ord", "value_" + c.Levels[l].Name: "raw"}
	for _, i := range c.Carry {
		set[c.Columns[i].Name] = "CAST(NULL AS VARCHAR)"
	}
	for other, level := range c.Levels {
		set["in_"+level.Name] = strconv.FormatBool(other == l)
		set["source_"+level.Name] = map[bool]string{true: "source", false: "CAST(NULL AS VARCHAR)"}[other == l]
	}
	return c.oracleRow("invalid_key", set) + fmt.Sprintf(" FROM level%d WHERE key IS NULL", l)
}

// malformedFindings gives the rows of level l whose key is not what its type says.
func (c *Case) malformedFindings(l int) string {
	name := c.Levels[l].Name
	return c.oracleRow("invalid_key", map[string]string{"lvl": strconv.Itoa(l), "ord": "ord", "value_" + name: "raw", "source_" + name: "source"}) +
		fmt.Sprintf(" FROM joined JOIN (SELECT key, raw, source, ord FROM level%d WHERE malformed AND key IS NOT NULL) USING (key)", l)
}
