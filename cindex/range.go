package cindex

import (
	"math"
	"math/bits"
)

// Ranges are for what is not constant and has bounds all the same: (x & 7) is
// never above 100, and neither the compiler nor the verifier keeps a branch
// that says so. They begin at zero, where signed and unsigned agree.

// maxRange is the largest upper end, that of int: no sum of small ranges wraps.
const maxRange = math.MaxInt32

// rangeExpr is an unknown value from 0 to top; nil when that says nothing.
func rangeExpr(top int64) *Expr {
	switch {
	case top < 0 || top > maxRange:
		return nil
	case top == 0:
		return intExpr(0)
	}
	return &Expr{Op: OpRange, Int: top}
}

func isRange(e *Expr) bool { return e != nil && e.Op == OpRange }

// top gives the upper end of what is known to be at least zero.
func top(e *Expr) (int64, bool) {
	if e == nil || e.Op != OpRange && (e.Op != OpInt || e.Int < 0) {
		return 0, false
	}
	return e.Int, true
}

// ranged combines operands of which one is a range, or unknown and masked; ok
// tells that there is no more to say than the result.
func ranged(op uint32, x, y *Expr) (e *Expr, ok bool) {
	a, knownA := top(x)
	b, knownB := top(y)
	switch {
	case op == '&' && knownA && knownB:
		return rangeExpr(min(a, b)), true
	case op == '&' && knownA && !known(y):
		return rangeExpr(a), true
	case op == '&' && knownB && !known(x):
		return rangeExpr(b), true
	case op == '&' && !known(x) && named(y), op == '&' && !known(y) && named(x):
		return &Expr{Op: OpBitAnd, X: orUnknown(x), Y: orUnknown(y)}, true
	case !knownA || !knownB || !isRange(x) && !isRange(y):
		return nil, false
	}
	if _, compares := compare(op, 0, 0); compares {
		return compareRanges(op, x, y), true
	}
	return rangeExpr(resultTop(op, a, b, isInt(y))), true
}

// named tells of an operand whose value is found when names are looked up.
func named(e *Expr) bool { return e != nil && (e.Op == opName || e.Op == opArith) }

// resultTop gives the upper end of an operation on values from 0 to a and b,
// -1 when it has none; exact tells that b is the value itself.
func resultTop(op uint32, a, b int64, exact bool) int64 {
	switch op {
	case '+':
		return a + b
	case '*':
		if hi, lo := bits.Mul64(uint64(a), uint64(b)); hi == 0 && lo <= maxRange {
			return int64(lo)
		}
	case '|', '^':
		return int64(1)<<bits.Len64(uint64(a|b)) - 1
	case '<'<<8 | '<':
		if exact && b < 31 && a <= maxRange {
			return a << b
		}
	case '>'<<8 | '>':
		if exact && b < 63 {
			return a >> b
		}
		return a
	case '%':
		if exact && b > 0 {
			return min(a, b-1)
		}
	case '/':
		if exact && b > 0 {
			return a / b
		}
	}
	return -1
}

// compareRanges decides a comparison that comes out the same at both ends of
// the ranges.
func compareRanges(op uint32, x, y *Expr) *Expr {
	lowX, highX := ends(x)
	lowY, highY := ends(y)
	switch op {
	case '='<<8 | '=', '!'<<8 | '=':
		if highX < lowY || highY < lowX {
			return boolExpr(op == '!'<<8|'=')
		}
		return nil
	}
	// The others grow with one side and fall with the other.
	first, _ := compare(op, lowX, highY)
	second, _ := compare(op, highX, lowY)
	if first != second {
		return nil
	}
	return boolExpr(first)
}

func ends(e *Expr) (low, high int64) {
	if e.Op == OpInt {
		return e.Int, e.Int
	}
	return 0, e.Int
}

// converted is a value after a conversion to a type that is not looked at: a
// range survives if it fits the smallest.
func converted(e *Expr) *Expr {
	if isRange(e) && e.Int > math.MaxInt8 {
		return nil
	}
	return e
}
