package syntax

import (
	sitter "github.com/smacker/go-tree-sitter"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A walker goes over a tree, outer nodes first, without recursion: the nesting
// of the text must not decide how much stack it takes.
type walker struct {
	cur    *sitter.TreeCursor
	at     uint32 // where the tree's text stands in the piece
	r      *roles
	stack  []scope
	blocks int  // compound statements around the current node
	broken bool // the tree has errors
}

// A scope is a node around the current one.
type scope struct {
	kind  nodeKind
	named bool
	child int // named children seen so far
}

func (w *walker) run() {
	for {
		s := w.visit()
		if s.kind == nNone || s.kind > nLabelIdent {
			if w.cur.GoToFirstChild() {
				w.push(s)
				continue
			}
		}
		w.passed(s.named)
		for !w.cur.GoToNextSibling() {
			if len(w.stack) == 0 {
				return
			}
			named := w.pop()
			w.cur.GoToParent()
			if len(w.stack) == 0 {
				return
			}
			w.passed(named)
		}
	}
}

func (w *walker) push(s symbol) {
	if s.kind == nBlock {
		w.blocks++
	}
	w.stack = append(w.stack, scope{kind: s.kind, named: s.named})
}

func (w *walker) pop() (named bool) {
	top := w.stack[len(w.stack)-1]
	if top.kind == nBlock {
		w.blocks--
	}
	w.stack = w.stack[:len(w.stack)-1]
	return top.named
}

func (w *walker) passed(named bool) {
	if n := len(w.stack); named && n > 0 {
		w.stack[n-1].child++
	}
}

func (w *walker) parent() scope {
	if n := len(w.stack); n > 0 {
		return w.stack[n-1]
	}
	return scope{}
}

// visit takes over what the current node tells.
func (w *walker) visit() symbol {
	n := w.cur.CurrentNode()
	s := kindOf(n.Symbol())
	switch {
	case s.kind >= nIdent && s.kind <= nLabelIdent:
		w.r.set(w.at+n.StartByte(), roleOf(s.kind, w.parent()))
	case s.kind >= nStmt:
		w.stmt(n, StmtKind(s.kind-nStmt))
	case s.kind == nDeclaration && w.blocks > 0 && w.parent().kind != nStmt+nodeKind(StmtLoop):
		w.stmt(n, StmtDecl)
	}
	if w.broken && (s.kind == nError || s.kind <= nLabelIdent && n.IsMissing()) {
		p := w.r.p
		p.errs = append(p.errs, cindex.Span{Start: int(w.at + n.StartByte()), End: int(w.at + n.EndByte())})
	}
	return s
}

func (w *walker) stmt(n *sitter.Node, kind StmtKind) {
	if w.blocks == 0 {
		return
	}
	in := w.parent().kind
	w.r.p.stmts = append(w.r.p.stmts, stmt{
		start: w.at + n.StartByte(), end: w.at + n.EndByte(), kind: kind,
		inBlock: in == nBlock || in == nStmt+nodeKind(StmtCase),
	})
}

// roleOf tells what an identifier of the tree is used for.
func roleOf(kind nodeKind, parent scope) Role {
	switch kind {
	case nField:
		switch parent.kind {
		case nFieldExpr:
			return RoleField
		case nFieldDesignator:
			return RoleMember
		}
		return RoleDecl
	case nTypeIdent:
		if parent.kind == nDeclarator || parent.kind == nFirstDeclares {
			return RoleDecl
		}
		return RoleType
	case nLabelIdent:
		return RoleLabel
	}
	switch parent.kind {
	case nCall, nFirstDeclares:
		if parent.child > 0 {
			return RoleOther
		}
		if parent.kind == nCall {
			return RoleCall
		}
		return RoleDecl
	case nDeclarator, nDeclaration, nParameter:
		return RoleDecl
	}
	return RoleOther
}
