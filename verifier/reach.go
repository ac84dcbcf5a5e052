package verifier

import (
	"slices"
	"strconv"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Root is a program in one of the contexts that it runs in: once per member
// that names it for struct_ops, once for any other type.
type Root struct {
	Program *cindex.Program
	Wiring  *cindex.Wiring // nil unless struct_ops
	Name    string         // "sched_ext_ops.enqueue", "syscall"
	order   int            // in the list of roots
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
	for i := range roots {
		roots[i].order = i
	}
	return roots
}

// TableType is the struct_ops type of a root, "" when it has none.
func (r Root) TableType() string {
	if r.Wiring == nil {
		return ""
	}
	return r.Wiring.Table.Type
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

	walk *walker
	at   int // index of the state in walk.queue
	edge int // of the call in that state's function
}

// Chain lists the calls from the program to the kfunc, that call last.
func (r Reached) Chain() []Step { return r.walk.chain(r.at, r.edge) }

// maxStates bounds one walk. A real scheduler's largest program reaches a few
// hundred functions; what lies beyond is not judged.
const maxStates = 20000

// A state is a function in the way in which the walk comes to it.
type state struct {
	node   *node
	args   env
	async  cindex.CallKind // CallDirect, CallTimer or CallWork
	rodata string
	unsure bool
	from   int // index of the caller's state, -1 for the program
	edge   int // of the call in the caller
}

// A walker walks breadth first, so that every chain is a shortest one, and
// visits a function once per state that can change its verdict.
type walker struct {
	*view
	root  Root
	ctx   btfdb.Context
	visit func(Reached)
	queue []state
	seen  []uint16            // by node: a bit for each async and doubt, without arguments
	args  map[argState]uint16 // the same for functions that look at arguments
}

type argState struct {
	id   int
	args string
}

// reach walks from a program to all calls out of the unit. It does nothing when
// the kernel does not know the context.
func reach(v *view, r Root, visit func(Reached)) { walkFrom(v, r, visit) }

// walkFrom is reach, and gives what was walked; nil when nothing was.
func walkFrom(v *view, r Root, visit func(Reached)) *walker {
	ctx, ok := r.context(v.kernel)
	if !ok {
		return nil
	}
	w := &walker{view: v, root: r, ctx: ctx, visit: visit, seen: make([]uint16, len(v.nodes))}
	w.push(state{
		node: v.byFn[r.Program.Func], from: -1,
		unsure: r.Program.Func.Unsure || r.Wiring != nil && r.Wiring.Init.Unsure,
	})
	for i := 0; i < len(w.queue); i++ {
		for e := range w.queue[i].node.edges {
			w.follow(i, e)
		}
	}
	return w
}

// push queues a state that was not seen yet. One that is certain makes the
// same with doubts superfluous.
func (w *walker) push(s state) {
	if len(w.queue) >= maxStates {
		return
	}
	sure := uint16(1) << (4 * uint16(s.async))
	bit := sure
	if s.rodata != "" {
		bit <<= 1
	}
	if s.unsure {
		bit <<= 2
	}
	mask := w.mask(&s)
	if mask&(bit|sure) != 0 {
		return
	}
	w.setMask(&s, mask|bit)
	w.queue = append(w.queue, s)
}

func (w *walker) mask(s *state) uint16 {
	if s.args == nil {
		return w.seen[s.node.id]
	}
	return w.args[argState{s.node.id, s.args.key()}]
}

func (w *walker) setMask(s *state, mask uint16) {
	if s.args == nil {
		w.seen[s.node.id] = mask
		return
	}
	if w.args == nil {
		w.args = map[argState]uint16{}
	}
	w.args[argState{s.node.id, s.args.key()}] = mask
}

// follow goes along one call: into a function of the unit, or to a kfunc.
func (w *walker) follow(at, e int) {
	s := &w.queue[at]
	edge := &s.node.edges[e]
	if edge.to == nil && !w.ext[edge.ext].judge {
		return
	}
	p := w.path(s.node, e, s.args)
	if p.state == closed {
		return
	}
	next := state{node: edge.to, async: s.async, rodata: s.rodata, unsure: s.unsure || p.unsure || edge.call.Unsure, from: at, edge: e}
	if next.rodata == "" {
		next.rodata = p.rodata
	}
	if k := edge.call.Kind; k == cindex.CallTimer || k == cindex.CallWork {
		next.async = k
	}
	if edge.to == nil {
		w.report(s.node.fn, edge, next)
		return
	}
	next.unsure = next.unsure || edge.to.fn.Unsure
	next.args = w.arguments(edge, s.args)
	w.push(next)
}

func (w *walker) report(fn *cindex.Func, e *edge, s state) {
	x := &w.ext[e.ext]
	w.visit(Reached{
		Root: w.root, Kernel: w.kernel, Context: w.ctx, Name: x.name, Kfunc: x.kfunc,
		Func: fn, Call: e.call, Async: s.async, Rodata: s.rodata, Unsure: s.unsure, walk: w, at: s.from, edge: s.edge,
	})
}

// arguments gives what the callee knows of its parameters. The verifier walks
// a static function with its caller's registers, but a global one on its own,
// with nothing known.
func (w *walker) arguments(e *edge, caller env) env {
	if !e.to.byArgs || e.call.Kind != cindex.CallDirect {
		return nil
	}
	ev := evaluator{unit: w.unit, kernel: w.kernel, args: caller}
	args := make(env, min(len(e.call.Args), len(e.to.fn.Params)))
	anything := false
	for i := range args {
		args[i] = ev.eval(e.call.Args[i])
		anything = anything || args[i].known
	}
	if !anything {
		return nil
	}
	return args
}

// key names a set of arguments.
func (a env) key() string {
	var b []byte
	for _, v := range a {
		if v.known {
			b = strconv.AppendInt(b, v.n, 36)
			b = append(b, pick(v.rodata != "", "r")...)
		}
		b = append(b, ',')
	}
	return string(b)
}

// chain lists the calls from the program to a call of a state.
func (w *walker) chain(at, e int) []Step {
	var steps []Step
	for at >= 0 {
		s := &w.queue[at]
		call := s.node.edges[e].call
		steps = append(steps, Step{
			Function: s.node.fn.Name, At: cindex.Loc{File: s.node.fn.At.File, Span: call.At},
			Callee: call.Callee, Via: call.Via, Kind: call.Kind,
		})
		at, e = s.from, s.edge
	}
	slices.Reverse(steps)
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
