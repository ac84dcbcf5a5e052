package scxcontract

import (
	"regexp"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// An outline is what a function contributes, whoever calls it. It is worked out
// again only when the function changes.
type outline struct {
	sites   []candidate
	onward  []int    // calls that may lead to a function with sites
	outside []string // functions that are called and are no kfuncs or helpers
	made    []uint64 // DSQs that are created
	unknown bool     // a DSQ is created whose id is not constant
}

// A candidate is a call that is a site when a callback gets to it.
type candidate struct {
	call int
	name string // the kfunc, without suffixes
	args []arg
}

func outlineOf(p *verifier.Pass, fn *cindex.Func) *outline { return verifier.Cached(p, fn, newOutline) }

func newOutline(fn *cindex.Func) *outline {
	o := &outline{}
	for i := range fn.Calls {
		c := &fn.Calls[i]
		o.creates(c)
		if !fromCompiler.MatchString(c.Callee) && !isKfunc(c.Callee) {
			o.outside = append(o.outside, c.Callee)
		}
		if len(c.Guards) > 0 || c.Unsure || c.Kind == cindex.CallTimer || c.Kind == cindex.CallWork {
			continue
		}
		if name := siteName(fn, c); name != "" {
			src := fn.At.File.Content[fn.Body.Start:]
			o.sites = append(o.sites, candidate{i, name, arguments(src, c.At.End-fn.Body.Start)})
		} else {
			o.onward = append(o.onward, i)
		}
	}
	return o
}

// fromCompiler are helpers and what the compiler itself defines.
var fromCompiler = regexp.MustCompile(`^(bpf_|__builtin_|__sync_|__atomic_)`)

func isKfunc(name string) bool {
	return btfdb.KnownKfunc(name) || btfdb.KnownKfunc(verifier.KernelName(name))
}

// creates notes the DSQ that a call creates.
func (o *outline) creates(c *cindex.Call) {
	switch {
	case !verifier.Wraps(c.Callee, "scx_bpf_create_dsq"):
	case len(c.Args) == 0 || c.Args[0].Op != cindex.OpInt:
		o.unknown = true
	default:
		o.made = append(o.made, uint64(c.Args[0].Int))
	}
}

// kfuncs are those with a contract that shows in a call, by their names without
// prefixes and suffixes. Names from before 6.13 count as today's.
var kfuncs = func() map[string]string {
	m := map[string]string{
		"scx_bpf_dispatch": "scx_bpf_dsq_insert", "scx_bpf_dispatch_vtime": "scx_bpf_dsq_insert_vtime",
		"scx_bpf_consume": "scx_bpf_dsq_move_to_local",
	}
	for _, k := range append([]string{
		"scx_bpf_dsq_insert", "scx_bpf_dsq_insert_vtime", "scx_bpf_dsq_move_to_local",
		"scx_bpf_kick_cpu", "scx_bpf_kick_cid", "scx_bpf_dump", "scx_bpf_tid_to_task",
	}, idleKfuncs...) {
		m[k] = k
	}
	return m
}()

// siteName recognises a kfunc by the name that stands in the source: the
// kfunc's own, or a macro's or inline function's that wraps it.
func siteName(fn *cindex.Func, c *cindex.Call) string {
	src := fn.At.File.Content
	if c.At.Start < fn.Body.Start || c.At.End > len(src) || verifier.IsLibrary(fn.At.File.Path) {
		return ""
	}
	name := kfuncs[plain(string(src[c.At.Start:c.At.End]))]
	if kfuncs[plain(c.Callee)] != name {
		return "" // another call of the macro
	}
	return name
}

// plain is a kfunc's name without the marks of its wrappers and versions.
func plain(name string) string {
	name = strings.TrimLeft(strings.TrimPrefix(name, "__COMPAT_"), "_")
	if i := strings.Index(name, "___"); i > 0 {
		name = name[:i]
	}
	return strings.TrimSuffix(name, "_bstr")
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
