package flow

// assume takes a condition for true or false. False when the path so far says
// otherwise.
func (s *state) assume(v value, truth bool) bool {
	switch v.kind {
	case valueConst:
		return (v.n != 0) == truth
	case valueStack:
		return truth
	}
	y := s.sym(v)
	if y == nil {
		return true
	}
	def := y.def
	if !y.test(s, truth) {
		return false
	}
	s.doubt(y)
	switch def.op {
	case "!":
		return s.assume(def.a, !truth)
	case "==", "!=", "<", ">", "<=", ">=":
		return s.compare(def.op, def.a, def.b, truth)
	}
	return true
}

// test takes a symbol for zero or not.
func (y *symbol) test(s *state, truth bool) bool {
	if truth {
		if y.lo == 0 && y.hi == 0 {
			return false
		}
		y.nonzero, y.mayNull = true, false
		return true
	}
	if y.nonzero || y.lo > 0 || y.hi < 0 {
		return false
	}
	y.lo, y.hi, y.mayNull = 0, 0, false
	if y.ref > 0 {
		ref := y.ref
		s.drop(ref) // there is none
		for i := range s.syms {
			if s.syms[i].ref == ref {
				s.syms[i].ref = 0
			}
		}
	}
	return true
}

var inverse = map[string]string{"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

var mirrored = map[string]string{"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

// compare takes a comparison for true or false.
func (s *state) compare(op string, a, b value, truth bool) bool {
	if !truth {
		op = inverse[op]
	}
	if a == b && a.kind != valueNone {
		return op == "==" || op == "<=" || op == ">="
	}
	if a.kind == valueConst {
		a, b, op = b, a, mirrored[op]
	}
	y := s.sym(a)
	if b.kind != valueConst || y == nil {
		return true
	}
	if b.n == 0 && (op == "==" || op == "!=") {
		return s.assume(a, op == "!=")
	}
	ok := y.narrow(op, b.n)
	s.doubt(y)
	return ok
}

// doubt notes that a variable that user space may set would have to be set.
func (s *state) doubt(y *symbol) {
	if y.def.op != "rodata" || s.rodata != "" {
		return
	}
	if n := y.def.a.n; n < y.lo || n > y.hi || n == 0 && y.nonzero {
		s.rodata = y.def.name
	}
}

// narrow takes a symbol's comparison with a number for true.
func (y *symbol) narrow(op string, n int64) bool {
	lo, hi := y.lo, y.hi
	switch op {
	case "==":
		lo, hi = max(lo, n), min(hi, n)
	case "!=":
		if lo == n && hi == n {
			return false
		}
		if lo == n {
			lo++
		}
		if hi == n {
			hi--
		}
	case "<":
		if n == -maxInt-1 {
			return false
		}
		hi = min(hi, n-1)
	case "<=":
		hi = min(hi, n)
	case ">":
		if n == maxInt {
			return false
		}
		lo = max(lo, n+1)
	case ">=":
		lo = max(lo, n)
	}
	if lo > hi || lo == 0 && hi == 0 && y.nonzero {
		return false
	}
	y.lo, y.hi = lo, hi
	return true
}
