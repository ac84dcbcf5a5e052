package object

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// cleared are the members that scx's own loaders (SCX_OPS_OPEN and scx_utils)
// set to NULL when the kernel does not have them.
var cleared = []string{"cgroup_set_bandwidth", "cgroup_set_idle", "sub_attach", "sub_detach", "sub_cgroup_id"}

// tableProblems are those of an ops table on one kernel
// (tools/lib/bpf/libbpf.c:bpf_map__init_kern_struct_ops, 7.3).
func (j *judge) tableProblems(t *Table, k *btfdb.Kernel, kj *kernelJudge) {
	p := problem{rule: ruleMember, kernel: k, outcome: verifier.OutcomeLoad, soft: !t.AutoCreate()}
	if k.Ops(t.Type) == nil {
		if k.Facts().Origin.Kind == "source" && !strings.HasPrefix(t.Type, "sched_ext_") {
			return // a source gives the types of sched_ext only
		}
		p.name, p.message = t.Type, fmt.Sprintf("the kernel has no struct_ops type %s", t.Type)
		p.says, p.decider = fmt.Sprintf("struct_ops init_kern: struct %s is not found in kernel BTF", t.Type), "libbpf: find_struct_ops_kern_types"
		kj.object = append(kj.object, j.add(p))
		return
	}
	for _, m := range t.Members {
		if k.Member(t.Type, m.Name) != nil {
			continue
		}
		q := p
		q.name, q.message = t.Type+"."+m.Name, fmt.Sprintf("struct %s has no member %s", t.Type, m.Name)
		q.says, q.decider = fmt.Sprintf("struct_ops init_kern %s: Cannot find member %s in kernel BTF", t.Name, m.Name), "libbpf: bpf_map__init_kern_struct_ops"
		if slices.Contains(cleared, m.Name) {
			q.soft = true
			q.advice = "scx's loaders set this member to NULL on kernels that lack it; another loader has to do the same"
		}
		q.root = root{prog: m.Program}
		kj.object = append(kj.object, j.add(q))
	}
}

// programProblems are those of a program in whatever context.
func (j *judge) programProblems(p *Program, k *btfdb.Kernel, kj *kernelJudge) {
	base := problem{rule: ruleMember, kernel: k, root: root{prog: p}, name: p.Name, outcome: verifier.OutcomeLoad}
	object := func(message, says, decider string) {
		q := base
		q.message, q.says, q.decider = message, says, decider
		kj.object = append(kj.object, j.add(q))
	}
	if p.Static {
		object(fmt.Sprintf("program %s is static", p.Name), fmt.Sprintf("prog '%s' is static and not supported", p.Name), "libbpf: bpf_object__add_programs")
	}
	if members := p.members(); len(members) > 1 {
		object(fmt.Sprintf("%s is used for %s at once", p.Name, strings.Join(members, " and ")),
			fmt.Sprintf("struct_ops init_kern: invalid reuse of prog %s", p.Name), "libbpf: bpf_map__init_kern_struct_ops")
	}
	if p.Type == "struct_ops" && !gplCompatible(j.o.License) {
		kj.progs[p] = append(kj.progs[p], j.licenseProblem(k, kj))
	}
	if p.Type == "struct_ops" && len(p.Wirings) == 0 && p.Autoload {
		q := base
		q.message = fmt.Sprintf("struct_ops program %s is in no ops table", p.Name)
		q.says = fmt.Sprintf("prog '%s': SEC(\"struct_ops\") program isn't referenced anywhere, did you forget to use it?", p.Name)
		q.decider = "libbpf: bpf_object_load_prog"
		kj.progs[p] = append(kj.progs[p], j.add(q))
	}
}

// licenseProblem is one for all struct_ops programs of an object.
func (j *judge) licenseProblem(k *btfdb.Kernel, kj *kernelJudge) int {
	if kj.license == nil {
		i := j.add(problem{
			rule: ruleMember, kernel: k, name: "license", outcome: verifier.OutcomeLoad, decider: "check_struct_ops_btf_id",
			message: fmt.Sprintf("license %q is not compatible with the GPL, which struct_ops programs must be", j.o.License),
			says:    "struct ops programs must have a GPL compatible license",
		})
		kj.license = &i
	}
	return *kj.license
}

// gplCompatible is the kernel's license_is_gpl_compatible().
func gplCompatible(license string) bool {
	switch license {
	case "GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL":
		return true
	}
	return false
}

// members lists the places of a program, each kernel member once.
func (p *Program) members() []string {
	var out []string
	for _, w := range p.Wirings {
		name := w.Table.Type + "." + w.Member
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// memberProblems are those of a program on its member: who may sleep where.
func (j *judge) memberProblems(r root, k *btfdb.Kernel) {
	if r.wiring == nil {
		return
	}
	m := k.Member(r.wiring.Table.Type, r.wiring.Member)
	if m == nil || !m.Func {
		return
	}
	p := problem{
		rule: ruleMember, root: r, kernel: k, name: r.prog.Name, outcome: verifier.OutcomeLoad, decider: "check_struct_ops_btf_id",
		says: fmt.Sprintf("attach to unsupported member %s of struct %s", m.Name, r.wiring.Table.Type),
	}
	where := verifier.ContextName(r.name)
	switch {
	case m.NoStub:
		p.message = fmt.Sprintf("no program can be attached to %s", where)
	case r.prog.Sleepable && m.SleepKnown && !m.Sleepable:
		p.message = fmt.Sprintf("%s may not sleep, and %s is declared sleepable", where, r.prog.Name)
		p.advice = "drop the .s of the section: BPF_STRUCT_OPS instead of BPF_STRUCT_OPS_SLEEPABLE"
	default:
		return
	}
	p.soften(r)
	j.add(p)
}
