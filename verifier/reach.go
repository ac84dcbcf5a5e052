package verifier

import (
	"strconv"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Root is a program in one of the contexts that it runs in: once per member
// that names it for struct_ops, once for any other type.
type Root struct {
	Program *cindex.Program
	Wiring  *cindex.Wiring // nil unless struct_ops
	Name    string         // "sched_ext_ops.enqueue", "syscall"
}

// Roots lists the contexts of a unit's programs in the order of the source. A
// struct_ops program that no table names has none: libbpf does not load it.
func Roots(u *cindex.Unit) []Root {
	var roots []Root
	for _, p := range u.Programs {
		if p.Type != "struct_ops" {
			roots = append(roots, Root{Program: p, Name: p.Type})
			continue
		}
		seen := map[string]bool{}
		for i := range p.Wirings {
			w := &p.Wirings[i]
			name := w.Table.Type + "." + w.Init.Member
			if !seen[name] {
				seen[name] = true
				roots = append(roots, Root{Program: p, Wiring: w, Name: name})
			}
		}
	}
	return roots
}

// context gives what a kernel judges the root by; false when the kernel does
// not know the member.
func (r Root) context(k *btfdb.Kernel) (btfdb.Context, bool) {
	p := r.Program
	if r.Wiring == nil {
		return btfdb.SectionContext(p.Section)
	}
	return k.MemberContext(r.Wiring.Table.Type, r.Wiring.Init.Member, p.Sleepable)
}

// A Reached is one call out of the unit that one kernel's verifier would walk
// to: of a kfunc, or of a ksym that the unit declares and the kernel lacks.
type Reached struct {
	Root    Root
	Kernel  *btfdb.Kernel
	Context btfdb.Context
	Name    string       // what the kernel calls it
	Kfunc   *btfdb.Kfunc // nil when the kernel has none of that name
	Func    *cindex.Func // makes the call
	Call    *cindex.Call
	Async   cindex.CallKind // CallTimer or CallWork when the call runs in such a callback
	Rodata  string          // the `const volatile` that must differ from its default for the call to be reached, "" when none
	Unsure  bool            // nobody can say from here whether this kernel and build get to the call

	at *node
}

// Chain lists the calls from the program to the kfunc, that call last.
func (r Reached) Chain() []Step { return r.at.chain() }

// A node is a function in the state in which the walk comes to it.
type node struct {
	fn     *cindex.Func
	args   env
	async  cindex.CallKind
	rodata string
	unsure bool
	from   *node
	call   *cindex.Call // the call in from.fn that leads here
}

// maxNodes bounds one walk. A real scheduler's largest program reaches a few
// hundred functions; what lies beyond is not judged.
const maxNodes = 20000

// reach walks breadth first, so that every chain is a shortest one, and visits
// a function once per state that can change its verdict.
func reach(u *cindex.Unit, r Root, k *btfdb.Kernel, visit func(Reached)) {
	ctx, ok := r.context(k)
	if !ok {
		return
	}
	w := &walker{unit: u, root: r, kernel: k, ctx: ctx, visit: visit, seen: map[string]bool{}}
	start := &node{fn: r.Program.Func, unsure: r.Program.Func.Unsure || r.Wiring != nil && r.Wiring.Init.Unsure}
	w.push(start)
	for len(w.queue) > 0 {
		n := w.queue[0]
		w.queue = w.queue[1:]
		w.calls(n)
	}
}

type walker struct {
	unit   *cindex.Unit
	root   Root
	kernel *btfdb.Kernel
	ctx    btfdb.Context
	visit  func(Reached)
	seen   map[string]bool
	queue  []*node
}

func (w *walker) push(n *node) {
	key := n.key()
	if w.seen[key] || len(w.seen) >= maxNodes {
		return
	}
	w.seen[key] = true
	w.queue = append(w.queue, n)
}

// key names the state of a node: which function, with which constants, in
// which kind of callback, and whether only on a path that a default closes.
func (n *node) key() string {
	var b strings.Builder
	b.WriteString(n.fn.Name)
	b.WriteByte(byte('0' + n.async))
	b.WriteString(pick(n.rodata != "", "?"))
	b.WriteString(pick(n.unsure, "#"))
	for _, a := range n.args {
		b.WriteByte(',')
		if a.known {
			b.WriteString(strconv.FormatInt(a.n, 36))
			b.WriteString(pick(a.rodata != "", "r"))
		}
	}
	return b.String()
}

func (w *walker) calls(n *node) {
	ev := evaluator{unit: w.unit, kernel: w.kernel, args: n.args}
	for i := range n.fn.Calls {
		c := &n.fn.Calls[i]
		next, open := ev.path(c.Guards)
		if !open {
			continue
		}
		if n.rodata != "" {
			next.rodata = n.rodata
		}
		next.unsure = next.unsure || n.unsure || c.Unsure
		next.async, next.from, next.call = n.async, n, c
		if c.Kind == cindex.CallTimer || c.Kind == cindex.CallWork {
			next.async = c.Kind
		}
		w.follow(next, ev)
	}
}

// path tells whether a call behind guards is walked. A guard that is false is
// never walked; one that is false only by a variable's default names it; one
// that hangs on what is not known of the kernel leaves the rest unsure.
func (e evaluator) path(guards []*cindex.Expr) (n *node, open bool) {
	n = &node{}
	for _, g := range guards {
		v := e.eval(g)
		switch {
		case v.isFalse() && v.rodata == "":
			return nil, false
		case v.isFalse() && n.rodata == "":
			n.rodata = v.rodata
		case v.doubt:
			n.unsure = true
		}
	}
	return n, true
}

// follow goes into a function of the unit, or reports a kfunc.
func (w *walker) follow(n *node, ev evaluator) {
	if fn := w.unit.Func(n.call.Callee); fn != nil {
		n.fn = fn
		n.args = arguments(fn, n.call, ev)
		n.unsure = n.unsure || fn.Unsure
		w.push(n)
		return
	}
	name := KernelName(n.call.Callee)
	kf := w.kernel.Kfunc(name)
	if n.call.Kind != cindex.CallDirect || kf == nil && !ev.isFunc(n.call.Callee) {
		return
	}
	w.visit(Reached{
		Root: w.root, Kernel: w.kernel, Context: w.ctx, Name: name, Kfunc: kf,
		Func: n.from.fn, Call: n.call, Async: n.async, Rodata: n.rodata, Unsure: n.unsure, at: n,
	})
}

// arguments gives what the callee knows of its parameters. The verifier walks
// a static function with its caller's registers, but a global one on its own,
// with nothing known.
func arguments(fn *cindex.Func, c *cindex.Call, ev evaluator) env {
	if !fn.Static || c.Kind != cindex.CallDirect {
		return nil
	}
	args := make(env, min(len(c.Args), len(fn.Params)))
	anything := false
	for i := range args {
		args[i] = ev.eval(c.Args[i])
		anything = anything || args[i].known
	}
	if !anything {
		return nil
	}
	return args
}

// chain lists the calls from the program to this node.
func (n *node) chain() []Step {
	var steps []Step
	for ; n.from != nil; n = n.from {
		steps = append(steps, Step{
			Function: n.from.fn.Name, At: cindex.Loc{File: n.from.fn.At.File, Span: n.call.At},
			Callee: n.call.Callee, Via: n.call.Via, Kind: n.call.Kind,
		})
	}
	for i, j := 0, len(steps)-1; i < j; i, j = i+1, j-1 {
		steps[i], steps[j] = steps[j], steps[i]
	}
	return steps
}

// References tells whether the compiler leaves a reference to name in the
// object: some function that is compiled calls it, reached or not. A static
// function that nobody calls is not compiled.
func (p *Pass) References(name string) bool {
	seen := map[*cindex.Func]bool{}
	var walk func(f *cindex.Func) bool
	walk = func(f *cindex.Func) bool {
		if seen[f] {
			return false
		}
		seen[f] = true
		for i := range f.Calls {
			c := &f.Calls[i]
			if deadInC(c.Guards) {
				continue
			}
			if c.Callee == name {
				return true
			}
			if callee := p.Unit.Func(c.Callee); callee != nil && walk(callee) {
				return true
			}
		}
		return false
	}
	for _, f := range p.Unit.Funcs() {
		if !f.Static && walk(f) {
			return true
		}
	}
	return false
}

// deadInC tells whether the compiler itself drops what is behind guards.
func deadInC(guards []*cindex.Expr) bool {
	for _, g := range guards {
		if g != nil && g.Op == cindex.OpInt && g.Int == 0 {
			return true
		}
	}
	return false
}
