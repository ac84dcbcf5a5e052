package opsmember

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// program looks at the function that a table names for a callback.
func (c *check) program(t *cindex.OpsTable, in *cindex.Init, m *btfdb.Member, k *btfdb.Kernel) {
	fn := c.unit.Func(in.Func)
	if fn == nil || in.Unsure || fn.Unsure {
		return
	}
	b := callback{fn, t.Type, m, k}
	switch {
	case m.NoStub:
		i := b.unsupported(in.At)
		i.message = fmt.Sprintf("no program can be attached to %s", b.where())
		c.add(k, i)
	case sleepable(fn) && m.SleepKnown && !m.Sleepable:
		i := b.unsupported(fn.At)
		i.message = fmt.Sprintf("%s may not sleep, and %s is declared sleepable", b.where(), fn.Name)
		i.advice = "declare it without the .s of struct_ops.s: BPF_STRUCT_OPS instead of BPF_STRUCT_OPS_SLEEPABLE"
		i.fixes = plainFix(fn)
		c.add(k, i)
	}
	c.prototype(b)
}

// unsupported is the issue of a program that its member does not take.
func (b callback) unsupported(at cindex.Loc) issue {
	return issue{
		at: at, typ: b.typ, context: b.name(), program: b.fn.Name,
		outcome: verifier.OutcomeLoad, decider: "check_struct_ops_btf_id",
		says: fmt.Sprintf("attach to unsupported member %s of struct %s", b.member.Name, b.typ),
	}
}

func sleepable(fn *cindex.Func) bool {
	return strings.HasPrefix(strings.TrimPrefix(fn.Section, "?"), "struct_ops.s")
}

// programs looks at the unit's struct_ops programs, whatever the kernel.
func (c *check) programs() {
	if len(c.unit.Tables) == 0 {
		return // a part of an object: its tables are elsewhere
	}
	elsewhere := c.wiredElsewhere()
	for _, pr := range c.unit.Programs {
		if pr.Type != "struct_ops" || pr.Func.Unsure || elsewhere[pr.Func.Name] {
			continue
		}
		for _, k := range c.pass.Kernels {
			c.wiring(pr, k)
		}
	}
	c.license()
}

// wiredElsewhere are the programs that tables of the object's other sources
// name.
func (c *check) wiredElsewhere() map[string]bool {
	names := map[string]bool{}
	for _, u := range c.pass.Linked {
		for _, t := range u.Tables {
			for _, in := range t.Inits {
				names[in.Func] = true
			}
		}
	}
	return names
}

// wiring looks at where a program is used: in no table, or in two places.
func (c *check) wiring(pr *cindex.Program, k *btfdb.Kernel) {
	fn := pr.Func
	i := issue{at: fn.At, program: fn.Name, outcome: verifier.OutcomeLoad}
	var places []string
	if len(pr.Wirings) > 1 {
		places = c.places(pr, k)
	}
	switch {
	case fn.Static:
		i.message = fmt.Sprintf("program %s is static", fn.Name)
		i.says = fmt.Sprintf("prog '%s' is static and not supported", fn.Name)
		i.decider = "libbpf: bpf_object__add_programs"
	case len(pr.Wirings) == 0 && pr.Autoload:
		i.message = fmt.Sprintf("struct_ops program %s is in no ops table", fn.Name)
		i.says = fmt.Sprintf("prog '%s': SEC(\"struct_ops\") program isn't referenced anywhere, did you forget to use it?", fn.Name)
		i.decider = "libbpf: bpf_object_load_prog"
		i.advice = "name it in the ops table, or mark its section with a ? when user space loads it by itself: SEC(\"?struct_ops/...\")"
	case len(places) > 1:
		i.at = c.second(pr, places)
		i.message = fmt.Sprintf("%s is used for %s at once", fn.Name, strings.Join(places, " and "))
		i.says = fmt.Sprintf("struct_ops init_kern: invalid reuse of prog %s", fn.Name)
		i.decider = "libbpf: bpf_map__init_kern_struct_ops"
		i.advice = "write one program for each member, and let both call a common function"
	default:
		return
	}
	c.add(k, i)
}

// places lists the members of a kernel that name a program, each once. Tables
// that libbpf does not make by itself and doubtful entries do not count.
func (c *check) places(pr *cindex.Program, k *btfdb.Kernel) []string {
	var out []string
	for _, w := range pr.Wirings {
		name := verifier.ContextName(w.Table.Type + "." + w.Init.Member)
		if k.Member(w.Table.Type, w.Init.Member) == nil {
			continue
		}
		if !w.Init.Unsure && !strings.HasPrefix(w.Table.Section, "?") && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// second is where a program is named for the second member.
func (c *check) second(pr *cindex.Program, places []string) cindex.Loc {
	for _, w := range pr.Wirings {
		if verifier.ContextName(w.Table.Type+"."+w.Init.Member) == places[1] {
			return w.Init.At
		}
	}
	return pr.Func.At
}

// license looks at what the kernel demands of all struct_ops programs.
func (c *check) license() {
	i := issue{
		outcome: verifier.OutcomeLoad, decider: "check_struct_ops_btf_id",
		says: "struct ops programs must have a GPL compatible license",
	}
	switch l := c.unit.License; {
	case l != nil && l.Value != "" && !gplCompatible(l.Value):
		i.at = l.At
		i.message = fmt.Sprintf("license %q is not compatible with the GPL, which struct_ops programs must be", l.Value)
		i.advice = "the kernel accepts GPL, GPL v2, GPL and additional rights, Dual BSD/GPL, Dual MIT/GPL and Dual MPL/GPL"
	case l == nil && c.complete() && c.hasPrograms():
		i.at = c.unit.Tables[0].At
		i.message = "there is no license, and struct_ops programs must be compatible with the GPL"
		i.advice = "add: char _license[] SEC(\"license\") = \"GPL\";"
	default:
		return
	}
	for _, k := range c.pass.Kernels {
		c.add(k, i)
	}
}

func (c *check) hasPrograms() bool {
	return slices.ContainsFunc(c.unit.Programs, func(pr *cindex.Program) bool { return pr.Type == "struct_ops" })
}

// complete tells whether all sources and headers are there that could define
// something: the headers of libbpf, scx and the kernel only declare.
func (c *check) complete() bool {
	if len(c.pass.Linked) > 0 {
		return false
	}
	for _, m := range c.unit.Missing {
		dir, _, _ := strings.Cut(m.Spec, "/")
		if !slices.Contains([]string{"bpf", "scx", "linux", "asm", "uapi"}, dir) && !strings.HasSuffix(m.Spec, "vmlinux.h") {
			return false
		}
	}
	return true
}

// gplCompatible is the kernel's license_is_gpl_compatible().
func gplCompatible(license string) bool {
	return slices.Contains([]string{
		"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
	}, license)
}
