package verifier

import (
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// AllowedHint names where a kernel does allow a kfunc, as the end of a message:
// " (only in ops.dispatch)". The members are those of the scheduler's own form;
// table is the struct_ops type of the program at hand, "" when it has none. It
// is empty when no member allows the kfunc.
func AllowedHint(k *btfdb.Kernel, kfunc, table string) string {
	ops := "sched_ext_ops"
	if strings.HasPrefix(table, ops) {
		ops = table
	}
	var members []string
	for _, p := range k.AllowedIn(kfunc) {
		if p.Ops == ops {
			members = append(members, strings.TrimPrefix(p.Name, ops+"."))
		}
	}
	switch n := len(members); {
	case n == 0:
		return ""
	case n <= 4:
		return " (only in ops." + strings.Join(members, ", ops.") + ")"
	case n == callbacks(k, ops):
		return " (only in ops of " + ops + ")"
	default:
		return fmt.Sprintf(" (only in ops.%s and %d more)", strings.Join(members[:3], ", ops."), n-3)
	}
}

// callbacks counts the members that a program can be attached to.
func callbacks(k *btfdb.Kernel, ops string) int {
	n := 0
	if t := k.Ops(ops); t != nil {
		for _, m := range t.Members {
			if m.Func && !m.NoStub {
				n++
			}
		}
	}
	return n
}
