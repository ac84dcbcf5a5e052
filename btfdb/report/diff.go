package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// Diff tells what changed from one kernel to another: who enforces, which
// kfuncs and members came and went, and which calls are judged differently.
func Diff(w io.Writer, a, b *btfdb.Kernel) error {
	d := &differ{a: a, b: b}
	fmt.Fprintf(&d.out, "Linux %s -> %s\n", a.Build, b.Build)
	d.enforcement()
	d.kfuncs()
	d.members()
	d.verdicts()
	d.notes()
	_, err := io.WriteString(w, d.out.String())
	return err
}

type differ struct {
	a, b *btfdb.Kernel
	out  strings.Builder
}

func (d *differ) enforcement() {
	switch {
	case d.a.Enforcement == d.b.Enforcement:
	case d.b.Enforcement == btfdb.EnforceVerifier:
		d.out.WriteString(`
Enforcement moved from run time to load time. Before, scx_kf_allowed() compared current->scx.kf_mask when the call ran
and threw the scheduler out ("kfunc with mask 0x.. called from an operation only allowing 0x.."). Now the verifier asks
scx_kfunc_context_filter(), which looks the member's offset up in scx_kf_allow_flags[], and the program does not load
("calling kernel function .. is not allowed").
`)
	default:
		d.out.WriteString("\nEnforcement moves back from load time (scx_kfunc_context_filter) to run time (scx_kf_allowed).\n")
	}
}

func (d *differ) section(title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(&d.out, "\n%s (%d):\n", title, len(lines))
		for _, l := range lines {
			fmt.Fprintf(&d.out, "  %s\n", l)
		}
	}
}

func (d *differ) kfuncs() {
	var added, removed, changed []string
	for _, f := range d.b.Kfuncs() {
		if d.a.Kfunc(f.Name) == nil && d.a.Query(btfdb.Context{}, f.Name).Outcome == btfdb.NotThere {
			added = append(added, f.Name)
		}
	}
	for _, f := range d.a.Kfuncs() {
		g := d.b.Kfunc(f.Name)
		switch {
		case g == nil && d.b.Query(btfdb.Context{}, f.Name).Outcome == btfdb.NotThere:
			removed = append(removed, f.Name)
		case g != nil:
			if c := kfuncChanges(f, g); c != "" {
				changed = append(changed, f.Name+": "+c)
			}
		}
	}
	d.section("New kfuncs", added)
	d.section("Removed kfuncs", removed)
	d.section("Changed kfuncs", changed)
}

func kfuncChanges(f, g *btfdb.Kfunc) string {
	var list []string
	if f.Proto != g.Proto {
		list = append(list, "prototype "+f.Proto+" -> "+g.Proto)
	}
	if f.Flags != g.Flags {
		list = append(list, fmt.Sprintf("flags %s -> %s", orNone(f.Flags.String()), orNone(g.Flags.String())))
	}
	if !slices.Equal(f.Sets, g.Sets) {
		list = append(list, fmt.Sprintf("sets %s -> %s", strings.Join(f.Sets, "+"), strings.Join(g.Sets, "+")))
	}
	if f.Broken != g.Broken {
		list = append(list, map[bool]string{true: "not callable any more", false: "callable again"}[g.Broken])
	}
	return strings.Join(list, "; ")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (d *differ) members() {
	var added, removed, changed []string
	for _, o := range d.b.OpsTypes() {
		old := d.a.Ops(o.Name)
		for _, m := range o.Members {
			switch n := d.a.Member(o.Name, m.Name); {
			case n == nil && (old != nil || scx(o.Name)):
				added = append(added, o.Name+"."+m.Name+"  "+m.Proto)
			case n != nil:
				if c := memberChanges(n, m); c != "" {
					changed = append(changed, o.Name+"."+m.Name+": "+c)
				}
			}
		}
	}
	for _, o := range d.a.OpsTypes() {
		for _, m := range o.Members {
			if d.b.Ops(o.Name) != nil && d.b.Member(o.Name, m.Name) == nil {
				removed = append(removed, o.Name+"."+m.Name)
			}
		}
	}
	d.section("New members", added)
	d.section("Removed members", removed)
	d.section("Changed members", changed)
}

func scx(ops string) bool { return strings.HasPrefix(ops, "sched_ext_ops") }

func memberChanges(m, n *btfdb.Member) string {
	var list []string
	if m.Proto != n.Proto {
		list = append(list, "prototype "+m.Proto+" -> "+n.Proto)
	}
	if m.Moff != n.Moff {
		list = append(list, fmt.Sprintf("offset %d -> %d", m.Moff, n.Moff))
	}
	if m.Sleepable != n.Sleepable && m.SleepKnown && n.SleepKnown {
		list = append(list, map[bool]string{true: "may sleep now", false: "may not sleep any more"}[n.Sleepable])
	}
	return strings.Join(list, "; ")
}

// verdicts lists, by context, the calls that both kernels have and judge
// differently.
func (d *differ) verdicts() {
	contexts := map[string][]string{} // by what changed there
	for _, p := range d.b.Contexts() {
		old, ok := sameContext(d.a, p)
		if !ok || p.Ops != "" && !scx(p.Ops) {
			continue
		}
		changes := map[string][]string{}
		for _, f := range d.b.Kfuncs() {
			x, y := d.a.Query(old, f.Name).Outcome, d.b.Query(p.Context, f.Name).Outcome
			if g := d.a.Kfunc(f.Name); g != nil && x != y && g.Broken == f.Broken {
				how := x.String() + " -> " + y.String()
				changes[how] = append(changes[how], f.Name)
			}
		}
		for how, kfuncs := range changes {
			what := how + ": " + strings.Join(kfuncs, " ")
			contexts[what] = append(contexts[what], p.Name)
		}
	}
	var lines []string
	for _, what := range sortedKeys(contexts) {
		lines = append(lines, strings.Join(contexts[what], " "), "    "+what)
	}
	d.section("Calls that are judged differently", lines)
}

// sameContext is the context of the same name in another kernel.
func sameContext(k *btfdb.Kernel, p btfdb.Place) (btfdb.Context, bool) {
	if p.Ops == "" {
		return p.Context, true
	}
	_, member, _ := strings.Cut(p.Name, ".")
	return k.MemberContext(p.Ops, member, p.Context.Sleepable)
}

func sortedKeys(m map[string][]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (d *differ) notes() {
	for _, k := range []*btfdb.Kernel{d.a, d.b} {
		for _, n := range k.Partial() {
			fmt.Fprintf(&d.out, "\nnote on %s: %s\n", k.Build, n)
		}
	}
}
