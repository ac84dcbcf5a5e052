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
	return fmt.Sprintf("%s is not allowed in %s%s", kfunc, where(p), verifier.AllowedHint(p.kernel, p.kfunc, p.root.tableType()))
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

// tableType is the struct_ops type of a root, "" when it has none.
func (r root) tableType() string {
	if r.wiring == nil {
		return ""
	}
	return r.wiring.Table.Type
}
