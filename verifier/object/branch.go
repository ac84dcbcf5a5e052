package object

import "math"

// Conditions, in bits 4 to 7 of a jump's opcode.
const (
	jmpEq   = 0x10
	jmpGt   = 0x20
	jmpGe   = 0x30
	jmpSet  = 0x40
	jmpNe   = 0x50
	jmpSgt  = 0x60
	jmpSge  = 0x70
	jmpLt   = 0xa0
	jmpLe   = 0xb0
	jmpSlt  = 0xc0
	jmpSle  = 0xd0
	jmpCond = 0xe0
)

// tri is the answer to a condition.
type tri int8

const (
	maybe tri = iota
	never
	always
)

func triOf(b bool) tri {
	if b {
		return always
	}
	return never
}

func (t tri) not() tri {
	switch t {
	case never:
		return always
	case always:
		return never
	}
	return maybe
}

// negated conditions, so that half of them need no code of their own.
var negated = map[uint8]uint8{jmpNe: jmpEq, jmpLe: jmpGt, jmpLt: jmpGe, jmpSle: jmpSgt, jmpSlt: jmpSge}

// decide tells whether a conditional jump is taken
// (kernel/bpf/verifier.c:is_branch_taken).
func decide(x insn, a, b val) tri {
	op := x.op & 0xf0
	if op == jmpCond {
		return maybe
	}
	if n, ok := negated[op]; ok {
		x.op = x.op&0x0f | n
		return decide(x, a, b).not()
	}
	if a.kind != kScalar || b.kind != kScalar {
		return decidePointer(x, op, a, b)
	}
	if x.class() == classJMP32 {
		a, b = a.trunc(), b.trunc()
	}
	return decideScalar(op, a, b, x.class() == classJMP32)
}

// decidePointer knows that addresses are not 0.
func decidePointer(x insn, op uint8, a, b val) tri {
	if x.class() == classJMP32 || op != jmpEq {
		return maybe
	}
	if a.nonNull() && b.isConst() && b.lo == 0 || b.nonNull() && a.isConst() && a.lo == 0 {
		return never
	}
	return maybe
}

func decideScalar(op uint8, a, b val, narrow bool) tri {
	top := uint64(math.MaxInt64)
	if narrow {
		top = math.MaxInt32
	}
	switch op {
	case jmpSgt, jmpSge:
		switch {
		case a.isConst() && b.isConst():
			m, n := signed(a.lo, narrow), signed(b.lo, narrow)
			return triOf(m > n || op == jmpSge && m == n)
		case a.hi > top || b.hi > top:
			return maybe
		}
		op = map[uint8]uint8{jmpSgt: jmpGt, jmpSge: jmpGe}[op]
	}
	switch op {
	case jmpEq:
		if a.isConst() && b.isConst() {
			return triOf(a.lo == b.lo)
		}
		if a.hi < b.lo || b.hi < a.lo {
			return never
		}
	case jmpGt:
		return ordered(a.lo > b.hi, a.hi <= b.lo)
	case jmpGe:
		return ordered(a.lo >= b.hi, a.hi < b.lo)
	case jmpSet:
		if a.isConst() && b.isConst() {
			return triOf(a.lo&b.lo != 0)
		}
		if fill(a.hi)&b.lo == 0 && b.isConst() {
			return never
		}
	}
	return maybe
}

func ordered(yes, no bool) tri {
	switch {
	case yes:
		return always
	case no:
		return never
	}
	return maybe
}

func signed(n uint64, narrow bool) int64 {
	if narrow {
		return int64(int32(n))
	}
	return int64(n)
}

// refine narrows both sides by the outcome of a condition. A range that comes
// out empty means that the branch cannot be taken.
func refine(x insn, a, b val, taken bool) (val, val, bool) {
	op := x.op & 0xf0
	if a.kind == kNull && b == constant(0) && (op == jmpEq || op == jmpNe) {
		if taken == (op == jmpEq) {
			return constant(0), b, true
		}
		return anything, b, true
	}
	if a.kind != kScalar || b.kind != kScalar || op == jmpCond {
		return a, b, true
	}
	if x.class() == classJMP32 && (a.hi > math.MaxUint32 || b.hi > math.MaxUint32) {
		return a, b, true
	}
	if n, ok := negated[op]; ok {
		op, taken = n, !taken
	}
	switch op {
	case jmpEq:
		return refineEq(a, b, taken)
	case jmpGt:
		if taken {
			return refineLess(b, a, 1, true)
		}
		return refineLess(a, b, 0, false)
	case jmpGe:
		if taken {
			return refineLess(b, a, 0, true)
		}
		return refineLess(a, b, 1, false)
	}
	return a, b, true
}

func refineEq(a, b val, equal bool) (val, val, bool) {
	if equal {
		lo, hi := max(a.lo, b.lo), min(a.hi, b.hi)
		a.lo, a.hi, b.lo, b.hi = lo, hi, lo, hi
		return a, b, lo <= hi
	}
	if b.isConst() {
		a = without(a, b.lo)
	} else if a.isConst() {
		b = without(b, a.lo)
	}
	return a, b, a.lo <= a.hi && b.lo <= b.hi
}

// without takes a number off the end of a range.
func without(v val, n uint64) val {
	switch {
	case v.lo == v.hi:
	case v.lo == n:
		v.lo++
	case v.hi == n:
		v.hi--
	}
	return v
}

// refineLess narrows to small + gap <= big; swapped gives them back in the
// other order.
func refineLess(small, big val, gap uint64, swapped bool) (val, val, bool) {
	ok := big.hi >= gap && small.lo <= math.MaxUint64-gap
	if ok {
		small.hi = min(small.hi, big.hi-gap)
		big.lo = max(big.lo, small.lo+gap)
		ok = small.lo <= small.hi && big.lo <= big.hi
	}
	if swapped {
		return big, small, ok
	}
	return small, big, ok
}
