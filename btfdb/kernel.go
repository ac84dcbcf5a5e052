package btfdb

// A Kernel is what is known of one kernel build. It is immutable and safe for
// concurrent use.
type Kernel struct {
	Release     string // "7.3": the kernel.org release that the build belongs to
	Build       string // "7.3.4+deb13-amd64", the exact build
	BTFSHA1     string // SHA-1 of .BTF, hex; "" when the facts come from a source
	Enforcement Enforcement
}

// Enforcement tells who refuses a kfunc that the context does not allow.
type Enforcement uint8

const (
	// EnforceRuntime: scx_kf_allowed() checks current->scx.kf_mask when the
	// call runs and aborts the scheduler; up to 7.0.
	EnforceRuntime Enforcement = iota
	// EnforceVerifier: scx_kfunc_context_filter() makes the load fail; since 7.1.
	EnforceVerifier
)

// A Kfunc is a kernel function that BPF programs may call.
type Kfunc struct {
	Name  string
	Proto string   // C prototype as BPF code sees it, without the implicit argument
	Flags Flags    // KF_*
	Sets  []string // set8s that hold it, sorted
}

// A Member is one member of a struct_ops type.
type Member struct {
	Ops       string // "sched_ext_ops"
	Name      string
	Moff      uint32 // byte offset
	Func      bool   // a callback; false for data such as .name
	Proto     string // "s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags)"
	Sleepable bool   // a struct_ops.s program may be attached
}

// A Context is what a program's kfunc calls are judged by.
type Context struct {
	Prog      string // program type as libbpf's section prefix names it: "struct_ops", "syscall", "fentry", "tp_btf", ...
	Ops       string // struct_ops: the type, "sched_ext_ops"
	Moff      uint32 // struct_ops: byte offset of the member
	Sleepable bool
}

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

// A Verdict is the answer to one (context, kfunc) query.
type Verdict struct {
	Outcome Outcome
	Decider string // kernel function that decides: "scx_kfunc_context_filter"
	Message string // what the kernel prints, with the kfunc's name filled in only by Verdict.Text
}
