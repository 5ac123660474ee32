//go:build purego || !amd64

package record

const sumsAtOnce = false

func addSalted(values *uint64, salt uint64, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int) {
	panic("unreachable")
}

func addEntries(hashes *uint64, entries int, indices *int32, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int) (done int) {
	panic("unreachable")
}
