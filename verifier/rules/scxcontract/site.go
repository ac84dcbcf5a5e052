package scxcontract

import (
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// kfuncs are those with a contract that shows in a call. Wrappers and older
// names of a kfunc count as the kfunc.
var kfuncs = []string{
	"scx_bpf_dsq_insert", "scx_bpf_dsq_insert_vtime", "scx_bpf_dsq_move_to_local",
	"scx_bpf_kick_cpu", "scx_bpf_kick_cid", "scx_bpf_dump", "scx_bpf_tid_to_task",
	"scx_bpf_pick_idle_cpu", "scx_bpf_pick_idle_cpu_node", "scx_bpf_test_and_clear_cpu_idle",
	"scx_bpf_get_idle_cpumask", "scx_bpf_get_idle_smtmask", "scx_bpf_select_cpu_dfl", "scx_bpf_select_cpu_and",
}

// older are names from before 6.13.
var older = map[string]string{
	"scx_bpf_dispatch": "scx_bpf_dsq_insert", "scx_bpf_dispatch_vtime": "scx_bpf_dsq_insert_vtime",
	"scx_bpf_consume": "scx_bpf_dsq_move_to_local",
}

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
	span cindex.Span
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
	unit *cindex.Unit
	root verifier.Root
	seen map[*cindex.Func]bool
	kind map[string]string // kfuncOf of the words met so far
	out  []*site
}

// sites walks from every callback of a sched_ext table to the calls that no
// condition about kernels or options guards. Those run on every kernel.
func sites(u *cindex.Unit) []*site {
	w := &walker{unit: u, kind: map[string]string{}}
	for _, r := range verifier.Roots(u) {
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
	for i := range fn.Calls {
		c := &fn.Calls[i]
		if len(c.Guards) > 0 || c.Unsure || c.Kind == cindex.CallTimer || c.Kind == cindex.CallWork {
			continue
		}
		if s := w.site(fn, c); s != nil {
			s.way = &link{before, fn, c}
			w.out = append(w.out, s)
		} else if callee := w.unit.Func(c.Callee); callee != nil && !w.seen[callee] {
			w.walk(callee, &link{before, fn, c})
		}
	}
}

// site recognises a kfunc by the name that stands in the source: the kfunc's
// own, or a macro's or inline function's that wraps it.
func (w *walker) site(fn *cindex.Func, c *cindex.Call) *site {
	src := fn.At.File.Content
	if verifier.IsLibrary(fn.At.File.Path) || c.At.End > len(src) {
		return nil
	}
	word := string(src[c.At.Start:c.At.End])
	name, met := w.kind[word]
	if !met {
		name = kfuncOf(word)
		w.kind[word] = name
	}
	if name == "" || !verifier.Wraps(c.Callee, word) && !verifier.Wraps(c.Callee, name) && older[plain(c.Callee)] != name {
		return nil
	}
	return &site{root: w.root, fn: fn, call: c, name: name, args: arguments(src, c.At.End)}
}

func plain(name string) string { return strings.TrimPrefix(verifier.KernelName(name), "__COMPAT_") }

func kfuncOf(word string) string {
	if k := older[plain(word)]; k != "" {
		return k
	}
	for _, k := range kfuncs {
		if verifier.Wraps(word, k) {
			return k
		}
	}
	return ""
}

// arguments finds the arguments of the call whose name ends at an offset; none
// when anything in them could hide a comma.
func arguments(src []byte, at int) []arg {
	for at < len(src) && (src[at] == ' ' || src[at] == '\t' || src[at] == '\n') {
		at++
	}
	if at >= len(src) || src[at] != '(' {
		return nil
	}
	var out []arg
	depth, start := 0, at+1
	for i := at; i < len(src); i++ {
		switch src[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return append(out, argument(src, start, i))
			}
		case ',':
			if depth == 1 {
				out = append(out, argument(src, start, i))
				start = i + 1
			}
		case '"', '\'', '/', '#', ';':
			return nil
		}
	}
	return nil
}

func argument(src []byte, start, end int) arg {
	text := strings.TrimSpace(string(src[start:end]))
	start += strings.Index(string(src[start:end]), text)
	return arg{text, cindex.Span{Start: start, End: start + len(text)}}
}
