package verifier

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Problem is a reached call that its kernel does not allow.
type Problem struct {
	Reached
	Verdict btfdb.Verdict
	Site    Site
}

// A walk is the shared result of walking a unit: rules that ask for the same
// problems pay once.
type walk struct {
	done     bool
	problems []Problem
}

func (w *walk) get(p *Pass) []Problem {
	if w.done {
		return w.problems
	}
	w.done = true
	roots := Roots(p.Unit)
	g := newGraph(p.Unit, roots)
	for _, k := range p.Kernels {
		w.kernel(p.Context, newView(g, k), roots)
	}
	if p.Context.Err() != nil {
		w.problems = nil
	}
	slices.SortStableFunc(w.problems, func(a, b Problem) int { return a.Root.order - b.Root.order })
	return w.problems
}

func (w *walk) kernel(ctx context.Context, v *view, roots []Root) {
	for _, r := range roots {
		if ctx.Err() != nil {
			return
		}
		reach(v, r, func(c Reached) {
			if d := judge(c); d.Outcome != btfdb.Allowed && d.Outcome != btfdb.Unknown {
				w.problems = append(w.problems, Problem{c, d, c.site()})
			}
		})
	}
}

// judge asks the kernel about a call in the context in which it really runs.
func judge(c Reached) btfdb.Verdict {
	ctx := c.Context
	switch c.Async {
	case cindex.CallTimer:
		ctx = c.Kernel.In(ctx, btfdb.Timer)
	case cindex.CallWork:
		ctx = c.Kernel.In(ctx, btfdb.Workqueue)
	}
	return c.Kernel.Query(ctx, c.Name)
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

// site finds where to show a problem.
func (r Reached) site() Site {
	chain := r.Chain()
	i := len(chain) - 1
	for i > 0 && isWrapping(chain[i], r.Name) {
		i--
	}
	s := chain[i]
	return Site{At: s.At, Func: s.Function, Name: authorName(s, r.Name), Chain: chain[:i+1]}
}

// isWrapping tells whether a step belongs to the way a kfunc is wrapped rather
// than to the scheduler: its caller wraps the kfunc or is library code.
func isWrapping(s Step, kfunc string) bool {
	return Wraps(s.Function, kfunc) || IsLibrary(s.At.File.Path)
}

// IsLibrary knows the headers that come with scx and libbpf: they are always
// included as <scx/...> and <bpf/...>.
func IsLibrary(file string) bool {
	dir := path.Base(path.Dir(filepath.ToSlash(file)))
	return (dir == "scx" || dir == "bpf") && strings.HasSuffix(file, ".h")
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
