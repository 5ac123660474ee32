package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"crosscheck/bench/peers/duck"
	"crosscheck/bench/synth"
	"crosscheck/engine"
	"crosscheck/engine/record"
	"crosscheck/engine/report"
	"crosscheck/loaders"
)

// counts is what a comparison found.
type counts struct {
	Missing int64            `json:"missing"` // records that lack on a level
	Differs map[string]int64 `json:"differs"` // records by field that differs
}

// difference says in what two counts differ, "" if they agree.
func (c *counts) difference(d *counts) string {
	if c.Missing != d.Missing {
		return fmt.Sprintf("%d and %d records missing", c.Missing, d.Missing)
	}
	for field, n := range c.Differs {
		if n != d.Differs[field] {
			return fmt.Sprintf("%d and %d records differing in %s", n, d.Differs[field], field)
		}
	}
	if len(c.Differs) != len(d.Differs) {
		return fmt.Sprintf("%d and %d fields", len(c.Differs), len(d.Differs))
	}
	return ""
}

// output is the file that a comparison writes.
func (d *dataset) output(who string) string { return filepath.Join(d.Dir, "out-"+who+".parquet") }

// crosscheck is the whole task by this engine.
func crosscheck(ctx context.Context, d dataset) (*counts, error) {
	var levels []engine.Level
	for i, name := range d.Names {
		source, err := loaders.Open(name, loaders.Spec{Paths: d.Files[i : i+1]})
		if err != nil {
			return nil, err
		}
		defer source.Close()
		levels = append(levels, engine.Level{Name: name, Source: source})
	}
	w, err := report.Create(d.output("crosscheck"), report.Options{RunDate: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return nil, err
	}
	s, err := engine.Run(ctx, levels, engine.Options{Key: []engine.Field{{Name: synth.KeyColumn, Type: record.CNID}}}, w)
	if err != nil {
		w.Abort()
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	c := &counts{Missing: s.Missing, Differs: map[string]int64{}}
	for _, f := range s.Fields {
		c.Differs[f.Field] = f.Differs
	}
	return c, nil
}

// duckJoin is the same task by DuckDB.
func duckJoin(ctx context.Context, d dataset) (struct{}, error) {
	db, err := duck.Open(runtime.GOMAXPROCS(0))
	if err != nil {
		return struct{}{}, err
	}
	defer db.Close()
	return struct{}{}, db.Exec(ctx, "SET preserve_insertion_order = false;\n"+d.joinSQL())
}

// joinSQL writes a row for each record that mismatches: its key, and of each field its value a level, named field_0, field_1, …;
// in_0, in_1, … say which levels hold the record.
func (d *dataset) joinSQL() string {
	key := duck.Name(synth.KeyColumn)
	columns := []string{key}
	var mismatch []string
	from := ""
	for l := range d.Names {
		columns = append(columns, fmt.Sprintf("l%d.%s IS NOT NULL AS in_%d", l, key, l))
		mismatch = append(mismatch, fmt.Sprintf("l%d.%s IS NULL", l, key))
		if l > 0 {
			from += " FULL OUTER JOIN "
		}
		from += fmt.Sprintf("%s l%d", d.scan(l), l)
		if l > 0 {
			from += fmt.Sprintf(" USING (%s)", key)
		}
	}
	for _, field := range d.Fields {
		for l := range d.Names {
			columns = append(columns, fmt.Sprintf("l%d.%s AS %s", l, duck.Name(field), duck.Name(fmt.Sprintf("%s_%d", field, l))))
			if l > 0 {
				mismatch = append(mismatch, fmt.Sprintf("l0.%s IS DISTINCT FROM l%d.%s", duck.Name(field), l, duck.Name(field)))
			}
		}
	}
	return fmt.Sprintf("COPY (SELECT %s FROM %s WHERE %s) TO %s (FORMAT parquet, CODEC 'snappy')",
		strings.Join(columns, ", "), from, strings.Join(mismatch, " OR "), duck.Text(d.output("duckdb")))
}

// scan reads level l; CSV without guessing, all columns as text, as this engine compares it.
func (d *dataset) scan(l int) string {
	if d.Format == synth.Parquet {
		return fmt.Sprintf("read_parquet(%s)", duck.Text(d.Files[l]))
	}
	columns := append([]string{synth.KeyColumn}, d.Fields...)
	return fmt.Sprintf("read_csv(%s, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = {%s})", duck.Text(d.Files[l]),
		duck.Each(len(columns), ", ", func(i int) string { return duck.Text(columns[i]) + ": 'VARCHAR'" }))
}

// countJoin counts what duckJoin wrote.
func countJoin(ctx context.Context, d dataset) (*counts, error) {
	db, err := duck.Open(runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	everywhere := duck.Each(len(d.Names), " AND ", func(l int) string { return fmt.Sprintf("in_%d", l) })
	columns := []string{fmt.Sprintf("count(*) FILTER (WHERE NOT (%s))", everywhere)}
	for _, field := range d.Fields {
		var differ []string
		for a := range d.Names {
			for b := range a {
				differ = append(differ, fmt.Sprintf("(in_%d AND in_%d AND %s IS DISTINCT FROM %s)", a, b,
					duck.Name(fmt.Sprintf("%s_%d", field, a)), duck.Name(fmt.Sprintf("%s_%d", field, b))))
			}
		}
		columns = append(columns, fmt.Sprintf("count(*) FILTER (WHERE %s)", strings.Join(differ, " OR ")))
	}
	c := &counts{Differs: map[string]int64{}}
	found := make([]int64, len(d.Fields))
	dest := []any{&c.Missing}
	for i := range found {
		dest = append(dest, &found[i])
	}
	if err := db.Scan(ctx, fmt.Sprintf("SELECT %s FROM read_parquet(%s)", strings.Join(columns, ", "), duck.Text(d.output("duckdb"))), dest...); err != nil {
		return nil, err
	}
	for i, field := range d.Fields {
		c.Differs[field] = found[i]
	}
	return c, nil
}
