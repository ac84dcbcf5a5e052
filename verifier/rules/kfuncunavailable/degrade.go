package kfuncunavailable

import (
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A wrapped is a call, by its index, of something that stands for a kfunc: a
// macro or an inline function of its name.
type wrapped struct {
	call int
	name string // as written
	note noted
}

// A noted says which part of the rule a call is for.
type noted uint8

const (
	compat  noted = iota // a wrapper that looks at the kernel
	direct               // the kfunc itself
	address              // a helper that takes the address of a kernel variable
)

// calls finds the calls of a function that the rest of this file looks at.
func calls(fn *cindex.Func) []wrapped {
	var out []wrapped
	src := fn.At.File.Content
	if verifier.IsLibrary(fn.At.File.Path) {
		return nil
	}
	for i := range fn.Calls {
		c := &fn.Calls[i]
		if c.Unsure || c.At.End > len(src) {
			continue
		}
		word := string(src[c.At.Start:c.At.End])
		switch {
		case len(c.Via) > 0 && c.Via[0].Macro == word && strings.Contains(word, "scx_bpf_"):
			out = append(out, wrapped{i, word, compat})
		case len(c.Via) == 0 && strings.Contains(c.Callee, "scx_bpf_"):
			out = append(out, wrapped{i, word, compat})
			if _, bad := btfdb.DefectOf(verifier.KernelName(c.Callee), "0.0"); bad {
				out = append(out, wrapped{i, word, direct})
			}
		case c.Callee == "bpf_per_cpu_ptr" || c.Callee == "bpf_this_cpu_ptr":
			out = append(out, wrapped{i, word, address})
		}
	}
	return out
}

// A noteworthy is a call that a part of the rule looks at.
type noteworthy struct {
	fn   *cindex.Func
	call *cindex.Call
	name string // as written
}

// gather finds the noteworthy calls of a unit.
func gather(p *verifier.Pass) map[noted][]noteworthy {
	out := map[noted][]noteworthy{}
	for _, fn := range p.Unit.Funcs() {
		for _, w := range verifier.Cached(p, fn, calls) {
			out[w.note] = append(out[w.note], noteworthy{fn, &fn.Calls[w.call], w.name})
		}
	}
	return out
}

// A fate is what becomes of a wrapper on the kernels of the pass.
type fate struct {
	nothing []*btfdb.Kernel // it calls nothing
	ends    []*btfdb.Kernel // it ends the scheduler
	does    string          // what it does when it calls nothing: "gives false"
	def     cindex.Loc
}

// degraded tells of wrappers that do less on a part of the kernels than their
// names say. It is how the author wants it, or the author may not know: a hint.
func degraded(p *verifier.Pass, calls []noteworthy) {
	fates := map[string]*fate{}
	seen := map[cindex.Loc]bool{}
	for _, n := range calls {
		at := cindex.Loc{File: n.fn.At.File, Span: n.call.At}
		if seen[at] {
			continue
		}
		seen[at] = true
		if fates[n.name] == nil {
			fates[n.name] = fateOf(p, n.fn, n.call, n.name)
		}
		fates[n.name].report(p, at, n.fn, n.call, n.name)
	}
}

// fateOf looks at all that a wrapper may call, on every kernel.
func fateOf(p *verifier.Pass, fn *cindex.Func, c *cindex.Call, name string) *fate {
	f := &fate{}
	inner, def := insides(p.Unit, fn, c, name)
	f.def, f.does = def, instead(p.Unit.Func(c.Callee), def)
	if !anyKfunc(inner, name) || f.does == "" {
		return f // no wrapper of this kfunc, or one that has another way
	}
	for _, k := range p.Kernels {
		some, ends, sure := reached(p, inner, k)
		switch {
		case !sure || k.Ops("sched_ext_ops") == nil:
		case ends:
			f.ends = append(f.ends, k)
		case !some:
			f.nothing = append(f.nothing, k)
		}
	}
	return f
}

// insides lists the calls that a wrapper makes: those of an inline function of
// a header, or those that the same macro makes at the same place.
func insides(u *cindex.Unit, fn *cindex.Func, c *cindex.Call, name string) ([]*cindex.Call, cindex.Loc) {
	var out []*cindex.Call
	if len(c.Via) > 0 {
		for i := range fn.Calls {
			if o := &fn.Calls[i]; o.At == c.At && len(o.Via) > 0 && o.Via[0].Macro == name {
				out = append(out, o)
			}
		}
		return out, c.Via[0].Def
	}
	w := u.Func(c.Callee)
	if w == nil || !verifier.IsLibrary(w.At.File.Path) {
		return nil, cindex.Loc{}
	}
	for i := range w.Calls {
		out = append(out, &w.Calls[i])
	}
	return out, w.At
}

// anyKfunc tells whether one of the calls is of the kfunc that a name stands
// for.
func anyKfunc(list []*cindex.Call, name string) bool {
	for _, c := range list {
		if verifier.Wraps(c.Callee, name) {
			return true
		}
	}
	return false
}

// reached tells whether a kernel gets to a kfunc or a function behind a
// wrapper's guards, and whether that only ends the scheduler.
func reached(p *verifier.Pass, list []*cindex.Call, k *btfdb.Kernel) (some, ends, sure bool) {
	sure = true
	for _, c := range list {
		open, known := p.Open(k, c.Guards)
		if !known || c.Unsure {
			return false, false, false
		}
		if !open {
			continue
		}
		switch name := verifier.KernelName(c.Callee); {
		case name == "scx_bpf_error_bstr" || name == "scx_bpf_exit_bstr":
			ends = true
		case strings.HasPrefix(c.Callee, "__builtin_") || name == "bpf_printk" || name == "bpf_trace_printk":
		default:
			some = true
		}
	}
	return some, ends && !some, sure
}

func (f *fate) report(p *verifier.Pass, at cindex.Loc, fn *cindex.Func, c *cindex.Call, name string) {
	part := func(on []*btfdb.Kernel, what string) {
		here := on[:0:0]
		for _, k := range on {
			if open, sure := p.Open(k, outside(fn, c)); open && sure {
				here = append(here, k)
			}
		}
		if len(here) == 0 {
			return
		}
		var releases []string
		for _, k := range here {
			releases = append(releases, k.Release)
		}
		x := verifier.Finding{
			At: at, Severity: verifier.Hint, Kfunc: name,
			Message: fmt.Sprintf("%s %s on %s: it calls no kfunc there", name, what, verifier.ReleaseText(releases)),
		}
		if f.def.File != nil {
			x.Notes = []verifier.Note{{At: f.def, Message: "what it gives instead is decided here"}}
		}
		p.ReportOn(here, p.Kernels, x)
	}
	part(f.nothing, f.does)
	part(f.ends, "ends the scheduler")
}

// outside are the guards around a wrapper: those that all its calls share, but
// for the one that asks for the kfunc itself.
func outside(fn *cindex.Func, c *cindex.Call) []*cindex.Expr {
	common := c.Guards
	for i := range fn.Calls {
		o := &fn.Calls[i]
		if o.At != c.At {
			continue
		}
		n := 0
		for n < len(common) && n < len(o.Guards) && common[n] == o.Guards[n] {
			n++
		}
		common = common[:n]
	}
	if n := len(common); n > 0 && len(c.Via) > 0 && mentions(common[n-1], c.Callee, 0) {
		common = common[:n-1]
	}
	return common
}

// unreliable tells of kfuncs that are there and do not work yet.
func unreliable(p *verifier.Pass, calls []noteworthy) {
	for _, n := range calls {
		name := verifier.KernelName(n.call.Callee)
		if p.Unit.Func(n.call.Callee) != nil {
			continue
		}
		var last btfdb.Defect
		on := p.Where(func(k *btfdb.Kernel) bool {
			d, bad := btfdb.DefectOf(name, k.Release)
			if !bad || k.Kfunc(name) == nil {
				return false
			}
			last = d
			open, sure := p.Open(k, n.call.Guards)
			return open && sure
		})
		p.ReportOn(on, p.Kernels, verifier.Finding{
			At: cindex.Loc{File: n.fn.At.File, Span: n.call.At}, Severity: verifier.Info, Kfunc: name, KernelFunction: name,
			Message: fmt.Sprintf("%s works only from Linux %s on: before, it %s", name, last.Fixed, last.What),
			Notes:   []verifier.Note{{Message: "that the kfunc exists is not enough: ask for LINUX_KERNEL_VERSION as well, or call __COMPAT_" + name}},
		})
	}
}
