package engine

import (
	"context"

	"crosscheck/engine/offheap"
)

// held is memory in which rows of the first ranges stay that are to be spilled: these are joined first, before there are many suspects. Each of the ranges
// has a region of it, and what that has no room for goes to the file. Regions are given back as ranges are joined.
type held struct {
	memory []byte
	region int   // bytes of each
	used   []int // a range: bytes of its region; those behind have none
	joined int   // ranges whose regions are given back, the first ones
	heap   bool  // the memory is in the Go heap
}

// newHeld gives some bytes to the first of some ranges, as many as the rows of one take in the mean, of which those of all ranges take as many as all says.
func newHeld(bytes, all int64, ranges int) *held {
	h := new(held)
	bytes = min(bytes, all)
	n := int(bytes * int64(ranges) / max(all, 1))
	if n == 0 {
		return h
	}
	h.region, h.used = int(bytes)/n&^7, make([]int, n)
	if h.memory = offheap.New(n * h.region); h.memory == nil {
		h.memory, h.heap = make([]byte, n*h.region), true
	}
	return h
}

// room gives some bytes of a range's region, with room for what sealing them takes, nil if there are none. It is for one goroutine at a time.
func (h *held) room(at, bytes int) []byte {
	n := sealedBytes(bytes)
	if at >= len(h.used) || h.used[at]+n > h.region {
		return nil
	}
	begin := at*h.region + h.used[at]
	h.used[at] += n
	return h.memory[begin : begin+bytes : begin+n]
}

// keep copies a piece of a range to where it is held, nil if there is no room for it.
func (o *overflow) keep(at int, rows []byte) []byte {
	o.mu.Lock()
	kept := o.held.room(at, len(rows))
	o.mu.Unlock()
	copy(kept, rows)
	return kept
}

// bytes is what is not given back yet.
func (h *held) bytes() int64 { return int64(len(h.used)-h.joined) * int64(h.region) }

// forget gives back what the ranges before one have.
func (h *held) forget(end int) {
	if end >= len(h.used) {
		h.free()
		return
	}
	from, till := h.joined*h.region/offheap.Page, end*h.region/offheap.Page // whole pages
	if from < till && !h.heap {
		offheap.Clear(h.memory[from*offheap.Page : till*offheap.Page])
	}
	h.joined = end
}

func (h *held) free() {
	if !h.heap {
		offheap.Free(h.memory)
	}
	*h = held{}
}

// roomForReport writes what is held if it leaves no room for the report that is about to be made.
func (r *run) roomForReport(ctx context.Context) error {
	if r.over.held.bytes()+2*r.keptBytes() <= r.plan.Memory.limit {
		return nil
	}
	return r.evict(ctx)
}

// evict writes what is held, for its memory is wanted.
func (r *run) evict(ctx context.Context) error {
	o := r.over
	var pieces []*piece
	for i := range o.ranges {
		for _, of := range o.ranges[i].pieces {
			for j := range of {
				if of[j].rows != nil {
					pieces = append(pieces, &of[j])
				}
			}
		}
	}
	defer o.held.free()
	return r.parallel(ctx, len(pieces), func(i int) (err error) {
		p := pieces[i]
		p.Extent, err = o.file.Write(p.rows)
		p.rows = nil
		return err
	})
}

// forget lets go of the pieces of ranges that are joined.
func (o *overflow) forget(from, to int) {
	for i := range o.ranges[from:to] {
		clear(o.ranges[from+i].pieces)
	}
	o.held.forget(to)
}
