//go:build !linux

package spill

func willNeed(uintptr, int64, int64) {}
