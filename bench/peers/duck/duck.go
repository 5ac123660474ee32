// Package duck opens DuckDB in memory and writes the SQL that the differential test and the side-by-side run share.
package duck

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // registers the driver
)

// DB is one connection to a DuckDB of its own, held in memory. It is used by one goroutine at a time.
type DB struct{ db *sql.DB }

// Open starts a DuckDB that works with that many threads and takes times without a zone for UTC.
func Open(threads int) (*DB, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, fmt.Errorf("opening DuckDB: %w", err)
	}
	db.SetMaxOpenConns(1) // settings and temporary tables belong to the connection
	d := &DB{db}
	if err := d.Exec(context.Background(), fmt.Sprintf("SET threads = %d; SET TimeZone = 'UTC'", threads)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return d, nil
}

// Close ends it.
func (d *DB) Close() error { return d.db.Close() }

// Exec runs statements that have no result.
func (d *DB) Exec(ctx context.Context, statements string) error {
	if _, err := d.db.ExecContext(ctx, statements); err != nil {
		return fmt.Errorf("DuckDB: %w", err)
	}
	return nil
}

// Query calls row for each row of the result; dest gives the variables that a row is read into, the same for every row.
func (d *DB) Query(ctx context.Context, query string, dest []any, row func() error) error {
	rows, err := d.db.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("DuckDB: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("DuckDB: reading a row: %w", err)
		}
		if err := row(); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("DuckDB: %w", err)
	}
	return nil
}

// Scan reads the one row of a query.
func (d *DB) Scan(ctx context.Context, query string, dest ...any) error {
	if err := d.db.QueryRowContext(ctx, query).Scan(dest...); err != nil {
		return fmt.Errorf("DuckDB: %w", err)
	}
	return nil
}

// Version gives DuckDB's version, such as v1.5.6.
func (d *DB) Version(ctx context.Context) (version string, err error) {
	return version, d.Scan(ctx, "SELECT version()", &version)
}

// Name quotes an identifier.
func Name(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// Text quotes a string.
func Text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Files gives the SQL list of file names.
func Files(paths []string) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = Text(p)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Each joins what f gives for 0 to n-1.
func Each(n int, sep string, f func(i int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = f(i)
	}
	return strings.Join(parts, sep)
}
