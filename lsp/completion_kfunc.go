package lsp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// A candidate is a kfunc by the name that sources call it by.
type candidate struct {
	name   string
	newest *btfdb.Kfunc
	verdict
	instead string // an allowed one, for one that is refused
}

// kfuncs offers the kfuncs that all kernels that have them allow in all
// contexts that reach the function.
func (c *completer) kfuncs() []protocol.CompletionItem {
	if c.prefix == "" && !c.asked {
		return nil
	}
	at := &spot{doc: c.doc, off: c.off}
	at.unit, at.file = c.s.unitOf(c.ctx, c.doc)
	fn := c.s.function(at)
	if fn == nil {
		return nil
	}
	j := &judge{kernels: c.kernels, ways: c.s.ways(c.ctx, at.unit, fn)}
	items := []protocol.CompletionItem{}
	all := c.s.completion() == completeAll
	list, allowed := c.candidates(j)
	for _, x := range list {
		if x.refused != "" && all {
			x.instead = nearest(x.name, allowed)
		}
		if x.refused == "" || all {
			items = append(items, c.kfunc(j, &x))
		}
	}
	return items
}

// candidates lists the kfuncs that begin with the prefix, allowed ones first,
// and of all that sched_ext has those that are allowed.
func (c *completer) candidates(j *judge) (out []candidate, allowed []string) {
	seen := map[string]bool{}
	for _, k := range slices.Backward(c.kernels) {
		for _, f := range k.Kfuncs() {
			name, _, _ := strings.Cut(f.Name, "___")
			// Names that begin with an underscore are for wrappers to call.
			if seen[name] || name[0] == '_' || f.Name != name && k.Kfunc(name) != nil || !strings.HasPrefix(name, "scx_bpf_") && c.prefix == "" {
				continue
			}
			seen[name] = true
			x := candidate{name: name, newest: f}
			matches := strings.HasPrefix(name, c.prefix)
			if matches || strings.HasPrefix(name, "scx_bpf_") {
				x.verdict = j.on(f.Name)
			}
			if x.refused == "" {
				allowed = append(allowed, name)
			}
			if matches {
				out = append(out, x)
			}
		}
	}
	slices.SortFunc(out, func(a, b candidate) int {
		return cmp.Or(strings.Compare(a.refused, b.refused), strings.Compare(a.name, b.name)) // "" first
	})
	return out, allowed
}

func (c *completer) kfunc(j *judge, x *candidate) protocol.CompletionItem {
	snippet := x.name + "(" + placeholders(x.newest.Params()) + ")$0"
	if c.behind("(") {
		snippet = ""
	}
	item := c.item(x.name, protocol.CompletionItemKindFunction, c.start, x.name, snippet)
	item.Detail = protocol.NewOptional(x.newest.Proto)
	item.Data = completionData{Kfunc: x.newest.Name}.encode()
	if x.refused != "" {
		why := x.refused
		if x.instead != "" {
			why += "; " + x.instead + " is allowed"
		}
		describe(&item, why)
		item.SortText = protocol.NewOptional("9" + x.name)
		item.Tags = []protocol.CompletionItemTag{protocol.CompletionItemTagDeprecated}
		return item
	}
	if newest := c.kernels[len(c.kernels)-1]; newest.Kfunc(x.newest.Name) == nil {
		item.SortText = protocol.NewOptional("5" + x.name) // on its way out
		item.Tags = []protocol.CompletionItemTag{protocol.CompletionItemTagDeprecated}
	}
	var notes []string
	for _, note := range []string{c.since(func(k *btfdb.Kernel) bool { return !slices.Contains(x.lacking, k) }), j.where()} {
		if note != "" {
			notes = append(notes, note)
		}
	}
	describe(&item, cmp.Or(strings.Join(notes, " · "), "kfunc"))
	return item
}

// placeholders gives a place to fill in for each parameter.
func placeholders(params []btfdb.Param) string {
	args := make([]string, len(params))
	for i, p := range params {
		args[i] = fmt.Sprintf("${%d:%s}", i+1, cmp.Or(p.Name, fmt.Sprintf("arg%d", i+1)))
	}
	return strings.Join(args, ", ")
}
