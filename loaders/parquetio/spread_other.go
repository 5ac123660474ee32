//go:build purego || !amd64

package parquetio

func spreadMany(dst, src, valid []byte) (rows, taken int) { return 0, 0 }
