package cindex

// A symbol is what a name of a unit means in an expression.
type symbol struct {
	expr *Expr // its value, as far as it is known
	ksym bool  // a kernel symbol
	fn   bool
	weak bool
}

// A layer holds the symbols of a header and of the headers below it.
type layer struct {
	names  map[string]symbol
	pcalls map[string][]paramCall // by function
	// results are what functions give that take nothing; names of their own:
	// a macro or a variable may share them.
	results map[string]*Expr
}

// newLayer collects the symbols of items; the first of a name counts.
func newLayer(items []item) *layer {
	l := &layer{names: map[string]symbol{}}
	for _, it := range items {
		if it.nested != nil {
			for name, s := range it.nested.layer.names {
				l.add(name, s)
			}
			for name, params := range it.nested.layer.pcalls {
				l.addParams(name, params)
			}
			for name, e := range it.nested.layer.results {
				l.addResult(name, e)
			}
			continue
		}
		l.facts(it.facts, it.unsure)
	}
	return l
}

func (l *layer) add(name string, s symbol) {
	if _, ok := l.names[name]; !ok {
		l.names[name] = s
	}
}

func (l *layer) addParams(name string, params []paramCall) {
	if l.pcalls == nil {
		l.pcalls = map[string][]paramCall{}
	}
	l.pcalls[name] = params
}

func (l *layer) addResult(name string, e *Expr) {
	if l.results == nil {
		l.results = map[string]*Expr{}
	}
	if _, ok := l.results[name]; !ok {
		l.results[name] = e
	}
}

// facts adds what a piece defines. The results of functions in an arm of #if
// that nobody can decide are not known: the other arm may define them too.
func (l *layer) facts(f *facts, unsure bool) {
	for _, fn := range f.funcs {
		if fn.result != nil && !unsure {
			l.addResult(fn.name, fn.result)
		}
		if len(fn.pcalls) > 0 {
			l.addParams(fn.name, fn.pcalls)
		}
	}
	for i := range f.vars {
		v := &f.vars[i]
		switch {
		case v.rodata:
			l.add(v.name, symbol{expr: rodata(v)})
		case v.fixed:
			l.add(v.name, symbol{expr: v.init})
		}
	}
	for i := range f.enums {
		l.add(f.enums[i].name, symbol{expr: f.enums[i].val})
	}
	for i := range f.externs {
		e := &f.externs[i]
		s := symbol{ksym: !e.kconfig, fn: e.fn, weak: e.weak}
		if e.kconfig {
			s.expr = &Expr{Op: OpConfig, Name: e.name}
		}
		l.add(e.name, s)
	}
}

// rodata is a variable that is set before the load; init may hold names yet.
func rodata(v *rawVar) *Expr {
	e := &Expr{Op: OpRodata, Name: v.name}
	if isInt(v.init) {
		e.Int = v.init.Int
	} else {
		e.X = orUnknown(v.init)
	}
	return e
}

// A scope looks names up.
type scope struct {
	own    *layer
	layers []*layer
	depth  int
}

func (s *scope) lookup(name string) (symbol, bool) {
	if sym, ok := s.own.names[name]; ok {
		return sym, true
	}
	for _, l := range s.layers {
		if sym, ok := l.names[name]; ok {
			return sym, true
		}
	}
	return symbol{}, false
}

// result gives what a function of the unit gives.
func (s *scope) result(name string) *Expr {
	if e := s.own.results[name]; e != nil {
		return s.resolve(e)
	}
	for _, l := range s.layers {
		if e := l.results[name]; e != nil {
			return s.resolve(e)
		}
	}
	return nil
}

// params gives the parameters that a function of the unit calls.
func (s *scope) params(name string) []paramCall {
	if p := s.own.pcalls[name]; p != nil {
		return p
	}
	for _, l := range s.layers {
		if p := l.pcalls[name]; p != nil {
			return p
		}
	}
	return nil
}

// resolve gives an expression without names; nil when nothing is known of it.
func (s *scope) resolve(e *Expr) *Expr {
	if e == nil || s.depth > 1000 {
		return nil
	}
	s.depth++
	defer func() { s.depth-- }()
	switch e.Op {
	case opName:
		return s.name(e.Name)
	case opResult:
		return s.result(e.Name)
	case opAddr:
		if sym, ok := s.lookup(e.Name); ok && sym.ksym && sym.weak {
			return &Expr{Op: OpKsymExists, Name: e.Name}
		}
		return nil
	case OpRodata:
		return s.rodata(e)
	case opArith, OpEq, OpNe, OpLt, OpLe, OpGt, OpGe, OpAnd, OpOr, OpBitAnd:
		return s.binary(e)
	case OpNot:
		x := s.resolve(e.X)
		if x == e.X {
			return e
		}
		return not(x)
	}
	return e
}

func (s *scope) name(name string) *Expr {
	sym, ok := s.lookup(name)
	switch {
	case !ok:
		return nil
	case sym.ksym && sym.fn && sym.weak:
		return &Expr{Op: OpKsymExists, Name: name}
	case sym.ksym:
		return nil
	}
	return s.resolve(sym.expr)
}

// rodata computes an initial value that was written with names.
func (s *scope) rodata(e *Expr) *Expr {
	if e.X == nil || e.X == unknownExpr {
		return e
	}
	x := s.resolve(e.X)
	if isInt(x) {
		return &Expr{Op: OpRodata, Name: e.Name, Int: x.Int}
	}
	return &Expr{Op: OpRodata, Name: e.Name, X: unknownExpr}
}

var opHashes = map[Op]uint32{
	OpEq: '='<<8 | '=', OpNe: '!'<<8 | '=', OpLt: '<', OpGt: '>', OpLe: '<'<<8 | '=', OpGe: '>'<<8 | '=',
	OpAnd: '&'<<8 | '&', OpOr: '|'<<8 | '|', OpBitAnd: '&',
}

func (s *scope) binary(e *Expr) *Expr {
	x, y := s.resolve(e.X), s.resolve(e.Y)
	if x == e.X && y == e.Y && e.Op != opArith {
		return e
	}
	op := uint32(e.Int)
	if e.Op != opArith {
		op = opHashes[e.Op]
	}
	out := binaryExpr(op, x, y)
	if out != nil && out.Op == opArith {
		return nil
	}
	return out
}
