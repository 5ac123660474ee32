// Package spare keeps memory that somebody is done with for the next one who needs such: fresh memory is dear. Unlike sync.Pool it gives up nothing
// while its owner lives, which is a run or a file.
package spare

import "sync"

// Pool is values of one type that are not in use. The zero value is an empty one; its methods may be called by many goroutines at once.
type Pool[T any] struct {
	mu   sync.Mutex
	free []*T
}

// Get gives a value that was put, as it was left, or a new zero one.
func (p *Pool[T]) Get() *T {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free)
	if n == 0 {
		return new(T)
	}
	t := p.free[n-1]
	p.free = p.free[:n-1]
	return t
}

// Put takes values back, which nobody may use any more.
func (p *Pool[T]) Put(values ...*T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, values...)
}
