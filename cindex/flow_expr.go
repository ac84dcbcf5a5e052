package cindex

func (r *flowReader) expr() *Node {
	n := r.assign()
	for r.peek().is(pComma) {
		r.i++
		n = &Node{Kind: NodeComma, At: n.At, X: n, Y: r.assign()}
	}
	return n
}

func (r *flowReader) assign() *Node {
	if r.depth++; r.depth > maxDepth {
		r.depth--
		return r.lost()
	}
	defer func() { r.depth-- }()
	n := r.ternary()
	t := r.peek()
	if t.kind != tPunct || !isAssign(t.hash) {
		return n
	}
	r.i++
	a := &Node{Kind: NodeAssign, At: n.At, X: n, Name: t.text[:len(t.text)-1], Macro: t.via != nil}
	if r.peek().is(pLBrace) {
		a.Y = r.initList()
	} else {
		a.Y = r.assign()
	}
	a.At = r.since(n.At)
	return a
}

// lost passes over an expression that is nested too deeply.
func (r *flowReader) lost() *Node {
	r.opaque = true
	n := &Node{At: r.span(r.peek())}
	r.skimExpression()
	return n
}

func (r *flowReader) ternary() *Node {
	c := r.binaryNode(1)
	if !r.accept(pQuest) {
		return c
	}
	n := &Node{Kind: NodeCond, At: c.At, X: c}
	if !r.peek().is(pColon) {
		n.Y = r.expr()
	}
	if !r.accept(pColon) {
		r.opaque = true
	}
	n.Z = r.assign()
	n.At = r.since(c.At)
	return n
}

func (r *flowReader) binaryNode(minPrec int) *Node {
	x := r.unaryNode()
	for {
		t := r.peek()
		prec := binaryPrec(t)
		if prec == 0 || prec < minPrec {
			return x
		}
		r.i++
		n := &Node{Kind: NodeBinary, Name: t.text, At: x.At, X: x, Y: r.binaryNode(prec + 1), Macro: t.via != nil}
		switch prec {
		case 2:
			n.Kind = NodeAnd
		case 1:
			n.Kind = NodeOr
		}
		n.At = r.since(x.At)
		x = n
	}
}

var unaryKinds = map[uint32]NodeKind{
	'!': NodeNot, '-': NodeUnary, '~': NodeUnary, '+': NodeUnary, pAmp: NodeAddr, pStar: NodeDeref,
	'+'<<8 | '+': NodeStep, '-'<<8 | '-': NodeStep,
}

func (r *flowReader) unaryNode() *Node {
	if r.depth++; r.depth > maxDepth {
		r.depth--
		return r.lost()
	}
	defer func() { r.depth-- }()
	t := r.peek()
	kind, ok := unaryKinds[t.hash]
	if t.kind != tPunct || !ok {
		return r.postfixNode()
	}
	at := r.span(t)
	r.i++
	n := &Node{Kind: kind, Name: t.text, X: r.unaryNode(), Macro: t.via != nil}
	n.At = r.since(at)
	return n
}

// postfixNode reads a primary expression with what is applied to it.
func (r *flowReader) postfixNode() *Node {
	n := r.primaryNode()
	for {
		t := r.peek()
		if t.kind != tPunct {
			return n
		}
		next := &Node{At: n.At, X: n, Macro: t.via != nil}
		switch t.hash {
		case pLParen:
			next.Kind = NodeCall
			next.Macro = n.Macro
			next.Args = r.arguments()
			if n.Kind == NodeName {
				next.Name = n.Name
			}
			if n.Name == "__builtin_expect" && len(next.Args) > 0 {
				next = next.Args[0]
			}
		case pLBrack:
			r.i++
			next.Kind, next.Y = NodeIndex, r.expr()
			r.closing(pRBrack)
		case pDot, pArrow:
			r.i++
			next.Kind = NodeField
			if t.hash == pArrow {
				next.Kind = NodeArrow
			}
			if f := r.peek(); f.kind == tIdent {
				next.Name = f.text
				r.i++
			}
		case '+'<<8 | '+', '-'<<8 | '-':
			r.i++
			next.Kind, next.Name = NodeStep, t.text
		default:
			return n
		}
		if next.Kind != NodeCall {
			next.At = r.since(n.At)
		}
		n = next
	}
}

// arguments reads "( a, b )".
func (r *flowReader) arguments() []*Node {
	r.i++
	var out []*Node
	for !r.atEnd() && !r.peek().is(pRParen) {
		out = append(out, r.assign())
		if !r.accept(pComma) {
			break
		}
	}
	r.closing(pRParen)
	return out
}

func (r *flowReader) primaryNode() *Node {
	t := r.peek()
	n := &Node{At: r.span(t), Macro: t.via != nil}
	switch t.kind {
	case tNumber, tChar:
		r.i++
		if v, ok := number(t.text); ok {
			n.Kind, n.Int = NodeInt, v
		}
		return n
	case tString:
		for r.peek().kind == tString {
			r.i++
		}
		n.Kind = NodeString
		return n
	case tIdent:
		return r.wordNode(t, n)
	case tPunct:
		if t.hash == pLParen {
			return r.parenNode(n)
		}
	}
	r.opaque = true
	return n
}

// wordNode reads a primary expression that begins with an identifier.
func (r *flowReader) wordNode(t *ptok, n *Node) *Node {
	switch k := t.keyword(); k {
	case 0:
	case kwOperand:
		r.i++
		if r.peek().is(pLParen) {
			r.group()
		} else {
			r.unaryNode()
		}
		return n
	case kwTypeof, kwGeneric:
		r.i++
		r.group()
		return n
	case kwAsm:
		r.asm()
		r.opaque = true
		return n
	default:
		r.i++
		if k == kwTag && r.peek().kind == tIdent {
			r.i++ // a type as an argument: bpf_core_type_id_local(struct foo)
		}
		for r.peek().is(pStar) && (r.peekAt(1).is(pRParen) || r.peekAt(1).is(pComma)) {
			r.i++
		}
		return n
	}
	r.i++
	if e, ok := r.atom(t); ok {
		n.Kind, n.Fact = NodeFact, e
		return n
	}
	return r.nameNode(t, n)
}

// inert builtins do not run what stands between their parentheses.
var inert = map[string]bool{
	"__builtin_offsetof": true, "__builtin_types_compatible_p": true, "__builtin_constant_p": true,
	"__builtin_preserve_field_info": true, "__builtin_preserve_type_info": true,
	"__builtin_preserve_enum_value": true, "__builtin_btf_type_id": true, "__builtin_va_arg": true,
}

func (r *flowReader) nameNode(t *ptok, n *Node) *Node {
	switch {
	case t.text == "true":
		n.Kind, n.Int = NodeInt, 1
	case t.text == "false", t.text == "NULL":
		n.Kind = NodeInt
	case inert[t.text] && r.peek().is(pLParen):
		r.group()
	case t.text == "__builtin_preserve_access_index" && r.peek().is(pLParen):
		return r.parenNode(n)
	default:
		n.Kind, n.Name = NodeName, t.text
	}
	return n
}

// parenNode reads "( ... )": a statement expression, a cast, or an expression.
func (r *flowReader) parenNode(n *Node) *Node {
	r.i++
	if r.peek().is(pLBrace) {
		n.Kind, n.Body = NodeBlock, r.block()
		r.closing(pRParen)
		return n
	}
	if !r.isCast() {
		x := r.expr()
		r.closing(pRParen)
		return x
	}
	from := r.i
	for !r.atEnd() && !r.peek().is(pRParen) {
		if t := r.peek(); t.is(pLParen) || t.is(pLBrack) || t.is(pLBrace) {
			r.group()
			continue
		}
		r.i++
	}
	n.Kind, n.Type = NodeCast, spellType(r.plain(from, r.i))
	r.accept(pRParen)
	if r.peek().is(pLBrace) { // a compound literal
		n.Kind, n.Args = NodeBraces, r.initList().Args
		return n
	}
	n.X = r.unaryNode()
	n.At = r.since(n.At)
	return n
}

// initList reads a braced initialiser; what it designates is not kept.
func (r *flowReader) initList() *Node {
	n := &Node{Kind: NodeBraces, At: r.span(r.peek())}
	r.i++
	for !r.atEnd() && !r.accept(pRBrace) {
		t := r.peek()
		switch {
		case t.is(pLBrace):
			if r.depth++; r.depth > maxDepth {
				r.opaque = true
				r.group()
			} else {
				n.Args = append(n.Args, r.initList())
			}
			r.depth--
		case t.is(pDot) && r.peekAt(1).kind == tIdent:
			r.i += 2
		case t.is(pLBrack):
			r.group()
		case t.is(pComma), t.is(pEq):
			r.i++
		default:
			before := r.i
			n.Args = append(n.Args, r.assign())
			if r.i == before {
				r.i++
			}
		}
	}
	return n
}
