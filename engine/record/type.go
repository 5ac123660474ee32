// Package record knows what a value means: canonical types, hashes of canonical values taken straight from Arrow columns,
// resident IDs, and keys packed into integers. It is a leaf and pure: no files, no goroutines, no state between calls.
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
