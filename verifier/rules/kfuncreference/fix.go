package kfuncreference

import (
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/flow"
)

// releaseFix adds the release before the return at which the reference leaks,
// if it is in a variable of the same function.
func releaseFix(p *verifier.Pass, r flow.Result) []verifier.Fix {
	at, ok := flow.Locate(p.Unit, flow.Place{Func: r.Func, At: r.At})
	until, ok2 := flow.Locate(p.Unit, r.Until)
	release := releaseOf(r)
	if !ok || !ok2 || r.Until.Func != r.Func || release == "" {
		return nil
	}
	line, ok := flow.LineAt(at)
	if !ok {
		return nil
	}
	name, ok := line.Assigned(r.Name)
	end, ok2 := flow.LineAt(until)
	if !ok || !ok2 || !strings.HasPrefix(end.Text(), "return") {
		return nil
	}
	return []verifier.Fix{{
		Title: fmt.Sprintf("Call %s before the program returns", release),
		Edits: []verifier.Edit{end.Before(fmt.Sprintf("if (%s)", name), fmt.Sprintf("\t%s(%s);", release, name))},
	}}
}

// releaseOf finds the one kfunc that releases what a kfunc acquires.
func releaseOf(r flow.Result) string {
	k := r.Kernels[len(r.Kernels)-1]
	acquire := k.Kfunc(r.Name)
	if acquire == nil {
		return ""
	}
	found := ""
	for _, f := range k.Kfuncs() {
		list := f.Params()
		if f.Flags.Has(btfdb.FlagRelease) && len(list) == 1 && list[0].Type == acquire.Ret() {
			if found != "" {
				return "" // nobody knows which
			}
			found = f.Name
		}
	}
	return found
}
