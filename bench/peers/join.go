package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"

	"crosscheck/bench/child"
	"crosscheck/bench/peers/duck"
	"crosscheck/bench/synth"
)

// duckJoin is the same task by DuckDB.
func duckJoin(ctx context.Context, d dataset) (struct{}, error) {
	db, err := duck.Open(runtime.GOMAXPROCS(0))
	if err != nil {
		return struct{}{}, err
	}
	defer db.Close()
	return struct{}{}, db.Exec(ctx, d.joinSQL())
}

// python is the duckdb module of a Python, which may be of a newer version than the one linked in.
type python struct{ interpreter string }

// join is duckJoin in a process of that Python. Its wall time is that of the statements, without the start of the interpreter.
func (p python) join(ctx context.Context, d *dataset) (child.Usage, error) {
	const script = `
import duckdb, json, sys, time
job = json.load(sys.stdin)
begin = time.time()
db = duckdb.connect()
db.execute("SET threads = %d; SET TimeZone = 'UTC'; SET enable_progress_bar = false" % job["threads"])
db.execute(job["sql"])
db.close()
json.dump(time.time() - begin, sys.stdout)`
	var seconds float64
	u, err := child.Measured(exec.CommandContext(ctx, p.interpreter, "-c", script), map[string]any{"threads": runtime.GOMAXPROCS(0), "sql": d.joinSQL()}, &seconds)
	if err != nil {
		return u, fmt.Errorf("DuckDB of %s: %w", p.interpreter, err)
	}
	u.Seconds = seconds
	return u, nil
}

// version is that of its DuckDB.
func (p python) version(ctx context.Context) (version string, err error) {
	const script = `import duckdb, json, sys; json.dump("v" + duckdb.__version__, sys.stdout)`
	if _, err = child.Measured(exec.CommandContext(ctx, p.interpreter, "-c", script), nil, &version); err != nil {
		return "", fmt.Errorf("asking %s for its duckdb module: %w", p.interpreter, err)
	}
	return version, nil
}

// joinSQL writes a row for each record that mismatches: its key, and of each field its value a level, named field_0, field_1, …;
// in_0, in_1, … say which levels hold the record. It is the fastest formulation found, on 3.5 million records × 3 levels, of which
// 15 % mismatch, with DuckDB 1.5.6 and 2.0.0 (least of three runs on a machine that was not idle):
//
//	this one                                                            4.8 s  4.0 s  2.5 GB
//	the same, rows told apart by a hash of their fields                 4.6 s  4.2 s  2.6 GB
//	join of keys and hashes alone, then the values of what differs      6.2 s  6.2 s  1.7 GB
//	keys and hashes grouped instead of joined, then the values          5.9 s  5.7 s  1.8 GB
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
	return fmt.Sprintf("SET preserve_insertion_order = false; COPY (SELECT %s FROM %s WHERE %s) TO %s (FORMAT parquet, CODEC 'snappy')",
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

// countTask says whose output is to be counted.
type countTask struct {
	Dataset dataset `json:"dataset"`
	Who     string  `json:"who"`
}

// countJoin counts what duckJoin, or another that writes the same columns, wrote.
func countJoin(ctx context.Context, t countTask) (*counts, error) {
	d := t.Dataset
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
	if err := db.Scan(ctx, fmt.Sprintf("SELECT %s FROM read_parquet(%s)", strings.Join(columns, ", "), duck.Text(d.output(t.Who))), dest...); err != nil {
		return nil, err
	}
	for i, field := range d.Fields {
		c.Differs[field] = found[i]
	}
	return c, nil
}
