package cindex

import "sync/atomic"

// A cache is a short list that is read without a lock. Losing an entry to a
// race costs time, nothing else.
type cache[T any] struct{ p atomic.Pointer[[]T] }

func (c *cache[T]) all() []T {
	if l := c.p.Load(); l != nil {
		return *l
	}
	return nil
}

// add puts v first and drops what is beyond limit.
func (c *cache[T]) add(v T, limit int) {
	old := c.all()
	next := append([]T{v}, old[:min(len(old), limit-1)]...)
	c.p.Store(&next)
}
