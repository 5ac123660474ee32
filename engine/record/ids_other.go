//go:build purego || !amd64

package record

const fourAtOnce = false

func packPlain(views *byte, low, high *[4]uint32, base *byte, keys *Key, states *KeyState, n int) (done int) {
	panic("unreachable")
}
