package differential

import (
	"context"
	"fmt"
	"strings"

	"crosscheck/bench/peers/duck"
)

// Write makes the files of the case.
func (c *Case) Write(ctx context.Context, db *duck.DB) error {
	if err := db.Exec(ctx, macros); err != nil {
		return err
	}
	for l := range c.Levels {
		if err := db.Exec(ctx, c.fill(l)); err != nil {
			return fmt.Errorf("making level %d of seed %d: %w", l, c.Seed, err)
		}
		if err := db.Exec(ctx, c.copyOut(l)); err != nil {
			return fmt.Errorf("writing level %d of seed %d: %w", l, c.Seed, err)
		}
	}
	return nil
}

// chance gives SQL that holds for percent of the rows, by the hash of the terms.
func (c *Case) chance(percent int, terms string) string {
	return fmt.Sprintf("(hash(%d, %s) %% 100 < %d)", c.Seed, terms, percent)
}

// fill gives the statement that makes table filled: the rows of level l with the types they are written as, pos numbering
// them from 0 in the order of the file. Row (i, copy) belongs to record i; a record has copies beyond 0 where the level doubles it.
func (c *Case) fill(l int) string {
	var columns []string
	for part := range c.Key {
		columns = append(columns, c.keyColumn(l, part))
	}
	for f := range c.Columns {
		if c.Columns[f].Stored[l] != "" {
			columns = append(columns, c.valueColumn(l, f))
		}
	}
	rows := fmt.Sprintf(`SELECT i, copy, CASE WHEN %s THEN 0 ELSE copy END AS variant FROM range(%d) r(i), range(3) c(copy)
		WHERE NOT %s AND (copy = 0 OR %s)`,
		c.chance(60, fmt.Sprintf("i, copy, %d, 'same'", l)), c.Records,
		c.chance(c.missing, fmt.Sprintf("i, %d, 'missing'", l)), c.chance(c.doubled, fmt.Sprintf("i, copy, %d, 'doubled'", l)))
	if c.Levels[l].Empty {
		rows += " AND false"
	}
	return fmt.Sprintf("CREATE OR REPLACE TEMP TABLE filled AS SELECT %s,\n row_number() OVER (ORDER BY hash(%d, i, copy, %d), i, copy) - 1 AS pos\nFROM (%s)",
		strings.Join(columns, ",\n "), c.Seed, l, rows)
}

// keyColumn gives a key part: spelled in one of its ways, null or blank where the row is to have no key.
func (c *Case) keyColumn(l, part int) string {
	k := &c.Key[part]
	value, spelled := k.keyValue(part)
	lot := fmt.Sprintf("hash(%d, i, copy, %d, %d, 'spelled') %% 100", c.Seed, l, part)
	var cases strings.Builder
	textual := k.Stored[l] == "VARCHAR"
	blank := "NULL"
	if textual {
		blank = fmt.Sprintf("CASE %s %% 3 WHEN 0 THEN '  ' WHEN 1 THEN chr(9) ELSE NULL END", lot)
		for i, s := range spelled {
			fmt.Fprintf(&cases, " WHEN %s = %d THEN %s", lot, i, s)
		}
		if k.Family == residentID && c.Typed {
			fmt.Fprintf(&cases, " WHEN %s = 50 AND i %% 5 = 0 THEN 'no-id-' || i", lot)
			fmt.Fprintf(&cases, " WHEN %s = 51 THEN left(id_of(i), 17) || CASE right(id_of(i), 1) WHEN '0' THEN '1' ELSE '0' END", lot)
		}
		if k.Family == keyWhole {
			fmt.Fprintf(&cases, " WHEN %s = 50 THEN 'n' || i", lot)
		}
	}
	keyless := c.chance(c.keyless, fmt.Sprintf("i, copy, %d, %d, 'keyless'", l, part))
	return fmt.Sprintf("CASE WHEN %s THEN %s%s ELSE %s END AS %s", keyless, blank, cases.String(), copyable(value, k.Stored[l]), duck.Name(k.Name))
}

// valueColumn gives a field: the record's value, or on some rows one of two others, or null.
func (c *Case) valueColumn(l, f int) string {
	col := &c.Columns[f]
	mutated := c.chance(c.mutated, fmt.Sprintf("i, variant, %d, %d, 'mutated'", l, f))
	hx := fmt.Sprintf("hash(%d, i, %d, CASE WHEN %s THEN 1 + hash(%d, i, variant, %d, %d) %% 2 ELSE 0 END)", c.Seed, f, mutated, c.Seed, l, f)
	return fmt.Sprintf("(SELECT CASE WHEN hash(hx, 'null') %% 100 < %d THEN NULL ELSE %s END FROM (SELECT %s AS hx)) AS %s",
		col.Nulls, copyable(col.value("hx"), col.Stored[l]), hx, duck.Name(col.Name))
}

// copyOut gives the statements that write table filled to the files of level l, cut into equal stretches.
func (c *Case) copyOut(l int) string {
	level := &c.Levels[l]
	var columns []string
	for _, i := range level.Order {
		if col := c.column(i); col.Stored[l] != "" {
			columns = append(columns, duck.Name(col.Name)+" AS "+duck.Name(c.fileName(l, i)))
		}
	}
	return duck.Each(len(level.Files), ";\n", func(f int) string {
		options := level.Options[f]
		if level.CSV {
			options = fmt.Sprintf("FORMAT csv, HEADER, DELIMITER %s", duck.Text(level.Delim))
		}
		return fmt.Sprintf("COPY (SELECT %s FROM filled, (SELECT count(*) AS n FROM filled) WHERE pos * %d // n = %d ORDER BY pos) TO %s (%s)",
			strings.Join(columns, ", "), len(level.Files), f, duck.Text(level.Files[f]), options)
	})
}
