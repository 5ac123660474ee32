// Package rule checks single rows of a level: whether a field contradicts the resident ID in the key (Birth, Sex), and whether
// an expression over the row's columns holds (Expr). It looks at Arrow batches, gives the numbers of the rows that fail,
// and knows nothing of records, levels or reports.
//
// # Expressions
//
// The language is that of github.com/expr-lang/expr; an expression gives true for a row that is right, such as
//
//	vaccine_doses == 0 or vaccine_date != nil
//	test_time - vaccine_date >= duration("24h")
//
// Columns stand under their names in the job; one whose name is no identifier is written $env["name"]. Text is a string, an
// integer an int, decimals and floats are floats (compare money with ==  only after round), dates and timestamps are
// times, and a null is nil. A column of CSV to which the job gives no type is text, whatever it is compared as:
//
//	float(body_temp) > 36
//
// A row for which the expression has no answer, since it calculates with a nil or with a text that is no number, is neither
// right nor wrong: it is counted as undecided. The clock cannot be read, so that the answer depends on the data alone.
package rule
