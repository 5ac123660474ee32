// Package offheap gives memory outside the Go heap, in huge pages where the system has them. Fresh memory in small ones takes six times as long to touch, and
// look-ups that go all over it miss the TLB nearly each time.
package offheap

// Page is the size of the pages asked for, and of what Clear gives back at the least.
const Page = 2 << 20
