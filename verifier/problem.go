package verifier

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Problem is a call that a program gets to and that its kernel does not
// allow: of a kfunc, or of a ksym that the unit declares and the kernel lacks.
type Problem struct {
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
	Verdict btfdb.Verdict

	walk  *walk
	hit   *hit
	order int // of the kernel in the pass
}

// onRequest tells that the problem is the verifier's, with a program that
// libbpf leaves out unless user space asks for it: SEC("?..."). An ops table
// that names such a program asks for it (bpf_object_adjust_struct_ops_autoload),
// and what libbpf itself refuses it refuses for the object.
func (p Problem) onRequest() bool {
	r := p.Root
	return r.Wiring == nil && !r.Program.Autoload && p.Verdict.Outcome != btfdb.NotThere && p.Verdict.Outcome != btfdb.NotCallable
}

// Site gives where to show the problem.
func (p Problem) Site() Site {
	chain := p.walk.chain(p.hit)
	return newSite(chain[:len(chain)-p.hit.wrapping(p.walk)], p.Name)
}

// hits visits the calls of a unit that kernels refuse with one of some
// outcomes, in the order of roots: each once, for all these kernels.
func (w *walker) hits(unit int, only outcomes, visit func(*walker, *Root, *hit, kset)) {
	for i := range w.roots {
		r := &w.roots[i]
		for j := range r.walk.hits {
			h := &r.walk.hits[j]
			if on := h.on & h.with(only); on != 0 && r.walk.queue[h.at].st.node.unit == unit {
				visit(w, r, h, on)
			}
		}
	}
}

// fill puts in what a problem is on one kernel.
func (w *walker) fill(p *Problem, k int) {
	p.Kernel, p.Context = w.world.kernels[k], p.walk.place.contexts[k]
	p.Kfunc, p.Verdict, p.order = p.hit.ext.kfuncs[k], p.hit.verdicts[k], w.world.first+k
}

// problem gives a problem as far as it is the same for all kernels.
func (w *walk) problem(r Root, h *hit) Problem {
	last := w.last(h, 0)
	return Problem{
		Root: r, Name: h.ext.name, Func: last.node.fn, Call: last.node.call(last.edge), Async: h.async,
		Rodata: h.rodata, Unsure: h.unsure, walk: w, hit: h,
	}
}

// A Site is where a problem is shown: the innermost call of the chain that the
// scheduler's author wrote. Wrappers that scx or libbpf bring, and functions
// named like the kfunc that they wrap, are part of the call.
type Site struct {
	At    cindex.Loc
	Func  string // the function that holds the call
	Name  string // the kfunc as the author knows it
	Chain []Step // up to the site's call, that call last
}

// newSite makes the site of a chain that ends with the site's call.
func newSite(chain []Step, kfunc string) Site {
	s := chain[len(chain)-1]
	return Site{At: s.At, Func: s.Function, Name: authorName(s, kfunc), Chain: chain}
}

// wrapping counts the calls at the end of the chain that belong to the way the
// kfunc is wrapped.
func (h *hit) wrapping(w *walk) int {
	n := 0
	for {
		s := w.last(h, n)
		if !IsLibrary(s.node.fn.At.File.Path) && !Wraps(s.node.fn.Name, h.ext.name) || w.last(h, n+1).node == nil {
			return n
		}
		n++
	}
}

// IsLibrary knows the headers that come with scx and libbpf: they are always
// included as <scx/...> and <bpf/...>. Schedulers keep headers of their own in
// src/bpf, too.
func IsLibrary(file string) bool {
	dir, base := path.Split(filepath.ToSlash(file))
	switch path.Base(dir) {
	case "scx":
		return strings.HasSuffix(base, ".h")
	case "bpf":
		return strings.HasPrefix(base, "bpf_") && strings.HasSuffix(base, ".h") || base == "usdt.bpf.h"
	}
	return false
}

// Wraps tells whether a function or macro is a form of the kfunc under its own
// name: scx_bpf_dsq_insert for scx_bpf_dsq_insert___v2, __COMPAT_scx_bpf_now
// for scx_bpf_now, scx_bpf_select_cpu_and for __scx_bpf_select_cpu_and.
func Wraps(name, kfunc string) bool { return kfunc != "" && plainName(name) == plainName(kfunc) }

func plainName(s string) string {
	s = strings.TrimPrefix(s, "__COMPAT_")
	s = strings.TrimLeft(s, "_")
	if i := strings.Index(s, "___"); i > 0 {
		s = s[:i]
	}
	return strings.TrimSuffix(s, "_bstr")
}

// authorName is the kfunc's name as it stands in the source.
func authorName(s Step, kfunc string) string {
	for _, v := range s.Via {
		if Wraps(v.Macro, kfunc) {
			return v.Macro
		}
	}
	if Wraps(s.Callee, kfunc) {
		return KernelName(s.Callee)
	}
	return kfunc
}
