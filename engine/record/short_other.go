//go:build purego || !amd64

package record

const eightAtOnce = false

func hashShort(views *byte, out *uint64, n int) { panic("unreachable") }

func hashLong(views, base *byte, size, buffer uint64, out *uint64, n int) (done int) {
	panic("unreachable")
}
