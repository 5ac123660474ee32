//go:build !amd64 || purego

package join

const eightSlots = false

func lookNear(slots []uint32, skip, number uint, rows []row, recs *uint32, entries *uint64, stride int) {
	panic("unreachable")
}

func enterNear(e *entering) { panic("unreachable") }

func fetchSlots(slots []uint32, skip uint, rows []row) {}
