package object

import "math"

// valKind tells what a register or stack slot holds.
type valKind uint8

const (
	kScalar   valKind = iota // lo..hi, unsigned
	kFrame                   // this function's stack: frame pointer + lo
	kFrameVar                // this function's stack, somewhere
	kRodata                  // section hi, offset lo
	kConfig                  // the address of kconfig extern hi
	kFunc                    // the address of function hi
	kCtx                     // the program's context + lo
	kOther                   // some address, never NULL
	kNull                    // the result of kfunc hi, called at lo: an address or NULL
)

// A val is what is known of a value: for scalars a range, as the kernel's
// verifier keeps one. taint names the settable variable (index + 1) that the
// value comes from.
type val struct {
	lo, hi uint64
	kind   valKind
	taint  uint16
}

// Taints from factTaint on stand for facts of the kernel that its data does
// not hold: a type or variable (factTaint itself), or the kconfig extern
// taint - factTaint - 1.
const factTaint = 1 << 15

var anything = val{hi: math.MaxUint64}

func constant(n uint64) val { return val{lo: n, hi: n} }

func below(bits uint) val {
	if bits >= 64 {
		return anything
	}
	return val{hi: 1<<bits - 1}
}

func (v val) isConst() bool { return v.kind == kScalar && v.lo == v.hi }

// with gives v the taint of what it was made from.
func (v val) with(a, b val) val {
	if v.taint = a.taint; v.taint == 0 {
		v.taint = b.taint
	}
	return v
}

// trunc is the low 32 bits.
func (v val) trunc() val {
	switch {
	case v.kind != kScalar:
		return val{hi: math.MaxUint32, taint: v.taint}
	case v.hi <= math.MaxUint32:
		return v
	case v.isConst():
		v.lo, v.hi = v.lo&math.MaxUint32, v.hi&math.MaxUint32
		return v
	}
	return val{hi: math.MaxUint32, taint: v.taint}
}

// joined is what is known of a value that is a or b.
func joined(a, b val) val {
	if a == b {
		return a
	}
	if a.kind != b.kind || a.kind != kScalar {
		if a.onStack() && b.onStack() {
			return val{kind: kFrameVar}.with(a, b)
		}
		if a.nonNull() && b.nonNull() && a.kind != kScalar && b.kind != kScalar {
			return val{kind: kOther}.with(a, b)
		}
		return anything.with(a, b)
	}
	return val{lo: min(a.lo, b.lo), hi: max(a.hi, b.hi)}.with(a, b)
}

func (v val) onStack() bool { return v.kind == kFrame || v.kind == kFrameVar }

// nonNull tells that a value is known not to be 0.
func (v val) nonNull() bool { return v.kind != kNull && (v.kind != kScalar || v.lo > 0) }

// fill is the largest number with as many bits as n.
func fill(n uint64) uint64 {
	for s := uint(1); s < 64; s <<= 1 {
		n |= n >> s
	}
	return n
}

// ALU operations, in bits 4 to 7 of the opcode.
const (
	aluAdd  = 0x00
	aluSub  = 0x10
	aluMul  = 0x20
	aluDiv  = 0x30
	aluOr   = 0x40
	aluAnd  = 0x50
	aluLsh  = 0x60
	aluRsh  = 0x70
	aluNeg  = 0x80
	aluMod  = 0x90
	aluXor  = 0xa0
	aluMov  = 0xb0
	aluArsh = 0xc0
	aluEnd  = 0xd0
)

// alu computes dst OP src. Signed division, byte swaps and what overflows
// come out as unknown.
func alu(x insn, a, b val) val {
	wide := x.class() == classALU64
	op := x.op & 0xf0
	switch {
	case op == aluMov:
		return mov(x, b, wide)
	case wide && (a.kind != kScalar || b.kind != kScalar):
		return pointerALU(op, a, b)
	case op == aluEnd:
		return below(uint(min(uint32(x.imm), 64))).with(a, a)
	case op == aluNeg:
		if a.isConst() {
			return narrow(constant(-a.lo), wide).with(a, a)
		}
		return narrow(anything, wide).with(a, a)
	case (op == aluDiv || op == aluMod) && x.off != 0:
		return narrow(anything, wide).with(a, b)
	}
	if !wide {
		a, b = a.trunc(), b.trunc()
	}
	return narrow(scalarALU(op, a, b, wide), wide).with(a, b)
}

func narrow(v val, wide bool) val {
	if wide {
		return v
	}
	return v.trunc()
}

// mov is a plain, a narrowing or a sign-extending move, or an
// addr_space_cast.
func mov(x insn, b val, wide bool) val {
	switch {
	case x.op&srcX == 0 || x.off == 0:
		return narrow(b, wide)
	case x.off == addrSpaceCast && wide:
		return anything.with(b, b)
	}
	bits := uint(x.off)
	if bits >= 64 || b.kind != kScalar {
		return narrow(anything, wide).with(b, b)
	}
	if b.isConst() {
		return narrow(constant(uint64(int64(b.lo)<<(64-bits)>>(64-bits))), wide).with(b, b)
	}
	if b.hi < 1<<(bits-1) {
		return b
	}
	return narrow(anything, wide).with(b, b)
}

// pointerALU moves pointers whose offset is followed.
func pointerALU(op uint8, a, b val) val {
	if op == aluAdd && a.kind == kScalar {
		a, b = b, a
	}
	moves := a.kind == kFrame || a.kind == kRodata || a.kind == kCtx
	switch {
	case moves && op == aluAdd && b.isConst():
		a.lo += b.lo
	case moves && op == aluSub && b.isConst():
		a.lo -= b.lo
	case a.onStack() && b.kind == kScalar && (op == aluAdd || op == aluSub):
		return val{kind: kFrameVar}.with(a, b)
	case a.kind == kRodata && op == aluAdd && b.kind == kScalar:
		return val{kind: kOther}.with(a, b)
	default:
		return anything.with(a, b)
	}
	return a
}

func scalarALU(op uint8, a, b val, wide bool) val {
	if a.isConst() && b.isConst() {
		return constALU(op, a.lo, b.lo, wide)
	}
	switch op {
	case aluAdd:
		if a.hi <= math.MaxUint64-b.hi {
			return val{lo: a.lo + b.lo, hi: a.hi + b.hi}
		}
	case aluSub:
		if a.lo >= b.hi {
			return val{lo: a.lo - b.hi, hi: a.hi - b.lo}
		}
	case aluMul:
		if b.hi == 0 || a.hi <= math.MaxUint64/b.hi {
			return val{lo: a.lo * b.lo, hi: a.hi * b.hi}
		}
	case aluAnd:
		return val{hi: min(a.hi, b.hi)}
	case aluOr:
		return val{lo: max(a.lo, b.lo), hi: fill(a.hi | b.hi)}
	case aluXor:
		return val{hi: fill(a.hi | b.hi)}
	case aluDiv:
		if b.isConst() && b.lo > 0 {
			return val{lo: a.lo / b.lo, hi: a.hi / b.lo}
		}
	case aluMod:
		if b.isConst() && b.lo > 0 {
			return val{hi: min(a.hi, b.lo-1)}
		}
	default:
		return shift(op, a, b, wide)
	}
	return anything
}

func shift(op uint8, a, b val, wide bool) val {
	if !b.isConst() {
		return anything
	}
	s, top := b.lo&63, uint64(math.MaxInt64)
	if !wide {
		s, top = b.lo&31, math.MaxInt32
	}
	switch {
	case op == aluLsh && a.hi<<s>>s == a.hi:
		return val{lo: a.lo << s, hi: a.hi << s}
	case op == aluRsh, op == aluArsh && a.hi <= top:
		return val{lo: a.lo >> s, hi: a.hi >> s}
	}
	return anything
}

func constALU(op uint8, a, b uint64, wide bool) val {
	bits := uint64(31)
	if wide {
		bits = 63
	}
	switch op {
	case aluAdd:
		return constant(a + b)
	case aluSub:
		return constant(a - b)
	case aluMul:
		return constant(a * b)
	case aluDiv:
		if b == 0 {
			return constant(0)
		}
		return constant(a / b)
	case aluMod:
		if b == 0 {
			return constant(a)
		}
		return constant(a % b)
	case aluOr:
		return constant(a | b)
	case aluAnd:
		return constant(a & b)
	case aluXor:
		return constant(a ^ b)
	case aluLsh:
		return constant(a << (b & bits))
	case aluRsh:
		return constant(a >> (b & bits))
	case aluArsh:
		if wide {
			return constant(uint64(int64(a) >> (b & bits)))
		}
		return constant(uint64(uint32(int32(a) >> (b & bits))))
	}
	return anything
}
