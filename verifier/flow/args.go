package flow

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// exemptSuffixes mark parameters that are no ordinary pointers
// (is_kfunc_arg_* in kernel/bpf/verifier.c).
var exemptSuffixes = []string{
	"__nullable", "__opt", "__ign", "__uninit", "__map", "__const_map", "__prog", "__str", "__const_str", "__k",
	"__iter", "__irq_flag", "__sz", "__szk", "__alloc", "__arena", "__refcounted_kptr", "__nonown_allowed",
}

func exempt(name string) bool {
	for _, suffix := range exemptSuffixes {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// wantsObject tells whether a pointer parameter must be one that the verifier
// trusts, and not NULL.
func (c *callee) wantsObject(i int) bool {
	p := c.list[i]
	if !isPointer(p.Type) || strings.Contains(p.Type, "(*)") {
		return false
	}
	if i+1 < len(c.list) && (strings.HasSuffix(c.list[i+1].Name, "__sz") || strings.HasSuffix(c.list[i+1].Name, "__szk")) {
		return false // memory of some size
	}
	if exempt(p.Name) {
		return p.Name != "" && (strings.HasSuffix(p.Name, "__nonown_allowed") || strings.HasSuffix(p.Name, "__refcounted_kptr") ||
			strings.HasSuffix(p.Name, "__alloc"))
	}
	const flags = btfdb.FlagTrustedArgs | btfdb.FlagRCU | btfdb.FlagRelease
	return c.m.kernel.traits.allTrusted || c.kf.Flags&flags != 0
}

// checkArgs judges the arguments of a kfunc.
func (c *callee) checkArgs() {
	for i, v := range c.args {
		if c.kf.Flags&(btfdb.FlagIterNew|btfdb.FlagIterNext|btfdb.FlagIterDestroy) != 0 && i == 0 || !c.wantsObject(i) {
			continue
		}
		switch v.kind {
		case valueConst:
			c.number(i, v.n)
		case valueStack:
			c.onStack(i)
		case valueSym:
			c.pointer(i, c.s.sym(v))
		}
	}
}

// number judges a constant where a pointer should be.
func (c *callee) number(i int, n int64) {
	if n == 0 {
		c.report(Issue{Kind: NullArg, Arg: i, What: "NULL"})
		return
	}
	if !c.m.kernel.traits.objects[structOf(c.list[i].Type)] {
		return
	}
	kind := WrongArg
	if c.kf.Flags.Has(btfdb.FlagRelease) {
		kind = BadRelease
	}
	c.report(Issue{Kind: kind, Arg: i, What: "a number"})
}

// onStack judges the address of a variable where an object of the kernel
// should be.
func (c *callee) onStack(i int) {
	if c.m.kernel.traits.objects[structOf(c.list[i].Type)] && !c.kf.Flags.Has(btfdb.FlagRelease) {
		c.report(Issue{Kind: WrongArg, Arg: i, What: "the address of a variable"})
	}
}

// pointer judges a value of which the path tells something.
func (c *callee) pointer(i int, y *symbol) {
	switch {
	case y == nil:
	case y.lo == 0 && y.hi == 0:
		c.report(Issue{Kind: NullArg, Arg: i, What: "NULL", Source: y.name(), From: y.src.place()})
	case y.mayNull:
		c.report(Issue{Kind: NullArg, Arg: i, Source: y.name(), From: y.src.place()})
		y.mayNull, y.nonzero = false, true // once is enough
	case y.gone && !c.kf.Flags.Has(btfdb.FlagRelease):
		c.report(Issue{Kind: TwiceReleased, Arg: i, Source: y.name(), From: y.src.place()})
	case y.unsafe && y.ref == 0 && structOf(c.list[i].Type) != "":
		c.report(Issue{Kind: Stale, Arg: i, Source: y.name(), From: y.src.place()})
		y.unsafe = false
	}
}
