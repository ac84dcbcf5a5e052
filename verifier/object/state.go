package object

import (
	"math"
	"slices"
)

// A slot is a stack location that holds a known value. Slots are sorted by
// offset and do not overlap.
type slot struct {
	off  int16 // from the frame pointer, below 0
	size int16
	v    val
}

// maxSlots bounds what is kept of one frame; a frame has 64 words.
const maxSlots = 64

// A state is what is known at one point of a function.
type state struct {
	regs  [numRegs]val
	slots []slot // shared between states: copied before it is changed
	// rcu is how many RCU read sections are open on every path here, rcuMax on
	// some.
	rcu, rcuMax uint8
}

// load reads a stack location.
func (s *state) load(off int64, size int, big bool) val {
	for _, x := range s.slots {
		switch {
		case int64(x.off) != off || int(x.size) < size:
		case int(x.size) == size:
			return x.v
		case x.v.isConst() && !big:
			v := x.v
			mask := uint64(1)<<(8*size) - 1
			v.lo, v.hi = v.lo&mask, v.hi&mask
			return v
		}
	}
	return below(uint(8 * size))
}

// store writes a stack location.
func (s *state) store(off int64, size int, v val) {
	s.forget(off, off+int64(size))
	switch {
	case v == anything, off < math.MinInt16 || off >= 0, len(s.slots) >= maxSlots:
		return
	case size < 8 && v.kind != kScalar:
		return
	case size < 8:
		bits := uint(8 * size)
		if v.hi>>bits != 0 {
			if !v.isConst() {
				return
			}
			v.lo &= 1<<bits - 1
			v.hi = v.lo
		}
	}
	i, _ := slices.BinarySearchFunc(s.slots, int16(off), func(x slot, o int16) int { return int(x.off) - int(o) })
	s.slots = slices.Insert(slices.Clone(s.slots), i, slot{int16(off), int16(size), v})
}

// forget drops what is known of a range of the stack.
func (s *state) forget(from, to int64) {
	overlaps := func(x slot) bool { return int64(x.off) < to && int64(x.off)+int64(x.size) > from }
	if slices.ContainsFunc(s.slots, overlaps) {
		s.slots = slices.DeleteFunc(slices.Clone(s.slots), overlaps)
	}
}

// learn replaces a result that may be NULL wherever it has been copied to, as
// the verifier does by its id (kernel/bpf/verifier.c:mark_ptr_or_null_regs).
func (s *state) learn(old, now val) {
	if old.kind != kNull {
		return
	}
	for i := range s.regs {
		if s.regs[i] == old {
			s.regs[i] = now
		}
	}
	if slices.ContainsFunc(s.slots, func(x slot) bool { return x.v == old }) {
		s.slots = slices.Clone(s.slots)
		for i := range s.slots {
			if s.slots[i].v == old {
				s.slots[i].v = now
			}
		}
	}
}

// join merges another path's state into s and tells whether s changed. wide
// gives up on values that keep growing, so that loops come to an end.
func (s *state) join(o *state, wide bool) bool {
	changed := false
	for i := range s.regs {
		v := merged(s.regs[i], o.regs[i], wide)
		changed = changed || v != s.regs[i]
		s.regs[i] = v
	}
	if o.rcu < s.rcu {
		s.rcu, changed = o.rcu, true
	}
	if o.rcuMax > s.rcuMax {
		s.rcuMax, changed = o.rcuMax, true
	}
	return s.joinSlots(o, wide) || changed
}

func merged(a, b val, wide bool) val {
	if a == b {
		return a
	}
	v := joined(a, b)
	if v != a && wide {
		return anything.with(a, b)
	}
	return v
}

func (s *state) joinSlots(o *state, wide bool) bool {
	if len(s.slots) == 0 || slices.Equal(s.slots, o.slots) {
		return false
	}
	kept := make([]slot, 0, len(s.slots))
	for _, x := range s.slots {
		for _, y := range o.slots {
			if y.off != x.off || y.size != x.size {
				continue
			}
			if v := merged(x.v, y.v, wide); v.kind != kScalar || v.hi != math.MaxUint64 || v.lo != 0 {
				kept = append(kept, slot{x.off, x.size, v})
			}
		}
	}
	if slices.Equal(kept, s.slots) {
		return false
	}
	s.slots = kept
	return true
}
