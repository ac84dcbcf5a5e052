package lsp

import (
	"bytes"
	"slices"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A callContext is one way in which a function of a source comes to run.
type callContext struct {
	root  verifier.Root
	async cindex.CallKind // CallTimer or CallWork: in such a callback; else CallDirect
}

// on gives what a kernel judges calls of kfuncs by; false when it does not
// know the place.
func (c callContext) on(k *btfdb.Kernel) (btfdb.Context, bool) {
	var ctx btfdb.Context
	var ok bool
	if p := c.root.Program; c.root.Wiring == nil {
		ctx, ok = btfdb.SectionContext(p.Section)
	} else {
		ctx, ok = k.MemberContext(c.root.Wiring.Table.Type, c.root.Wiring.Init.Member, p.Sleepable)
	}
	switch c.async {
	case cindex.CallTimer:
		ctx = k.In(ctx, btfdb.Timer)
	case cindex.CallWork:
		ctx = k.In(ctx, btfdb.Workqueue)
	}
	return ctx, ok
}

// contextsOf lists the contexts that a function can run in, whatever guards
// the calls that lead to it: what is written there now is not yet known.
func contextsOf(u *cindex.Unit, fn *cindex.Func) []callContext {
	var out []callContext
	for _, root := range verifier.Roots(u) {
		for _, async := range reaches(u, root.Program.Func, fn) {
			out = append(out, callContext{root, async})
		}
	}
	return out
}

// reaches tells how control can get from one function to another: in which
// kinds of callbacks, or directly.
func reaches(u *cindex.Unit, from, to *cindex.Func) []cindex.CallKind {
	type state struct {
		fn    *cindex.Func
		async cindex.CallKind
	}
	queue := []state{{from, cindex.CallDirect}}
	seen := map[state]bool{queue[0]: true}
	var kinds []cindex.CallKind
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if s.fn == to && !slices.Contains(kinds, s.async) {
			kinds = append(kinds, s.async)
		}
		for i := range s.fn.Calls {
			call := &s.fn.Calls[i]
			next := state{u.Func(call.Callee), s.async}
			if call.Kind == cindex.CallTimer || call.Kind == cindex.CallWork {
				next.async = call.Kind
			}
			if next.fn != nil && !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return kinds
}

// functionAt gives the function of the main source whose body holds an offset.
func functionAt(u *cindex.Unit, off int) *cindex.Func {
	for _, fn := range u.Funcs() {
		if fn.At.File == u.Main && fn.Body.Start < off && off < fn.Body.End {
			return fn
		}
	}
	return nil
}

// codeAt tells whether an offset of a source is in code: not in a comment, a
// string or a character.
func codeAt(content []byte, off int) bool {
	for i := 0; i < off; i++ {
		var end int
		switch c := content[i]; {
		case c == '"' || c == '\'':
			end = endOfLiteral(content, i, c)
		case c == '/' && i+1 < len(content) && content[i+1] == '/':
			end = indexFrom(content, i, "\n")
		case c == '/' && i+1 < len(content) && content[i+1] == '*':
			end = indexFrom(content, i+2, "*/") + 1
		default:
			continue
		}
		if off <= end {
			return false
		}
		i = end
	}
	return true
}

// indexFrom gives the offset of a text at or after start, the end if there is
// none.
func indexFrom(content []byte, start int, text string) int {
	start = min(start, len(content))
	if i := bytes.Index(content[start:], []byte(text)); i >= 0 {
		return start + i
	}
	return len(content)
}

// endOfLiteral gives the offset of the quote that ends a literal, or of the
// end of its line.
func endOfLiteral(content []byte, start int, quote byte) int {
	for i := start + 1; i < len(content); i++ {
		switch content[i] {
		case '\\':
			i++
		case quote, '\n':
			return i
		}
	}
	return len(content)
}
