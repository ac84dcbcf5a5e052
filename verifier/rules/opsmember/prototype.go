package opsmember

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// prototype compares a program's parameters and result with the callback's.
// The verifier gives each argument the kernel's type, whatever the source says.
func (c *check) prototype(typ string, fn *cindex.Func, m *btfdb.Member, name string, k *btfdb.Kernel) {
	if m.Proto == "" || rawContext(fn) {
		return
	}
	base := issue{
		at: fn.At, typ: typ, context: name, program: fn.Name, outcome: verifier.OutcomeLoad, fixes: c.protoFix(fn, m),
		advice: fmt.Sprintf("%s is %s", verifier.ContextName(name), m.Proto),
	}
	c.result(base, fn, m, name, k)
	params := m.Params()
	for i, p := range fn.Params {
		if i >= len(params) {
			c.extra(base, fn, i, len(params), name, k)
			return
		}
		c.param(base, p, params[i], i, name, k)
	}
}

// rawContext tells a program that takes the context as it is, without BPF_PROG.
func rawContext(fn *cindex.Func) bool {
	if len(fn.Params) != 1 || !strings.HasSuffix(fn.Params[0].Type, "*") {
		return false
	}
	t := fn.Params[0].Type
	return !strings.Contains(t, "struct ") || fn.Params[0].Name == "ctx"
}

// extra reports a parameter that the callback does not have. It is refused
// when the program reads it (btf_ctx_access).
func (c *check) extra(i issue, fn *cindex.Func, param, has int, name string, k *btfdb.Kernel) {
	i.message = fmt.Sprintf("%s takes %s, and %s has a parameter more: %s",
		verifier.ContextName(name), count(has, "argument"), fn.Name, fn.Params[param].Name)
	// The kernel counts a result as an argument, and all that is behind as one.
	i.says = fmt.Sprintf("func '%s' doesn't have %d-th argument", name[strings.LastIndexByte(name, '.')+1:], has+2)
	i.decider = "btf_ctx_access"
	if !uses(fn, fn.Params[param].Name) {
		i.weak = verifier.Info
		i.message += ", which is never read"
	}
	c.add(k, i)
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func uses(fn *cindex.Func, name string) bool {
	if name == "" {
		return false
	}
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).Match(fn.At.File.Content[fn.Body.Start:fn.Body.End])
}

// param reports a parameter whose type cannot be the argument's.
func (c *check) param(i issue, p cindex.Param, arg btfdb.Param, n int, name string, k *btfdb.Kernel) {
	ours, kernels := structOf(p.Type), structOf(arg.Type)
	scalar := kernels == "" && !strings.Contains(arg.Type, "*")
	if ours == "" || ours == kernels || kernels == "" && !scalar {
		return
	}
	i.weak = verifier.Warning // it depends on what the program does with it
	i.message = fmt.Sprintf("argument %d of %s is %s, not struct %s *", n+1, verifier.ContextName(name), arg.Type, ours)
	i.decider = "btf_ctx_access"
	c.add(k, i)
}

// structOf names the struct that a type is a pointer to, without flavour; ""
// for anything else.
func structOf(typ string) string {
	words := strings.Fields(strings.ReplaceAll(typ, "*", " * "))
	for i, w := range words {
		if w == "struct" && i+1 < len(words) && strings.Count(typ, "*") == 1 {
			return verifier.KernelName(words[i+1])
		}
	}
	return ""
}

// result reports a callback that must return something and does not. The
// verifier wants R0 set at the exit (check_return_code).
func (c *check) result(i issue, fn *cindex.Func, m *btfdb.Member, name string, k *btfdb.Kernel) {
	if fn.Ret != "void" || m.Ret() == "void" || m.Ret() == "" {
		return
	}
	i.weak = verifier.Warning // a call that happens to be last sets R0
	i.message = fmt.Sprintf("%s returns %s, and %s returns nothing", verifier.ContextName(name), m.Ret(), fn.Name)
	i.says, i.decider = "R0 !read_ok", "check_return_code"
	i.fixes = resultFix(fn, m.Ret())
	c.add(k, i)
}

// protoFix gives a program the callback's parameters, under the names that its
// author chose.
func (c *check) protoFix(fn *cindex.Func, m *btfdb.Member) []verifier.Fix {
	at, inMacro, ok := parameters(fn)
	if !ok {
		return nil
	}
	var list []string
	for i, p := range m.Params() {
		name := p.Name
		if i < len(fn.Params) && fn.Params[i].Name != "" {
			name = fn.Params[i].Name
		}
		if name == "" {
			name = fmt.Sprintf("arg%d", i+1)
		}
		list = append(list, strings.TrimSpace(declare(p.Type, name)))
	}
	text := strings.Join(list, ", ")
	switch {
	case inMacro && text == "" && at.Span.Start < at.Span.End:
		at.Span.Start-- // with the comma
	case inMacro && at.Span.Start < at.Span.End:
		text = " " + text
	case inMacro && text != "":
		text = ", " + text
	case text == "":
		text = "void"
	}
	return []verifier.Fix{{Title: "Give " + fn.Name + " the parameters of the callback", Edits: []verifier.Edit{{At: at, NewText: text}}}}
}

// declare writes a parameter: the star sticks to the name.
func declare(typ, name string) string {
	if strings.HasSuffix(typ, "*") {
		return typ + name
	}
	return typ + " " + name
}

// resultFix writes the type of the result where void stands.
func resultFix(fn *cindex.Func, ret string) []verifier.Fix {
	text, from := head(fn)
	all := regexp.MustCompile(`\bvoid\b`).FindAllStringIndex(text, -1)
	if len(all) != 1 {
		return nil
	}
	at := cindex.Loc{File: fn.At.File, Span: cindex.Span{Start: from + all[0][0], End: from + all[0][1]}}
	return []verifier.Fix{{Title: "Let " + fn.Name + " return " + ret, Edits: []verifier.Edit{{At: at, NewText: ret}}}}
}
