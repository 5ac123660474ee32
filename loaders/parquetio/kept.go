package parquetio

import (
	"sync"
	"sync/atomic"
)

// kept counts the files of all levels that stay open. One that is replaced meanwhile is read as it was, and need not be opened again; but a process may not have any
// number of files open.
type kept struct {
	most int64
	n    atomic.Int64
	many sync.Once
}

// ofProcess is how many files of levels a process keeps open: what it may have but for a thousand, 3 of 4 if that is less, and not so many that what the
// system knows of them comes to much.
var ofProcess = sync.OnceValue(func() *kept {
	const others, most = 1000, 1 << 15
	n := int64(min(mostOpen(), 1<<20))
	return &kept{most: min(n-min(n/4, others), most)}
})

// take tells whether one more may stay open.
func (k *kept) take() bool {
	if k.n.Add(1) <= k.most {
		return true
	}
	k.n.Add(-1)
	return false
}

// give tells that one that stayed open is closed.
func (k *kept) give() { k.n.Add(-1) }

// unexpected is up to how many files are opened without ado.
const unexpected = 256

// expect is told how many files a level has before they are opened, one of which is open.
func (k *kept) expect(files int, one *disk) {
	if files > unexpected && k.most > unexpected {
		k.many.Do(func() { one.expect(k.most) })
	}
}
