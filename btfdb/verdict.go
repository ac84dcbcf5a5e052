package btfdb

import (
	"fmt"
	"strings"
	"sync"
)

// An Outcome is what a kernel does with a call.
type Outcome uint8

const (
	// Unknown: the database cannot tell; callers must stay silent.
	Unknown Outcome = iota
	Allowed
	// RefusedLoad: the verifier refuses the program.
	RefusedLoad
	// AbortedRun: the program loads; sched_ext throws the scheduler out when
	// the call runs.
	AbortedRun
	// NotThere: the kernel has no such kfunc.
	NotThere
	// NotSleepable: allowed here, but only in a sleepable program.
	NotSleepable
	// NotCallable: this build has the kfunc but no program can call it.
	NotCallable
)

var outcomeNames = [...]string{
	Unknown: "unknown", Allowed: "allowed", RefusedLoad: "refused at load", AbortedRun: "aborted at run time",
	NotThere: "does not exist", NotSleepable: "needs a sleepable program", NotCallable: "not callable on this build",
}

func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "unknown"
}

// A Verdict is the answer to one (context, kfunc) query.
type Verdict struct {
	Outcome Outcome
	Decider string // kernel function that decides: "scx_kfunc_context_filter"
	Message string // what the kernel prints, with the kfunc's name filled in only by Verdict.Text
}

// Text is the kernel's message about a call of kfunc; "" if the call is fine.
func (v Verdict) Text(kfunc string) string { return strings.ReplaceAll(v.Message, "%s", kfunc) }

// OK reports that the call is known to be fine.
func (v Verdict) OK() bool { return v.Outcome == Allowed }

// Refused reports that the call is known to fail, one way or another.
func (v Verdict) Refused() bool { return v.Outcome > Allowed }

// The verdicts that do not depend on the context's state. The functions are in
// kernel/bpf/verifier.c unless another file is named.
var (
	allowed = Verdict{Outcome: Allowed}
	missing = Verdict{
		NotThere, "libbpf: bpf_object__resolve_ksym_func_btf_id",
		"extern (func ksym) '%s': not found in kernel or module BTFs",
	}
	refused  = Verdict{RefusedLoad, "check_kfunc_call", "calling kernel function %s is not allowed"}
	noSleep  = Verdict{NotSleepable, "check_kfunc_call", "program must be sleepable to call sleepable kfunc %s"}
	badProto = Verdict{NotCallable, "resolve_btfids", "cannot find function %s_impl in BTF"}
)

// Query judges a call of a kfunc in a context. It does not allocate.
func (k *Kernel) Query(ctx Context, kfunc string) Verdict {
	f := k.kfuncs[kfunc]
	if f == nil {
		return k.absent(kfunc)
	}
	j := k.contextOf(ctx)
	if j == nil {
		return Verdict{}
	}
	return k.verdict(j, f, ctx)
}

// absent says that a kfunc does not exist, if the data can tell: not where it
// holds sched_ext only, and not of a name that may be a module's.
func (k *Kernel) absent(kfunc string) Verdict {
	scx := strings.Contains(kfunc, "scx_")
	switch {
	case len(k.facts.Kfuncs) == 0, k.facts.Scope == "scx" && !scx:
		return Verdict{}
	case !scx && !builtIn(kfunc):
		return Verdict{}
	}
	return missing
}

// contextOf finds what a context may call; nil if nothing is known of it.
func (k *Kernel) contextOf(ctx Context) *judged {
	if ctx.Prog != "struct_ops" {
		if j := k.judge.progs[ctx.Prog]; j != nil {
			return j
		}
		name, _, _ := progOf(ctx.Prog)
		return k.judge.progs[name]
	}
	x := k.opsNamed(ctx.Ops)
	if x == nil || ctx.Moff%8 != 0 || int(ctx.Moff/8) >= len(x.judged) {
		return nil
	}
	return x.judged[ctx.Moff/8]
}

// opsNamed scans: with seven types that is quicker than a map, and it is on
// the way of every query.
func (k *Kernel) opsNamed(name string) *opsIndex {
	for _, x := range k.opsList {
		if x.Name == name {
			return x
		}
	}
	return nil
}

func (k *Kernel) verdict(j *judged, f *Kfunc, ctx Context) Verdict {
	switch {
	case f.groups.and(j.allowed):
	case f.groups.and(j.unknown):
		return Verdict{}
	default:
		return k.refusal(j, f)
	}
	switch {
	case f.Flags.Has(FlagSleepable) && !ctx.Sleepable && !j.subject.traits.sleeps:
		return noSleep
	case f.Broken:
		return badProto
	case f.Accept != 0 && j.state != 0:
		return k.runtime(j, f, ctx)
	case f.Accept != 0 && j.subject.member != nil && k.Enforcement == EnforceRuntime:
		return Verdict{} // a callback whose mask is not known
	}
	return allowed
}

// refusal names the filter that says no, if the kfunc gets as far as that.
func (k *Kernel) refusal(j *judged, f *Kfunc) Verdict {
	if bit := f.groups.lowest(j.hooked); bit >= 0 {
		return k.judge.refusals[bit]
	}
	return refused
}

// runtime is scx_kf_allowed() and its kin, up to 7.0. A callback that runs
// later finds kf_mask 0.
func (k *Kernel) runtime(j *judged, f *Kfunc, ctx Context) Verdict {
	state := j.state
	if ctx.Async != Sync {
		state = StateUnlocked
	}
	if f.Accept&state != 0 && state&StateHeld == 0 {
		return allowed
	}
	return abort(f.Accept, state)
}

// abort is the message of a run-time refusal.
func abort(accept, state State) Verdict {
	switch {
	case accept&StateTask != 0 && state&stateMask != 0:
		return Verdict{AbortedRun, "scx_kf_allowed_on_arg_tasks", "called on a task not being operated on"}
	case state&StateHeld != 0 && accept&StateUnlocked != 0:
		return Verdict{
			AbortedRun, "task_rq_lock",
			"%s takes the rq lock, which the caller of this op holds: the CPU hangs",
		}
	}
	want := accept & stateMask
	if accept&StateTask != 0 {
		want = stateMask
	}
	return Verdict{AbortedRun, "scx_kf_allowed", abortText(want, state&stateMask)}
}

// abortText is scx_kf_allowed()'s message. Those of the masks that kernels
// have are made once, so that Query need not allocate.
func abortText(want, has State) string {
	if text, ok := abortTexts()[[2]State{want, has}]; ok {
		return text
	}
	return formatAbort(want, has)
}

func formatAbort(want, has State) string {
	return fmt.Sprintf("kfunc with mask 0x%x called from an operation only allowing 0x%x", uint16(want), uint16(has))
}

var abortTexts = sync.OnceValue(func() map[[2]State]string {
	texts := map[[2]State]string{}
	for _, want := range []State{0x1, 0x2, 0x6, 0x8, 0xc, 0x1f} {
		for _, has := range []State{0, 0x1, 0x2, 0x4, 0xc, 0x10} {
			texts[[2]State{want, has}] = formatAbort(want, has)
		}
	}
	return texts
})
