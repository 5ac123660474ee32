//go:build !amd64 || purego

package join

const eightSlots = false

func lookNear(l *looking) { panic("unreachable") }

func matchNear(m *matching) { panic("unreachable") }

func enterNear(e *entering) { panic("unreachable") }

func fetchSlots(h *homes, rows []row) {}
