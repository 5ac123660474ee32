package join

import "golang.org/x/sys/unix"

// hugePage is the size of the pages asked for.
const hugePage = 2 << 20

// newSlab gives n zeroed bytes outside the Go heap, in huge pages where the kernel has them: look-ups go all over the table,
// and with small pages nearly each would miss the TLB too. It gives nil if there is nothing to gain or no memory to map.
func newSlab(n int) []byte {
	if n < hugePage {
		return nil
	}
	whole := (n + hugePage - 1) / hugePage * hugePage // such mappings are aligned to huge pages
	b, err := unix.Mmap(-1, 0, whole, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	_ = unix.Madvise(b, unix.MADV_HUGEPAGE) // advice: small pages do as well
	return b
}

// clearSlab gives back the memory of a part of a slab, which stays mapped.
func clearSlab(b []byte) {
	_ = unix.Madvise(b, unix.MADV_DONTNEED) // freeSlab will give back what is left
}

func freeSlab(b []byte) {
	if b != nil {
		_ = unix.Munmap(b) // fails only for memory that is not mapped
	}
}
