package verifier

import (
	"math"
	"slices"
	"strconv"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A state is a function with what is known of its arguments.
type state struct {
	node    *node
	args    env
	hops    []hop  // what it calls
	made    bool   // hops are known
	tails   []tail // of a wrapper: the ways through it
	wrapped bool   // tails are known

	epoch uint32 // of the search that seen belongs to
	seen  [asyncKinds][doubts]kset
}

// asyncKinds bounds cindex.CallKind, doubts what doubtOf gives.
const (
	asyncKinds = int(cindex.CallWork) + 1
	doubts     = 4
)

// A hop is one call of a state as some kernels walk it.
type hop struct {
	edge   int
	async  cindex.CallKind // CallTimer or CallWork when it makes the callee such a callback
	on     kset
	rodata string // the `const volatile` that must differ from its default, "" when none
	unsure bool   // nobody can say from here whether these kernels and this build get there
	to     *state // nil: out of the object
}

// state gives the one state of a function and arguments.
func (g *graph) state(n *node, args env) *state {
	if args == nil {
		if n.plain == nil {
			n.plain = &state{node: n}
			g.states++
		}
		return n.plain
	}
	key := args.key()
	s := n.known[key]
	if s == nil {
		if n.known == nil {
			n.known = map[string]*state{}
		}
		s = &state{node: n, args: args}
		n.known[key] = s
		g.states++
	}
	return s
}

// hopsOf gives the calls of a state that some kernel walks.
func (g *graph) hopsOf(s *state) []hop {
	if s.made {
		return s.hops
	}
	s.made = true
	s.hops = s.hops[:0:0]
	for i := range s.node.edges {
		e := &s.node.edges[i]
		c := &s.node.fn.Calls[e.call]
		for _, a := range g.arms(s, c.Guards) {
			h := hop{edge: i, on: a.on, rodata: a.rodata, unsure: a.unsure || c.Unsure}
			if c.Kind == cindex.CallTimer || c.Kind == cindex.CallWork {
				h.async = c.Kind
			}
			if e.to == nil {
				if h.on &= e.ext.judge; h.on != 0 {
					s.hops = append(s.hops, h)
				}
				continue
			}
			h.unsure = h.unsure || e.to.fn.Unsure
			for _, with := range g.arguments(s, c, e.to, a.on) {
				h.on, h.to = with.on, g.state(e.to, with.args)
				s.hops = append(s.hops, h)
			}
		}
	}
	return s.hops
}

// An arm is what some kernels make of the guards of a call.
type arm struct {
	on kset
	guarded
}

// arms gives the kernels that walk a call behind guards, those that see it
// alike together.
func (g *graph) arms(s *state, guards []*cindex.Expr) []arm {
	if len(guards) == 0 {
		return []arm{{on: g.world.all}}
	}
	var out []arm
	for _, part := range g.parts(g.world.all, guards) {
		p, open := g.evaluator(s, part).path(guards)
		if !open {
			continue
		}
		i := slices.IndexFunc(out, func(a arm) bool { return a.guarded == p })
		if i < 0 {
			i, out = len(out), append(out, arm{guarded: p})
		}
		out[i].on |= part.on
	}
	return out
}

// evaluator gives what decides expressions of a state for some kernels.
func (g *graph) evaluator(s *state, p part) evaluator {
	return evaluator{
		ksyms: g.ksyms[s.node.unit], kernel: g.world.kernels[p.first], args: s.args, params: s.node.fn.Params,
	}
}

// A part is kernels that answer alike, and the first of them.
type part struct {
	on    kset
	first int
}

// parts cuts a set of kernels up into single ones, unless the expressions come
// to the same for all.
func (g *graph) parts(on kset, list []*cindex.Expr) []part {
	if on == 0 {
		return nil
	}
	all := on
	first := all.pop()
	if !slices.ContainsFunc(list, func(x *cindex.Expr) bool { return hangsOnKernel(x, 0) }) {
		return []part{{on, first}}
	}
	var out []part
	for on != 0 {
		i := on.pop()
		out = append(out, part{1 << i, i})
	}
	return out
}

func hangsOnKernel(x *cindex.Expr, depth int) bool {
	if x == nil || depth > maxDepth {
		return false
	}
	switch x.Op {
	case cindex.OpKsymExists, cindex.OpTypeExists, cindex.OpFieldExists, cindex.OpEnumExists, cindex.OpKernelVer:
		return true
	}
	return hangsOnKernel(x.X, depth+1) || hangsOnKernel(x.Y, depth+1)
}

// passed is what some kernels know of the arguments of a call.
type passed struct {
	on   kset
	args env
}

// arguments gives what the callee knows of its parameters. The verifier walks
// a static function with its caller's registers, but a global one on its own,
// with nothing known.
func (g *graph) arguments(s *state, c *cindex.Call, to *node, on kset) []passed {
	if !to.byArgs || c.Kind != cindex.CallDirect {
		return []passed{{on: on}}
	}
	args := c.Args[:min(len(c.Args), len(to.fn.Params))]
	var out []passed
	for _, part := range g.parts(on, args) {
		with := g.evaluator(s, part).all(args)
		i := slices.IndexFunc(out, func(p passed) bool { return slices.Equal(p.args, with) })
		if i < 0 {
			i, out = len(out), append(out, passed{args: with})
		}
		out[i].on |= part.on
	}
	return out
}

// all gives the values of arguments, nil when nothing is known of any.
func (e evaluator) all(args []*cindex.Expr) env {
	out := make(env, len(args))
	anything := false
	for i := range args {
		out[i] = e.eval(args[i])
		if out[i].ranged && out[i].n > math.MaxInt8 {
			out[i] = value{} // the parameter may be too narrow for it
		}
		anything = anything || out[i] != value{}
	}
	if !anything {
		return nil
	}
	return out
}

// key names a set of arguments.
func (a env) key() string {
	var b []byte
	for _, v := range a {
		switch {
		case v.known:
			b = strconv.AppendInt(b, v.n, 36)
			b = append(b, ':')
			b = append(b, v.rodata...)
		case v.ranged:
			b = append(strconv.AppendInt(b, v.n, 36), '~')
		case v.doubt:
			b = append(b, '?')
		}
		b = append(b, ',')
	}
	return string(b)
}
