package differential

import (
	"fmt"

	"crosscheck/bench/peers/duck"
	"crosscheck/engine/record"
)

// family is what the values of a column are like, whatever type a level stores them as.
type family uint8

const (
	text family = iota
	whole
	number // with two decimal places
	float
	boolean
	day
	moment
	residentID
	keyText // texts that are keys
	keyWhole
	keyPart // texts with the characters that composite keys escape
)

// storage lists the types that levels may store a family as, the plain one first.
var storage = [...][]string{
	text:       {"VARCHAR"},
	whole:      {"BIGINT", "INTEGER", "SMALLINT"},
	number:     {"DECIMAL(9,2)", "DECIMAL(18,4)", "DECIMAL(6,2)", "DECIMAL(38,6)", "INTEGER"},
	float:      {"DOUBLE", "FLOAT"},
	boolean:    {"BOOLEAN"},
	day:        {"DATE", "DATE", "DATE", "TIMESTAMP"},
	moment:     {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ"},
	residentID: {"VARCHAR"},
	keyText:    {"VARCHAR"},
	keyWhole:   {"BIGINT", "INTEGER", "VARCHAR"},
	keyPart:    {"VARCHAR"},
}

// plainTypes is what a family is compared as where only text files hold it.
var plainTypes = [...]record.Type{
	text: record.String, whole: record.Int, number: record.Decimal, float: record.Float, boolean: record.Bool,
	day: record.Date, moment: record.Timestamp, residentID: record.CNID, keyText: record.String, keyWhole: record.Int, keyPart: record.String,
}

// inferredTypes is what a family is found to be where only text files hold it and nothing is said. Of float that depends on the values.
var inferredTypes = [...]record.Type{
	text: record.String, whole: record.String, number: record.Decimal, float: record.String, boolean: record.Bool,
	day: record.Date, moment: record.Timestamp,
}

// isFloat tells whether a stored type is one whose texts DuckDB and Go write differently.
func isFloat(stored string) bool { return stored == "DOUBLE" || stored == "FLOAT" }

// plainStorage is a type that every level can store the column as without changing what it is compared as.
func (f *Column) plainStorage() string { return storage[f.Family][0] }

// compareAs works out the type that values are compared as: the widest that a typed level has, else the family's own.
func (f *Column) compareAs(levels []Level) record.Type {
	typ := f.stored(levels)
	if typ == record.Auto || typ == record.String {
		typ = plainTypes[f.Family]
	}
	return typ
}

// canonicalTypes says what a stored type is compared as by itself. Of types that meet in a column the greater wins: records.Type
// lists integers before decimals before floats, days before moments.
var canonicalTypes = map[string]record.Type{
	"VARCHAR": record.String, "BIGINT": record.Int, "INTEGER": record.Int, "SMALLINT": record.Int,
	"DECIMAL(9,2)": record.Decimal, "DECIMAL(18,4)": record.Decimal, "DECIMAL(6,2)": record.Decimal, "DECIMAL(38,6)": record.Decimal,
	"DOUBLE": record.Float, "FLOAT": record.Float, "BOOLEAN": record.Bool, "DATE": record.Date, "TIMESTAMP": record.Timestamp,
	"TIMESTAMP_S": record.Timestamp, "TIMESTAMP_MS": record.Timestamp, "TIMESTAMP_NS": record.Timestamp, "TIMESTAMPTZ": record.Timestamp,
}

// selfEvident tells whether the engine can find out the type of a field by itself: a typed level says it, or the values do.
func (f *Column) selfEvident(levels []Level) bool {
	found := f.stored(levels)
	if found == record.Auto {
		return f.Family != float && f.Type == inferredTypes[f.Family]
	}
	return found == f.Type
}

// evidentKey tells the same of a part of the key, whose texts are resident IDs or texts.
func (f *Column) evidentKey(levels []Level) bool {
	return max(f.stored(levels), record.String) == f.Type || f.Family == residentID
}

// stored is the widest type that a typed level has, Auto where there is none.
func (f *Column) stored(levels []Level) record.Type {
	found := record.Auto
	for l, stored := range f.Stored {
		if stored != "" && !levels[l].CSV {
			found = max(found, canonicalTypes[stored])
		}
	}
	return found
}

// value gives the SQL of a column's value from hx, a hash that is the same wherever the value is.
func (f *Column) value(hx string) string {
	n := fmt.Sprintf("CAST(%s %% %d AS BIGINT)", hx, f.Spread)
	switch f.Family {
	case whole:
		return fmt.Sprintf("(%s - %d)", n, f.Spread/2)
	case number:
		return fmt.Sprintf("CAST((CAST(%s %% %d AS BIGINT) - 900000) AS DECIMAL(18,2)) * CAST(0.01 AS DECIMAL(3,2))", hx, min(f.Spread, 1800000))
	case float:
		return fmt.Sprintf("CASE %s %% 12 WHEN 0 THEN 0.0::DOUBLE WHEN 1 THEN -0.0::DOUBLE WHEN 2 THEN 'nan'::DOUBLE WHEN 3 THEN '-inf'::DOUBLE"+
			" WHEN 4 THEN 1e30::DOUBLE WHEN 5 THEN 1e-7::DOUBLE WHEN 6 THEN 1234567::DOUBLE WHEN 7 THEN 0.1::DOUBLE"+
			" ELSE CAST(%s %% %d AS DOUBLE) / 1000 END", hx, hx, f.Spread)
	case boolean:
		return fmt.Sprintf("(%s %% 2 = 0)", hx)
	case day:
		return fmt.Sprintf("(DATE '1930-01-01' + CAST(%s %% %d AS INTEGER))", hx, min(f.Spread, 40000))
	case moment: // 1930 to 2029, to the microsecond, every other one to the second
		return fmt.Sprintf("(TIMESTAMP '1930-01-01' + to_microseconds(CAST(CASE %s %% 2 WHEN 0 THEN %s %% %d * 1000000 ELSE %s %% %d END AS BIGINT)))",
			hx, hx, min(f.Spread, 3_000_000_000), hx, min(f.Spread, 3_000_000_000_000_000))
	}
	// Short and long texts, those that CSV must quote, those that take several bytes a character, and blank ones.
	return fmt.Sprintf("CASE %s %% 9 WHEN 0 THEN '长沙市' || %s WHEN 1 THEN 'say \"' || %s || '\", twice' WHEN 2 THEN 'line'||chr(10)||%s"+
		" WHEN 3 THEN repeat('long ', 9) || %s WHEN 4 THEN ' ' || %s || ' ' WHEN 5 THEN '0' || %s ELSE 'v' || %s END", hx, n, n, n, n, n, n, n)
}

// keyValue gives the SQL of a key part of record i and the forms in which it may be spelled; part is its place in the key.
func (f *Column) keyValue(part int) (plain string, spelled []string) {
	switch f.Family {
	case keyWhole:
		if part > 0 {
			return "CAST(i % 1000 AS BIGINT)", nil
		}
		k := "CAST(CASE WHEN i % 5 = 0 THEN -i ELSE i * 37 END AS BIGINT)"
		return k, []string{"' ' || " + k + " || '  '", "CASE WHEN i % 5 = 0 THEN '' ELSE '00' END || " + k}
	case residentID:
		return "id_of(i)", []string{"lower(id_of(i))", "' ' || id_of(i)", "id_of(i) || chr(12288)"}
	case keyPart:
		return `CAST(i // 10 AS VARCHAR) || CASE i % 4 WHEN 0 THEN '|' WHEN 1 THEN chr(92) WHEN 2 THEN '|x|' ELSE '东' END`, nil
	case day:
		return "(DATE '1990-01-01' + CAST(i % 7 AS INTEGER))", nil
	}
	k := "CASE i % 3 WHEN 0 THEN 'k' || i WHEN 1 THEN 'a-key-with-a-long-prefix-' || i ELSE '钥' || i END"
	return k, []string{"' ' || (" + k + ")", "(" + k + ") || chr(9)", "chr(12288) || (" + k + ")"}
}

// macros defines id_of, a resident ID of the region 99 with a right check character, one for each number below 2·10^8, and
// check_of, the check character of 17 digits.
var macros = `
CREATE OR REPLACE MACRO check_of(d) AS substr('10X98765432', 1 + CAST((` + weighted("TRY_CAST(d AS BIGINT)") + `) % 11 AS INTEGER), 1);
CREATE OR REPLACE MACRO id_of(i) AS (SELECT d || check_of(d) FROM (SELECT '99' || lpad(CAST(i % 10000 AS VARCHAR), 4, '0') ||
	strftime(DATE '1950-01-01' + CAST(i // 10000 AS INTEGER), '%Y%m%d') || lpad(CAST(i * 7 % 1000 AS VARCHAR), 3, '0') AS d));
`

// weighted gives the sum of the 17 digits of an integer, each times its weight: 2 to the power of its distance from the check
// character, modulo 11.
func weighted(n string) string {
	power, weight := 1, 1
	return duck.Each(17, " + ", func(int) string {
		weight = weight * 2 % 11
		term := fmt.Sprintf("%s // %d %% 10 * %d", n, power, weight)
		power *= 10
		return term
	})
}

// copyable gives the SQL that casts a value to what a level stores.
func copyable(value, stored string) string {
	if stored == "TIMESTAMPTZ" {
		return fmt.Sprintf("((%s) AT TIME ZONE 'UTC')", value)
	}
	return fmt.Sprintf("CAST(%s AS %s)", value, stored)
}

func quoted(names []string) string {
	return duck.Each(len(names), ", ", func(i int) string { return duck.Name(names[i]) })
}
