//go:build !linux

package engine

func hugeHeap(int64) {}
