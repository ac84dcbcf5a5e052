package object

import (
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// The ids are those of the source rules where one exists. The last two are
// things that only an object shows; docs/object.md describes them.
const (
	ruleContext     = "kfunc-context"
	ruleSleepable   = "kfunc-sleepable"
	ruleUnavailable = "kfunc-unavailable"
	ruleMember      = "ops-member"
	ruleRCU         = "kfunc-rcu"
	ruleNull        = "kfunc-null"
	ruleStack       = "object-stack"
	ruleEncoding    = "object-encoding"
)

// A problem is one thing that one kernel, or libbpf on it, refuses.
type problem struct {
	rule    string
	root    root // zero for the object as a whole
	kernel  *btfdb.Kernel
	chain   []frameStep // to what is wrong; empty when that is no instruction
	kfunc   string      // kernel name
	name    string      // what is wrong, for telling findings apart
	message string
	outcome string // verifier.OutcomeLoad, ...
	says    string // the kernel's or libbpf's message
	decider string
	advice  string
	rodata  string
	config  string
	soft    bool // user space usually sees to it, or has to ask for it
	async   btfdb.Async
	insn    place
	ext     extState // why an extern does not resolve
	weak    bool     // it is declared so
}

// A frameStep is one call of a chain, before positions become locations.
type frameStep struct {
	fn     string
	at     pos
	callee string
	kind   callKind
}

func (j *judge) add(p problem) int {
	j.problems = append(j.problems, p)
	return len(j.problems) - 1
}

// objectProblems are those that do not depend on a program's context.
func (j *judge) objectProblems(k *btfdb.Kernel, kj *kernelJudge, e *env) {
	for _, x := range j.o.Externs {
		if s := e.externs[x.id]; !x.Weak && s > extResolved {
			p := unavailable(x, s, k)
			p.chain = j.firstUse(x)
			kj.object = append(kj.object, j.add(p))
		}
	}
	for _, t := range j.o.Tables {
		j.tableProblems(t, k, kj)
	}
	for _, p := range j.o.Programs {
		j.programProblems(p, k, kj)
	}
}

// unavailable describes an extern that does not resolve.
func unavailable(x *Extern, s extState, k *btfdb.Kernel) problem {
	name := x.Kernel()
	p := problem{
		rule: ruleUnavailable, kernel: k, kfunc: name, name: name, outcome: verifier.OutcomeLoad, ext: s, weak: x.Weak,
		says: fmt.Sprintf("extern (func ksym) '%s': func_proto incompatible with vmlinux", x.Name), decider: "libbpf: bpf_object__resolve_ksym_func_btf_id",
	}
	switch s {
	case extMissing:
		p.says = fmt.Sprintf("extern (func ksym) '%s': not found in kernel or module BTFs", x.Name)
	case extMismatch:
		if f := k.Kfunc(name); f != nil {
			p.advice = "the kernel has " + f.Proto
		}
	case extBroken:
		p.advice = "this build's BTF still shows the implicit argument of the kfunc; other builds of the release may be fine"
	}
	if x.Weak {
		p.says, p.decider = fmt.Sprintf("kfunc '%s' is referenced but wasn't resolved", x.Name), "fixup_log_missing_kfunc_call of libbpf"
	}
	return p
}

// reachProblems judges what a program reaches.
func (j *judge) reachProblems(r root, k *btfdb.Kernel, e *env, ctx btfdb.Context, reach *reach) {
	for _, h := range reach.hits {
		p, bad := j.judgeHit(r, k, e, ctx, h)
		if !bad {
			continue
		}
		var told bool
		if p.rodata, p.config, told = j.o.condition(h); !told {
			continue
		}
		p.root, p.kernel, p.async = r, k, h.at.async
		p.insn = place{h.at.c.fn, h.call.slot}
		if p.chain = j.chainOf(h); len(p.chain) > 0 {
			p.chain[len(p.chain)-1].callee = p.kfunc
		}
		p.soften(r)
		j.add(p)
	}
	if p, bad := stackProblem(r, k, reach); bad {
		p.soften(r)
		j.add(p)
	}
}

// soften makes a problem of a program that is not loaded by itself a
// possible one.
func (p *problem) soften(r root) { p.soft = p.soft || !r.prog.Autoload }

func (j *judge) judgeHit(r root, k *btfdb.Kernel, e *env, ctx btfdb.Context, h hit) (problem, bool) {
	switch h.call.kind {
	case callPoison:
		return problem{
			rule: ruleUnavailable, name: h.call.core.describe(), ext: extMissing, weak: true, outcome: verifier.OutcomeLoad,
			says: "<invalid CO-RE relocation>", decider: "fixup_log_failed_core_relo of libbpf",
		}, true
	case callCast:
		return castProblem(h.at.c.fn.code.insns[h.call.slot].imm), true
	case callNull:
		return nullProblem(h.call.ext.Kernel()), true
	case callContext:
		return argumentProblem(r, k, h.call.arg)
	}
	x := h.call.ext
	switch s := e.externs[x.id]; {
	case x.Kind != ExternFunc || s == extUnknown:
		return problem{}, false
	case s != extResolved:
		return unavailable(x, s, k), x.Weak
	}
	return j.judgeKfunc(k, k.In(ctx, h.at.async), x.Kernel(), h.call)
}

// judgeKfunc judges a call of a kfunc that is there.
func (j *judge) judgeKfunc(k *btfdb.Kernel, ctx btfdb.Context, name string, c call) (problem, bool) {
	v := k.Query(ctx, name)
	p := problem{kfunc: name, name: name, outcome: verifier.OutcomeLoad, says: v.Text(name), decider: v.Decider}
	switch v.Outcome {
	case btfdb.RefusedLoad:
		p.rule = ruleContext
	case btfdb.AbortedRun:
		p.rule, p.outcome = ruleContext, verifier.OutcomeRuntime
	case btfdb.NotSleepable:
		p.rule = ruleSleepable
	case btfdb.Allowed:
		return p, p.underRCU(k, c) || p.outsideRCU(k, ctx, c)
	default:
		return p, false
	}
	return p, true
}

// outsideRCU finds a kfunc that needs an RCU section in a program that is in
// none, which a sleepable one is not by itself. Up to 6.17 only iterators
// were checked, when they step.
func (p *problem) outsideRCU(k *btfdb.Kernel, ctx btfdb.Context, c call) bool {
	f := k.Kfunc(p.kfunc)
	if f == nil || !f.Flags.Has(btfdb.FlagRCUProtected) || !ctx.Sleepable || c.rcuMax > 0 || btfdb.CompareReleases(k.Release, "6.18") < 0 {
		return false
	}
	p.rule, p.name = ruleRCU, p.kfunc
	p.says, p.decider = fmt.Sprintf("kernel func %s requires RCU critical section protection", p.kfunc), "check_kfunc_call"
	p.message = p.kfunc + " needs an RCU section, and a sleepable program is in none by itself"
	p.advice = "put bpf_rcu_read_lock() and bpf_rcu_read_unlock() around it"
	return true
}

// nullProblem is an access through the result of a KF_RET_NULL kfunc that no
// test has been made of (kernel/bpf/verifier.c:check_mem_access). The names of
// the register's type differ between releases.
func nullProblem(kfunc string) problem {
	return problem{
		rule: ruleNull, kfunc: kfunc, name: kfunc + " deref", outcome: verifier.OutcomeLoad, decider: "check_mem_access",
		message: kfunc + " may return NULL, and its result is used before a test",
		says:    "invalid mem access '..._or_null_'",
	}
}

// castProblem is an addr_space_cast that the verifier does not know
// (kernel/bpf/verifier.c:check_alu_op and do_check, since 6.9).
func castProblem(imm int32) problem {
	return problem{
		rule: ruleEncoding, name: "addr_space_cast", outcome: verifier.OutcomeLoad, decider: "check_alu_op",
		message: fmt.Sprintf("addr_space_cast from address space %d to %d, and only 0 and 1 exist", uint16(imm), uint32(imm)>>16),
		says:    "addr_space_cast insn can only convert between address space 1 and 0",
	}
}

// argumentProblem is a program that reads more arguments than its member has
// (kernel/bpf/btf.c:btf_ctx_access). What follows the last argument can be the
// result, which the function lets pass for some attach types, and takes the
// member's index for one: nothing is said of that.
func argumentProblem(r root, k *btfdb.Kernel, off uint64) (problem, bool) {
	if r.wiring == nil {
		return problem{}, false
	}
	m := k.Member(r.wiring.Table.Type, r.wiring.Member)
	if m == nil || m.Proto == "" || off%8 != 0 || off>>3 > 15 || int(off/8) < len(m.Params()) {
		return problem{}, false
	}
	if m.Ret() != "void" && int(off/8) == len(m.Params()) {
		return problem{}, false
	}
	n := off/8 + 1
	return problem{
		rule: ruleMember, name: fmt.Sprintf("argument %d", n), outcome: verifier.OutcomeLoad, decider: "btf_ctx_access",
		message: fmt.Sprintf("%s reads argument %d of %s, which has %d", r.prog.Name, n, verifier.ContextName(r.name), len(m.Params())),
		says:    fmt.Sprintf("func '%s' doesn't have %d-th argument", m.Name, len(m.Params())+2),
		advice:  "the member is " + m.Proto,
	}, true
}

// underRCU finds a kfunc that may sleep inside of an RCU section
// (kernel/bpf/verifier.c:check_kfunc_call).
func (p *problem) underRCU(k *btfdb.Kernel, c call) bool {
	if f := k.Kfunc(p.kfunc); f == nil || !f.Flags.Has(btfdb.FlagSleepable) || c.rcu == 0 {
		return false
	}
	p.rule, p.name = ruleSleepable, p.kfunc+" under rcu"
	p.says = fmt.Sprintf("kernel func %s is sleepable within rcu_read_lock region", p.kfunc)
	p.decider = "check_kfunc_call"
	p.message = p.kfunc + " may sleep, and is called between bpf_rcu_read_lock() and bpf_rcu_read_unlock()"
	return true
}

// maxStack is MAX_BPF_STACK.
const maxStack = 512

// stackProblem is check_max_stack_depth. Program types that can have a
// private stack (since 6.13) are left alone, and so are the ops that ask for
// one.
func stackProblem(r root, k *btfdb.Kernel, reach *reach) (problem, bool) {
	private := r.wiring == nil && r.prog.Type != "syscall" || strings.HasSuffix(r.name, ".dispatch") || strings.HasSuffix(r.name, ".sub_caps_updated")
	if reach.stack <= maxStack || private {
		return problem{}, false
	}
	return problem{
		rule: ruleStack, root: r, kernel: k, name: "stack", outcome: verifier.OutcomeLoad, decider: "check_max_stack_depth",
		message: fmt.Sprintf("%s and the functions below it use %d bytes of stack, more than %d", r.prog.Name, reach.stack, maxStack),
		says:    fmt.Sprintf("combined stack size of %d calls is %d. Too large", reach.calls, reach.stack),
	}, true
}

// chainOf lists the calls from the program to a hit, inlined ones among them.
func (j *judge) chainOf(h hit) []frameStep {
	steps := j.stepsIn(h.at.c.fn, h.call.slot, "", callKfunc)
	for n := h.at; n.from != nil; n = n.from {
		f := n.from.c.fn
		steps = append(j.stepsIn(f, n.via.slot, n.c.fn.name, n.via.kind), steps...)
	}
	return steps
}

// stepsIn are the steps inside one function of the object, to a call in it.
func (j *judge) stepsIn(f *fn, slot int, callee string, kind callKind) []frameStep {
	var out []frameStep
	frames := j.o.frames(f, slot)
	for i, fr := range frames {
		s := frameStep{fn: fr.fn, at: fr.at, callee: callee, kind: kind}
		if i+1 < len(frames) {
			s.callee, s.kind = frames[i+1].fn, callSub
		}
		out = append(out, s)
	}
	return out
}

// firstUse finds an instruction that refers to an extern.
func (j *judge) firstUse(x *Extern) []frameStep {
	for _, f := range j.o.funcs {
		for slot := f.start; slot < f.end; slot++ {
			if r, ok := f.code.refs[slot]; ok && r.ext == x {
				return j.stepsIn(f, slot, x.Kernel(), callKfunc)
			}
		}
	}
	return nil
}
