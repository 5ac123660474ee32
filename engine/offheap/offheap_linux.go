package offheap

import "golang.org/x/sys/unix"

// New gives n zeroed bytes, nil if there is nothing to gain or no memory to map. The caller frees them.
func New(n int) []byte {
	if n < Page {
		return nil
	}
	whole := (n + Page - 1) / Page * Page // such mappings are aligned to huge pages
	b, err := unix.Mmap(-1, 0, whole, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	_ = unix.Madvise(b, unix.MADV_HUGEPAGE) // advice: small pages do as well
	return b
}

// Clear gives back the memory of a part of a slab, which stays mapped.
func Clear(b []byte) {
	_ = unix.Madvise(b, unix.MADV_DONTNEED) // Free will give back what is left
}

// Free unmaps a slab.
func Free(b []byte) {
	if b != nil {
		_ = unix.Munmap(b) // fails only for memory that is not mapped
	}
}
