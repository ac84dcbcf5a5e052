package object

import "slices"

// A block is a straight run of instructions.
type block struct {
	start, end int // slots of the section
	// next are the blocks that follow: [0] by falling through or by an
	// unconditional jump, [1] when a conditional jump is taken; -1 for none.
	next [2]int
}

// A cfg is the control flow of one function. It does not depend on kernels.
type cfg struct {
	blocks []block
}

// control makes the function's cfg.
func (f *fn) control() *cfg {
	starts := f.leaders()
	index := make(map[int]int, len(starts))
	for i, s := range starts {
		index[s] = i
	}
	at := func(slot int) int {
		if i, ok := index[slot]; ok {
			return i
		}
		return -1 // falls off the function: the kernel refuses that
	}
	g := &cfg{blocks: make([]block, len(starts))}
	for i, start := range starts {
		end := f.end
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		g.blocks[i] = block{start: start, end: end, next: [2]int{at(end), -1}}
		f.link(&g.blocks[i], at)
	}
	return g
}

// link sets the successors of a block by its last instruction.
func (f *fn) link(b *block, at func(int) int) {
	last := b.end - 1
	if last < b.start {
		return
	}
	switch x := f.code.insns[last]; {
	case x.op == opExit, x.op == opJaX:
		b.next[0] = -1 // where an indirect jump goes is not followed
	case x.op == opJa, x.op == opJa32:
		b.next[0] = at(x.target(last))
	case x.jumps():
		b.next[1] = at(x.target(last))
	}
}

// leaders lists the slots where blocks begin.
func (f *fn) leaders() []int {
	starts := []int{f.start}
	add := func(slot int) {
		if slot >= f.start && slot < f.end {
			starts = append(starts, slot)
		}
	}
	for i := f.start; i < f.end; i++ {
		x := f.code.insns[i]
		switch {
		case x.op == opLdImm64:
			i++
		case x.op == opExit:
			add(i + 1)
		case x.jumps():
			add(i + 1)
			if x.op != opJaX {
				add(x.target(i))
			}
		}
	}
	slices.Sort(starts)
	return slices.Compact(starts)
}
