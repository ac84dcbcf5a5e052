package object

import "math"

// Helpers that take the address of a function, and the register that holds it
// (include/uapi/linux/bpf.h:___BPF_FUNC_MAPPER).
const (
	helperSpinLock         = 93
	helperTimerSetCallback = 170
)

// readonlyHelpers only read what a pointer into the stack points to.
var readonlyHelpers = map[int32]bool{
	1: true, 2: true, 3: true, // map_lookup, map_update, map_delete_elem
	6: true, 177: true, // trace_printk, trace_vprintk
	25: true, 130: true, // perf_event_output, ringbuf_output
}

// exec follows a block's instructions from state s. It is false when
// the end of the block is not reached.
func (w *walk) exec(c *scope, b *block, s *state, bi int) bool {
	code := c.fn.code
	w.spent.work += b.end - b.start
	for i := b.start; i < b.end; i++ {
		x := code.insns[i]
		if core := code.core(i); core != nil && w.env.cores[core].state == corePoison {
			c.calls[bi] = append(c.calls[bi], call{kind: callPoison, slot: i, core: core})
			return false
		}
		switch x.class() {
		case classALU, classALU64:
			if x.op == castOp && x.off == addrSpaceCast && x.imm != 1 && x.imm != 1<<16 {
				c.calls[bi] = append(c.calls[bi], call{kind: callCast, slot: i})
			}
			w.execALU(c, i, x, s)
		case classLD:
			if x.op == opLdImm64 {
				s.regs[x.dst] = w.immediate(code, i)
				i++
			} else {
				s.regs[0] = anything
			}
		case classLDX:
			switch base := s.regs[x.src]; base.kind {
			case kCtx:
				c.calls[bi] = append(c.calls[bi], call{kind: callContext, slot: i, arg: base.lo + uint64(int64(x.off))})
			case kNull:
				w.deref(c, bi, i, base)
			}
			s.regs[x.dst] = w.execLoad(c, i, x, s)
		case classST, classSTX:
			if base := s.regs[x.dst]; base.kind == kNull {
				w.deref(c, bi, i, base)
			}
			w.execStore(c, x, s)
		default:
			if x.op != opCall {
				continue
			}
			ret, returns := w.call(c, bi, i, x, s)
			for r := 1; r <= 5; r++ {
				s.regs[r] = anything
			}
			s.regs[0] = ret
			if !returns {
				return false
			}
		}
	}
	return true
}

// deref notes an access through what may be NULL.
func (w *walk) deref(c *scope, bi, slot int, base val) {
	c.calls[bi] = append(c.calls[bi], call{kind: callNull, slot: slot, ext: w.env.o.Externs[base.hi]})
}

// operand is the second operand of an ALU instruction or a jump.
func operand(x insn, s *state) val {
	switch {
	case x.op&srcX != 0:
		return s.regs[x.src]
	case x.class() == classALU || x.class() == classJMP32:
		return constant(uint64(uint32(x.imm)))
	}
	return constant(uint64(int64(x.imm)))
}

func (w *walk) execALU(c *scope, i int, x insn, s *state) {
	b := operand(x, s)
	if core := c.fn.code.core(i); core != nil && x.op&srcX == 0 {
		b = w.coreVal(core)
	}
	v := alu(x, s.regs[x.dst], b)
	if v.kind == kFrame {
		c.touch(v)
	}
	s.regs[x.dst] = v
}

// coreVal is what a CO-RE relocation puts into an instruction.
func (w *walk) coreVal(core *coreValue) val {
	if a := w.env.cores[core]; a.state == coreKnown {
		return constant(a.value)
	}
	switch core.kind {
	case coreFieldExists, coreTypeExists, coreEnumvalExists, coreTypeMatches:
		return w.fact(factTaint, constant(1))
	}
	return anything
}

// immediate is what ld_imm64 loads.
func (w *walk) immediate(code *codeSection, i int) val {
	if core := code.core(i); core != nil {
		return w.coreVal(core)
	}
	r, ok := code.refs[i]
	if !ok {
		x := code.insns[i]
		if x.src != 0 {
			return val{kind: kOther} // the address of something already resolved
		}
		hi := uint64(0)
		if i+1 < len(code.insns) {
			hi = uint64(uint32(code.insns[i+1].imm))
		}
		return constant(hi<<32 | uint64(uint32(x.imm)))
	}
	switch r.kind {
	case refFunc:
		return val{kind: kFunc, hi: uint64(r.fn.id)}
	case refRodata:
		return val{kind: kRodata, hi: uint64(r.sec), lo: uint64(r.off)}
	case refExtern:
		return w.externAddress(r.ext)
	case refData:
		return val{kind: kOther}
	}
	return anything
}

// externAddress is 0 for a weak function that did not resolve: that is all
// that bpf_ksym_exists() tests.
func (w *walk) externAddress(x *Extern) val {
	switch {
	case x.Kind == ExternConfig:
		return val{kind: kConfig, hi: uint64(x.id)}
	case w.env.externs[x.id] == extResolved:
		return val{kind: kOther}
	case w.env.externs[x.id] != extUnknown:
		return constant(0)
	}
	return w.fact(factTaint, val{kind: kOther})
}

// fact is 0 or yes, which of them nobody here knows.
func (w *walk) fact(taint uint16, yes val) val {
	v := anything
	switch {
	case w.facts == never:
		v = constant(0)
	case w.facts == always:
		v = yes
	case yes.kind == kScalar:
		v = below(1)
	}
	v.taint = taint
	return v
}

func (w *walk) execLoad(c *scope, i int, x insn, s *state) val {
	base, size := s.regs[x.src], x.width()
	off := base.lo + uint64(int64(x.off))
	sx := x.op&0xe0 == modeMemSX
	switch base.kind {
	case kFrame:
		c.touchAt(int64(off))
		if v := s.load(int64(off), size, w.env.o.bigEndian()); !sx {
			return v
		}
	case kRodata:
		return w.env.loadRodata(int(base.hi), off, size, sx, w.free)
	case kConfig:
		if x := w.env.o.Externs[base.hi]; x.Name == "LINUX_KERNEL_VERSION" && w.env.version != 0 {
			return constant(w.env.version)
		}
		v := w.fact(uint16(min(factTaint+1+base.hi, 1<<16-1)), constant(1))
		if w.facts == maybe {
			v.hi = anything.hi
		}
		return v
	}
	if sx {
		return anything
	}
	return below(uint(8 * size))
}

func (w *walk) execStore(c *scope, x insn, s *state) {
	base, size := s.regs[x.dst], x.width()
	off := int64(base.lo) + int64(x.off)
	v := constant(uint64(int64(x.imm)))
	if x.class() == classSTX {
		v = s.regs[x.src]
	}
	if x.op&0xe0 == modeAtomic {
		v = anything
		execFetch(x, s)
	}
	switch base.kind {
	case kFrame:
		c.touchAt(off)
		s.store(off, size, v)
	case kFrameVar:
		s.slots = nil
	}
}

// execFetch is the register that an atomic operation changes.
func execFetch(x insn, s *state) {
	const fetch, cmpxchg = 0x01, 0xf1
	switch {
	case x.imm == cmpxchg:
		s.regs[0] = anything
	case x.imm&fetch != 0, x.imm&0xf00 != 0:
		s.regs[x.src] = anything
	}
}

// clobber forgets the stack that a callee can write to.
func clobber(s *state) {
	from := int64(math.MaxInt64)
	for r := 1; r <= 5; r++ {
		switch s.regs[r].kind {
		case kFrame:
			from = min(from, int64(s.regs[r].lo))
		case kFrameVar:
			from = math.MinInt64
		}
	}
	if from < 0 {
		s.forget(from, 0)
	}
}
