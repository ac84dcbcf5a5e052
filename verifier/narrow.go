package verifier

import (
	"math"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// contradict tells whether guards cannot all hold, whatever the parameters are
// of which nothing is known: if (how == 2) behind if (how == 1). A parameter
// that guards name is never assigned to. The verifier of every release follows
// such values, and the compiler before it.
func (e evaluator) contradict(guards []*cindex.Expr) bool {
	if len(guards) < 2 {
		return false
	}
	for i, g := range guards {
		if g != nil && g.Op == cindex.OpNot && slices.ContainsFunc(guards[:i], func(h *cindex.Expr) bool { return sameExpr(h, g.X, 0) }) ||
			g != nil && slices.ContainsFunc(guards[:i], func(h *cindex.Expr) bool { return h != nil && h.Op == cindex.OpNot && sameExpr(h.X, g, 0) }) {
			return true
		}
	}
	spans := map[int64]interval{}
	for range 2 { // what a later guard says may exclude what an earlier one left
		for _, g := range guards {
			if !e.narrow(spans, g) {
				return true
			}
		}
	}
	return false
}

// An interval is the values from low to high.
type interval struct{ low, high int64 }

// narrow takes what a guard says of a parameter into account; false when
// nothing is left.
func (e evaluator) narrow(spans map[int64]interval, g *cindex.Expr) bool {
	param, op, n, ok := e.comparison(g)
	if !ok || n < 0 {
		return true
	}
	s, had := spans[param]
	if !had {
		s = interval{math.MinInt64, math.MaxInt64}
	}
	switch {
	case op == cindex.OpEq:
		s = interval{max(s.low, n), min(s.high, n)}
	case op == cindex.OpNe:
		return s != interval{n, n}
	case !e.unsigned(param):
		return true // how it compares hangs on the constant's type
	case op == cindex.OpLt:
		s.high = min(s.high, n-1)
	case op == cindex.OpLe:
		s.high = min(s.high, n)
	case op == cindex.OpGt:
		s.low = max(s.low, n+1)
	case op == cindex.OpGe:
		s.low = max(s.low, n)
	}
	spans[param] = s
	return s.low <= s.high
}

// comparison reads a guard that compares a parameter with a constant.
func (e evaluator) comparison(g *cindex.Expr) (param int64, op cindex.Op, n int64, ok bool) {
	if g == nil {
		return 0, 0, 0, false
	}
	if g.Op == cindex.OpNot {
		param, op, n, ok = e.comparison(g.X)
		return param, opposite[op], n, ok && opposite[op] != 0
	}
	x, y, op := g.X, g.Y, g.Op
	if x != nil && x.Op == cindex.OpInt {
		x, y, op = y, x, mirrored[op]
	}
	if x == nil || y == nil || x.Op != cindex.OpParam || y.Op != cindex.OpInt || opposite[op] == 0 {
		return 0, 0, 0, false
	}
	if x.Int < int64(len(e.args)) && e.args[x.Int].known {
		return 0, 0, 0, false // it is not unknown, or a default that the loader may change
	}
	return x.Int, op, y.Int, true
}

var opposite = map[cindex.Op]cindex.Op{
	cindex.OpEq: cindex.OpNe, cindex.OpNe: cindex.OpEq, cindex.OpLt: cindex.OpGe, cindex.OpGe: cindex.OpLt,
	cindex.OpGt: cindex.OpLe, cindex.OpLe: cindex.OpGt,
}

var mirrored = map[cindex.Op]cindex.Op{
	cindex.OpEq: cindex.OpEq, cindex.OpNe: cindex.OpNe, cindex.OpLt: cindex.OpGt, cindex.OpGt: cindex.OpLt,
	cindex.OpLe: cindex.OpGe, cindex.OpGe: cindex.OpLe,
}

// unsigned tells whether a parameter's type is unsigned for certain.
func (e evaluator) unsigned(param int64) bool {
	if param < 0 || param >= int64(len(e.params)) {
		return false
	}
	t := strings.TrimPrefix(e.params[param].Type, "const ")
	switch strings.TrimLeft(t, "_") {
	case "u8", "u16", "u32", "u64", "bool", "Bool", "size_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t":
		return true
	}
	return strings.HasPrefix(t, "unsigned") && !strings.Contains(t, "*")
}
