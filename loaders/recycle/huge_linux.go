package recycle

import "golang.org/x/sys/unix"

// inHugePages has the kernel use huge pages for fresh memory where it has them: to touch memory for the first time takes a sixth of the time then, and to give it
// back when the process ends hardly any. Large buffers begin with a page, and those that lie side by side share huge ones.
func inHugePages(b []byte) {
	_ = unix.Madvise(b, unix.MADV_HUGEPAGE) // advice: small pages do as well
}
