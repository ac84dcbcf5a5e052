package btfdb

import (
	"slices"
	"strings"
)

// A Kernel is what is known of one kernel build. It is immutable and safe for
// concurrent use.
type Kernel struct {
	Release     string // "7.3": the kernel.org release that the build belongs to
	Build       string // "7.3.4+deb13-amd64", the exact build
	BTFSHA1     string // SHA-1 of .BTF, hex; "" when the facts come from a source
	Enforcement Enforcement

	facts   *Facts
	kfuncs  map[string]*Kfunc
	ops     map[string]*opsIndex
	opsList []*opsIndex
	enums   map[string]*Enum
	values  map[string]EnumValue // by enumerator name
	structs map[string][]string
	judge   judge
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

func (e Enforcement) String() string {
	if e == EnforceVerifier {
		return "verifier"
	}
	return "runtime"
}

// A Kfunc is a kernel function that BPF programs may call.
type Kfunc struct {
	Name   string
	Proto  string   // C prototype as BPF code sees it, without the implicit argument
	Flags  Flags    // KF_*
	Sets   []string // set8s that hold it, sorted
	Broken bool     // no program can call it on this build (KF_IMPLICIT_ARGS without the X_impl twin)
	Accept State    // run-time releases: the states of current->scx.kf_mask that it runs in; 0: any

	groups mask // what a context must allow one of
}

// A Member is one member of a struct_ops type.
type Member struct {
	Ops        string // "sched_ext_ops"
	Name       string
	Moff       uint32 // byte offset
	Func       bool   // a callback; false for data such as .name
	Proto      string // "s32 (*select_cpu)(struct task_struct *, s32, u64)"
	Sleepable  bool   // a struct_ops.s program may be attached
	SleepKnown bool   // false: nothing is known of Sleepable
	NoStub     bool   // no program may be attached: bpf_struct_ops has no cfi stub for it
	Allow      []string
	State      State // run-time releases: current->scx.kf_mask while it runs; 0: not known
}

// An OpsType is a struct that BPF programs can implement.
type OpsType struct {
	Name    string
	Size    uint32
	Members []*Member // by offset
}

type opsIndex struct {
	OpsType
	byName map[string]*Member
	judged []*judged // by moff / 8; nil where no callback is
}

// Kfunc finds a kfunc by its exact kernel name; nil if the kernel has none.
// Functions that only BTF knows (X_impl of an X with KF_IMPLICIT_ARGS) are no
// kfuncs and are not found.
func (k *Kernel) Kfunc(name string) *Kfunc { return k.kfuncs[name] }

// Kfuncs lists all kfuncs by name.
func (k *Kernel) Kfuncs() []*Kfunc { return k.facts.Kfuncs }

// Ops finds a struct_ops type; nil if the kernel has none of that name.
func (k *Kernel) Ops(name string) *OpsType {
	if x := k.ops[name]; x != nil {
		return &x.OpsType
	}
	return nil
}

// OpsTypes lists the struct_ops types by name.
func (k *Kernel) OpsTypes() []*OpsType {
	types := make([]*OpsType, 0, len(k.ops))
	for _, x := range k.ops {
		types = append(types, &x.OpsType)
	}
	slices.SortFunc(types, func(a, b *OpsType) int { return strings.Compare(a.Name, b.Name) })
	return types
}

// Member finds a member of a struct_ops type by name; nil if there is none.
func (k *Kernel) Member(ops, name string) *Member {
	if x := k.ops[ops]; x != nil {
		return x.byName[name]
	}
	return nil
}

// Facts is what the kernel was built from. It must not be changed.
func (k *Kernel) Facts() *Facts { return k.facts }

// Partial tells what is not known of this kernel, one line each: facts that
// were borrowed from another build, sets that no image was there for.
func (k *Kernel) Partial() []string { return k.facts.Notes }

// SCX reports whether the kernel has sched_ext at all.
func (k *Kernel) SCX() bool { return k.ops["sched_ext_ops"] != nil }

func (k *Kernel) String() string { return k.Build }
