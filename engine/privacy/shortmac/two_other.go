//go:build purego || !amd64

package shortmac

const twoAtOnce = false

func compressTwo(out *[2]digest, from *digest, blocks *[2]block) { panic("unreachable") }
