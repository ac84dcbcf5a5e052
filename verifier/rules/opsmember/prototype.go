package opsmember

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A callback is a program at its place in a table, on one kernel.
type callback struct {
	fn     *cindex.Func
	typ    string // the struct_ops type
	member *btfdb.Member
	kernel *btfdb.Kernel
}

// name is the callback's context: "sched_ext_ops.enqueue".
func (b callback) name() string { return b.typ + "." + b.member.Name }

// where is the callback as authors write it: "ops.enqueue".
func (b callback) where() string { return verifier.ContextName(b.name()) }

// issue is what all issues of a prototype have in common.
func (b callback) issue() issue {
	return issue{
		at: b.fn.At, typ: b.typ, context: b.name(), program: b.fn.Name, outcome: verifier.OutcomeLoad,
		fixes: b.protoFix(), advice: fmt.Sprintf("%s is %s", b.where(), b.member.Proto),
	}
}

// prototype compares a program's parameters and result with the callback's.
// The verifier gives each argument the kernel's type, whatever the source says.
func (c *check) prototype(b callback) {
	if b.member.Proto == "" || rawContext(b.fn) {
		return
	}
	c.result(b)
	params := c.params(b.member)
	for i, p := range b.fn.Params {
		if i >= len(params) {
			c.extra(b, i, len(params))
			return
		}
		c.param(b, p, params[i], i)
	}
}

// params gives a callback's parameters. Most releases agree on them, so each
// prototype is read once.
func (c *check) params(m *btfdb.Member) []btfdb.Param {
	if c.protos == nil {
		c.protos = map[string][]btfdb.Param{}
	}
	list, ok := c.protos[m.Proto]
	if !ok {
		list = m.Params()
		c.protos[m.Proto] = list
	}
	return list
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
func (c *check) extra(b callback, param, has int) {
	i := b.issue()
	i.message = fmt.Sprintf("%s takes %s, and %s has a parameter more: %s",
		b.where(), count(has, "argument"), b.fn.Name, b.fn.Params[param].Name)
	// The kernel counts a result as an argument, and all that is behind as one.
	i.says = fmt.Sprintf("func '%s' doesn't have %d-th argument", b.member.Name, has+2)
	i.decider = "btf_ctx_access"
	if !uses(b.fn, b.fn.Params[param].Name) {
		i.weak = verifier.Info
		i.message += ", which is never read"
	}
	c.add(b.kernel, i)
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
func (c *check) param(b callback, p cindex.Param, arg btfdb.Param, n int) {
	ours, kernels := structOf(p.Type), structOf(arg.Type)
	scalar := kernels == "" && !strings.Contains(arg.Type, "*")
	if ours == "" || ours == kernels || kernels == "" && !scalar {
		return
	}
	i := b.issue()
	i.weak = verifier.Warning // it depends on what the program does with it
	i.message = fmt.Sprintf("argument %d of %s is %s, not struct %s *", n+1, b.where(), arg.Type, ours)
	i.decider = "btf_ctx_access"
	c.add(b.kernel, i)
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
func (c *check) result(b callback) {
	ret := b.member.Ret()
	if b.fn.Ret != "void" || ret == "void" || ret == "" {
		return
	}
	i := b.issue()
	i.weak = verifier.Warning // a call that happens to be last sets R0
	i.message = fmt.Sprintf("%s returns %s, and %s returns nothing", b.where(), ret, b.fn.Name)
	i.says, i.decider = "R0 !read_ok", "check_return_code"
	i.fixes = resultFix(b.fn, ret)
	c.add(b.kernel, i)
}

// protoFix gives a program the callback's parameters, under the names that its
// author chose.
func (b callback) protoFix() []verifier.Fix {
	fn := b.fn
	at, inMacro, ok := parameters(fn)
	if !ok {
		return nil
	}
	var list []string
	for i, p := range b.member.Params() {
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
