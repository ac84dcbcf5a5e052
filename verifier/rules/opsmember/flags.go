package opsmember

import (
	"fmt"
	"regexp"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

var flagWord = regexp.MustCompile(`\bSCX_OPS_[A-Z_]+\b`)

// flags checks .flags: what a kernel does not know, and what does not go
// together (scx_validate_ops).
func (c *check) flags(i issue, t *cindex.OpsTable, k *btfdb.Kernel) {
	in, sure := initOf(t, "flags")
	if in == nil || !sure {
		return
	}
	set := map[string]bool{}
	for _, f := range flagWord.FindAllString(in.Value, -1) {
		set[f] = true
		c.unknownFlag(i, in, f, k)
	}
	i.at, i.decider = in.At, "scx_validate_ops"
	if set["SCX_OPS_ENQ_LAST"] && lacks(t, "enqueue") {
		i.message = "SCX_OPS_ENQ_LAST needs ops.enqueue, which the table does not have"
		i.says = "SCX_OPS_ENQ_LAST requires ops.enqueue() to be implemented"
		c.add(k, i)
	}
	if set["SCX_OPS_BUILTIN_IDLE_PER_NODE"] && !set["SCX_OPS_KEEP_BUILTIN_IDLE"] && has(t, "update_idle") && knows(k, "SCX_OPS_BUILTIN_IDLE_PER_NODE") {
		i.message = "SCX_OPS_BUILTIN_IDLE_PER_NODE needs the built-in idle tracking, which ops.update_idle turns off"
		i.says = "SCX_OPS_BUILTIN_IDLE_PER_NODE requires CPU idle selection enabled"
		i.advice = "add SCX_OPS_KEEP_BUILTIN_IDLE"
		c.add(k, i)
	}
}

// unknownFlag reports a flag that other known kernels have and this one has
// not. User space may take it away, so it is no more than a warning.
func (c *check) unknownFlag(i issue, in *cindex.Init, flag string, k *btfdb.Kernel) {
	all, ok := k.EnumValue("SCX_OPS_ALL_FLAGS")
	bit := flagValue(flag)
	if !ok || bit == 0 || all.Value&bit == bit {
		return
	}
	i.at = in.At
	i.message = fmt.Sprintf("the kernel does not know the flag %s", flag)
	i.says = "Invalid argument"
	i.advice = "leave it to the loader to set the flag where the kernel has it: SCX_OPS_FLAG() in scx's user space headers"
	c.add(k, i)
}

// flagValue is a flag's bit as the newest kernel that has it numbers it, 0
// when no known kernel has it.
func flagValue(flag string) uint64 {
	list := btfdb.Releases()
	for n := len(list) - 1; n >= 0; n-- {
		if k, err := list[n].Load(); err == nil {
			if v, ok := k.EnumValue(flag); ok {
				return v.Value
			}
		}
	}
	return 0
}

func knows(k *btfdb.Kernel, flag string) bool {
	v, ok := k.EnumValue(flag)
	all, known := k.EnumValue("SCX_OPS_ALL_FLAGS")
	return ok && known && all.Value&v.Value != 0
}

// lacks tells that a table certainly does not name a program for a member.
func lacks(t *cindex.OpsTable, member string) bool {
	for _, in := range t.Inits {
		if in.Member == member {
			return isZero(in) && !in.Unsure
		}
	}
	return true
}

// has tells that a table certainly names one.
func has(t *cindex.OpsTable, member string) bool {
	in, sure := initOf(t, member)
	return in != nil && sure && in.Func != "" && !isZero(in)
}
