//go:build !purego

package join

import "golang.org/x/sys/cpu"

// eightSlots tells whether this processor has the instructions of lookNear.
var eightSlots = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// lookNear sets recs, one a row, to the records that index.look appends, if they are in one of the first eight slots of a search that does not go
// round, without a branch on what is there; to any other record if not. It has their entries fetched. Behind the slots are beyond more, which are 0.
//
//go:noescape
func lookNear(l *looking)

// matchNear does for rows what addEqual does, for which it takes the records of lookNear. An entry is looked at some rows after it was fetched. Of those
// rows that rest recs has where the entries end.
//
//go:noescape
func matchNear(m *matching)

// enterNear adds rows as addNew does, without a branch on what is there, from the one on that e.left tells. It stops before one that is marked, or whose key
// may be there, or that finds none of the first eight slots of a search that does not go round free.
//
//go:noescape
func enterNear(e *entering)

// fetchSlots has the slots fetched where the rows' searches begin. It reads none.
//
//go:noescape
func fetchSlots(h *homes, rows []row)
