// Package record knows what a value means: canonical types, hashes of canonical values taken straight from Arrow columns,
// resident IDs, and keys packed into integers. It is a leaf and pure: no files, no goroutines, no state between calls.
//
// # When two values are equal
//
// They are equal if their canonical values are. A value becomes canonical by the rule of its field (Canon): words that stand
// for null or for another text, normalisation, then its Type. By default:
//
//   - A null equals a null and, in text, the empty text. Nothing else equals a null.
//   - Text is compared byte by byte: 007 is not 7, " a" is not "a". Text becomes a number, a date or an ID only where the field has
//     that type: by the job, because another level stores it so, because nine of ten texts are resident IDs (AreIDs), or, where no level
//     is of a format with types, because all texts of a sample are such (Infer), which no key column is asked for.
//   - A day is 2006-01-02 or 2006/1/2, with or without needless zeros; a timestamp is one with a time behind it, as 2006-01-02T15:04:05Z; a truth
//     value is true or false in any case; a decimal number may have a sign, any number of digits and an exponent.
//   - A resident ID is the same with full-width digits, a lower-case x, white space around it, or 15 digits (CNID).
//   - Text columns that are called after phone numbers and hold them, and those called after persons' names and that could hold
//     them, are normalised (Guess): the name alone decides nothing, and neither does the content.
//   - A text that does not read as the type of its field (2022-02-30, n/a) equals the same text and nothing else.
//
// How far apart values may be and still agree (Tolerance) is no part of being canonical: nearness has no hash.
package record

import "fmt"

// Type is the canonical type that values are compared as, whatever column type or text they came from.
type Type uint8

// The canonical types.
const (
	Auto      Type = iota // not decided yet
	String                // text, compared byte by byte
	CNID                  // resident ID: width, case of x and 15 or 18 digits do not matter
	Int                   // integer of up to 64 bits
	Decimal               // exact decimal: 1.0 equals 1.00
	Float                 // binary floating point: -0 equals 0, NaN equals NaN
	Bool                  // true or false
	Date                  // calendar day
	Timestamp             // instant to the nanosecond; one without a zone counts as UTC
	numTypes
)

var typeNames = [numTypes]string{"auto", "string", "cn_id", "int64", "decimal", "float", "boolean", "date", "timestamp"}

// String gives the type's name in a job file.
func (t Type) String() string { return typeNames[t] }

// TypeNames lists the names a job file may use.
func TypeNames() []string { return typeNames[1:] }

// ParseType gives the type of that name.
func ParseType(name string) (Type, error) {
	for t, n := range typeNames {
		if n == name && t != int(Auto) {
			return Type(t), nil
		}
	}
	return Auto, fmt.Errorf("unknown type %q", name)
}
