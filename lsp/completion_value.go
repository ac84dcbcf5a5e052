package lsp

import (
	"cmp"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex/syntax"
	"github.com/scx-lsp/scx-lsp/lsp/words"
)

// paramEnums tells which enum the values of a parameter are from, by the names
// that the kernel's prototypes use.
var paramEnums = map[string]string{
	"enq_flags":   "scx_enq_flags",
	"deq_flags":   "scx_deq_flags",
	"wake_flags":  "scx_wake_flags",
	"dsq_id":      "scx_dsq_id_flags",
	"slice":       "scx_public_consts",
	"reenq_flags": "scx_reenq_flags",
	"perf":        "scx_consts",
	"caps":        "scx_cap_flags",
}

// flagEnums does so for parameters that are just called flags.
var flagEnums = map[string]string{
	"scx_bpf_kick_cpu": "scx_kick_flags", "scx_bpf_kick_cid": "scx_kick_flags",
	"scx_bpf_pick_idle_cpu": "scx_pick_idle_cpu_flags", "scx_bpf_pick_any_cpu": "scx_pick_idle_cpu_flags",
	"scx_bpf_pick_idle_cpu_node": "scx_pick_idle_cpu_flags", "scx_bpf_pick_any_cpu_node": "scx_pick_idle_cpu_flags",
	"scx_bpf_select_cpu_and": "scx_pick_idle_cpu_flags", "bpf_iter_scx_dsq_new": "scx_dsq_iter_flags",
}

// enumOf gives the enum that an argument of a kfunc is from, "" for none.
func enumOf(kfunc string, p btfdb.Param) string {
	if p.Name == "flags" {
		return flagEnums[kfunc]
	}
	return paramEnums[p.Name]
}

// arguments offers the constants for the argument that the cursor is in, and
// all that begin so where any may stand.
func (c *completer) arguments() []protocol.CompletionItem {
	enum := ""
	if call, arg, ok := c.file.CallAt(c.off); ok {
		if on := newestKfunc(c.kernels, call.Name); on != nil {
			if params := on.Params(); arg < len(params) {
				enum = enumOf(on.Name, params[arg])
			}
		}
	}
	switch constant := strings.HasPrefix(c.prefix, "SCX_"); {
	case enum != "" && (constant || c.prefix == "" || strings.HasPrefix("SCX_", c.prefix)):
		return c.values(enum)
	case constant:
		return c.values("")
	}
	return nil
}

// newestKfunc finds a kfunc by the name that sources call it by, of the newest
// kernel that has it: the form with most parameters, which is the one that
// wrappers have.
func newestKfunc(kernels []*btfdb.Kernel, name string) *btfdb.Kfunc {
	name, _, _ = strings.Cut(name, "___")
	for _, k := range slices.Backward(kernels) {
		best := k.Kfunc(name)
		if v2 := k.Kfunc(name + "___v2"); v2 != nil && (best == nil || len(v2.Params()) > len(best.Params())) {
			best = v2
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// values offers the constants of an enum; with no enum, all that begin with
// the prefix. What the kernel keeps to itself is left out.
func (c *completer) values(enum string) []protocol.CompletionItem {
	items := []protocol.CompletionItem{}
	seen := map[string]bool{}
	for _, k := range slices.Backward(c.kernels) {
		for _, e := range k.Enums() {
			if enum != "" && e.Name != enum || !strings.HasPrefix(e.Name, "scx_") {
				continue
			}
			for _, v := range e.Values {
				text := words.Value(v.Name)
				if seen[v.Name] || text == "" || internalValue(text) || !strings.HasPrefix(v.Name, c.prefix) {
					continue
				}
				seen[v.Name] = true
				item := c.item(v.Name, protocol.CompletionItemKindEnumMember, c.start, v.Name, "")
				item.Detail = protocol.NewOptional(valueText(v))
				item.Data = completionData{Value: v.Name}.encode()
				with := kernelsWith(c.kernels, v.Name)
				describe(&item, cmp.Or(c.since(func(k *btfdb.Kernel) bool { return slices.Contains(with, k) }), "enum "+e.Name))
				items = append(items, item)
			}
		}
	}
	return items
}

// internalValue tells whether words say that a constant is not for schedulers.
func internalValue(text string) bool {
	return strings.Contains(text, "kernel's own") || strings.Contains(text, "Not for schedulers")
}

// externs offers declarations of kfuncs, where declarations stand.
func (c *completer) externs() []protocol.CompletionItem {
	line := strings.TrimSuffix(c.line(), c.prefix)
	declares := strings.HasPrefix(line, "extern ")
	if !declares && (line != "" || !strings.HasPrefix(c.prefix, "scx_bpf_")) {
		return nil
	}
	declared := map[string]bool{}
	for _, d := range c.file.Decls() {
		if d.Kind == syntax.KindExtern {
			declared[d.Name] = true
		}
	}
	items := []protocol.CompletionItem{}
	seen := map[string]bool{}
	for _, k := range slices.Backward(c.kernels) {
		for _, f := range k.Kfuncs() {
			if seen[f.Name] || declared[f.Name] || !strings.HasPrefix(f.Name, c.prefix) || c.prefix == "" && !strings.HasPrefix(f.Name, "scx_") {
				continue
			}
			seen[f.Name] = true
			items = append(items, c.extern(f, line))
		}
	}
	return items
}

// extern is the declaration of one kfunc; weak, if some kernel lacks it.
func (c *completer) extern(f *btfdb.Kfunc, line string) protocol.CompletionItem {
	attr := " __ksym"
	since := c.since(func(k *btfdb.Kernel) bool { return k.Kfunc(f.Name) != nil })
	if since != "" {
		attr += " __weak"
	}
	item := c.item(f.Name, protocol.CompletionItemKindFunction, c.start-len(line), "extern "+f.Proto+attr+";", "")
	if c.behind(";") {
		item.TextEdit.(*protocol.TextEdit).NewText = "extern " + f.Proto + attr
	}
	item.FilterText = protocol.NewOptional(line + f.Name)
	item.Data = completionData{Kfunc: f.Name}.encode()
	describe(&item, cmp.Or(since, "declaration"))
	return item
}
