//go:build purego || !amd64

package record

import "github.com/apache/arrow/go/v17/arrow"

func hashKeysFour(keys *Key, hashes *uint64, n int) { panic("unreachable") }

func hashTimesFour(times *arrow.Timestamp, hashes *uint64, words *timeWords, n int) (all bool) {
	panic("unreachable")
}
