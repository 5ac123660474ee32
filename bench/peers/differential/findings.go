package differential

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"crosscheck/bench/peers/duck"
	"crosscheck/engine/verdict"
)

// finding is a row of the table of mismatches.
type finding struct {
	key, kind          string
	field              sql.NullString
	in                 []bool
	values             []sql.NullString
	outlier, consensus sql.NullString
	count              sql.NullInt64
	source, carry      []sql.NullString
}

// difference names the first column in which two findings differ, or "".
func (f *finding) difference(g *finding, levels []Level) string {
	switch {
	case f.key != g.key:
		return "record_key"
	case f.kind != g.kind:
		return "kind"
	case f.field != g.field:
		return "field"
	case f.count != g.count:
		return "count"
	case f.outlier != g.outlier:
		return "outlier"
	}
	for l := range levels {
		switch {
		case f.in[l] != g.in[l]:
			return "in_" + levels[l].Name
		case f.values[l] != g.values[l]:
			return "value_" + levels[l].Name
		case f.source[l] != g.source[l]:
			return "source_" + levels[l].Name
		}
	}
	if f.consensus != g.consensus {
		return "consensus"
	}
	if !slices.Equal(f.carry, g.carry) {
		return "a carried column"
	}
	return ""
}

// what names a finding without its key and values.
func (f *finding) what() string {
	if f.field.Valid {
		return f.kind + " of " + f.field.String
	}
	return f.kind
}

// compare says where the findings of who part from DuckDB's.
func (c *Case) compare(who string, want, got []finding) error {
	for i := range min(len(want), len(got)) {
		if column := want[i].difference(&got[i], c.Levels); column != "" {
			return fmt.Errorf("%s: %d findings, DuckDB has %d (%s); the first to differ is number %d, %s, DuckDB has %s: they differ in %s",
				who, len(got), len(want), tally(want, got), i+1, got[i].what(), want[i].what(), column)
		}
	}
	if len(want) != len(got) {
		return fmt.Errorf("%s: %d findings, DuckDB has %d (%s); the others agree", who, len(got), len(want), tally(want, got))
	}
	return nil
}

// tally lists the kinds and fields that are not found equally often.
func tally(want, got []finding) string {
	counts := map[string][2]int{}
	for side, list := range [][]finding{got, want} {
		for i := range list {
			n := counts[list[i].what()]
			n[side]++
			counts[list[i].what()] = n
		}
	}
	var parts []string
	for what, n := range counts {
		if n[0] != n[1] {
			parts = append(parts, fmt.Sprintf("%s %d instead of %d", what, n[0], n[1]))
		}
	}
	if parts == nil {
		return "equally many of each kind and field"
	}
	return strings.Join(parts, ", ")
}

// query reads findings from a query that gives the columns of the report in its order, without status and first_seen.
func (c *Case) query(ctx context.Context, db *duck.DB, query string) ([]finding, error) {
	n := len(c.Levels)
	var all []finding
	var f finding
	f.in, f.values, f.source = make([]bool, n), make([]sql.NullString, n), make([]sql.NullString, n)
	f.carry = make([]sql.NullString, len(c.Carry))
	dest := []any{&f.key, &f.kind, &f.field}
	for l := range n {
		dest = append(dest, &f.in[l])
	}
	for l := range n {
		dest = append(dest, &f.values[l])
	}
	dest = append(dest, &f.outlier, &f.consensus, &f.count)
	for l := range n {
		dest = append(dest, &f.source[l])
	}
	for i := range f.carry {
		dest = append(dest, &f.carry[i])
	}
	err := db.Query(ctx, query, dest, func() error {
		g := f
		g.in, g.values, g.source, g.carry = slices.Clone(f.in), slices.Clone(f.values), slices.Clone(f.source), slices.Clone(f.carry)
		all = append(all, g)
		return nil
	})
	return all, err
}

// reportColumns lists the columns that query expects.
func (c *Case) reportColumns() string {
	list := []string{"record_key", "kind", "field"}
	for _, prefix := range []string{"in_", "value_"} {
		for _, l := range c.Levels {
			list = append(list, prefix+l.Name)
		}
	}
	list = append(list, "outlier", "consensus", "count")
	for _, l := range c.Levels {
		list = append(list, "source_"+l.Name)
	}
	for _, i := range c.Carry {
		list = append(list, c.Columns[i].Name)
	}
	return quoted(list)
}

// fromEngine turns a finding of the engine into a row.
func fromEngine(h *verdict.Header, f *verdict.Finding) finding {
	n := len(h.Levels)
	g := finding{
		key: string(f.Key), kind: f.Kind.String(), in: make([]bool, n), values: make([]sql.NullString, n), source: make([]sql.NullString, n),
		carry: make([]sql.NullString, len(h.Carry)), consensus: nullable(f.Consensus), count: sql.NullInt64{Int64: f.Count, Valid: f.Count != 0},
	}
	if f.Field != verdict.NoField {
		g.field = sql.NullString{String: h.Fields[f.Field], Valid: true}
	}
	if f.Outlier != verdict.NoLevel {
		g.outlier = sql.NullString{String: h.Levels[f.Outlier], Valid: true}
	}
	for l := range n {
		g.in[l] = f.In>>l&1 != 0
		if f.Values != nil {
			g.values[l] = nullable(f.Values[l])
		}
		if f.Rows[l] != 0 {
			file, row := h.Locate(l, f.Rows[l])
			g.source[l] = sql.NullString{String: h.Files[file] + ":" + strconv.FormatInt(row, 10), Valid: true}
		}
	}
	if f.Carry != nil {
		for i := range h.Carry {
			g.carry[i] = nullable(f.Carry[i])
		}
	}
	return g
}

func nullable(b []byte) sql.NullString { return sql.NullString{String: string(b), Valid: b != nil} }
