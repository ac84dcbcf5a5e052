package cindex

// Operators that only live until names are looked up.
const (
	opName   Op = 0x80 + iota // Name: an identifier
	opAddr                    // Name: its address
	opArith                   // Int: the operator's hash; X, Y
	opResult                  // Name: what the function gives when it is called without arguments
)

// smallInts are shared: they are most of all constants.
var smallInts = func() (t [66]*Expr) {
	for i := range t {
		t[i] = &Expr{Op: OpInt, Int: int64(i) - 1}
	}
	return t
}()

func intExpr(v int64) *Expr {
	if v >= -1 && v < int64(len(smallInts))-1 {
		return smallInts[v+1]
	}
	return &Expr{Op: OpInt, Int: v}
}

func boolExpr(v bool) *Expr {
	if v {
		return intExpr(1)
	}
	return intExpr(0)
}

func known(e *Expr) bool { return e != nil && e.Op != OpUnknown }

func isInt(e *Expr) bool { return e != nil && e.Op == OpInt }

// not negates a condition.
func not(e *Expr) *Expr {
	switch {
	case !known(e), isRange(e):
		return nil
	case e.Op == OpInt:
		return boolExpr(e.Int == 0)
	case e.Op == OpNot && truth(e.X.Op):
		return e.X
	}
	return &Expr{Op: OpNot, X: e}
}

// truth tells whether an operator yields 0 or 1.
func truth(op Op) bool {
	switch op {
	case OpKsymExists, OpTypeExists, OpFieldExists, OpEnumExists, OpNot, OpAnd, OpOr,
		OpEq, OpNe, OpLt, OpLe, OpGt, OpGe:
		return true
	}
	return false
}

var exprOps = map[uint32]Op{
	'='<<8 | '=': OpEq, '!'<<8 | '=': OpNe, '<': OpLt, '>': OpGt,
	'<'<<8 | '=': OpLe, '>'<<8 | '=': OpGe, '&'<<8 | '&': OpAnd, '|'<<8 | '|': OpOr,
	'&': OpBitAnd,
}

// binaryExpr combines two operands; nil when nothing is known of the result.
func binaryExpr(op uint32, x, y *Expr) *Expr {
	if isInt(x) && isInt(y) {
		if v, ok := fold(op, x.Int, y.Int); ok {
			return intExpr(v)
		}
		return nil
	}
	switch op {
	case '&'<<8 | '&':
		return andExpr(x, y)
	case '|'<<8 | '|':
		return orExpr(x, y)
	}
	if o, ok := exprOps[op]; !ok || o == OpBitAnd {
		x, y = noResult(x), noResult(y) // bounds say more than what may be unknown
	}
	if e, ok := ranged(op, x, y); ok {
		return e
	}
	if !known(x) || !known(y) {
		return nil
	}
	if o, ok := exprOps[op]; ok {
		return &Expr{Op: o, X: x, Y: y}
	}
	return &Expr{Op: opArith, Int: int64(op), X: x, Y: y}
}

// noResult is an operand that does not hang on what a function gives.
func noResult(e *Expr) *Expr {
	if e != nil && e.Op == opResult {
		return nil
	}
	return e
}

// noRange is a condition: a range that may be zero decides nothing.
func noRange(e *Expr) *Expr {
	if isRange(e) {
		return nil
	}
	return e
}

// andExpr is X && Y. One side may be unknown: the other still holds.
func andExpr(x, y *Expr) *Expr {
	x, y = noRange(x), noRange(y)
	switch {
	case !known(x) && !known(y):
		return nil
	case isInt(x):
		if x.Int == 0 {
			return x
		}
		return asTruth(y)
	case isInt(y):
		if y.Int == 0 {
			return y
		}
		return asTruth(x)
	}
	return &Expr{Op: OpAnd, X: orUnknown(x), Y: orUnknown(y)}
}

// orExpr is X || Y.
func orExpr(x, y *Expr) *Expr {
	x, y = noRange(x), noRange(y)
	switch {
	case isInt(x) && x.Int != 0 || isInt(y) && y.Int != 0:
		return intExpr(1)
	case isInt(x):
		return asTruth(y)
	case isInt(y):
		return asTruth(x)
	case !known(x) && !known(y):
		return nil
	}
	return &Expr{Op: OpOr, X: orUnknown(x), Y: orUnknown(y)}
}

var unknownExpr = &Expr{Op: OpUnknown}

func orUnknown(e *Expr) *Expr {
	if e == nil {
		return unknownExpr
	}
	return e
}

// asTruth is e as 0 or 1.
func asTruth(e *Expr) *Expr {
	if !known(e) || truth(e.Op) {
		return e
	}
	if isRange(e) {
		return nil
	}
	return &Expr{Op: OpNe, X: e, Y: intExpr(0)}
}

// condExpr is C ? X : Y.
func condExpr(c, x, y *Expr) *Expr {
	if isInt(c) {
		if c.Int != 0 {
			return x
		}
		return y
	}
	if hasResult(c, 0) {
		c = nil // may turn out to be unknown
	}
	a, knownA := top(x)
	b, knownB := top(y)
	if knownA && knownB && (!known(noRange(c)) || isRange(x) || isRange(y)) {
		return rangeExpr(max(a, b))
	}
	if !known(noRange(c)) || !known(x) || !known(y) {
		return nil
	}
	if isInt(x) && isInt(y) {
		switch {
		case x.Int != 0 && y.Int == 0 && truth(c.Op):
			return c
		case x.Int == 0 && y.Int != 0:
			return not(c)
		case x.Int == y.Int:
			return x
		}
		return nil
	}
	if !isTruth(x) || !isTruth(y) {
		return nil
	}
	return &Expr{Op: OpOr, X: &Expr{Op: OpAnd, X: c, Y: x}, Y: &Expr{Op: OpAnd, X: not(c), Y: y}}
}

// hasResult tells whether an expression hangs on what a function gives.
func hasResult(e *Expr, depth int) bool {
	return e != nil && (depth > maxDepth || e.Op == opResult || hasResult(e.X, depth+1) || hasResult(e.Y, depth+1))
}

func isTruth(e *Expr) bool { return truth(e.Op) || isInt(e) && e.Int>>1 == 0 }
