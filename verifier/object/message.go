package object

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// message words the findings of a call as the source rules kfunc-context and
// kfunc-sleepable do.
func (g *group) message(kfunc string) string {
	p := g.newest()
	switch {
	case p.rule == ruleUnavailable:
		return g.unavailable(cmp.Or(kfunc, p.name))
	case p.rule == ruleSleepable && p.async == btfdb.Timer:
		return fmt.Sprintf("%s may sleep, and %s may not", kfunc, where(p))
	case p.rule == ruleSleepable:
		return fmt.Sprintf("%s may sleep, and %s is not declared sleepable", kfunc, p.root.prog.Name)
	}
	return fmt.Sprintf("%s is not allowed in %s%s", kfunc, where(p), allowedHint(p.kernel, p.kfunc, p.root))
}

// unavailable words what the rule kfunc-unavailable of the source pass does,
// and what only an object shows.
func (g *group) unavailable(name string) string {
	p := g.newest()
	var on []string
	for _, q := range g.problems {
		on = append(on, q.kernel.Release)
	}
	switch {
	case p.ext == extBroken:
		return fmt.Sprintf("%s cannot be called on %s", name, p.kernel.Build)
	case p.ext == extMismatch:
		return fmt.Sprintf("%s is declared with another prototype than the kernel's", name)
	case p.weak:
		return fmt.Sprintf("%s does not exist in %s", name, releases(on))
	}
	return fmt.Sprintf("%s is declared without __weak and does not exist in %s", name, releases(on))
}

func releases(list []string) string {
	if len(list) > 3 {
		return "Linux " + list[0] + " to " + list[len(list)-1]
	}
	return "Linux " + strings.Join(list, ", ")
}

// where names a context as an author would.
func where(p *problem) string {
	name := verifier.ContextName(p.root.name)
	switch p.async {
	case btfdb.Timer:
		return "a bpf_timer callback that " + name + " sets"
	case btfdb.Workqueue:
		return "a deferred callback that " + name + " sets"
	}
	return name
}

// allowedHint names where the kernel does allow a kfunc.
func allowedHint(k *btfdb.Kernel, kfunc string, r root) string {
	ops := "sched_ext_ops"
	if r.wiring != nil && strings.HasPrefix(r.wiring.Table.Type, ops) {
		ops = r.wiring.Table.Type
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
