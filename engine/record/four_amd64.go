//go:build !purego

package record

import "github.com/apache/arrow/go/v17/arrow"

// hashKeysFour is HashKeys of n keys with the instructions of AVX2. n is a multiple of four, not 0.
//
//go:noescape
func hashKeysFour(keys *Key, hashes *uint64, n int)

// hashTimesFour is hashTimes of n times with the instructions of AVX2, by the words of their unit. It tells whether these stand for all of them; if not,
// the hashes mean nothing. n is a multiple of four, not 0.
//
//go:noescape
func hashTimesFour(times *arrow.Timestamp, hashes *uint64, words *timeWords, n int) (all bool)
