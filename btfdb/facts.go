package btfdb

import (
	"fmt"
	"slices"
	"strings"
)

// Facts are the contents of one data file: what was read from one kernel,
// before anything is concluded from it.
type Facts struct {
	Build       string
	Release     string
	Origin      Origin
	BTFSHA1     string
	Enforcement Enforcement
	Scope       string   // "scx": only sched_ext's kfuncs and types are known; "": all
	Notes       []string // what is missing or borrowed
	Progs       []ProgHook
	Filters     []Filter
	Sets        []Set
	Kfuncs      []*Kfunc
	Ops         []OpsType // without Members
	Members     []*Member
	Enums       []Enum
	Structs     []Struct
}

// Origin says where facts come from.
type Origin struct {
	Kind      string // "image", "btf", "running", "source"
	Banner    string // the kernel's own "Linux version ..." line
	Package   string // "linux 7.3.4-1~bpo13+1"
	SHA256    string // of the image file
	Generator string // "1": the version of the extractor
	Borrowed  string // the build that sets and masks were taken from; "" if none
}

// A ProgHook says which hook's kfunc sets a program type gets
// (kernel/bpf/btf.c:bpf_prog_type_to_kfunc_hook).
type ProgHook struct {
	Prog string // "raw_tracepoint"
	Hook Hooks  // one bit
}

// A Set is one set8 of kfuncs (struct btf_id_set8), or a plain set of BTF ids
// that a filter consults to treat some members of a set8 in its own way.
type Set struct {
	Name   string
	Plain  bool  // struct btf_id_set: no kfuncs of its own, no hooks
	Hooks  Hooks // where register_btf_kfunc_id_set() puts it
	Known  bool  // false: Hooks and Filter are not known
	Filter string
}

// A Filter is a function that is asked about every kfunc of its hooks.
type Filter struct {
	Name string
	Sets []string // the sets whose members it looks for
}

// An Enum is one enum of the kernel with its values. Anonymous enums have the
// name "".
type Enum struct {
	Name   string
	Values []EnumValue
}

// An EnumValue is one enumerator. Negative values are sign-extended.
type EnumValue struct {
	Name   string
	Value  uint64
	Signed bool
}

// A Struct is a struct or union with the names that CO-RE can ask for: its
// members, and those of anonymous members.
type Struct struct {
	Name   string
	Fields []string
}

// Hooks are places where kfunc sets are registered (enum btf_kfunc_hook, in a
// numbering of our own: the kernel's changes between releases).
type Hooks uint16

// The hooks of Linux 6.12 to 7.3.
const (
	HookCommon Hooks = 1 << iota
	HookXDP
	HookTC
	HookStructOps
	HookTracing
	HookSyscall
	HookFmodRet
	HookCgroup
	HookSchedAct
	HookSkSkb
	HookSocketFilter
	HookLWT
	HookNetfilter
	HookKprobe
)

var hookNames = []string{
	"common", "xdp", "tc", "struct_ops", "tracing", "syscall", "fmod_ret", "cgroup", "sched_act", "sk_skb",
	"socket_filter", "lwt", "netfilter", "kprobe",
}

func (h Hooks) String() string { return bitNames(uint16(h), hookNames, ",") }

// HooksByName reads what Hooks.String prints.
func HooksByName(s string) (Hooks, error) {
	bits, err := bitsByName(s, hookNames, ",")
	return Hooks(bits), err
}

// State is current->scx.kf_mask in the releases that check it at run time, as
// a set: a member has the one that it runs in, a kfunc those that it accepts.
// The low bits are the kernel's enum scx_kf_mask.
type State uint16

const (
	StateCPURelease State = 1 << iota
	StateDispatch
	StateEnqueue
	StateSelectCPU
	StateRest
	// StateUnlocked stands for kf_mask == 0.
	StateUnlocked
	// StateTask: the member records its task, as SCX_CALL_OP_TASK() does; the
	// kfunc takes a task that must be that one.
	StateTask
	// StateHeld: kf_mask is 0 although the rq lock is held. A kfunc that takes
	// the lock passes the check and deadlocks (ops.cgroup_move before 7.0.13,
	// fixed by b470e37c1fad).
	StateHeld
)

// stateMask are the bits that kf_mask itself can have.
const stateMask = StateCPURelease | StateDispatch | StateEnqueue | StateSelectCPU | StateRest

var stateNames = []string{"CPU_RELEASE", "DISPATCH", "ENQUEUE", "SELECT_CPU", "REST", "UNLOCKED", "TASK", "HELD"}

func (s State) String() string { return bitNames(uint16(s), stateNames, "|") }

// StateByName reads what State.String prints.
func StateByName(s string) (State, error) {
	bits, err := bitsByName(s, stateNames, "|")
	return State(bits), err
}

func bitNames(bits uint16, names []string, sep string) string {
	if bits == 0 {
		return "-"
	}
	var set []string
	for i, name := range names {
		if bits&(1<<i) != 0 {
			set = append(set, name)
		}
	}
	return strings.Join(set, sep)
}

func bitsByName(s string, names []string, sep string) (uint16, error) {
	var bits uint16
	for rest, more := s, s != "-" && s != ""; more; {
		var name string
		name, rest, more = strings.Cut(rest, sep)
		i := slices.Index(names, name)
		if i < 0 {
			return 0, fmt.Errorf("%q is none of %s", name, strings.Join(names, " "))
		}
		bits |= 1 << i
	}
	return bits, nil
}
