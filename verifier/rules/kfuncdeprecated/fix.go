package kfuncdeprecated

import (
	"bytes"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// renameFix renames a kfunc wherever the author's files name it, declarations
// too, so that what compiled still does. There is none where more than the name
// changed, or where the headers define the new name in a form of their own.
func renameFix(p *verifier.Pass, at cindex.Loc, s btfdb.Succession) []verifier.Fix {
	if !s.Drop {
		return currFix(at, s)
	}
	own, known := spelled(p.Unit, s.New)
	if own {
		return nil
	}
	fix := verifier.Fix{Title: "Rename " + s.Old + " to " + s.New}
	fix.Safe = len(p.Where(func(k *btfdb.Kernel) bool { return k.Kfunc(s.New) == nil })) == 0
	for _, ref := range p.Unit.References(s.Old) {
		if verifier.IsLibrary(ref.File.Path) {
			continue
		}
		if known && isDeclaration(p.Unit, ref) {
			continue
		}
		fix.Edits = append(fix.Edits, verifier.Edit{At: ref, NewText: s.New})
	}
	return []verifier.Fix{fix}
}

// spelled tells whether the unit declares a name, and whether it is a macro or
// a function of its own, which may take other arguments than the kfunc.
func spelled(u *cindex.Unit, name string) (own, known bool) {
	for _, s := range u.Symbols(name) {
		known = true
		own = own || s.Kind == cindex.SymbolMacro || s.Kind == cindex.SymbolFunc
	}
	return own, known
}

func isDeclaration(u *cindex.Unit, at cindex.Loc) bool {
	for _, x := range u.Externs {
		if x.At == at {
			return true
		}
	}
	return false
}

// currFix makes scx_bpf_cpu_curr(cpu) of scx_bpf_cpu_rq(cpu)->curr. It is not
// safe: the new kfunc may give NULL and wants an RCU section.
func currFix(at cindex.Loc, s btfdb.Succession) []verifier.Fix {
	src := at.File.Content[at.Span.End:]
	end := closing(src)
	if s.New != "scx_bpf_cpu_curr" || end < 0 || !bytes.HasPrefix(src[end:], []byte("->curr")) {
		return nil
	}
	from := at.Span.End + end
	return []verifier.Fix{{Title: "Ask for the running task with " + s.New, Edits: []verifier.Edit{
		{At: at, NewText: s.New},
		{At: cindex.Loc{File: at.File, Span: cindex.Span{Start: from, End: from + len("->curr")}}},
	}}}
}

// closing gives the offset behind the parentheses that src begins with, -1 when
// it does not.
func closing(src []byte) int {
	depth := 0
	for i, c := range src {
		switch {
		case c == '(':
			depth++
		case depth == 0:
			return -1
		case c == ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
