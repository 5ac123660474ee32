package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crosscheck/engine/encrypt"
	"crosscheck/engine/job"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/parquet-go/parquet-go"
)

// TestDecrypted holds that DuckDB reads what was encrypted and decrypted again.
func TestDecrypted(t *testing.T) {
	dir := t.TempDir()
	identity, recipient, err := encrypt.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	text := "job: j\nkey: id\nlevels: {a: {path: a.csv}, b: {path: b.csv}}\nprivacy: {encrypt: {recipients: [" + recipient + "], identity: {file: id.txt}}}\n"
	for name, content := range map[string]string{"id.txt": string(identity), "a.csv": "id,v\n99a,1\n99b,2\n", "b.csv": "id,v\n99a,3\n", "job.yaml": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j, err := job.Load(filepath.Join(dir, "job.yaml"), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := job.Run(t.Context(), j, job.RunOptions{Date: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.parquet")
	if _, err := job.Decrypt(t.Context(), j, job.DecryptOptions{Table: "mismatches", To: out, Why: "test"}); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var got string
	err = db.QueryRow(fmt.Sprintf("SELECT string_agg(record_key || ' ' || kind || ' ' || coalesce(value_a, '-'), ', ' ORDER BY record_key) FROM '%s'", out)).Scan(&got)
	if want := "99a differs 1, 99b missing -"; got != want || err != nil {
		t.Errorf("DuckDB reads %q, want %q: %v", got, want, err)
	}
}

// TestModularEncryption holds what package encrypt says of Parquet's own encryption: DuckDB does not read what parquet-go encrypts. Once it
// does, that is worth another look.
func TestModularEncryption(t *testing.T) {
	type row struct {
		K string `parquet:"k"`
	}
	const key = "01234567891123450123456789112345"
	path := filepath.Join(t.TempDir(), "modular.parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := parquet.NewGenericWriter[row](f, parquet.WithEncryption(&parquet.EncryptionConfig{FooterKey: []byte(key), EncryptedFooter: true}))
	if _, err := w.Write([]row{{"99a"}, {"99b"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("PRAGMA add_parquet_key('k', '" + key + "')"); err != nil {
		t.Fatal(err)
	}
	var n int
	err = db.QueryRow(fmt.Sprintf("SELECT count(*) FILTER (k = '99b') FROM read_parquet('%s', encryption_config = {footer_key: 'k'})", path)).Scan(&n)
	if err == nil {
		t.Errorf("DuckDB reads it: %d", n)
	}
}
