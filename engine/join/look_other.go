//go:build !amd64 || purego

package join

const eightSlots = false

func lookNear(slots []uint32, skip, number uint, rows []row, recs *uint32) { panic("unreachable") }
