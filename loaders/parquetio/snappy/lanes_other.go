//go:build !amd64 || purego

package snappy

// fast: there is no stepTwo for this processor.
const fast = false

func stepTwo(a, b *lane, table *[256]element, n int) (stopped int) { return 0 }

func stepOne(a *lane, table *[256]element, n int) (stopped int) { return 0 }
