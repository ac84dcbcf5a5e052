package object

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The walk is right only if what it knows of a value holds for every value
// that can be there. These tests compute with ranges and with numbers out of
// them, and compare.

func randomVal(r *rand.Rand) (v val, n uint64) {
	pick := func() uint64 {
		edges := []uint64{0, 1, 2, 7, 31, 32, 63, 255, math.MaxInt32, math.MaxInt32 + 1, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64}
		if r.IntN(2) == 0 {
			return edges[r.IntN(len(edges))]
		}
		return r.Uint64() >> r.IntN(64)
	}
	a, b := pick(), pick()
	v = val{lo: min(a, b), hi: max(a, b)}
	if r.IntN(3) == 0 {
		v.hi = v.lo
	}
	n = v.lo
	if span := v.hi - v.lo; span == math.MaxUint64 {
		n = r.Uint64()
	} else if span > 0 {
		n += r.Uint64N(span + 1)
	}
	return v, n
}

// concrete is what the instruction does to numbers (include/linux/filter.h and
// kernel/bpf/core.c:___bpf_prog_run).
func concrete(op uint8, a, b uint64, wide bool) uint64 {
	if !wide {
		x, y := uint32(a), uint32(b)
		switch op {
		case aluDiv:
			if y == 0 {
				return 0
			}
			return uint64(x / y)
		case aluMod:
			if y == 0 {
				return uint64(x)
			}
			return uint64(x % y)
		case aluLsh:
			return uint64(x << (y & 31))
		case aluRsh:
			return uint64(x >> (y & 31))
		case aluArsh:
			return uint64(uint32(int32(x) >> (y & 31)))
		case aluNeg:
			return uint64(-x)
		}
		return uint64(uint32(concrete(op, uint64(x), uint64(y), true)))
	}
	switch op {
	case aluAdd:
		return a + b
	case aluSub:
		return a - b
	case aluMul:
		return a * b
	case aluOr:
		return a | b
	case aluAnd:
		return a & b
	case aluXor:
		return a ^ b
	case aluMov:
		return b
	case aluLsh:
		return a << (b & 63)
	case aluRsh:
		return a >> (b & 63)
	case aluArsh:
		return uint64(int64(a) >> (b & 63))
	case aluNeg:
		return -a
	case aluDiv:
		if b == 0 {
			return 0
		}
		return a / b
	case aluMod:
		if b == 0 {
			return a
		}
		return a % b
	}
	panic("no such operation")
}

func TestALUHoldsWhatItSays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	ops := []uint8{aluAdd, aluSub, aluMul, aluDiv, aluOr, aluAnd, aluLsh, aluRsh, aluNeg, aluMod, aluXor, aluMov, aluArsh}
	for range 300_000 {
		a, m := randomVal(r)
		b, n := randomVal(r)
		op := ops[r.IntN(len(ops))]
		class := [2]uint8{classALU64, classALU}[r.IntN(2)]
		got := alu(insn{op: class | srcX | op}, a, b)
		want := concrete(op, m, n, class == classALU64)
		if got.kind != kScalar || want < got.lo || want > got.hi {
			t.Fatalf("op %#x class %d: %#x of %+v and %#x of %+v give %#x, not in %+v", op, class, m, a, n, b, want, got)
		}
	}
}

// holds is a condition on numbers.
func holds(op uint8, a, b uint64, narrow bool) bool {
	if narrow {
		a, b = uint64(uint32(a)), uint64(uint32(b))
	}
	x, y := signed(a, narrow), signed(b, narrow)
	return map[uint8]bool{
		jmpEq: a == b, jmpNe: a != b, jmpGt: a > b, jmpGe: a >= b, jmpLt: a < b, jmpLe: a <= b, jmpSet: a&b != 0,
		jmpSgt: x > y, jmpSge: x >= y, jmpSlt: x < y, jmpSle: x <= y,
	}[op]
}

func TestBranchesHoldWhatTheySay(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	ops := []uint8{jmpEq, jmpNe, jmpGt, jmpGe, jmpLt, jmpLe, jmpSet, jmpSgt, jmpSge, jmpSlt, jmpSle}
	for range 300_000 {
		a, m := randomVal(r)
		b, n := randomVal(r)
		op := ops[r.IntN(len(ops))]
		class := [2]uint8{classJMP, classJMP32}[r.IntN(2)]
		x := insn{op: class | srcX | op}
		taken := holds(op, m, n, class == classJMP32)
		if v := decide(x, a, b); v != maybe && v != triOf(taken) {
			t.Fatalf("op %#x class %d: %#x of %+v and %#x of %+v: decided %d", op, class, m, a, n, b, v)
		}
		na, nb, ok := refine(x, a, b, taken)
		if !ok || m < na.lo || m > na.hi || n < nb.lo || n > nb.hi {
			t.Fatalf("op %#x class %d taken %v: %#x of %+v and %#x of %+v refined to %+v, %+v, %v", op, class, taken, m, a, n, b, na, nb, ok)
		}
	}
}

func TestJoinGrows(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 100_000 {
		a, m := randomVal(r)
		b, n := randomVal(r)
		v := joined(a, b)
		if m < v.lo || m > v.hi || n < v.lo || n > v.hi || joined(v, a) != v || joined(v, b) != v {
			t.Fatalf("%+v and %+v joined to %+v", a, b, v)
		}
	}
}

func TestStack(t *testing.T) {
	var s state
	s.store(-8, 8, constant(0x1122334455667788))
	s.store(-16, 8, val{kind: kFunc, hi: 3})
	if v := s.load(-8, 4, false); v != constant(0x55667788) {
		t.Errorf("low half: %+v", v)
	}
	if v := s.load(-16, 8, false); v.kind != kFunc {
		t.Errorf("spilled pointer: %+v", v)
	}
	other := s
	s.store(-6, 1, constant(0))
	if v := s.load(-8, 8, false); v.isConst() {
		t.Errorf("overwritten: %+v", v)
	}
	if v := other.load(-8, 8, false); !v.isConst() {
		t.Errorf("a copy changed with its origin: %+v", v)
	}
	if !other.join(&s, false) || other.load(-8, 8, false).isConst() {
		t.Error("joined states keep what only one of them knows")
	}
}
