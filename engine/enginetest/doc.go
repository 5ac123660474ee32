// Package enginetest is what tests of the engine share: levels in memory in every layout that a level may arrive in (Table,
// Source), the answer worked out as plainly as can be (Oracle), a sink that keeps findings (Collector), data drawn from a seed
// (Random) and ways to run it (Variants). It never prints a key or a value: what is wrong is told by position, kind, field
// and level.
//
// # What a report says
//
// The oracle fixes what SPEC.md leaves open, and the engine does the same:
//
//	differs      values: what each level holds, null where it is null or the level lacks the record or the field
//	missing      no values
//	duplicate    one a level that holds the key more than once; count: its rows; values: "identical" or "conflicting" on that
//	             level, whether its rows agree in all fields that are compared and that it has
//	invalid_key  one a row; values: the key as held on that level. A key that is null or has a null or blank part (blank: nothing
//	             but Unicode white space) is no key: the finding has key "", that level alone in In, and no other row.
//	             A malformed key takes part under its canonical text, and the finding has the record's In and rows but for
//	             the row itself.
//
//	key_typo     one a pair of records that some level lacks and that no level holds both, whose canonical keys are one edit apart and
//	             which agree, not by nulls, in each field of Options.Typo on some level of either; of the one that more levels hold, of
//	             two alike the one with the lesser key. values: the key as each level holds it; rows: those of both. A record with more than 16 partners
//	             has none.
//	inconsistent one a record and rule, for the rows that stand. values: what contradicts the ID, or "fails" for an expression
//	not_covered  one a member and level that must know it and does not; values: "absent" on that level. A member that no level knows
//	             is no record of the comparison: nothing else is said of it
//	overdue      one a member and rule. values: the latest of all the level's rows, null where there is none; its row
//
// The first row in file order stands for a level that holds a key more than once, or the one with the greatest value of Level.LatestBy. Rows are those that stand, on every level that
// holds the record.
//
// Canonical text of a key: trimmed of Unicode white space; an integer without leading zeros and plus sign; a resident ID of 18
// half-width characters, x in upper case, or trimmed only where it has no such form; parts of a composite key joined by "|",
// with "|" and "\" inside a part escaped by "\". Malformed are a resident ID without an 18-character form (unless it
// looks like the number of another document), with an impossible date or with a wrong check character, and an integer that is none
// or does not fit 64 bits; of a composite key, one with such a part.
//
// Canonical values: text by its bytes; integers, decimals and instants by what they are; a float likewise, with -0 equal to 0 and NaN
// equal to NaN; null equals null, and so does the empty text unless the field says otherwise. A text in a field of another type is read as that type, strictly (a date as 2006-01-02 or 2006/1/2, a
// timestamp as such a date with a time as RFC 3339 has it behind "T" or a space, the hour with one digit, without seconds or without a zone, which then counts as UTC,
// or as a date), and compared as text if it cannot be. Of numbers and days in a field of another type the text is read likewise.
//
// The outlier is the only level whose value no other shares, where three or more hold the record and the field. The consensus is the value
// that more than half of them share, as the first of these levels holds it.
package enginetest
