package cindex

import "sync"

// A Flow is the body of a function as the compiler sees it, statement by
// statement: what dataflow needs and [Func.Calls] leaves out. All spans count
// from the start of the function's body, those of what macros make stand for
// the outermost macro's name. It is immutable.
type Flow struct {
	Body *Stmt
	// Opaque says that the body holds something that is not modelled: an
	// assembler statement, or an arm of #if that hangs on the build.
	Opaque bool
}

// StmtKind is what a statement is.
type StmtKind uint8

const (
	StmtExpr    StmtKind = iota // X, nil when empty
	StmtBlock                   // List
	StmtDecl                    // Name, Type, X the initialiser, Cleanup; several in a row for several names
	StmtIf                      // X, Body, Else
	StmtWhile                   // X, Body
	StmtDo                      // Body, X
	StmtFor                     // Init, X, Post, Body
	StmtSwitch                  // X, Body
	StmtCase                    // X and, of a range, Post; a label
	StmtDefault                 // a label
	StmtReturn                  // X
	StmtGoto                    // Name
	StmtLabel                   // Name
	StmtBreak
	StmtContinue
	StmtAsm // assembler
)

// A Stmt is a statement.
type Stmt struct {
	Kind       StmtKind
	At         Span
	Name       string // a variable or label
	Type       string // of a variable, as spelled
	Cleanup    string // the function that a variable is handed to when it goes out of scope
	Static     bool   // a variable that outlives the function
	Array      bool   // an array variable
	X, Post    *Node
	Init       *Stmt
	Body, Else *Stmt
	List       []*Stmt
}

// NodeKind is what an expression is.
type NodeKind uint8

const (
	NodeUnknown NodeKind = iota // not understood; Args are its operands
	NodeName                    // Name
	NodeInt                     // Int
	NodeString                  // a string literal
	NodeCall                    // Args; Name, or X when what is called is no plain name
	NodeField                   // X.Name
	NodeArrow                   // X->Name
	NodeIndex                   // X[Y]
	NodeDeref                   // *X
	NodeAddr                    // &X
	NodeNot                     // !X
	NodeUnary                   // Name X: - ~ +
	NodeBinary                  // X Name Y: arithmetic and comparison
	NodeAnd                     // X && Y
	NodeOr                      // X || Y
	NodeCond                    // X ? Y : Z; Y is nil for X ?: Z
	NodeAssign                  // X = Y; Name is the operator of a compound one
	NodeStep                    // X++, --X and so on
	NodeComma                   // X, Y
	NodeCast                    // (Type) X
	NodeBraces                  // { Args }
	NodeBlock                   // ({ Body }): its value is that of the last statement
	NodeFact                    // Fact: what libbpf or the loader answers
)

// A Node is an expression.
type Node struct {
	Kind    NodeKind
	At      Span
	Name    string
	Type    string
	Int     int64
	X, Y, Z *Node
	Args    []*Node
	Body    *Stmt
	Fact    *Expr
	// Macro tells that the text came out of a macro.
	Macro bool
}

// Flow gives the body of a function, nil when it cannot be told. It is read
// when it is asked for the first time.
func (f *Func) Flow() *Flow {
	if f.flow == nil {
		return nil
	}
	return f.flow.get(f.Name)
}

// A flowSource remembers how to read the bodies in a piece: the macros that
// were defined there are all that it takes.
type flowSource struct {
	piece   *piece
	env     *env
	defined *nameSet
	once    sync.Once
	flows   map[string]*Flow
}

func (s *flowSource) get(name string) *Flow {
	s.once.Do(func() {
		b := builders.Get().(*builder)
		defer b.release()
		x := &b.exp
		x.reset(s.env, s.defined, s.piece, false)
		x.has = nil
		b.toks = x.expand(b.toks[:0])
		s.flows = map[string]*Flow{}
		r := flowReader{parser: parser{toks: b.toks, out: &facts{}}, opaque: x.unknown}
		r.bodies(s.flows)
	})
	return s.flows[name]
}

// keep lets the functions of a piece be read again.
func (f *facts) keep(p *piece, e *env, defs *nameSet) {
	if len(f.funcs) == 0 {
		return
	}
	s := &flowSource{piece: p, env: e, defined: defs}
	for _, fn := range f.funcs {
		fn.flow = s
	}
}

// Meaning tells what a name that is no variable of a function stands for: the
// number of an enum constant or a fixed `const`, an OpRodata, OpConfig or so;
// OpUnknown for what is not known before the program runs.
func (u *Unit) Meaning(name string) *Expr {
	if u.own == nil {
		return unknownExpr
	}
	s := *u.own.scope // it counts the depth of its recursion
	return orUnknown(s.resolve(&Expr{Op: opName, Name: name}))
}
