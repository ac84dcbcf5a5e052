package scxcontract

import (
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A site is a call of a kfunc that a program makes whatever the kernel is.
type site struct {
	root verifier.Root
	fn   *cindex.Func
	call *cindex.Call
	name string // the kfunc, without suffixes
	args []arg  // as written; none when they are not simple
	way  *link
}

// A link is a call on the way from a program, and those before it. Most ways
// lead to nothing that is reported, so that only the others are spelled out.
type link struct {
	before *link
	fn     *cindex.Func
	call   *cindex.Call
}

// chain lists the calls, outermost first.
func (l *link) chain() []verifier.Step {
	var out []verifier.Step
	for ; l != nil; l = l.before {
		out = append(out, verifier.Step{
			Function: l.fn.Name, At: cindex.Loc{File: l.fn.At.File, Span: l.call.At}, Callee: l.call.Callee,
			Via: l.call.Via, Kind: l.call.Kind,
		})
	}
	slices.Reverse(out)
	return out
}

// An arg is an argument as it stands in the source, without blanks around it.
type arg struct {
	text string
	span cindex.Span // from the start of the function's body
}

// member is the callback's name: "enqueue".
func (s *site) member() string { return s.root.Name[strings.LastIndexByte(s.root.Name, '.')+1:] }

// arg is an argument as written, "" when there is none.
func (s *site) arg(i int) string {
	if i < len(s.args) {
		return s.args[i].text
	}
	return ""
}

// number is the value of an argument, if it is constant.
func (s *site) number(i int) (uint64, bool) {
	if i >= len(s.call.Args) || i >= len(s.args) || s.call.Args[i].Op != cindex.OpInt {
		return 0, false
	}
	return uint64(s.call.Args[i].Int), true
}

// A walker finds the sites of one unit.
type walker struct {
	pass *verifier.Pass
	root verifier.Root
	seen map[*cindex.Func]bool
	out  []*site

	resolved map[*cindex.Func]resolved
}

// sites walks from every callback of a sched_ext table to the calls that no
// condition about kernels or options guards. Those run on every kernel.
func sites(p *verifier.Pass) []*site {
	w := &walker{pass: p, resolved: map[*cindex.Func]resolved{}}
	for _, r := range verifier.Roots(p.Unit) {
		if !strings.HasPrefix(r.TableType(), "sched_ext_ops") || r.Wiring.Init.Unsure || r.Program.Func.Unsure {
			continue
		}
		w.root, w.seen = r, map[*cindex.Func]bool{}
		w.walk(r.Program.Func, nil)
	}
	return w.out
}

func (w *walker) walk(fn *cindex.Func, before *link) {
	if w.seen[fn] || fn.Unsure {
		return
	}
	w.seen[fn] = true
	o := w.of(fn)
	for i := range o.sites {
		k := &o.sites[i]
		c := &fn.Calls[k.call]
		w.out = append(w.out, &site{root: w.root, fn: fn, call: c, name: k.name, args: k.args, way: &link{before, fn, c}})
	}
	for i, callee := range o.callees {
		if callee != nil && !w.seen[callee] {
			w.walk(callee, &link{before, fn, &fn.Calls[o.onward[i]]})
		}
	}
}

// A resolved is an outline with the functions that its calls lead to.
type resolved struct {
	*outline
	callees []*cindex.Func // of onward, nil for what the unit does not define
}

// of resolves a function once for all programs that get to it.
func (w *walker) of(fn *cindex.Func) resolved {
	if o, ok := w.resolved[fn]; ok {
		return o
	}
	o := resolved{outline: outlineOf(w.pass, fn)}
	for _, n := range o.onward {
		o.callees = append(o.callees, w.pass.Unit.Func(fn.Calls[n].Callee))
	}
	w.resolved[fn] = o
	return o
}
