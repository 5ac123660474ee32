package record

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
)

// hashTimes sets hashes[i] to the value hash of an instant, in units since 1970.
func hashTimes(times []arrow.Timestamp, unit arrow.TimeUnit, hashes []uint64) {
	from := 0
	if n := len(times) &^ 3; fourAtOnce && n > 0 {
		words := timeWordsOf(unit)
		if hashTimesFour(&times[0], &hashes[:n][0], &words, n) {
			from = n
		}
	}
	for i := from; i < len(times); i++ {
		hashes[i] = hashTime(splitTime(int64(times[i]), unit))
	}
}

// timeWords is what hashTimesFour works with, each four times, in the order of its #defines.
type timeWords [12][4]uint64

// timeWordsOf gives the words for instants in a unit.
//
// The division goes by way of floating-point numbers: a time, biased so that none is negative and without so many bits that 52 are left, is the
// fraction of a number with the exponent of 2⁵². Of that is subtracted what the bias, the exponent and half a second come to, which is a little more than
// half, so that the quotient, rounded to a whole number, is the second or the one before, never the one after: what was dropped and what
// rounding may add are less than 0.008 seconds in all. For units of which there may be more of 52 bits times from -2⁵¹ to 2⁵¹ - 1 are taken.
func timeWordsOf(unit arrow.TimeUnit) (words timeWords) {
	perSecond := [...]uint64{arrow.Second: 1, arrow.Millisecond: 1e3, arrow.Microsecond: 1e6, arrow.Nanosecond: 1e9}[unit]
	dropped, bias, beyond := uint64(12), uint64(1)<<63, uint64(0)
	if perSecond < 1e6 {
		dropped, bias, beyond = 0, 1<<51, ^uint64(1<<52-1)
	}
	const exponent, whole = 1 << 52, 1<<52 + 1<<51     // on top of whole, a number is as it is
	half := uint64(0.51*float64(perSecond)) >> dropped // 0 of seconds, which are exact
	parts := 1e9 / perSecond * hashPart
	for i, word := range [len(words)]uint64{
		bias,
		beyond,
		math.Float64bits(exponent),
		math.Float64bits(float64(exponent + bias>>dropped + half)),
		math.Float64bits(float64(uint64(1)<<dropped) / float64(perSecond)),
		math.Float64bits(whole),
		perSecond,
		perSecond - 1 | math.MaxInt32<<32, // of the high halves none is more
		parts,
		parts >> 32,
		domainTime,
		dropped,
	} {
		words[i] = [4]uint64{word, word, word, word}
	}
	return words
}
