package cindex

import (
	"math/bits"
	"sync"
)

// An env is the set of macros that are defined at one place of a unit. It is
// immutable. The same directive applied to the same env gives the same env,
// so that pointers tell whether two places see the same macros.
type env struct {
	root *envNode
	mu   sync.Mutex
	kids map[any]*env
}

// maxKids bounds what an env remembers of its successors; an author who edits
// one #define makes one with each keystroke.
const maxKids = 64

// apply gives the env after a directive, made by the function when the
// directive was not applied here before.
func (e *env) apply(key any, make_ func() *envNode) *env {
	e.mu.Lock()
	defer e.mu.Unlock()
	if k, ok := e.kids[key]; ok {
		return k
	}
	if e.kids == nil || len(e.kids) >= maxKids {
		e.kids = map[any]*env{}
	}
	k := &env{root: make_()}
	e.kids[key] = k
	return k
}

// get gives what is known of a name: a definition, a tombstone, or nil.
func (e *env) get(hash uint32, name string) *macro {
	n := e.root
	for shift := uint(0); n != nil; shift += 5 {
		if n.list != nil {
			for _, m := range n.list {
				if m.name == name {
					return m
				}
			}
			return nil
		}
		bit := uint32(1) << (hash >> shift & 31)
		if n.bitmap&bit == 0 {
			return nil
		}
		s := &n.slots[bits.OnesCount32(n.bitmap&(bit-1))]
		if s.m != nil {
			if s.m.hash == hash && s.m.name == name {
				return s.m
			}
			return nil
		}
		n = s.sub
	}
	return nil
}

// set defines m, or undefines it when m is a tombstone.
func (e *env) set(key any, m *macro) *env {
	if old := e.get(m.hash, m.name); old != nil && (old.keep || m.undef && old.fallback) {
		return e
	}
	return e.apply(key, func() *envNode { return e.root.with(m, 0) })
}

// push and pop are the pragmas push_macro and pop_macro.
func (e *env) push(d *directive) *env {
	name := "#push " + d.name
	h := identHash(name)
	below := e.get(h, name)
	saved := e.get(d.hash, d.name)
	return e.apply(d, func() *envNode {
		return e.root.with(&macro{name: name, hash: h, saved: saved, below: below}, 0)
	})
}

func (e *env) pop(d *directive) *env {
	name := "#push " + d.name
	h := identHash(name)
	top := e.get(h, name)
	if top == nil || top.undef {
		return e
	}
	return e.apply(d, func() *envNode {
		m, below := top.saved, top.below
		if m == nil {
			m = &macro{name: d.name, hash: d.hash, undef: true}
		}
		if below == nil {
			below = &macro{name: name, hash: h, undef: true}
		}
		return e.root.with(m, 0).with(below, 0)
	})
}

// An envNode is a node of a persistent trie over the hashes of names.
type envNode struct {
	bitmap uint32
	slots  []envSlot
	list   []*macro // below the last level: names of one hash
}

type envSlot struct {
	m   *macro
	sub *envNode
}

// with gives a trie that has m too, in place of one of the same name.
func (n *envNode) with(m *macro, shift uint) *envNode {
	if shift >= 35 {
		return n.withList(m)
	}
	if n == nil {
		n = &envNode{}
	}
	bit := uint32(1) << (m.hash >> shift & 31)
	i := bits.OnesCount32(n.bitmap & (bit - 1))
	out := &envNode{bitmap: n.bitmap | bit}
	if n.bitmap&bit == 0 {
		out.slots = make([]envSlot, len(n.slots)+1)
		copy(out.slots, n.slots[:i])
		copy(out.slots[i+1:], n.slots[i:])
		out.slots[i] = envSlot{m: m}
		return out
	}
	out.slots = append([]envSlot(nil), n.slots...)
	s := &out.slots[i]
	switch {
	case s.m == nil:
		s.sub = s.sub.with(m, shift+5)
	case s.m.hash == m.hash && s.m.name == m.name:
		s.m = m
	default:
		var sub *envNode
		sub = sub.with(s.m, shift+5).with(m, shift+5)
		*s = envSlot{sub: sub}
	}
	return out
}

func (n *envNode) withList(m *macro) *envNode {
	out := &envNode{}
	if n != nil {
		for _, o := range n.list {
			if o.name != m.name {
				out.list = append(out.list, o)
			}
		}
	}
	out.list = append(out.list, m)
	return out
}
