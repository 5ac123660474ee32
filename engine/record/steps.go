package record

import (
	"fmt"
	"math/bits"
	"strings"
)

// Steps is a set of normalisations of text. They are applied in the order of the constants, whatever order they are listed in,
// again and again until nothing changes; so normalising twice is normalising once.
type Steps uint16

// The steps. The zero value leaves the choice open: a column that looks like names or phone numbers gets the steps of its
// kind (Guess), any other none.
const (
	Width    Steps = 1 << iota // full-width letters and digits become half-width, half-width kana full-width
	NFKC                       // Unicode normal form KC: also ligatures, circled digits, superscripts
	NFC                        // Unicode normal form C: a letter and its combining accent become one character
	Upper                      // upper case
	Lower                      // lower case
	Collapse                   // each run of white space becomes one space
	Trim                       // white space at both ends goes
	Digits                     // all but digits goes; text without a digit stays as it is
	Phone                      // spaces, hyphens, dots, brackets and the country code 86 go; what is no phone number stays as it is
	AsIs                       // no step, and that on purpose
	numSteps = iota
)

var stepNames = [numSteps]string{"width", "nfkc", "nfc", "upper", "lower", "collapse", "trim", "digits", "phone", "none"}

// stringSteps change what a number, a date or an ID says: they are for text alone.
const stringSteps = Upper | Lower | Digits | Phone

// StepNames lists the names a job file may use.
func StepNames() []string { return stepNames[:numSteps-1] }

// ParseStep gives the step of that name.
func ParseStep(name string) (Steps, error) {
	for i, n := range StepNames() {
		if n == name {
			return 1 << i, nil
		}
	}
	return 0, fmt.Errorf("unknown step %q", name)
}

// String gives the names in the order the steps are applied in, "" for none.
func (s Steps) String() string {
	var names []string
	for rest := s &^ AsIs; rest != 0; rest &= rest - 1 {
		names = append(names, stepNames[bits.TrailingZeros16(uint16(rest))])
	}
	return strings.Join(names, ", ")
}
