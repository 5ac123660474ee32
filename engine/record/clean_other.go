//go:build purego || !amd64

package record

func countClean(views *byte, low, high, refused *[viewSize]byte, n int) (count int) {
	panic("unreachable")
}

func allClean(text *[longClean]byte, least byte) bool {
	panic("unreachable")
}
