//go:build purego || !amd64

package parquetio

const eightAtOnce = false

func greatest(numbers *int32, blocks int) uint32 { panic("unreachable") }
