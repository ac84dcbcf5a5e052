package verifier

import (
	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A value is what an expression comes to for one kernel and one set of
// arguments, as far as that is known when a program is loaded.
type value struct {
	known bool
	n     int64
	// rodata names a `const volatile` whose initial value the result rests
	// on. User space may set another one before it loads the object, so the
	// result is the source's default, not a fact.
	rodata string
	// ranged marks what is not known, but at least zero and at most n.
	ranged bool
	// doubt marks what is constant for a kernel, but not known of this one:
	// its verifier may walk the path or not.
	doubt bool
}

func known(n int64) value { return value{known: true, n: n} }

func fromBool(b bool) value {
	if b {
		return known(1)
	}
	return known(0)
}

func (v value) isTrue() bool  { return v.known && v.n != 0 }
func (v value) isFalse() bool { return v.known && v.n == 0 }

// An env is what is known of the parameters of the function at hand.
type env []value

// An evaluator decides expressions as the verifier of one kernel would: what
// is constant at load is known, everything else is not.
type evaluator struct {
	ksyms  map[string]bool // the kernel symbols that the unit declares; true for functions
	kernel *btfdb.Kernel
	args   env
	params []cindex.Param // of the function at hand
}

// maxDepth bounds the recursion over an expression; macros can nest deeply.
const maxDepth = 64

func (e evaluator) eval(x *cindex.Expr) value { return e.at(x, 0) }

func (e evaluator) at(x *cindex.Expr, depth int) value {
	if x == nil || depth > maxDepth {
		return value{}
	}
	switch x.Op {
	case cindex.OpInt:
		return known(x.Int)
	case cindex.OpRange:
		return value{ranged: true, n: x.Int}
	case cindex.OpParam:
		if x.Int >= 0 && x.Int < int64(len(e.args)) {
			return e.args[x.Int]
		}
	case cindex.OpRodata:
		if x.X == nil {
			return value{known: true, n: x.Int, rodata: x.Name}
		}
	case cindex.OpNot:
		return not(e.at(x.X, depth+1))
	case cindex.OpAnd, cindex.OpOr:
		return e.logical(x, depth)
	case cindex.OpEq, cindex.OpNe, cindex.OpLt, cindex.OpLe, cindex.OpGt, cindex.OpGe, cindex.OpBitAnd:
		return binary(x.Op, e.at(x.X, depth+1), e.at(x.Y, depth+1))
	default:
		return e.ofKernel(x)
	}
	return value{}
}

// ofKernel decides what depends on the target kernel alone.
func (e evaluator) ofKernel(x *cindex.Expr) value {
	switch x.Op {
	case cindex.OpKsymExists:
		return e.ksym(x.Name)
	case cindex.OpTypeExists:
		return fromTri(e.kernel.HasType(bareType(x.Type)))
	case cindex.OpFieldExists:
		return fromTri(e.kernel.HasField(bareType(x.Type), x.Name))
	case cindex.OpEnumExists:
		return fromTri(e.kernel.HasEnumValue(bareType(x.Type), x.Name))
	case cindex.OpKernelVer:
		return versionCode(e.kernel)
	case cindex.OpConfig:
		return value{doubt: true}
	}
	return value{}
}

// ksym tells whether a weak ksym resolves. A kfunc that the build has but
// nobody can call counts as absent: libbpf finds its prototype incompatible
// and leaves a weak extern unresolved.
func (e evaluator) ksym(declared string) value {
	kf := e.kernel.Kfunc(KernelName(declared))
	switch {
	case kf != nil:
		return fromBool(!kf.Broken)
	case isKfunc(e.ksyms, declared):
		return known(0)
	}
	return value{doubt: true} // perhaps a variable, of which the database knows nothing
}

// versionCode is LINUX_KERNEL_VERSION of the kernel. Of a release with no
// known build only the first two numbers are sure, which is what sources test.
func versionCode(k *btfdb.Kernel) value {
	r, err := btfdb.ParseRelease(k.Build)
	if err != nil {
		return value{doubt: true}
	}
	return known(int64(r.Major)<<16 | int64(r.Minor)<<8 | int64(min(max(r.Patch, 0), 255)))
}

func fromTri(t btfdb.Tri) value {
	switch t {
	case btfdb.Yes:
		return known(1)
	case btfdb.No:
		return known(0)
	}
	return value{doubt: true}
}

// A guarded is what a kernel makes of the guards of a call that it walks.
type guarded struct {
	rodata string // must differ from its default for the call to be reached
	unsure bool   // hangs on what is not known of the kernel
}

// path tells whether a call behind guards is walked. A guard that is false is
// never walked; one that is false only by a variable's default names it; one
// that hangs on what is not known of the kernel leaves the rest unsure.
func (e evaluator) path(guards []*cindex.Expr) (p guarded, open bool) {
	for _, g := range guards {
		v := e.eval(g)
		switch {
		case v.isFalse() && v.rodata == "":
			return guarded{}, false
		case v.isFalse() && p.rodata == "":
			p.rodata = v.rodata
		case v.doubt:
			p.unsure = true
		}
	}
	return p, !e.contradict(guards)
}

func not(v value) value {
	switch {
	case v.known:
		v.n = fromBool(v.n == 0).n
	case v.ranged:
		return value{}
	}
	return v
}

// logical is && and ||: one side may decide alone, and a fact beats a default
// that user space can change.
func (e evaluator) logical(x *cindex.Expr, depth int) value {
	decides := value.isFalse
	if x.Op == cindex.OpOr {
		decides = value.isTrue
	}
	a, b := e.at(x.X, depth+1), e.at(x.Y, depth+1)
	switch {
	case decides(a) && a.rodata == "":
		return fromBool(a.n != 0)
	case decides(b) && b.rodata == "":
		return fromBool(b.n != 0)
	case decides(a):
		return a
	case decides(b):
		return b
	case a.known && b.known:
		return value{known: true, n: fromBool(x.Op == cindex.OpAnd).n, rodata: a.rodata + pick(a.rodata == "", b.rodata)}
	}
	return value{doubt: a.doubt || b.doubt}
}

func pick(cond bool, s string) string {
	if cond {
		return s
	}
	return ""
}

// bounded is binary when one side at least is not known: its bounds may decide.
func bounded(op cindex.Op, a, b value) value {
	unknown := value{doubt: a.doubt || b.doubt}
	if a.known && a.n < 0 || b.known && b.n < 0 || unknown.doubt {
		return unknown
	}
	if op == cindex.OpBitAnd {
		return masked(a, b)
	}
	if !a.known && !a.ranged || !b.known && !b.ranged {
		return unknown
	}
	lowA, lowB := a, b // both ends
	if a.ranged {
		lowA.n = 0
	}
	if b.ranged {
		lowB.n = 0
	}
	lowA.known, lowB.known, a.known, b.known = true, true, true, true
	first, second := binary(op, lowA, b), binary(op, a, lowB)
	if op == cindex.OpEq || op == cindex.OpNe {
		if a.n < lowB.n || b.n < lowA.n {
			return value{known: true, n: fromBool(op == cindex.OpNe).n, rodata: first.rodata}
		}
		return unknown
	}
	if first.n != second.n {
		return unknown
	}
	return value{known: true, n: first.n, rodata: first.rodata}
}

// masked is a & b for what is not known of one side.
func masked(a, b value) value {
	switch {
	case a.rodata != "" || b.rodata != "":
		return value{}
	case (a.known || a.ranged) && (b.known || b.ranged):
		return value{ranged: true, n: min(a.n, b.n)}
	case a.known || a.ranged:
		return value{ranged: true, n: a.n}
	case b.known || b.ranged:
		return value{ranged: true, n: b.n}
	}
	return value{}
}

func binary(op cindex.Op, a, b value) value {
	if !a.known || !b.known {
		return bounded(op, a, b)
	}
	r := value{known: true, rodata: a.rodata}
	if r.rodata == "" {
		r.rodata = b.rodata
	}
	var t bool
	switch op {
	case cindex.OpEq:
		t = a.n == b.n
	case cindex.OpNe:
		t = a.n != b.n
	case cindex.OpLt:
		t = a.n < b.n
	case cindex.OpLe:
		t = a.n <= b.n
	case cindex.OpGt:
		t = a.n > b.n
	case cindex.OpGe:
		t = a.n >= b.n
	case cindex.OpBitAnd:
		r.n = a.n & b.n
		return r
	}
	r.n = fromBool(t).n
	return r
}
