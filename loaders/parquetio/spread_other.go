//go:build purego || !amd64

package parquetio

const sixteenAtOnce = false

func spreadBlocks(dst, src, valid *byte, blocks int) (taken int) { panic("unreachable") }
