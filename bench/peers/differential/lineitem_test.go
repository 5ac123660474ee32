package differential

import (
	"fmt"
	"path/filepath"
	"testing"

	"crosscheck/bench/peers/duck"
	"crosscheck/engine"
	"crosscheck/engine/report"
	"crosscheck/loaders"
)

// lineitem makes two tables in the shape of TPC-H's lineitem (1 to 7 lines an order, a key of two columns), and what a full outer
// join of them says. The second lacks some lines, has some of other orders, and holds other prices and ship modes here and there.
const lineitem = `
CREATE TABLE a AS SELECT o AS l_orderkey, l AS l_linenumber, CAST(hash(o*10+l)%20000 AS INTEGER) AS l_partkey, CAST(hash(o*77+l)%100 AS INTEGER) AS l_suppkey,
 CAST(hash(o+l*3)%50+1 AS DECIMAL(15,2)) AS l_quantity, CAST((hash(o*5+l)%10000000)/100 AS DECIMAL(15,2)) AS l_extendedprice,
 CAST((hash(o*6+l)%11)/100 AS DECIMAL(15,2)) AS l_discount, DATE '1992-01-01'+CAST(hash(o*8+l)%2500 AS INTEGER) AS l_shipdate,
 CASE hash(o*9+l)%3 WHEN 0 THEN 'AIR' WHEN 1 THEN 'RAIL' ELSE 'SHIP' END AS l_shipmode, 'comment '||hash(o*11+l)%5000 AS l_comment
 FROM (SELECT i*4 AS o FROM range(15000) t(i)), (SELECT j+1 AS l FROM range(7) u(j)) WHERE l <= hash(o)%7+1;
CREATE TABLE b AS SELECT * REPLACE (CASE WHEN hash(l_orderkey+l_linenumber)%97=0 THEN l_extendedprice+1 ELSE l_extendedprice END AS l_extendedprice,
 CASE WHEN hash(l_orderkey*3+l_linenumber)%211=0 THEN 'MAIL' ELSE l_shipmode END AS l_shipmode) FROM a WHERE hash(l_orderkey*13+l_linenumber)%301<>0;
INSERT INTO b SELECT * REPLACE (l_orderkey+1 AS l_orderkey) FROM a WHERE hash(l_orderkey*17+l_linenumber)%503=0;
CREATE TABLE j AS SELECT coalesce(a.l_orderkey, b.l_orderkey)||'|'||coalesce(a.l_linenumber, b.l_linenumber) AS k,
 a.l_orderkey IS NULL OR b.l_orderkey IS NULL AS missing, a.l_extendedprice IS DISTINCT FROM b.l_extendedprice AS price,
 a.l_shipmode IS DISTINCT FROM b.l_shipmode AS mode FROM a FULL OUTER JOIN b ON a.l_orderkey = b.l_orderkey AND a.l_linenumber = b.l_linenumber;
CREATE TABLE wanted AS SELECT k, 'missing' AS kind, CAST(NULL AS VARCHAR) AS field FROM j WHERE missing
 UNION ALL SELECT k, 'differs', 'l_extendedprice' FROM j WHERE NOT missing AND price
 UNION ALL SELECT k, 'differs', 'l_shipmode' FROM j WHERE NOT missing AND mode;`

// TestLineitem compares a Parquet file with a CSV file of other types and another order of columns and rows, finding by finding.
func TestLineitem(t *testing.T) {
	dir := t.TempDir()
	left, right, out := filepath.Join(dir, "a.parquet"), filepath.Join(dir, "b.csv"), filepath.Join(dir, "out.parquet")
	db, err := duck.Open(2)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Exec(t.Context(), lineitem+fmt.Sprintf(`COPY a TO %s (FORMAT parquet);
		COPY (SELECT l_comment, l_shipmode, l_shipdate, l_discount, l_extendedprice, CAST(l_quantity AS DOUBLE) AS l_quantity, l_suppkey, l_partkey,
		CAST(l_linenumber AS BIGINT) AS l_linenumber, l_orderkey FROM b ORDER BY hash(l_orderkey)) TO %s (FORMAT csv, HEADER)`, duck.Text(left), duck.Text(right))); err != nil {
		t.Fatal(err)
	}
	var levels []engine.Level
	for _, path := range []string{left, right} {
		source, err := loaders.Open(filepath.Base(path), loaders.Spec{Paths: []string{path}})
		if err != nil {
			t.Fatal(err)
		}
		defer source.Close()
		levels = append(levels, engine.Level{Name: filepath.Base(path)[:1], Source: source})
	}
	w, err := report.Create(out, report.Options{RunDate: reportDate})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Run(t.Context(), levels, engine.Options{Key: []engine.Field{{Name: "l_orderkey"}, {Name: "l_linenumber"}}}, w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	found := fmt.Sprintf("SELECT record_key AS k, kind, field FROM read_parquet(%s)", duck.Text(out))
	var wanted, lacking, extra int
	for query, n := range map[string]*int{
		"SELECT count(*) FROM wanted":                                            &wanted,
		"SELECT count(*) FROM (SELECT * FROM wanted EXCEPT ALL (" + found + "))": &lacking,
		"SELECT count(*) FROM ((" + found + ") EXCEPT ALL SELECT * FROM wanted)": &extra,
	} {
		if err := db.Scan(t.Context(), query, n); err != nil {
			t.Fatal(err)
		}
	}
	if wanted < 1000 || lacking > 0 || extra > 0 {
		t.Errorf("of %d findings %d are lacking, and %d are not wanted", wanted, lacking, extra)
	}
}
